"""The rows' heights, and the links' ways through the gaps between them.

A link leaves its source downwards, may turn in the gap below it, runs down at one x, may turn again in the
gap above its target and enters that from above. Turns that belong to one source, or to one target, share
a track; others that would lie on each other get tracks of their own, and the gap grows with them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.network.arrange.columns import Wire
from explorer.network.arrange.model import CLEARANCE, ROW_GAP, TRACK, Point, snap


class Item(NamedTuple):
    """What stands in a row: its extents left and right of its axis, and its height.

    `side` is how far from the axis a shortcut may come in sideways, None where it may not.
    """

    left: float
    right: float
    height: float
    side: float | None = None


class _Turn(NamedTuple):
    """The horizontal pieces in one gap that belong to one port: of a source, or of a target (`arriving`)."""

    gap: int
    arriving: bool
    item: str
    port: float


class _Reach(NamedTuple):
    """The x of a turn's vertical pieces that come from above, and of those that go on below."""

    above: set[float]
    below: set[float]

    @property
    def span(self) -> tuple[float, float]:
        everything = self.above | self.below
        return min(everything), max(everything)


@dataclass(frozen=True)
class Rows:
    """The y of every item's top, the height in all, and the corner points of every wire."""

    y: dict[str, float]
    height: float
    routes: dict[Wire, tuple[Point, ...]]


def rows(
    items: Mapping[str, Item],
    rank: Mapping[str, int],
    x: Mapping[str, float],
    runs: Mapping[Wire, float],
    wires: Sequence[Wire],
    last_gap: float,
) -> Rows:
    """Stack the rows from y = 0 on. `last_gap` is the least gap above the last row."""
    leaving: dict[tuple[str, float], int] = {}
    for wire in wires:
        leaving[wire.source, wire.leaves] = leaving.get((wire.source, wire.leaves), 0) + 1
    sideways = _sideways(items, rank, x, runs, wires)
    down = {wire: _run(wire, x, rank, runs, leaving) for wire in wires}
    tracks = _tracks(_turns(wires, rank, x, down, sideways))
    count = max(rank.values(), default=-1) + 1
    heights = [0.0] * count
    for item, row in rank.items():
        heights[row] = max(heights[row], snap(items[item].height))
    used = [0] * (count + 1)  # tracks in the gap under row r at r + 1
    for turn, track in tracks.items():
        used[turn.gap + 1] = max(used[turn.gap + 1], track + 1)
    tops, gaps = _stack(heights, used, last_gap)
    y = {item: tops[row] for item, row in rank.items()}

    def level(turn: _Turn) -> float:
        start, least = gaps[turn.gap + 1]
        return start + least / 2 + TRACK * tracks[turn]

    def route(wire: Wire) -> tuple[Point, ...]:
        begin = (x[wire.source] + wire.leaves, y[wire.source] + items[wire.source].height)
        end = (x[wire.target] + wire.enters, y[wire.target])
        run = down[wire]
        points = [begin]
        if run != begin[0]:
            turned = level(_Turn(rank[wire.source], False, wire.source, wire.leaves))
            points += [(begin[0], turned), (run, turned)]
        if wire in sideways:
            middle = y[wire.target] + items[wire.target].height / 2
            points += [(run, middle), (x[wire.target] + sideways[wire], middle)]
        else:
            if run != end[0]:
                turned = level(_Turn(rank[wire.target] - 1, True, wire.target, wire.enters))
                points += [(run, turned), (end[0], turned)]
            points.append(end)
        return tuple(points)

    bottom, least = gaps[count]
    height = bottom + (least + TRACK * (used[count] - 1) if used[count] else 0)
    return Rows(y, height, {wire: route(wire) for wire in wires})


def _run(
    wire: Wire,
    x: Mapping[str, float],
    rank: Mapping[str, int],
    runs: Mapping[Wire, float],
    leaving: Mapping[tuple[str, float], int],
) -> float:
    """The x at which a wire goes down."""
    if wire in runs:
        return runs[wire]
    # Between neighbouring rows one turn is enough: at the source where it feeds several, else at the target.
    if leaving[wire.source, wire.leaves] > 1:
        return x[wire.target] + wire.enters
    return x[wire.source] + wire.leaves


