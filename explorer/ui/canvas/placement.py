"""Where everything of an outline lies: bodies of cards, regions and the corner points of wires. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from explorer.network.arrange import Box, Edge, GroupBox, arrange
from explorer.network.arrange.model import PADDING
from explorer.network.graph import Network
from explorer.ui.canvas.metrics import HEADER, size_of
from explorer.ui.canvas.outline import Card, Kind, Outline, Wire

Point = tuple[float, float]


class Area(NamedTuple):
    """An upright rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, dx: float, dy: float) -> Area:
        """The same size elsewhere."""
        return Area(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True)
class Placement:
    """Bodies by card key, regions by block id, routes by wire key."""

    bodies: Mapping[str, Area]
    regions: Mapping[str, Area]
    routes: Mapping[str, tuple[Point, ...]]

    @property
    def bounds(self) -> Area:
        """What is needed to see everything; nothing at all is a point at the origin."""
        areas = [*self.bodies.values(), *self.regions.values()]
        if not areas:
            return Area(0, 0, 0, 0)
        xs = [x for route in self.routes.values() for x, _ in route]
        ys = [y for route in self.routes.values() for _, y in route]
        left, top = min([a.x for a in areas] + xs), min([a.y for a in areas] + ys)
        right, bottom = max([a.right for a in areas] + xs), max([a.bottom for a in areas] + ys)
        return Area(left, top, right - left, bottom - top)


def place(outline: Outline, network: Network) -> Placement:
    """Arrange an outline; cards that a person has put somewhere stay there."""
    sizes = {key: size_of(card) for key, card in outline.cards.items()}
    members: dict[str | None, list[str]] = {}
    for card in outline.cards.values():
        members.setdefault(card.region, []).append(card.key)
    pinned: dict[str, Point] = {}
    for card in outline.cards.values():
        at = pin_of(card, network)
        if at is not None:
            size = sizes[card.key]
            pinned[card.key] = (at[0] - (size.box_width - size.width) / 2, at[1])
    arrangement = arrange(
        {
            key: Box(
                size.box_width, size.height, size.width / 2 if outline.cards[key].kind is Kind.DOT else None
            )
            for key, size in sizes.items()
        },
        [Edge(wire.key, wire.source, wire.target) for wire in outline.wires.values()],
        {
            region.block: GroupBox(region.parent, tuple(members.get(region.block, ())), HEADER)
            for region in outline.regions.values()
        },
        pinned=pinned,
    )
    bodies = {}
    for key, size in sizes.items():
        x, y = arrangement.positions[key]
        bodies[key] = Area(x + (size.box_width - size.width) / 2, y, size.width, size.height)
    routes = {
        key: _touching(route, outline.wires[key], outline, bodies)
        for key, route in arrangement.routes.items()
    }
    regions = {block: Area(*area) for block, area in arrangement.regions.items()}
    if pinned:
        _draw_in(regions, outline, bodies, routes, set(pinned))
    return Placement(bodies, regions, routes)


def _draw_in(
    regions: dict[str, Area],
    outline: Outline,
    bodies: Mapping[str, Area],
    routes: Mapping[str, tuple[Point, ...]],
    pinned: set[str],
) -> None:
    """Draw regions with pinned cards close around what is in them, wherever that is now."""
    for region in sorted(outline.regions.values(), key=lambda region: -region.depth):
        inside = set(outline.cards_within(region.block))
        if not inside & pinned:
            continue
        areas = [_room_of(outline.cards[key], bodies[key]) for key in inside]
        areas += [regions[child.block] for child in outline.regions.values() if child.parent == region.block]
        ways = [
            routes[wire.key]
            for wire in outline.wires.values()
            if wire.source in inside and wire.target in inside
        ]
        xs = [x for way in ways for x, _ in way] + [a.x for a in areas] + [a.right for a in areas]
        ys = [y for way in ways for _, y in way] + [a.y for a in areas] + [a.bottom for a in areas]
        left, top = min(xs) - PADDING, min(ys) - PADDING - HEADER
        regions[region.block] = Area(left, top, max(xs) + PADDING - left, max(ys) + PADDING - top)


def _room_of(card: Card, body: Area) -> Area:
    beside = (size_of(card).box_width - body.width) / 2
    return Area(body.x - beside, body.y, body.width + 2 * beside, body.height)


def pin_of(card: Card, network: Network) -> Point | None:
    """Where a person has put a card: the upper left corner of its body; None lets the layout decide."""
    if card.kind is not Kind.BLOCK:
        return network.nodes[card.head].position
    places = [network.nodes[node].position for node in card.nodes]
    known = [place for place in places if place is not None]
    return (min(x for x, _ in known), min(y for _, y in known)) if known else None


def _touching(
    route: tuple[Point, ...], wire: Wire, outline: Outline, bodies: Mapping[str, Area]
) -> tuple[Point, ...]:
    """A route that enters the side of a dot ends at its circle, not at the room kept free for its label."""
    if outline.cards[wire.target].kind is not Kind.DOT or len(route) < 2:
        return route
    (x0, y0), (_, y1) = route[-2:]
    body = bodies[wire.target]
    if abs(y1 - y0) > 0.5 or abs(y1 - body.y) < 0.5:
        return route
    return (*route[:-1], (body.right if x0 > body.middle[0] else body.x, y1))


def loose_route(source: Area, target: Area, leaves: Point | None = None) -> tuple[Point, ...]:
    """A way from the bottom of one body to the top of another while one of them is being dragged."""
    start = leaves or (source.middle[0], source.bottom)
    end = (target.middle[0], target.y)
    if abs(start[0] - end[0]) < 1:
        return start, end
    if end[1] >= start[1] + 16:
        half = (start[1] + end[1]) / 2
        return start, (start[0], half), (end[0], half), end
    side = max(source.right, target.right) + 24
    low, high = start[1] + 12, end[1] - 12
    return start, (start[0], low), (side, low), (side, high), (end[0], high), end
