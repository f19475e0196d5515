"""Move the canvas under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from explorer.ui.canvas.gestures.gesture import Gesture, Pointer

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView


class Pan(Gesture):
    """With the middle button, or with the space bar held."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView, start: Pointer) -> None:
        super().__init__(view, start)
        self._at = start.view

    def move(self, pointer: Pointer) -> None:
        step = pointer.view - self._at
        self._at = pointer.view
        self.view.scroll_by(-step.x(), -step.y())

    def cancel(self) -> None:
        step = self._at - self.start.view
        self.view.scroll_by(step.x(), step.y())
