"""An unfolded block in the scene: a dashed, softly washed region with its name and ×N."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from explorer.network.graph import Block
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.look import Look, dashed
from explorer.ui.canvas.metrics import HEADER, RADIUS
from explorer.ui.canvas.outline import Region
from explorer.ui.canvas.placement import Area

if TYPE_CHECKING:
    from explorer.ui.canvas.scene import CanvasScene


_STEP = 400.0


class BlockItem(QGraphicsItem):
    """Draws one region under the cards that are in it."""

    def __init__(self, region: Region, block: Block, area: Area) -> None:
        super().__init__()
        self.region = region
        self.block = block
        self.area = area
        self.selected = self.hovered = self.lit = False
        self.setPos(area.x, area.y)
        self.setZValue(region.depth / 100)

    def take(self, region: Region, block: Block, area: Area) -> None:
        """Show another state of the same block."""
        if area != self.area:
            self.prepareGeometryChange()
            self.area = area
            self.setPos(area.x, area.y)
            self.update()
        if block is not self.block or region != self.region:
            self.region, self.block = region, block
            self.setZValue(region.depth / 100)
            self.update()

    def set_marks(self, *, selected: bool, hovered: bool, lit: bool = False) -> None:
        """How the person stands to it."""
        if (selected, hovered, lit) != (self.selected, self.hovered, self.lit):
            self.selected, self.hovered, self.lit = selected, hovered, lit
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-3, -3, self.area.width + 6, self.area.height + 6)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        scene: CanvasScene = self.scene()  # type: ignore[assignment]
        paint_region(
            painter, self.block, self.region.copies, self.area, scene.look, scene.level,
            self.selected or self.lit, self.hovered,
            (scene.seen[1] - self.area.y, scene.seen[3] - self.area.y),
        )  # fmt: skip


def paint_region(
    painter: QPainter,
    block: Block,
    copies: int,
    area: Area,
    look: Look,
    level: Level,
    selected: bool = False,
    hovered: bool = False,
    seen: tuple[float, float] = (-1e9, 1e9),
) -> None:
    """Draw a region whose upper left corner is the origin; of a long one, what is `seen`, top to bottom."""
    tokens = look.tokens
    pen = QPen(tokens.accent, 2) if selected else dashed(tokens.muted if hovered else tokens.line_strong, 1)
    start, end = _near(area.height, seen)
    body = QRectF(0, start, area.width, end - start)
    # A rectangle is washed many times quicker than a rounded one; the faint corners can't be told apart.
    painter.fillRect(body.adjusted(1, 1, -1, -1), look.region)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(body, RADIUS + 2, RADIUS + 2)
    if start > 0:
        return
    room = area.width - 40
    role, top = ("label strong", 8.0) if level is Level.NEAR else ("far", 1.0)
    _paint_chevron(painter, look, hovered or selected, level)
    left = 26.0 if level is Level.NEAR else 34.0
    times = f" ×{copies}" if copies > 1 else ""
    name = look.elided(block.name, role, room - look.width(times, role))
    look.write(painter, name, left, top, role, tokens.text)
    at = left + look.width(name, role)
    if times:
        look.write(painter, times, at, top, role, tokens.accent)
        at += look.width(times, role)
    if level is Level.NEAR and block.kind:
        kind = look.elided(block.kind, "label", _room_before_wire(area, at + 8))
        if len(kind) > 3:
            look.write(painter, kind, at + 8, top, "label", tokens.muted)


def _near(height: float, seen: tuple[float, float]) -> tuple[float, float]:
    """The part of a region to draw: dashing miles of border that nobody sees would take most of a frame.

    Cut in steps of a whole number of dashes, well outside of what is seen, so that nothing shifts.
    """
    start = max(0.0, (seen[0] - _STEP) // _STEP * _STEP)
    cut = max(0.0, (height - seen[1] - _STEP) // _STEP * _STEP)
    return (start, height - cut) if height - cut > start else (0.0, height)


def _room_before_wire(area: Area, start: float) -> float:
    """The room from `start` to the wire that comes in: down the trunk (x = 0), or down the middle."""
    axes = [axis for axis in (-area.x, area.width / 2) if start < axis < area.width]
    return min((axis - 8 for axis in axes), default=area.width - 12) - start


def _paint_chevron(painter: QPainter, look: Look, strong: bool, level: Level) -> None:
    """The sign that folds the block when it is clicked."""
    size = 4.0 if level is Level.NEAR else 7.0
    x, y = (14.0, 14.5) if level is Level.NEAR else (18.0, 16.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.tokens.text if strong else look.tokens.muted)
    painter.drawPolygon(
        QPolygonF(
            [QPointF(x - size, y - size / 2), QPointF(x + size, y - size / 2), QPointF(x, y + size / 2 + 1)]
        )
    )


def on_header(area: Area, x: float, y: float) -> bool:
    """Whether a point of the scene lies on the line with the block's name."""
    return area.x <= x <= area.right and area.y <= y <= area.y + HEADER


def on_chevron(area: Area, x: float, y: float) -> bool:
    """Whether a point of the scene lies on the sign that folds the block."""
    return area.x <= x <= area.x + 26 and area.y <= y <= area.y + HEADER
