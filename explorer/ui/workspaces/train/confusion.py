"""The confusion matrix: a row a true class, a column a prediction, the count as number and as colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.theme import contrast, theme

NAMES_WIDTH = 76
NUMBER_SIDE = 16
"""Cells smaller than this show their colour alone; the tooltip still has the number."""
NAME_SIDE = 12
LEAST, MOST = 10, 34
"""Sides of a cell, in pixels of the design."""


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
        return float(left), min(max(side, 1.0), float(px(MOST)))

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
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, side > tokens.px(6))
        painter.setFont(theme().font("label"))
        if left:
            self._paint_names(painter, left, side)
        totals = np.maximum(1, self._counts.sum(1))
        gap = 1.0 if side > tokens.px(6) else 0.0
        metrics = painter.fontMetrics()
        numbers = side >= tokens.px(NUMBER_SIDE)
        for row, column in np.ndindex(*self._counts.shape):
            count = int(self._counts[row, column])
            share = count / float(totals[row])
            box = QRectF(left + column * side, row * side, side - gap, side - gap)
            color = _mix(tokens.hover, tokens.accent if row == column else tokens.error, share)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(box, 2, 2)
            if numbers and count and metrics.horizontalAdvance(_short(count)) <= side - 2:
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
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    places = np.argsort(wrong, axis=None)[::-1][:3]
    found = []
    for place in places:
        row, column = divmod(int(place), counts.shape[1])
        if wrong[row, column]:
            found.append(f"{names[row]} taken for {names[column]} {int(wrong[row, column]):,} times")
    return "; ".join(found)


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.0f}k"


def _mix(ground: QColor, color: QColor, share: float) -> QColor:
    # A root, so that a few mistakes among many right answers are still seen.
    part = share**0.5 if share > 0 else 0.0
    return QColor.fromRgbF(
        ground.redF() + (color.redF() - ground.redF()) * part,
        ground.greenF() + (color.greenF() - ground.greenF()) * part,
        ground.blueF() + (color.blueF() - ground.blueF()) * part,
    )


def _readable(ground: QColor) -> QColor:
    """The ink, dark or light, that stands out more from the ground."""
    dark, light = QColor("#14171B"), QColor("#FFFFFF")
    return dark if contrast(dark, ground) >= contrast(light, ground) else light
