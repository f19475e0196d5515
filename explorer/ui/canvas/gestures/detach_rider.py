"""Drag a rider out from under its layer, so that it becomes a card of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.gestures.ghost import ghost_area, paint_ghost
from explorer.ui.canvas.metrics import snapped

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView


class DetachRider(Gesture):
    """The ghost is the card it will be; let go over its old card, it stays."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView, start: Pointer, key: str, rider: int) -> None:
        super().__init__(view, start)
        item = view.canvas_scene.nodes[key]
        self._node = item.card.riders[rider]
        self._home = QRectF(*item.area)
        line = item.face.lines[rider]
        self._text, self._family = line.text, line.family
        self._area = QRectF()

    def move(self, pointer: Pointer) -> None:
        self._area = ghost_area(pointer.scene)
        self.redraw(self._area.adjusted(-6, -6, 6, 6))

    def end(self, pointer: Pointer) -> None:
        self.clear()
        if not self._home.contains(pointer.scene) and self.view.editor is not None:
            at = snapped(self._area.x()), snapped(self._area.y())
            self.view.editor.detach_rider(self._node, at)

    def cancel(self) -> None:
        self.clear()

    def paint(self, painter: QPainter) -> None:
        paint_ghost(painter, self.view.canvas_scene.look, self._area, self._text, "", self._family)
