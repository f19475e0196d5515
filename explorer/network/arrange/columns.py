"""The columns: the trunk straight down the middle, branches beside it, skips in lanes down the side.

Extents are kept by half rows: row r is 2r, the gap under it 2r + 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.network.arrange.model import CLEARANCE, COLUMN_GAP, PART_GAP, TRACK, snap
from explorer.network.arrange.ranks import Pair, Ranking

_DEEPEST = 60
_LINE = 8  # half the room that a link running down between cards takes


class Wire(NamedTuple):
    """A link between two items of one block.

    `leaves` and `enters` say how far its ports are from the axes of the two.
    """

    source: str
    target: str
    leaves: float = 0
    enters: float = 0


@dataclass
class Columns:
    """The x of every item's axis, and of the vertical run of every wire that passes a row."""

    x: dict[str, float] = field(default_factory=dict)
    runs: dict[Wire, float] = field(default_factory=dict)
    left: dict[int, float] = field(default_factory=dict)
    right: dict[int, float] = field(default_factory=dict)

    def occupy(self, half_rows: Iterable[int], left: float, right: float) -> None:
        for half in half_rows:
            self.left[half] = min(left, self.left.get(half, left))
            self.right[half] = max(right, self.right.get(half, right))

    def take_in(self, other: Columns, shift: float) -> None:
        """Put another part's columns into this one, moved by `shift`."""
        self.x.update({item: x + shift for item, x in other.x.items()})
        self.runs.update({wire: x + shift for wire, x in other.runs.items()})
        for half, left in other.left.items():
            self.occupy((half,), left + shift, other.right[half] + shift)

    def beside(self, other: Columns) -> tuple[float, float]:
        """How far to shift `other` to the left, and to the right, so that it stands clear of this part."""
        shared = [half for half in other.left if half in self.left]
        to_left = min((self.left[half] - other.right[half] for half in shared), default=COLUMN_GAP)
        to_right = max((self.right[half] - other.left[half] for half in shared), default=-COLUMN_GAP)
        return -snap(COLUMN_GAP - to_left), snap(to_right + COLUMN_GAP)


def columns(ranking: Ranking, extents: Mapping[str, tuple[float, float]], wires: Sequence[Wire]) -> Columns:
    """Place all items. `extents` are what they take to the left and right of their axes."""
    placer = _Placer(ranking, extents, wires)
    result = Columns()
    for number, part in enumerate(placer.connected(ranking.order, ranking.tight)):
        inside = set(part)
        skips = [pair for pair in ranking.skips if pair[0] in inside]
        placed = placer.part(part, skips)
        placer.lanes(placed, [pair for pair in ranking.back if pair[0] in inside])
        shift = 0.0
        if number and result.right:
            shift = snap(max(result.right.values()) - min(placed.left.values()) + PART_GAP)
        result.take_in(placed, shift)
    return result


