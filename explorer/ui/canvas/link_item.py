"""A wire in the scene: one item with its path made once, and a label where it tells something new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from explorer.network.numerals import shape as spelled
from explorer.ui.canvas.face import Facts
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.look import Look, dashed, rounded
from explorer.ui.canvas.outline import Wire
from explorer.ui.canvas.placement import Point
from explorer.ui.canvas.wire_path import (
    CORNER,
    Ways,
    arrow_at,
    distance_to,
    label_place,
    path_along,
    ways_along,
)

if TYPE_CHECKING:
    from explorer.ui.canvas.scene import CanvasScene

LABEL_ROOM = 60.0
Drawn = tuple[bool, float, float, float, float]
"""A part of a wire as it is drawn: whether of a shortcut, and where it is."""


class LinkItem(QGraphicsItem):
    """Draws one wire. `lit` marks it as the place where something will be dropped."""

    def __init__(self, wire: Wire, route: tuple[Point, ...]) -> None:
        super().__init__()
        self.wire = wire
        self.route = route
        self.selected = self.hovered = self.lit = self.ghost = False
        self._path = QPainterPath()
        self._ways = Ways((), ())
        self._arrow = QPolygonF()
        self._bounds = QRectF()
        self._follow(route)
        self._raise()

    def take(self, wire: Wire, route: tuple[Point, ...]) -> None:
        """Show another state of the same wire."""
        changed, self.wire = wire.shortcut != self.wire.shortcut, wire
        if changed:
            self._raise()
            self.update()
        if route != self.route:
            self.set_route(route)

    def set_route(self, route: tuple[Point, ...]) -> None:
        """Lead it another way."""
        self.prepareGeometryChange()
        self._follow(route)

    def set_marks(self, *, selected: bool, hovered: bool, lit: bool) -> None:
        """How the person stands to it."""
        if (selected, hovered, lit) != (self.selected, self.hovered, self.lit):
            self.prepareGeometryChange()
            self.selected, self.hovered, self.lit = selected, hovered, lit
            self._bounds = self._measured()
            self._raise()
            self.update()

    def _raise(self) -> None:
        """Shortcuts lie under the flow, where both leave a card on the same way."""
        marked = self.selected or self.hovered or self.lit
        self.setZValue(4.0 if marked else 0.9 if self.wire.shortcut else 1.0)

    def distance(self, x: float, y: float) -> float:
        """How far a point of the scene is from it."""
        return distance_to(self.route, x, y)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        scene: CanvasScene = self.scene()  # type: ignore[assignment]
        marked = self.selected or self.hovered or self.lit
        if not (marked or self.ghost or self.opacity() < 1):
            self._paint_quiet(painter, scene)
            return
        paint_wire(
            painter, self._path, self._arrow, scene.look, self.wire.shortcut, marked, self.lit, self.ghost
        )
        if marked and scene.level is Level.NEAR:
            text = wire_text(self.wire, scene.facts)
            if text:
                paint_label(painter, text, label_place(self.route), scene.look, self.wire.shortcut)

    def _paint_quiet(self, painter: QPainter, scene: CanvasScene) -> None:
        """Only what is on the screen, and what no wire of this picture has drawn before: many share a way."""
        shortcut, drawn = self.wire.shortcut, scene.drawn
        left, top, right, bottom = scene.seen
        left, top, right, bottom = left - CORNER, top - CORNER, right + CORNER, bottom + CORNER
        lines, arcs = [], []
        for x0, y0, x1, y1 in self._ways.runs:
            if x1 < left or x0 > right or (y0 < top and y1 < top) or (y0 > bottom and y1 > bottom):
                continue
            # Ends out of sight are all the same, so that runs which lie on each other are too.
            if y0 == y1:
                x0, x1 = x0 if x0 > left else left, x1 if x1 < right else right
            elif x0 == x1:
                y0, y1 = y0 if y0 > top else top, y1 if y1 < bottom else bottom
            key = (shortcut, x0, y0, x1, y1)
            if key not in drawn:
                drawn.add(key)
                lines.append(QLineF(x0, y0, x1, y1))
        for x, y, bend, path in self._ways.bends:
            if left < x < right and top < y < bottom and (key := (shortcut, x, y, *bend)) not in drawn:
                drawn.add(key)
                arcs.append(path)
        pen = scene.look.pens["shortcut" if shortcut else "wire"]
        if lines or arcs:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen)
            painter.drawLines(lines)
            for path in arcs:
                painter.drawPath(path)
        x, y = self.route[-1]
        key = (shortcut, x, y, *self.route[-2])
        if left < x < right and top < y < bottom and key not in drawn:
            drawn.add(key)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(pen.color())
            painter.drawPolygon(self._arrow)

    def _follow(self, route: tuple[Point, ...]) -> None:
        self.route = route
        self._path = path_along(route)
        self._ways = ways_along(route)
        self._arrow = arrow_at(route)
        self._bounds = self._measured()

    def _measured(self) -> QRectF:
        bounds = self._path.boundingRect().adjusted(-8, -8, 8, 8)
        if self.selected or self.hovered or self.lit:
            x, y = label_place(self.route)
            bounds |= QRectF(x - LABEL_ROOM, y - 14, 4 * LABEL_ROOM, 28)
        return bounds


def wire_text(wire: Wire, facts: Facts) -> str:
    """The shape that a wire carries."""
    result = facts.inference.results.get(wire.source_node)
    if result is None or wire.source_port >= len(result.outputs):
        return ""
    return spelled(result.outputs[wire.source_port])


def paint_wire(
    painter: QPainter,
    path: QPainterPath,
    arrow: QPolygonF,
    look: Look,
    shortcut: bool,
    marked: bool = False,
    lit: bool = False,
    ghost: bool = False,
) -> None:
    """Draw a wire with its arrow; shortcuts have the colour of the merge that they lead to."""
    pen = look.pens["shortcut" if shortcut else "wire"]
    if ghost:
        pen = dashed(look.tokens.accent, 1.6)
    elif marked:
        pen = rounded(look.tokens.accent, 3.2 if lit else 2.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.color())
    painter.drawPolygon(arrow)


def paint_label(painter: QPainter, text: str, place: Point, look: Look, beside: bool) -> None:
    """Write the shape on a wire, on a small ground of its own; `beside` it where cards are near."""
    if beside:
        text = f"shortcut {text}"
    width = look.width(text, "label") + 16
    left = place[0] + 8 if beside else place[0] - width / 2
    ground = QRectF(left, place[1] - 10, width, 20)
    painter.setPen(QPen(look.tokens.accent, 1))
    painter.setBrush(look.tokens.card)
    painter.drawRoundedRect(ground, 10, 10)
    look.write(painter, text, ground.x() + 8, ground.y() + 3.5, "label", look.tokens.text)
