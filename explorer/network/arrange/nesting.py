"""Blocks inside blocks: each is laid out by itself and stands as one box in the block around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.network.arrange.columns import Columns, Wire, columns
from explorer.network.arrange.model import (
    PADDING,
    ROW_GAP,
    Arrangement,
    Box,
    Edge,
    GroupBox,
    Point,
    snap,
)
from explorer.network.arrange.parts import adrift, shifted
from explorer.network.arrange.pins import Rect, cover, put_pins, straighten
from explorer.network.arrange.ranks import rank
from explorer.network.arrange.tracks import Item, Rows, rows

_PORT = 12  # the room of a link that passes a region's border
_EMPTY = 120  # the width of a block with nothing in it


class _Piece(NamedTuple):
    """A link's part inside one block, between two of the block's items and their ports.

    The block's own border counts as two kinds of item: where links come in and where they go out.
    """

    source: str
    out_port: str
    target: str
    in_port: str


@dataclass
class _Room:
    """One block while it is laid out; the whole network is the room None."""

    members: list[str]
    header: float = 0
    least_width: float = 0
    top: float = 0
    pieces: dict[_Piece, None] = field(default_factory=dict)
    entries: dict[str, None] = field(default_factory=dict)
    exits: dict[str, None] = field(default_factory=dict)
    x: dict[str, float] = field(default_factory=dict)
    rows: Rows = field(default_factory=lambda: Rows({}, 0, {}))
    wires: dict[_Piece, Wire] = field(default_factory=dict)
    left: float = 0
    right: float = 0


def arrange(
    boxes: Mapping[str, Box],
    edges: Sequence[Edge],
    groups: Mapping[str, GroupBox] | None = None,
    pinned: Mapping[str, Point] | None = None,
) -> Arrangement:
    """Place `boxes` top to bottom so that sources stand above their targets and every group is a region.

    `groups` name their own members only; nested groups name their parent. `pinned` boxes keep the place
    given for their top left corner, and others make room for them; with a part that nothing links to the
    rest, all of it goes where its first pinned box is. The same input gives the same output; among equals
    the order of `boxes` and `edges` decides.
    """
    groups = groups or {}
    pinned = {box: place for box, place in (pinned or {}).items() if box in boxes}
    if not pinned:
        return _flow(boxes, edges, groups)
    apart: list[_Apart] = []
    for drifting in adrift(boxes, edges, groups, pinned):
        fast = [
            (*place, boxes[box].width, boxes[box].height)
            for box, place in pinned.items()
            if box not in drifting[0]
        ]
        fast += [rect for before in apart for rect in before.rects]
        apart.append(_Apart(boxes, edges, groups, pinned, drifting, fast))
    own = {box: size for box, size in boxes.items() if not any(box in part.boxes for part in apart)}
    main = {name: group for name, group in groups.items() if not any(name in part.groups for part in apart)}
    links = [edge for edge in edges if edge.source in own and edge.target in own]
    pins = {box: place for box, place in pinned.items() if box in own}
    linked = {end for edge in links for end in (edge.source, edge.target) if edge.source != edge.target}
    # A pinned card without links needs no place kept for it in the flow.
    flowing = {box: size for box, size in own.items() if box in linked or box not in pins}
    among = [edge for edge in links if edge.source in flowing and edge.target in flowing]
    found = put_pins(
        _flow(flowing, among, main), own, links, main, pins, [rect for part in apart for rect in part.rects]
    )
    for part in apart:
        found = Arrangement(
            {**found.positions, **part.found.positions},
            {**found.regions, **part.found.regions},
            {**found.routes, **part.found.routes},
        )
    return found


def _flow(boxes: Mapping[str, Box], edges: Sequence[Edge], groups: Mapping[str, GroupBox]) -> Arrangement:
    nest = _Nest(boxes, groups)
    nest.cut(edges)
    for group in nest.inside_out:
        nest.lay_out(group)
    return nest.collect(edges)


class _Apart:
    """A part that is linked to no other, arranged by itself and put where its first pinned box is.

    `fast` is what stands fast outside of it.
    """

    def __init__(
        self,
        boxes: Mapping[str, Box],
        edges: Sequence[Edge],
        groups: Mapping[str, GroupBox],
        pinned: Mapping[str, Point],
        part: tuple[Sequence[str], Sequence[str]],
        fast: Sequence[Rect],
    ) -> None:
        self.boxes = {box: boxes[box] for box in part[0]}
        self.groups = {name: groups[name] for name in part[1]}
        links = [edge for edge in edges if edge.source in self.boxes]
        found = _flow(self.boxes, links, self.groups)
        first = next(box for box in part[0] if box in pinned)
        (x, y), (old_x, old_y) = pinned[first], found.positions[first]
        found = shifted(found, x - old_x, y - old_y)
        pins = {box: pinned[box] for box in part[0] if box in pinned}
        self.found = found
        moved = any(found.positions[box] != place for box, place in pins.items())
        if moved or any(cover(mine, other) for mine in self.rects for other in fast):
            self.found = put_pins(found, self.boxes, links, self.groups, pins, fast)

    @property
    def rects(self) -> list[Rect]:
        """What the others have to make room for."""
        alone = set(self.boxes) - {box for group in self.groups.values() for box in group.members}
        places = [
            (*self.found.positions[box], self.boxes[box].width, self.boxes[box].height) for box in alone
        ]
        return places + [self.found.regions[name] for name, one in self.groups.items() if one.parent is None]


class _Nest:
    def __init__(self, boxes: Mapping[str, Box], groups: Mapping[str, GroupBox]) -> None:
        self.boxes = boxes
        self.home: dict[str, str | None] = dict.fromkeys(boxes)
        self.rooms: dict[str | None, _Room] = {}
        for inner, group in groups.items():
            self.home[inner] = group.parent
            own = [box for box in group.members if box in boxes]
            self.home.update(dict.fromkeys(own, inner))
            self.rooms[inner] = _Room([], snap(group.header), group.least_width)
        self.rooms[None] = _Room([])
        for item in self.home:
            self.rooms[self.home[item]].members.append(item)
        # A block stands in the order of its first card, as if it were that card.
        place = {box: number for number, box in enumerate(boxes)}
        self.inside_out = self._inside_out()
        for name in self.inside_out:
            room = self.rooms[name]
            room.members.sort(key=lambda item: place.get(item, len(place)))
            if name is not None:
                place[name] = min((place[item] for item in room.members), default=len(place))
        self.pieces: dict[str, list[tuple[str | None, _Piece]]] = {}
        self.items: dict[str, Item] = {}
        for box, size in boxes.items():
            half = snap(size.width) / 2
            self.items[box] = Item(half, half, size.height, size.side)

    def _inside_out(self) -> list[str | None]:
        order: list[str | None] = [None]
        for room in order:
            order += [item for item in self.rooms[room].members if item in self.rooms]
        return order[::-1]

    def _above(self, item: str) -> list[str | None]:
        """The rooms around an item, innermost first."""
        chain: list[str | None] = [self.home[item]]
        while (outer := chain[-1]) is not None:
            chain.append(self.home[outer])
        return chain

    def _trail(self, edge: Edge) -> list[tuple[str | None, str, str]]:
        """The rooms that a link passes from its source to its target, and between which items in each.

        An item that is the room itself stands for its border.
        """
        out, into = self._above(edge.source), self._above(edge.target)
        around = set(into)
        shared = next(name for name in out if name in around)
        trail: list[tuple[str | None, str, str]] = []
        item = edge.source
        for name in out[: out.index(shared)]:
            assert name is not None
            trail.append((name, item, name))
            item = name
        inward: list[tuple[str | None, str, str]] = []
        target = edge.target
        for name in into[: into.index(shared)]:
            assert name is not None
            inward.append((name, name, target))
            target = name
        return [*trail, (shared, item, target), *reversed(inward)]

    def cut(self, edges: Sequence[Edge]) -> None:
        """Cut every link into its pieces, one for each room that it passes.

        Links come into a block together when they go to the same cards inside it, so that one point of
        the border never stands for two different things.
        """
        trails = {edge.id: self._trail(edge) for edge in edges}
        reached: dict[tuple[str, str], dict[str, None]] = {}
        for edge in edges:
            for name, item, _ in trails[edge.id]:
                if name is not None and item == name:
                    reached.setdefault((name, edge.source), {})[edge.target] = None
        entry = {key: "in " + " ".join(sorted(targets)) for key, targets in reached.items()}
        for edge in edges:
            leave = f"out {edge.source}"
            self.pieces[edge.id] = []
            for name, item, target in trails[edge.id]:
                room = self.rooms[name]
                out_port = in_port = ""
                if item == name:
                    item = entry[item, edge.source]
                    room.entries[item] = None
                elif item in self.rooms:
                    out_port = leave
                if target == name:
                    target = leave
                    room.exits[target] = None
                elif target in self.rooms:
                    in_port = entry[target, edge.source]
                piece = _Piece(item, out_port, target, in_port)
                room.pieces[piece] = None
                self.pieces[edge.id].append((name, piece))

    def lay_out(self, name: str | None) -> None:
        """Place everything inside one room, whose inner rooms are done; then it is an item itself."""
        room = self.rooms[name]
        items = {item: self.items[item] for item in room.members}
        items.update({port: Item(_PORT / 2, _PORT / 2, room.header - PADDING + 4) for port in room.entries})
        items.update({port: Item(_PORT / 2, _PORT / 2, 0) for port in room.exits})
        room.wires = {
            piece: Wire(
                piece.source,
                piece.target,
                self._port(piece.source, piece.out_port),
                self._port(piece.target, piece.in_port),
            )
            for piece in room.pieces
        }
        wires = list(dict.fromkeys(room.wires.values()))
        order = [*room.entries, *room.members, *room.exits]
        ranking = rank(
            order, [(wire.source, wire.target) for wire in wires], set(room.entries), set(room.exits)
        )
        placed = columns(ranking, {item: (box.left, box.right) for item, box in items.items()}, wires)
        room.x = placed.x
        last_gap = PADDING if room.exits else ROW_GAP
        room.rows = rows(items, ranking.rank, placed.x, placed.runs, wires, last_gap)
        if name is not None:
            self.items[name] = self._as_item(room, placed)

    def _port(self, item: str, port: str) -> float:
        """How far from an item's axis a link passes its border."""
        return self.rooms[item].x[port] if port else 0

    def _as_item(self, room: _Room, placed: Columns) -> Item:
        left = snap(-min(placed.left.values(), default=0)) + PADDING
        right = snap(max(placed.right.values(), default=0)) + PADDING
        missing = max(0, snap((room.least_width if room.members else _EMPTY) - left - right))
        height = room.rows.height
        if not room.entries:
            room.top = room.header + PADDING
            height += room.top
        if not room.exits:
            height += PADDING
        return Item(left, right + missing, height)

    def collect(self, edges: Sequence[Edge]) -> Arrangement:
        """Where everything is in the end, from the outside in."""
        origin: dict[str | None, Point] = {None: (0.0, 0.0)}
        positions: dict[str, Point] = {}
        regions: dict[str, tuple[float, float, float, float]] = {}
        for name in reversed(self.inside_out):
            room = self.rooms[name]
            x, y = origin[name]
            y += room.top
            origin[name] = (x, y)
            for item in room.members:
                axis, top = x + room.x[item], y + room.rows.y[item]
                if item in self.rooms:
                    box = self.items[item]
                    regions[item] = (axis - box.left, top, box.left + box.right, box.height)
                    origin[item] = (axis, top)
                else:
                    positions[item] = (axis - self.boxes[item].width / 2, top)
        routes = {}
        for edge in edges:
            points: list[Point] = []
            for name, piece in self.pieces[edge.id]:
                room = self.rooms[name]
                x, y = origin[name]
                points += [(x + px, y + py) for px, py in room.rows.routes[room.wires[piece]]]
            routes[edge.id] = straighten(points)
        return Arrangement(positions, regions, routes)
