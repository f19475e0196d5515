"""What every gesture is: begun by a press, then moved, and ended or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView


class Pointer(NamedTuple):
    """Where the pointer is, in the scene and on the screen, and which keys are held."""

    scene: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


class Gesture:
    """One gesture under way. It draws its own ghost over the canvas, in scene coordinates."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, view: CanvasView, start: Pointer) -> None:
        self.view = view
        self.start = start
        self._drawn = QRectF()

    def move(self, pointer: Pointer) -> None:
        """The pointer went on."""

    def end(self, pointer: Pointer) -> None:
        """The button was let go: do it."""

    def cancel(self) -> None:
        """Escape, or the window lost the pointer: leave everything as it was."""

    def paint(self, painter: QPainter) -> None:
        """Draw what is not there yet."""

    def redraw(self, area: QRectF) -> None:
        """Say where `paint` draws now; what it drew before is cleared."""
        self.view.refresh(self._drawn | area)
        self._drawn = area

    def clear(self) -> None:
        """Nothing is drawn any more."""
        self.redraw(QRectF())
