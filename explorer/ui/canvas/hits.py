"""What lies under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsItem

from explorer.ui.canvas.block_item import BlockItem, on_chevron, on_header
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.link_item import LinkItem
from explorer.ui.canvas.node_item import NodeItem, inside_card, rider_at
from explorer.ui.canvas.outline import Kind
from explorer.ui.canvas.ports import PORT_REACH, Port, port_at
from explorer.ui.canvas.scene import CanvasScene

WIRE_REACH = 7.0
"""How near to a wire the pointer must be, in pixels of the screen."""
END_REACH = 26.0
"""How long the part of a wire at its ends is by which it can be taken up."""


class Target(Enum):
    """The kinds of things that can be under the pointer."""

    NOTHING = 0
    CARD = 1
    RIDER = 2
    PORT = 3
    WIRE = 4
    WIRE_START = 5
    WIRE_END = 6
    HEADER = 7
    CHEVRON = 8
    REGION = 9


@dataclass(frozen=True, slots=True)
class Hit:
    """The thing under the pointer: a card or wire by its key, a region by `#` and its block's id."""

    target: Target
    key: str = ""
    port: Port | None = None
    rider: int = -1
    block: str | None = None
    """The innermost unfolded block around the point."""


def hit(scene: CanvasScene, at: QPointF, scale: float) -> Hit:
    """The uppermost thing at a point of the scene."""
    reach = max(PORT_REACH, WIRE_REACH / scale) + 2
    around = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
    items = scene.items(around)
    block = _block_at(items, at)
    near = scene.level is not Level.FAR
    if near:
        found = _port_hit(scene, items, at, block)
        if found is not None:
            return found
    for item in items:
        if isinstance(item, NodeItem):
            x, y = at.x() - item.area.x, at.y() - item.area.y
            if inside_card(item.card.kind, x, y, item.area.height):
                rider = rider_at(item.card, y) if near and item.card.kind is Kind.LAYER else -1
                return Hit(Target.RIDER if rider >= 0 else Target.CARD, item.card.key, None, rider, block)
    return (
        _region_hit(items, at, block, chevron_only=True)
        or _wire_hit(items, at, scale, block)
        or _region_hit(items, at, block)
        or Hit(Target.NOTHING, block=block)
    )


def _port_hit(
    scene: CanvasScene, items: Sequence[QGraphicsItem], at: QPointF, block: str | None
) -> Hit | None:
    if scene.level is not Level.NEAR:
        return None
    best: tuple[float, Hit] | None = None
    for item in items:
        if isinstance(item, NodeItem) and item.stance.hovered:
            x, y = at.x() - item.area.x, at.y() - item.area.y
            port = port_at(item.card, scene.facts, x, y)
            if port is not None:
                distance = abs(port.x - x) + abs(port.y - y)
                if best is None or distance < best[0]:
                    best = distance, Hit(Target.PORT, item.card.key, port, -1, block)
    return best[1] if best is not None else None


def _wire_hit(items: Sequence[QGraphicsItem], at: QPointF, scale: float, block: str | None) -> Hit | None:
    near = [
        (item.distance(at.x(), at.y()), item.wire.key, item) for item in items if isinstance(item, LinkItem)
    ]
    distance, key, item = min(near, default=(1e9, "", None), key=lambda entry: entry[0])
    if item is None or distance > WIRE_REACH / scale:
        return None
    (sx, sy), (ex, ey) = item.route[0], item.route[-1]
    to_start = abs(at.x() - sx) + abs(at.y() - sy)
    to_end = abs(at.x() - ex) + abs(at.y() - ey)
    target = Target.WIRE
    if min(to_start, to_end) < END_REACH / 2 and scale > 0.4:
        target = Target.WIRE_START if to_start < to_end else Target.WIRE_END
    return Hit(target, key, block=block)


def _block_at(items: Sequence[QGraphicsItem], at: QPointF) -> str | None:
    inside = [item for item in items if isinstance(item, BlockItem) and _contains(item, at)]
    return max(inside, key=lambda item: item.region.depth).region.block if inside else None


def _contains(item: BlockItem, at: QPointF) -> bool:
    area = item.area
    return area.x <= at.x() <= area.right and area.y <= at.y() <= area.bottom


def _region_hit(
    items: Sequence[QGraphicsItem], at: QPointF, block: str | None, chevron_only: bool = False
) -> Hit | None:
    for item in items:
        if isinstance(item, BlockItem) and item.region.block == block:
            key = f"#{block}"
            if on_chevron(item.area, at.x(), at.y()):
                return Hit(Target.CHEVRON, key, block=block)
            if chevron_only:
                return None
            if on_header(item.area, at.x(), at.y()):
                return Hit(Target.HEADER, key, block=block)
            return Hit(Target.REGION, key, block=block)
    return None


def wire_near(scene: CanvasScene, at: QPointF, reach: float) -> str | None:
    """The wire nearest to a point of the scene, if one is within reach."""
    around = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
    near = [
        (item.distance(at.x(), at.y()), item.wire.key)
        for item in scene.items(around)
        if isinstance(item, LinkItem)
    ]
    distance, key = min(near, default=(reach + 1, ""))
    return key if distance <= reach else None


def card_near(scene: CanvasScene, at: QPointF, above: float = 0.0, below: float = 0.0) -> str | None:
    """The card at a point of the scene, with some room above and below counted as its own."""
    around = QRectF(at.x() - 2, at.y() - below - 2, 4, above + below + 4)
    for item in scene.items(around):
        if isinstance(item, NodeItem):
            area = item.area
            if area.x <= at.x() <= area.right and area.y - above <= at.y() <= area.bottom + below:
                return item.card.key
    return None


def meant(hit: Hit, scene: CanvasScene) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The nodes, blocks and links that a click there is about."""
    nothing: frozenset[str] = frozenset()
    if hit.target in (Target.CARD, Target.RIDER, Target.PORT):
        card = scene.nodes[hit.key].card
        if card.block is not None:
            return nothing, frozenset({card.block}), nothing
        node = card.riders[hit.rider] if hit.target is Target.RIDER else card.head
        return frozenset({node}), nothing, nothing
    if hit.target in (Target.WIRE, Target.WIRE_START, Target.WIRE_END):
        return nothing, nothing, frozenset(scene.wires[hit.key].wire.links)
    if hit.target in (Target.HEADER, Target.CHEVRON) and hit.block is not None:
        return nothing, frozenset({hit.block}), nothing
    return nothing, nothing, nothing
