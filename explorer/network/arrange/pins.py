"""Cards that a person put somewhere: they stay there, the others make room, and links just connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.network.arrange.model import (
    CLEARANCE,
    PADDING,
    ROW_GAP,
    Arrangement,
    Box,
    Edge,
    GroupBox,
    Point,
    snap,
)

Rect = tuple[float, float, float, float]


def put_pins(
    found: Arrangement,
    boxes: Mapping[str, Box],
    edges: Sequence[Edge],
    groups: Mapping[str, GroupBox],
    pinned: Mapping[str, Point],
    obstacles: Sequence[Rect] = (),
) -> Arrangement:
    """The arrangement with the `pinned` boxes in their places, and room for `obstacles` that stand fast too.

    Where one of these would cover others, or a region that it is not in, those and all below them move
    down. A region grows around a pinned member; only then can it cover something else.
    """
    positions = {**found.positions, **pinned}
    drops = _make_room(positions, boxes, pinned, obstacles, found.regions, groups)
    regions = {name: _stretched(region, drops) for name, region in found.regions.items()}
    _grow(regions, positions, boxes, groups, pinned)
    routes = {}
    for edge in edges:
        if edge.source in pinned or edge.target in pinned or edge.id not in found.routes:
            start, end = _rect(edge.source, positions, boxes), _rect(edge.target, positions, boxes)
            routes[edge.id] = connect(start, end)
        else:
            routes[edge.id] = tuple((x, _dropped(y, drops)) for x, y in found.routes[edge.id])
    return Arrangement(positions, regions, routes)


def connect(source: Rect, target: Rect) -> tuple[Point, ...]:
    """A route between two cards that stand anywhere: down and across, or round the side to go up."""
    sx, sy, sw, sh = source
    tx, ty, tw, _ = target
    begin, end = (sx + sw / 2, sy + sh), (tx + tw / 2, ty)
    if end[1] >= begin[1] + ROW_GAP / 2:
        middle = (begin[1] + end[1]) / 2
        return straighten([begin, (begin[0], middle), (end[0], middle), end])
    below, above = begin[1] + ROW_GAP / 2, end[1] - ROW_GAP / 2
    side = max(sx + sw, tx + tw) + CLEARANCE
    return straighten([begin, (begin[0], below), (side, below), (side, above), (end[0], above), end])


def straighten(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without those that lie on the straight line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and any(point[axis] == kept[-1][axis] == kept[-2][axis] for axis in (0, 1)):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _rect(box: str, positions: Mapping[str, Point], boxes: Mapping[str, Box]) -> Rect:
    return (*positions[box], boxes[box].width, boxes[box].height)


def _make_room(
    positions: dict[str, Point],
    boxes: Mapping[str, Box],
    pinned: Mapping[str, Point],
    obstacles: Sequence[Rect],
    regions: Mapping[str, Rect],
    groups: Mapping[str, GroupBox],
) -> list[tuple[float, float]]:
    """Move what the pinned boxes and the obstacles cover, and all below it, down in `positions`.

    Returns the moves in their order: everything from the first y on went down by the second.
    """
    drops: list[tuple[float, float]] = []
    free = sorted((box for box in positions if box not in pinned), key=lambda box: positions[box][1])
    loose = _regions_without_pins(groups, pinned)
    fast = sorted([*(_rect(pin, positions, boxes) for pin in pinned), *obstacles], key=lambda rect: rect[1])
    for _ in range((len(positions) + len(regions)) * len(fast)):
        hit: tuple[float, float] | None = None
        for here in fast:
            covered = (box for box in free if cover(here, _rect(box, positions, boxes)))
            box = next(covered, None)
            tops = [positions[box][1]] if box is not None else []
            around = (_stretched(regions[name], drops) for name in loose)
            tops += [region[1] for region in around if cover(here, region)]
            if tops and (hit is None or min(tops) < hit[0]):
                hit = (min(tops), here[1] + here[3])
        if hit is None:
            break
        cut, bottom = hit
        drop = snap(bottom + ROW_GAP - cut)
        drops.append((cut, drop))
        for box in free:
            x, y = positions[box]
            if y >= cut:
                positions[box] = (x, y + drop)
    return drops


def _regions_without_pins(groups: Mapping[str, GroupBox], pinned: Mapping[str, Point]) -> tuple[str, ...]:
    """The outermost regions with no pinned box anywhere in them."""
    touched: set[str] = set()
    for name, group in groups.items():
        if any(member in pinned for member in group.members):
            around: str | None = name
            while around is not None:
                touched.add(around)
                around = groups[around].parent
    return tuple(name for name, group in groups.items() if group.parent is None and name not in touched)


def cover(a: Rect, b: Rect) -> bool:
    """Whether two boxes overlap."""
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _dropped(y: float, drops: Sequence[tuple[float, float]]) -> float:
    for cut, drop in drops:
        if y >= cut:
            y += drop
    return y


def _stretched(region: Rect, drops: Sequence[tuple[float, float]]) -> Rect:
    x, y, width, height = region
    top = _dropped(y, drops)
    return x, top, width, _dropped(y + height, drops) - top


def _grow(
    regions: dict[str, Rect],
    positions: Mapping[str, Point],
    boxes: Mapping[str, Box],
    groups: Mapping[str, GroupBox],
    pinned: Mapping[str, Point],
) -> None:
    """Stretch every region around its pinned members, and around the regions inside it."""
    inside: dict[str, list[Rect]] = {}
    for name, group in groups.items():
        inside[name] = [_rect(box, positions, boxes) for box in group.members if box in pinned]
    depth = {name: _depth(name, groups) for name in groups}
    for name in sorted(groups, key=depth.__getitem__, reverse=True):
        region = regions[name]
        for rect in inside[name]:
            region = _around(region, rect, groups[name].header)
        regions[name] = region
        parent = groups[name].parent
        if parent is not None:
            inside[parent].append(region)


def _depth(name: str | None, groups: Mapping[str, GroupBox]) -> int:
    depth = 0
    while name is not None:
        name = groups[name].parent
        depth += 1
    return depth


def _around(region: Rect, rect: Rect, header: float) -> Rect:
    left = min(region[0], rect[0] - PADDING)
    top = min(region[1], rect[1] - PADDING - header)
    right = max(region[0] + region[2], rect[0] + rect[2] + PADDING)
    bottom = max(region[1] + region[3], rect[1] + rect[3] + PADDING)
    return left, top, right - left, bottom - top
