"""Select everything that a rectangle touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.look import cosmetic
from explorer.ui.canvas.scene import Marks

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView


class RubberBand(Gesture):
    """From the empty canvas; Shift or Ctrl adds to what is selected."""

    def __init__(self, view: CanvasView, start: Pointer) -> None:
        super().__init__(view, start)
        selection = view.selection
        adds = bool(
            start.modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        )
        self._nodes = selection.nodes if adds and selection else frozenset()
        self._blocks = selection.blocks if adds and selection else frozenset()
        self._area = QRectF()
        self._marks = Marks(self._nodes, self._blocks)

    def move(self, pointer: Pointer) -> None:
        self._area = QRectF(self.start.scene, pointer.scene).normalized()
        nodes, blocks = set(self._nodes), set(self._blocks)
        for item in self.view.canvas_scene.nodes.values():
            if self._area.intersects(QRectF(*item.area)):
                if item.card.block is not None:
                    blocks.add(item.card.block)
                else:
                    nodes.add(item.card.head)
        self._marks = Marks(frozenset(nodes), frozenset(blocks))
        self.view.canvas_scene.mark(self._marks)
        self.redraw(self._area)

    def end(self, pointer: Pointer) -> None:
        self.clear()
        if self.view.selection is not None:
            self.view.selection.set(self._marks.nodes, self._marks.blocks)
        self.view.show_selection()

    def cancel(self) -> None:
        self.clear()
        self.view.show_selection()

    def paint(self, painter: QPainter) -> None:
        accent = self.view.canvas_scene.look.tokens.accent
        wash = QColor(accent)
        wash.setAlphaF(0.10)
        painter.setPen(cosmetic(accent, 1))
        painter.setBrush(wash)
        painter.drawRect(self._area)
