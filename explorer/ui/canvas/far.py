"""The network from afar: coloured bars and thin lines, drawn in a handful of calls whatever its size."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from explorer.ui.canvas.face import Facts
from explorer.ui.canvas.look import Look, cosmetic, mixed
from explorer.ui.canvas.outline import Kind, Outline
from explorer.ui.canvas.placement import Placement

_LEAST_REGION = 9
"""Regions that would be lower than this on the screen are left to their cards."""


class FarPicture:
    """Everything of one placement in lists that Qt draws at once."""

    def __init__(self, outline: Outline, placement: Placement, facts: Facts) -> None:
        self._bars: dict[str, list[QRectF]] = {}
        self._lines: dict[bool, list[QLineF]] = {False: [], True: []}
        self._regions = [
            (region.depth, QRectF(*placement.regions[block])) for block, region in outline.regions.items()
        ]
        self._names = [
            (facts.network.blocks[block].name, QRectF(*placement.regions[block]))
            for block, region in outline.regions.items()
            if region.depth == 0
        ]
        for key, card in outline.cards.items():
            family = "block" if card.kind is Kind.BLOCK else facts.network.nodes[card.head].layer.family.value
            if any(facts.worst(node) == "error" for node in card.nodes) if facts.problems else False:
                family = "error"
            self._bars.setdefault(family, []).append(QRectF(*placement.bodies[key]))
        for key, route in placement.routes.items():
            lines = self._lines[outline.wires[key].shortcut]
            lines.extend(QLineF(QPointF(*a), QPointF(*b)) for a, b in pairwise(route))

    def paint(self, painter: QPainter, look: Look, scale: float) -> None:
        """Draw in scene coordinates; the painter is scaled by `scale`."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale > 0.12)
        line = cosmetic(look.tokens.line_strong, 1)
        painter.setPen(line)
        painter.setBrush(look.region)
        regions = [
            area for depth, area in self._regions if depth < 2 and area.height() * scale >= _LEAST_REGION
        ]
        if regions:
            painter.drawRects(regions)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shortcut, lines in self._lines.items():
            if lines:
                painter.setPen(cosmetic(look.tokens.merge if shortcut else line.color(), 1))
                painter.drawLines(lines)
        self.paint_bars(painter, look)

    def paint_bars(self, painter: QPainter, look: Look, least: float = 0.0) -> None:
        """Draw the bars alone, each at least `least` high in units of the scene."""
        painter.setPen(Qt.PenStyle.NoPen)
        for family, bars in self._bars.items():
            painter.setBrush(_color(family, look))
            if least > 0:
                bars = [QRectF(b.x(), b.y(), b.width(), max(b.height(), least)) for b in bars]
            painter.drawRects(bars)

    def paint_names(self, painter: QPainter, look: Look, scale: float, origin: QPointF, room: float) -> None:
        """Write the outer blocks' names left of what is seen of them, on a screen `room` pixels high."""
        end = -1e9
        height = look.measures["value"].height()
        for name, area in self._names:
            top = max(area.top() * scale + origin.y(), 0.0)
            bottom = min(area.bottom() * scale + origin.y(), room)
            at = (top + bottom - height) / 2
            if bottom - top >= height and at > end:
                right = area.x() * scale + origin.x() - 10
                look.write(painter, name, right, at, "value", look.tokens.muted, True)
                end = at + height


def _color(family: str, look: Look) -> QColor:
    if family == "error":
        return look.tokens.error
    if family == "block":
        return mixed(look.tokens.muted, look.ground, 0.55)
    return look.bars[family]
