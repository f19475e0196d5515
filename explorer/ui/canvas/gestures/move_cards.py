"""Drag cards to another place, where they stay until the network is tidied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.look import cosmetic
from explorer.ui.canvas.metrics import snapped

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView

_ALIGNS = 6.0
"""How near, in pixels of the screen, the middle of a card must come to another's to snap onto it."""


class MoveCards(Gesture):
    """All selected cards move together, in steps of the grid; the first one falls in line with the others."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView, start: Pointer, keys: Iterable[str], first: str) -> None:
        super().__init__(view, start)
        scene = view.canvas_scene
        self._from = {key: scene.nodes[key].area for key in keys if key in scene.nodes}
        self._first = first if first in self._from else next(iter(self._from), "")
        self._places: dict[str, tuple[float, float]] = {}
        self._guide: float | None = None

    def move(self, pointer: Pointer) -> None:
        if not self._from:
            return
        dx, dy = pointer.scene.x() - self.start.scene.x(), pointer.scene.y() - self.start.scene.y()
        lead = self._from[self._first]
        x, y = self._aligned(lead.middle[0] + dx) - lead.width / 2, snapped(lead.y + dy)
        dx, dy = x - lead.x, y - lead.y
        self._places = {key: (area.x + dx, area.y + dy) for key, area in self._from.items()}
        self.view.canvas_scene.drag_nodes(self._places)
        if self._guide is None:
            self.clear()
        else:
            seen = self.view.seen()
            self.redraw(QRectF(self._guide - 2, seen.top(), 4, seen.height()))

    def _aligned(self, middle: float) -> float:
        """The middle of another card's column where one is near, else the grid."""
        scene = self.view.canvas_scene
        reach = _ALIGNS / self.view.scale_now
        others = {item.area.middle[0] for key, item in scene.nodes.items() if key not in self._from}
        near = min(others, key=lambda x: abs(x - middle), default=None)
        self._guide = near if near is not None and abs(near - middle) <= reach else None
        return snapped(middle) if self._guide is None else self._guide

    def end(self, pointer: Pointer) -> None:
        self._guide = None
        self.clear()
        editor = self.view.editor
        if not self._places or editor is None or not editor.move(self._places):
            self.view.canvas_scene.undrag()

    def cancel(self) -> None:
        self._guide = None
        self.clear()
        self.view.canvas_scene.undrag()

    def paint(self, painter: QPainter) -> None:
        if self._guide is not None:
            pen = cosmetic(self.view.canvas_scene.look.tokens.accent, 1)
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            seen = self.view.seen()
            painter.drawLine(int(self._guide), int(seen.top()), int(self._guide), int(seen.bottom()))
