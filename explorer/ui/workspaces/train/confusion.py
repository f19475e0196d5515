"""The confusion matrix: a row a true class, a column a prediction, the count as number and as colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.theme import contrast, theme
from explorer.ui.workspaces.train.tiles import image_of

NAMES_WIDTH = 76
NUMBER_SIDE = 16
"""Cells smaller than this show their colour alone; the tooltip still has the number."""
NAME_SIDE = 12
GAP_SIDE = 6
"""Cells smaller than this lie side by side: all of them are one picture."""
MOST_DRAWN = 250
"""Classes; of more, some share a cell, which shows the greatest of its shares."""
MOST = 34
"""The greatest side of a cell, in pixels of the design."""


class ConfusionView(QWidget):
    """Follows the width it has; names are left out where cells are too small for them."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._names: tuple[str, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Confusion matrix")
        self.setMouseTracking(True)
        theme().changed.connect(self.updateGeometry)

    @property
    def counts(self) -> NDArray[np.int64]:
        """(K, K): true class by predicted class."""
        return self._counts

    def show_matrix(self, counts: NDArray[np.int64], names: Sequence[str]) -> None:
        """Another matrix (K, K) with the K names of its classes."""
        resized = counts.shape != self._counts.shape
        self._counts, self._names = counts, tuple(names)
        self.setAccessibleDescription(worst_words(counts, self._names))
        if resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = theme().tokens.px(300)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(160), 0)

    def heightForWidth(self, width: int) -> int:
        left, side = self._measures(width)
        return round(side * len(self._names) + self._foot(left)) if self._names else 0

    def _measures(self, width: int) -> tuple[float, float]:
        """The width of the names, and the side of a cell."""
        px = theme().tokens.px
        count = max(1, len(self._names))
        side = (width - px(NAMES_WIDTH)) / count
        left = px(NAMES_WIDTH) if side >= px(NAME_SIDE) else 0
        side = (width - left) / count
        return float(left), min(side, float(px(MOST)))

    def _foot(self, left: float) -> float:
        if not left:
            return 0.0
        metrics = QFontMetrics(theme().font("label"))
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        return min(longest, theme().tokens.px(NAMES_WIDTH)) + 8.0

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._names:
            return
        tokens = theme().tokens
        left, side = self._measures(self.width())
        painter = QPainter(self)
        colors = _colors(self._counts, tokens.hover, tokens.accent, tokens.error)
        if side <= tokens.px(GAP_SIDE):
            whole = side * len(self._names)
            painter.drawImage(QRectF(left, 0, whole, whole), image_of(colors.transpose(2, 0, 1)))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("label"))
        if left:
            self._paint_names(painter, left, side)
        metrics = painter.fontMetrics()
        numbers = side >= tokens.px(NUMBER_SIDE)
        for row, column in np.ndindex(*self._counts.shape):
            count = int(self._counts[row, column])
            box = QRectF(left + column * side, row * side, side - 1, side - 1)
            color = QColor(*(int(channel) for channel in colors[row, column]))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(box, 2, 2)
            if numbers and count and metrics.horizontalAdvance(_short(count)) <= side:
                painter.setPen(_readable(color))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _short(count))

    def _paint_names(self, painter: QPainter, left: float, side: float) -> None:
        metrics = painter.fontMetrics()
        painter.setPen(theme().tokens.muted)
        bottom = side * len(self._names) + 4
        room = int(left) - 8
        for at, name in enumerate(self._names):
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            box = QRectF(0, at * side, left - 6, side)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
            painter.save()
            painter.translate(QPointF(left + at * side + side / 2, bottom))
            painter.rotate(90)
            box = QRectF(0, -side / 2, room + 8, side)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            painter.restore()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            left, side = self._measures(self.width())
            column = int((event.pos().x() - left) // side)
            row = int(event.pos().y() // side)
            count = len(self._names)
            if 0 <= row < count and 0 <= column < count:
                QToolTip.showText(event.globalPos(), self._words(row, column), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _words(self, row: int, column: int) -> str:
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        if row == column:
            return f"{count:,} of {total:,} {self._names[row]} recognised"
        return f"{count:,} of {total:,} {self._names[row]} taken for {self._names[column]}"


def worst_words(counts: NDArray[np.int64], names: Sequence[str]) -> str:
    """The three commonest mistakes as a sentence, "" where there is none."""
    if not counts.size:
        return ""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    most = np.argpartition(wrong, -min(3, wrong.size), axis=None)[-3:]
    found = []
    for place in sorted(most, key=lambda place: -wrong.flat[place]):
        row, column = divmod(int(place), counts.shape[1])
        if wrong[row, column]:
            found.append(f"{names[row]} taken for {names[column]} {int(wrong[row, column]):,} times")
    return "; ".join(found)


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.0f}k"


def _colors(counts: NDArray[np.int64], ground: QColor, right: QColor, wrong: QColor) -> NDArray[np.uint8]:
    """(K, K, 3), K at most `MOST_DRAWN`: how much of a class was recognised, or taken for another."""
    # A root, so that a few mistakes among many right answers are still seen.
    part = np.sqrt(counts / np.maximum(1, counts.sum(1, keepdims=True)), dtype=np.float32)
    steps = np.rint(part * 255).astype(np.uint8)
    hits = steps.diagonal().copy()
    np.fill_diagonal(steps, 0)
    if len(counts) > MOST_DRAWN:
        cuts = np.linspace(0, len(counts), MOST_DRAWN, endpoint=False).astype(np.int64)
        steps = np.maximum.reduceat(np.maximum.reduceat(steps, cuts, 0), cuts, 1)
        hits = np.maximum.reduceat(hits, cuts)
    found: NDArray[np.uint8] = _blend(ground, wrong)[steps]
    places = np.arange(len(hits))
    found[places, places] = _blend(ground, right)[hits]
    return found


def _blend(below: QColor, above: QColor) -> NDArray[np.uint8]:
    """(256, 3): from one colour to another."""
    share = np.linspace(0, 1, 256)
    ends = (
        (below.red(), above.red()),
        (below.green(), above.green()),
        (below.blue(), above.blue()),
    )
    return np.rint(np.stack([first + (last - first) * share for first, last in ends], 1)).astype(np.uint8)


def _readable(ground: QColor) -> QColor:
    """The ink, dark or light, that stands out more from the ground."""
    dark, light = QColor("#14171B"), QColor("#FFFFFF")
    return dark if contrast(dark, ground) >= contrast(light, ground) else light
