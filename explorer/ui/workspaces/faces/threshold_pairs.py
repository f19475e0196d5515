"""Pairs as pictures side by side: those judged wrongly at τ, the nearest to it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from explorer.faces.face_set import FaceSet
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel
from explorer.ui.workspaces.faces.images import image_of

CHIP, GAP, BETWEEN = 60, 2, 12
MOST = 24


@dataclass(frozen=True)
class Shown:
    """One pair: the places of its faces in the set, and its distance (infinite: a face was not found)."""

    a: int
    b: int
    distance: float


class Flips:
    """Which pairs lie beyond τ, for any τ, without sorting again."""

    def __init__(self, faces: FaceSet) -> None:
        self._faces = faces
        order = faces.order
        self._near = order[faces.same[order]]
        self._far = order[~faces.same[order]]
        self._near_at = faces.distances[self._near]
        self._far_at = faces.distances[self._far]

    def turned_away(self, threshold: float, most: int = MOST) -> tuple[int, list[Shown]]:
        """How many pairs of one person lie above τ, and the first of them, the nearest to τ first."""
        start = int(np.searchsorted(self._near_at, threshold, side="right"))
        return len(self._near) - start, self._shown(self._near[start : start + most])

    def let_in(self, threshold: float, most: int = MOST) -> tuple[int, list[Shown]]:
        """How many pairs of two people lie at or below τ, and the first of them, the nearest to τ first."""
        end = int(np.searchsorted(self._far_at, threshold, side="right"))
        return end, self._shown(self._far[max(0, end - most) : end][::-1])

    def next_turned_away(self, threshold: float) -> list[Shown]:
        """The pair of one person that a lower τ would lose first."""
        start = int(np.searchsorted(self._near_at, threshold, side="right"))
        return self._shown(self._near[max(0, start - 1) : start])

    def next_let_in(self, threshold: float) -> list[Shown]:
        """The pair of two people that a higher τ would let in first."""
        end = int(np.searchsorted(self._far_at, threshold, side="right"))
        found = self._shown(self._far[end : end + 1])
        return [one for one in found if np.isfinite(one.distance)]

    def _shown(self, pairs: NDArray[np.int64]) -> list[Shown]:
        faces = self._faces
        return [Shown(int(faces.a[p]), int(faces.b[p]), float(faces.distances[p])) for p in pairs]


class PairStrip(QWidget):
    """One line of pairs, as many as there is room for, each with its distance."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._faces: FaceSet | None = None
        self._pairs: Sequence[Shown] = ()
        self._quiet = False
        self._pixmaps: dict[int, QPixmap] = {}
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_pairs(self, faces: FaceSet | None, pairs: Sequence[Shown], quiet: bool = False) -> None:
        """These pairs; `quiet` ones are not wrong yet and stand back."""
        if faces is not self._faces:
            self._pixmaps = {}
        self._faces, self._pairs, self._quiet = faces, pairs, quiet
        self.setAccessibleDescription("; ".join(self._words(pair) for pair in pairs[:6]))
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(2 * CHIP + GAP), px(CHIP + 4) + QFontMetrics(theme().font("label")).height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = event.pos().x() // theme().tokens.px(2 * CHIP + GAP + BETWEEN)
            words = self._words(self._pairs[place]) if place < min(self._room(), len(self._pairs)) else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _words(self, pair: Shown) -> str:
        if self._faces is None:
            return ""
        at = f"distance {pair.distance:.3f}" if np.isfinite(pair.distance) else "a face was not found"
        return f"{self._faces.names[pair.a]} and {self._faces.names[pair.b]}: {at}"

    def _room(self) -> int:
        px = theme().tokens.px
        return max(1, (self.width() + px(BETWEEN)) // px(2 * CHIP + GAP + BETWEEN))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(theme().font("label"))
        for place, pair in enumerate(self._pairs[: self._room()]):
            x = place * px(2 * CHIP + GAP + BETWEEN)
            painter.setOpacity(0.45 if self._quiet else 1.0)
            self._paint_pair(painter, pair, x)
            painter.setOpacity(1.0)
            painter.setPen(tokens.muted)
            box = QRect(x, px(CHIP + 4), px(2 * CHIP + GAP), painter.fontMetrics().height())
            known = np.isfinite(pair.distance)
            text = f"{pair.distance:.3f}" if known else "no face found"
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, text)

    def _paint_pair(self, painter: QPainter, pair: Shown, x: int) -> None:
        """Two chips in one rounded frame, a hair apart."""
        px = theme().tokens.px
        frame = QRectF(x, 0, px(2 * CHIP + GAP), px(CHIP))
        path = QPainterPath()
        path.addRoundedRect(frame, px(6), px(6))
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(frame, theme().tokens.line)
        for side, face in enumerate((pair.a, pair.b)):
            left = x + side * px(CHIP + GAP)
            pixmap = self._pixmap(face)
            if pixmap is not None:
                painter.drawPixmap(QRect(left, 0, px(CHIP), px(CHIP)), pixmap)
            else:
                painter.setPen(QPen(theme().tokens.muted, 1))
                cross = QPointF(left + px(CHIP) / 2, px(CHIP) / 2)
                painter.drawLine(cross - QPointF(6, 6), cross + QPointF(6, 6))
                painter.drawLine(cross + QPointF(-6, 6), cross + QPointF(6, -6))
        painter.restore()

    def _pixmap(self, face: int) -> QPixmap | None:
        if self._faces is None or (chip := self._faces.chips[face]) is None:
            return None
        if face not in self._pixmaps:
            if len(self._pixmaps) > 400:
                self._pixmaps.clear()
            self._pixmaps[face] = QPixmap.fromImage(image_of(chip))
        return self._pixmaps[face]