def _sideways(
    items: Mapping[str, Item],
    rank: Mapping[str, int],
    x: Mapping[str, float],
    runs: Mapping[Wire, float],
    wires: Iterable[Wire],
) -> dict[Wire, float]:
    """The wires that come in at the side of their target and where; one a target, nothing in between."""
    in_row: dict[int, list[str]] = {}
    for item, row in rank.items():
        in_row.setdefault(row, []).append(item)
    passing: dict[int, list[float]] = {}
    for wire, lane in runs.items():
        for row in range(*sorted((rank[wire.source] + 1, rank[wire.target]))):
            passing.setdefault(row, []).append(lane)
    chosen: dict[str, Wire] = {}
    for wire in wires:
        target, run = wire.target, runs.get(wire)
        reach = items[target].side
        if run is None or reach is None or rank[wire.source] >= rank[target]:
            continue
        side = x[target] + reach
        between = [x[other] - items[other].left for other in in_row[rank[target]] if other != target]
        between += passing.get(rank[target], ())
        if run < side + CLEARANCE / 2 or any(side < left <= run for left in between):
            continue
        if target not in chosen or run < runs[chosen[target]]:
            chosen[target] = wire
    return {wire: items[target].side or 0 for target, wire in chosen.items()}


def _turns(
    wires: Iterable[Wire],
    rank: Mapping[str, int],
    x: Mapping[str, float],
    down: Mapping[Wire, float],
    sideways: Container[Wire],
) -> dict[_Turn, _Reach]:
    """All horizontal pieces, and where they meet vertical ones."""
    turns: dict[_Turn, _Reach] = {}
    for wire in wires:
        source, target, run = wire.source, wire.target, down[wire]
        begin, end = x[source] + wire.leaves, x[target] + wire.enters
        if run != begin:
            reach = turns.setdefault(_Turn(rank[source], False, source, wire.leaves), _Reach(set(), set()))
            reach.above.add(begin)
            reach.below.add(run)
        if run != end and wire not in sideways:
            reach = turns.setdefault(_Turn(rank[target] - 1, True, target, wire.enters), _Reach(set(), set()))
            reach.above.add(run)
            reach.below.add(end)
    return turns


def _tracks(turns: Mapping[_Turn, _Reach]) -> dict[_Turn, int]:
    """A track for every turn, counted from the top of its gap, so that no two lie on each other."""
    by_gap: dict[int, list[_Turn]] = {}
    for turn in turns:
        by_gap.setdefault(turn.gap, []).append(turn)
    tracks: dict[_Turn, int] = {}
    for found in by_gap.values():
        found.sort(key=lambda turn: _preference(turn, turns[turn]))
        _fill_gap(found, turns, tracks)
    return tracks


def _preference(turn: _Turn, reach: _Reach) -> tuple[bool, float]:
    """What leaves first, from the right; then what arrives, from the left: so lanes at the right nest."""
    return turn.arriving, min(reach.below) if turn.arriving else -min(reach.above)


def _fill_gap(waiting: list[_Turn], turns: Mapping[_Turn, _Reach], tracks: dict[_Turn, int]) -> None:
    """Give the turns of one gap the first free tracks.

    Where one turn's vertical comes from above at the x at which another's goes on below, the one must lie
    over the other, or the two verticals would run together. If that closes a circle, they do.
    """
    over: dict[_Turn, list[_Turn]] = {}
    if len(waiting) > 1:
        coming: dict[float, list[_Turn]] = {}
        for turn in waiting:
            for x in turns[turn].above:
                coming.setdefault(x, []).append(turn)
        for turn in waiting:
            over[turn] = [one for x in turns[turn].below for one in coming.get(x, ()) if one != turn]
    taken: list[list[tuple[float, float]]] = []
    while waiting:
        ready = (turn for turn in waiting if all(one in tracks for one in over.get(turn, ())))
        turn = next(ready, waiting[0])
        waiting.remove(turn)
        low, high = turns[turn].span
        track = max((tracks[one] + 1 for one in over.get(turn, ()) if one in tracks), default=0)
        while track < len(taken) and any(low <= end and start <= high for start, end in taken[track]):
            track += 1
        while len(taken) <= track:
            taken.append([])
        taken[track].append((low, high))
        tracks[turn] = track


def _stack(
    heights: Sequence[float], used: Sequence[int], last_gap: float
) -> tuple[list[float], list[tuple[float, float]]]:
    """The tops of the rows, and of each gap (the first lies above all rows) its start and least height."""
    tops: list[float] = []
    gaps: list[tuple[float, float]] = []
    y = 0.0
    for row, height in enumerate(heights):
        least = last_gap if row and row == len(heights) - 1 else ROW_GAP
        gaps.append((y, least))
        if row or used[0]:
            y += least + TRACK * max(0, used[row] - 1)
        tops.append(y)
        y += height
    gaps.append((y, ROW_GAP))
    return tops, gaps