class _Placer:
    def __init__(
        self, ranking: Ranking, extents: Mapping[str, tuple[float, float]], wires: Sequence[Wire]
    ) -> None:
        self.rank = ranking.rank
        self.extents = extents
        self.wires: dict[Pair, list[Wire]] = {}
        for wire in wires:
            self.wires.setdefault((wire.source, wire.target), []).append(wire)
        self.after: dict[str, list[str]] = {item: [] for item in ranking.order}
        self.before: dict[str, list[str]] = {item: [] for item in ranking.order}
        for source, target in ranking.tight:
            self.after[source].append(target)
            self.before[target].append(source)
        # Back links hold parts together as well, but not in the order of the flow.
        self.loose = ranking.back

    def connected(self, items: Sequence[str], tight: Iterable[Pair]) -> list[list[str]]:
        """The connected parts of all items, each in the order of the flow."""
        near: dict[str, list[str]] = {item: [] for item in items}
        for source, target in (*tight, *self.loose):
            near[source].append(target)
            near[target].append(source)
        return _components(items, near)

    def part(self, items: Sequence[str], skips: Sequence[Pair], depth: int = 0) -> Columns:
        """Place a connected part around x = 0."""
        inside = set(items)
        trunk = self._trunk(items, inside) if depth < _DEEPEST else []
        axis = trunk or self._longest_way(items, inside)
        result = Columns()
        for above, item in zip([None, *axis], axis, strict=False):
            left, right = self.extents[item]
            result.x[item] = 0.0
            result.occupy((2 * self.rank[item],), -left, right)
            if above is not None and item in self.after[above]:
                self._run_down(result, above, item)
        beside = set(axis)
        rest = [item for item in items if item not in beside]
        branches = _components(rest, self._near(rest))
        home = {item: number for number, branch in enumerate(branches) for item in branch}
        inner: list[list[Pair]] = [[] for _ in branches]
        lanes: list[Pair] = []
        for pair in skips:
            number = home.get(pair[0])
            same = number is not None and number == home.get(pair[1])
            (inner[number] if same and number is not None else lanes).append(pair)
        parts = [self.part(branch, inner[n], depth + 1) for n, branch in enumerate(branches)]
        for branch, part in zip(branches, parts, strict=True):
            lanes += self._attach(branch, part, beside)
        self._spread(result, trunk, list(zip(branches, parts, strict=True)))
        self.lanes(result, lanes)
        return result

    def _near(self, rest: Sequence[str]) -> dict[str, list[str]]:
        among = set(rest)
        return {
            item: [other for other in (*self.before[item], *self.after[item]) if other in among]
            for item in rest
        }

    def _trunk(self, items: Sequence[str], inside: set[str]) -> list[str]:
        """The items through which every way from a source to a sink passes."""
        place = {item: number for number, item in enumerate(items)}
        reached = 0
        for number, item in enumerate(items):
            if number and not any(source in inside for source in self.before[item]):
                reached = number + 1
        trunk = []
        for number, item in enumerate(items):
            if number >= reached:
                trunk.append(item)
            targets = [place[target] for target in self.after[item] if target in inside]
            if not targets:
                break
            reached = max(reached, *targets)
        return trunk

    def _longest_way(self, items: Sequence[str], inside: set[str]) -> list[str]:
        length: dict[str, int] = {}
        came_from: dict[str, str | None] = {}
        for item in items:
            sources = [source for source in self.before[item] if source in inside]
            best = max(sources, key=length.__getitem__, default=None)
            came_from[item] = best
            length[item] = 1 if best is None else length[best] + 1
        way = []
        item_or_none: str | None = max(items, key=length.__getitem__)
        while item_or_none is not None:
            way.append(item_or_none)
            item_or_none = came_from[item_or_none]
        return way[::-1]

    def _passed(self, pair: Pair) -> range:
        """The half rows between a source and its target."""
        return range(2 * self.rank[pair[0]] + 1, 2 * self.rank[pair[1]])

    def _run_down(self, result: Columns, source: str, target: str) -> None:
        """Keep the middle free where a link of the trunk passes rows."""
        passed = self._passed((source, target))
        result.occupy(passed, -_LINE, _LINE)
        if len(passed) > 1:
            for wire in self.wires[source, target]:
                result.runs[wire] = 0.0

    def _attach(self, branch: Sequence[str], part: Columns, axis: set[str]) -> list[Pair]:
        """Lead the links between a branch and the axis down the branch's column; return those that can't."""
        blocked = []
        here = set(branch)
        pairs = [(s, item) for item in branch for s in self.before[item] if s in axis]
        pairs += [(item, t) for item in branch for t in self.after[item] if t in axis]
        for pair in pairs:
            passed = self._passed(pair)
            wires = self.wires[pair]
            ours = pair[0] if pair[0] in here else pair[1]
            x = part.x[ours] + (wires[0].leaves if ours == pair[0] else wires[0].enters)
            if len(passed) < 2:
                part.occupy(passed, x - _LINE, x + _LINE)
                continue
            free = all(
                half not in part.left or x + _LINE < part.left[half] or part.right[half] < x - _LINE
                for half in passed
            )
            if free and len(wires) == 1:
                part.runs[wires[0]] = x
                part.occupy(passed, x - _LINE, x + _LINE)
            else:
                blocked.append(pair)
        return blocked

    def _spread(
        self, result: Columns, trunk: Sequence[str], branches: Sequence[tuple[list[str], Columns]]
    ) -> None:
        """Put the branches around the axis that is already in `result`."""
        bubbles: dict[int, list[tuple[list[str], Columns]]] = {}
        place = [self.rank[item] for item in trunk]
        for branch, part in branches:
            row = self.rank[branch[0]]
            bubbles.setdefault(sum(other < row for other in place), []).append((branch, part))
        for bubble in bubbles.values():
            lengths = sorted((self._rows(branch) for branch, _ in bubble), reverse=True)
            if trunk and _are_peers(lengths):
                abreast = Columns()
                shift = 0.0
                for number, (_, part) in enumerate(bubble):
                    shift = abreast.beside(part)[1] if number else 0.0
                    abreast.take_in(part, shift)
                result.take_in(abreast, -snap(shift / 2))
                continue
            if trunk:
                longest = max(bubble, key=lambda entry: self._rows(entry[0]))
                result.take_in(longest[1], 0)
                bubble.remove(longest)
            for _, part in sorted(bubble, key=lambda entry: self._rows(entry[0])):
                left, right = result.beside(part)
                result.take_in(part, right if right <= -left else left)

    def _rows(self, branch: Sequence[str]) -> int:
        rows = [self.rank[item] for item in branch]
        return max(rows) - min(rows) + 1

    def lanes(self, result: Columns, pairs: Sequence[Pair]) -> None:
        """Lead each source's skips down one lane at the right, the shortest nearest to the cards."""
        nets: dict[tuple[str, float, bool], list[Wire]] = {}
        for pair in pairs:
            forward = self.rank[pair[0]] < self.rank[pair[1]]
            for wire in self.wires[pair]:
                nets.setdefault((wire.source, wire.leaves, forward), []).append(wire)
        spans = []
        for (source, _, forward), wires in nets.items():
            start = 2 * self.rank[source] + 1
            rows = [2 * self.rank[wire.target] - 1 for wire in wires]
            spans.append((range(start, max(rows) + 1) if forward else range(min(rows), start + 1), wires))
        for span, wires in sorted(spans, key=lambda entry: (len(entry[0]), entry[0][0])):
            edge = max((result.right[half] for half in span if half in result.right), default=0.0)
            x = snap(edge + CLEARANCE)
            result.occupy(span, x, x + TRACK - CLEARANCE)
            for wire in wires:
                result.runs[wire] = x


def _are_peers(lengths: Sequence[int]) -> bool:
    """Whether branches of these lengths (longest first) stand side by side in the middle.

    Otherwise the longest goes straight on and the others stand at its side: a projection shortcut beside
    its convolutions, an auxiliary head beside the rest of the network.
    """
    if len(lengths) < 2:
        return False
    if len(lengths) == 2:
        return lengths[0] == lengths[1]
    return lengths[0] <= 2 * lengths[1] + 2


def _components(items: Sequence[str], near: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The connected parts, each in the order of `items`."""
    part_of: dict[str, int] = {}
    count = 0
    for item in items:
        if item in part_of:
            continue
        part_of[item] = count
        waiting = [item]
        while waiting:
            for other in near[waiting.pop()]:
                if other not in part_of:
                    part_of[other] = count
                    waiting.append(other)
        count += 1
    parts: list[list[str]] = [[] for _ in range(count)]
    for item in items:
        parts[part_of[item]].append(item)
    return parts
