"""Two networks aligned: blocks with blocks first, then what is in them, down to the layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from explorer.network.diff.alignment import Pair, align
from explorer.network.diff.outline import Part, outline
from explorer.network.diff.pairing import Delta, deltas, doubtful
from explorer.network.inference import Inference, Totals
from explorer.network.layers.merge import Merge

LEAST_SHARED = 0.3
"""Blocks that have no counterpart are dissolved where at least this share of their layers finds one."""


class Status(StrEnum):
    """What became of a part on the way from A to B."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, eq=False)
class Row:
    """A pair of parts, or one that stands alone; `children` are the rows inside a block.

    Layers are the same when type, settings, output size, parameters, MACs and what feeds them are; names may
    differ. A block is the same when all in it is.
    """

    status: Status
    a: Part | None
    b: Part | None
    deltas: tuple[Delta, ...] = ()
    children: tuple[Row, ...] = ()

    @property
    def part(self) -> Part:
        """B's part, or A's where B has none."""
        found = self.b if self.b is not None else self.a
        assert found is not None
        return found

    @property
    def is_block(self) -> bool:
        return self.part.is_block

    @property
    def parameters(self) -> tuple[int, int]:
        """A's and B's, 0 where there is nothing."""
        return (self.a.parameters if self.a else 0, self.b.parameters if self.b else 0)

    @property
    def macs(self) -> tuple[int, int]:
        """A's and B's, 0 where there is nothing."""
        return (self.a.macs if self.a else 0, self.b.macs if self.b else 0)

    @property
    def weights(self) -> str:
        """How the weights of two paired layers compare; "" where neither has any. No part of the status."""
        if self.a is None or self.b is None or not (self.a.tensors or self.b.tensors):
            return ""
        if self.a.tensors and self.b.tensors:
            return "the same" if self.a.tensors == self.b.tensors else "others"
        return "random in B" if self.a.tensors else "random in A"

    def layers(self) -> Iterator[Row]:
        """The rows of layers below this one, or itself if it is one."""
        if not self.is_block:
            yield self
        for child in self.children:
            yield from child.layers()


@dataclass(frozen=True, eq=False, repr=False)
class Diff:
    """All rows of two networks. Every layer of A and every layer of B is in exactly one of them."""

    a: Inference
    b: Inference
    rows: tuple[Row, ...]

    @cached_property
    def layers(self) -> tuple[Row, ...]:
        """The rows of layers, without those of blocks."""
        return tuple(layer for row in self.rows for layer in row.layers())

    @cached_property
    def counts(self) -> Mapping[Status, int]:
        """How many layers have which status."""
        counts = dict.fromkeys(Status, 0)
        for row in self.layers:
            counts[row.status] += 1
        return counts

    @property
    def totals(self) -> tuple[Totals, Totals]:
        """Of A and of B."""
        return self.a.totals, self.b.totals

    @property
    def equal(self) -> bool:
        return all(row.status is Status.SAME for row in self.rows)


def compare(a: Inference, b: Inference) -> Diff:
    """Align two networks. Pure Python over the inferred numbers; nothing is run."""
    rows = _rows(align(outline(a), outline(b)))
    return Diff(a, b, _rewired(rows))


def _rows(pairs: Sequence[Pair]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for run in _runs(pairs):
        nested = tuple(_row(*pair) for pair in run)
        flat = _dissolved(run)
        rows += nested if flat is None or _shared(flat) <= _shared(nested) else flat
    return tuple(rows)


def _runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Each good pair by itself; what lies between two of them together."""
    open_run: list[Pair] = []
    for pair in pairs:
        if pair[0] is None or pair[1] is None or doubtful(pair[0], pair[1]):
            open_run.append(pair)
            continue
        if open_run:
            yield open_run
        open_run = []
        yield [pair]
    if open_run:
        yield open_run


def _dissolved(run: list[Pair]) -> tuple[Row, ...] | None:
    """A run layer by layer, where that finds enough in common.

    One network may have in blocks what the other has laid out flat or has grouped another way.
    """
    a = [leaf for one, _ in run if one is not None for leaf in one.leaves]
    b = [leaf for _, other in run if other is not None for leaf in other.leaves]
    if len(run) == 1 or not a or not b or not any(part.is_block for pair in run for part in pair if part):
        return None
    rows = tuple(_row(*pair) for pair in align(a, b))
    return rows if _shared(rows) >= LEAST_SHARED * min(len(a), len(b)) else None


def _shared(rows: Sequence[Row]) -> int:
    """How many layers found a counterpart of their own type."""
    layers = [layer for row in rows for layer in row.layers()]
    return sum(1 for row in layers if row.a and row.b and row.a.type == row.b.type)


def _row(a: Part | None, b: Part | None) -> Row:
    if a is None or b is None:
        status = Status.ADDED if a is None else Status.REMOVED
        part = b if a is None else a
        assert part is not None
        inside = [(None, child) if a is None else (child, None) for child in part.children]
        return Row(status, a, b, (), tuple(_row(*pair) for pair in inside))
    if a.is_block:
        children = _rows(align(a.children, b.children))
        return Row(_status(children), a, b, (), children)
    found = tuple(deltas(a, b))
    return Row(Status.CHANGED if found else Status.SAME, a, b, found)


def _status(children: Sequence[Row]) -> Status:
    return Status.SAME if all(row.status is Status.SAME for row in children) else Status.CHANGED


def _rewired(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with layers marked that another counterpart feeds now.

    What was put in between or taken out in between is told where it is, and not again at what follows it.
    """
    pairs = [
        (row.a, row.b) for top in rows for row in top.layers() if row.a is not None and row.b is not None
    ]
    there = {a.id: b.id for a, b in pairs}
    paths = {part.id: part.path for _, part in pairs}, {part.id: part.path for part, _ in pairs}
    back = {b: a for a, b in there.items()}

    def mark(row: Row) -> Row:
        if row.is_block:
            children = tuple(mark(child) for child in row.children)
            if row.status is Status.SAME and _status(children) is not Status.SAME:
                return replace(row, status=Status.CHANGED, children=children)
            return replace(row, children=children)
        if row.a is None or row.b is None:
            return row
        moved = _moved(row.a, row.b, there, back)
        if moved is None:
            return row
        names = (
            tuple(paths[1].get(source, source) for source in moved[0]),
            tuple(paths[0].get(source, source) for source in moved[1]),
        )
        return replace(row, status=Status.CHANGED, deltas=(*row.deltas, Delta("sources", *names)))

    return tuple(mark(row) for row in rows)


def _moved(
    a: Part, b: Part, there: Mapping[str, str], back: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The sources of two layers, where all are paired and yet differ."""
    if len(a.sources) != len(b.sources):
        return None
    if any(source not in there for source, _ in a.sources) or any(s not in back for s, _ in b.sources):
        return None
    mapped = [(there[source], port) for source, port in a.sources]
    wanted = list(b.sources)
    if isinstance(a.layer, Merge):  # a sum is the same in any order
        mapped.sort()
        wanted.sort()
    if mapped == wanted:
        return None
    return tuple(source for source, _ in a.sources), tuple(source for source, _ in b.sources)
