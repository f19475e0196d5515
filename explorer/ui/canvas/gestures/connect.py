"""Drag from a port to another card to connect them, or take up an end of a wire and put it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from explorer.network import operations
from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.hits import card_near
from explorer.ui.canvas.look import dashed
from explorer.ui.canvas.outline import Wire
from explorer.ui.canvas.ports import Port, port_at, ports_of

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView


class _Draw(Gesture):
    """Draws a wire from a fixed end to the pointer, or to the port of the card under it."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, start: Pointer, fixed: QPointF, home: str, to_input: bool) -> None:
        super().__init__(view, start)
        self._fixed = fixed
        self._home = home
        self._to_input = to_input
        self._loose = start.scene
        self.target: Port | None = None
        self._target_key = ""

    def move(self, pointer: Pointer) -> None:
        scene = self.view.canvas_scene
        key = card_near(scene, pointer.scene, 14, 14)
        self.target, self._loose = None, pointer.scene
        if key is not None and key != self._home:
            item = scene.nodes[key]
            at = pointer.scene.x() - item.area.x, pointer.scene.y() - item.area.y
            fitting = [port for port in ports_of(item.card, scene.facts) if port.output != self._to_input]
            exact = port_at(item.card, scene.facts, *at)
            if exact in fitting:
                self.target = exact
            elif fitting:
                self.target = fitting[0]
            if self.target is not None:
                self._loose = QPointF(item.area.x + self.target.x, item.area.y + self.target.y)
        self._target_key = key or "" if self.target is not None else ""
        scene.light(self._target_key)
        self.redraw(QRectF(self._fixed, self._loose).normalized().adjusted(-60, -60, 60, 60))

    def finish(self) -> None:
        self.view.canvas_scene.light("")
        self.clear()

    def cancel(self) -> None:
        self.finish()

    def paint(self, painter: QPainter) -> None:
        tokens = self.view.canvas_scene.look.tokens
        start, end = (self._fixed, self._loose) if self._to_input else (self._loose, self._fixed)
        reach = min(max(abs(end.y() - start.y()) / 2, 24), 80)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(0, reach), end - QPointF(0, reach), end)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(dashed(tokens.accent, 2))
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.accent)
        painter.drawEllipse(self._loose, 5, 5)


class Connect(_Draw):
    """From a port: an output looks for an input, an input for an output; on empty ground, for a new layer."""

    def __init__(self, view: CanvasView, start: Pointer, key: str, port: Port) -> None:
        area = view.canvas_scene.nodes[key].area
        super().__init__(view, start, QPointF(area.x + port.x, area.y + port.y), key, port.output)
        self._port = port

    def end(self, pointer: Pointer) -> None:
        self.finish()
        if self.target is None and card_near(self.view.canvas_scene, pointer.scene, 14, 14) is None:
            self.view.loose_end.emit(self._port, pointer)
        elif self.target is not None and self.view.editor is not None:
            ends = (self._port, self.target) if self._port.output else (self.target, self._port)
            self.view.editor.connect(*ends)


class Rewire(_Draw):
    """By an end of a wire: onto another card it is led there, onto the empty canvas it is taken away."""

    def __init__(self, view: CanvasView, start: Pointer, wire: Wire, by_target: bool) -> None:
        route = view.canvas_scene.wires[wire.key].route
        fixed = QPointF(*(route[0] if by_target else route[-1]))
        super().__init__(view, start, fixed, wire.source if by_target else wire.target, by_target)
        self._wire = wire
        view.canvas_scene.wires[wire.key].setOpacity(0.25)

    def end(self, pointer: Pointer) -> None:
        self.finish()
        editor, wire, target = self.view.editor, self._wire, self.target
        if editor is None:
            return
        home = wire.target if self._to_input else wire.source
        if target is None:
            if card_near(self.view.canvas_scene, pointer.scene, 14, 14) is None:
                editor.do(
                    lambda: operations.delete(editor.network, editor.document.fresh_id, links=wire.links)
                )
        elif self._target_key == home:
            return
        elif self._to_input:
            editor.do(
                lambda: operations.rewire(
                    editor.network, wire.links[0], target=target.node, target_port=target.port
                )
            )
        else:
            editor.do(
                lambda: operations.rewire(
                    editor.network, wire.links[0], source=target.node, source_port=target.port
                )
            )

    def finish(self) -> None:
        super().finish()
        item = self.view.canvas_scene.wires.get(self._wire.key)
        if item is not None:
            item.setOpacity(1)