class WrongPairs(QWidget):
    """Beside one another: people turned away, and strangers let in; where none is, who would be next."""

    def __init__(self) -> None:
        super().__init__()
        self._flips: Flips | None = None
        self._faces: FaceSet | None = None
        self.away_title, self.in_title = ElidedLabel("", "label"), ElidedLabel("", "label")
        self.away = PairStrip("People turned away")
        self.let_in = PairStrip("Strangers let in")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(16)
        for title, strip in ((self.away_title, self.away), (self.in_title, self.let_in)):
            column = QVBoxLayout()
            column.setSpacing(6)
            column.addWidget(title)
            column.addWidget(strip)
            row.addLayout(column, 1)

    def show_faces(self, faces: FaceSet) -> None:
        """Take another set."""
        self._faces, self._flips = faces, Flips(faces)

    def forget(self) -> None:
        """Let go of all pictures."""
        self._faces = self._flips = None
        for strip in (self.away, self.let_in):
            strip.show_pairs(None, ())

    def show_threshold(self, threshold: float) -> None:
        """What is wrong at τ."""
        if self._flips is None:
            return
        count, pairs = self._flips.turned_away(threshold)
        if count:
            self.away_title.setText(f"Turned away: {count:,} pairs of one person" if count > 1 else
                                    "Turned away: 1 pair of one person")  # fmt: skip
            self.away.show_pairs(self._faces, pairs)
        else:
            self.away_title.setText("Nobody is turned away; a smaller τ would lose first")
            self.away.show_pairs(self._faces, self._flips.next_turned_away(threshold), quiet=True)
        count, pairs = self._flips.let_in(threshold)
        if count:
            self.in_title.setText(f"Let in: {count:,} pairs of two people" if count > 1 else
                                  "Let in: 1 pair of two people")  # fmt: skip
            self.let_in.show_pairs(self._faces, pairs)
        else:
            self.in_title.setText("No stranger is let in; a larger τ would let in first")
            self.let_in.show_pairs(self._faces, self._flips.next_let_in(threshold), quiet=True)
