"""The rows of the comparison as a tree that can be filtered, and what stands in its cells. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum

from explorer.network import numerals
from explorer.network.diff import Diff, Part, Row, Status
from explorer.network.diff.written import FOLLOWING, SIGNS, change, spell_settings

NONE = "–"
SHOWN_ELSEWHERE = FOLLOWING | {"shape"}
"""What an input's own setting says stands in the column of outputs."""


class Column(IntEnum):
    """The columns, in order."""

    LAYER = 0
    A = 1
    A_OUTPUT = 2
    B = 3
    B_OUTPUT = 4
    PARAMETERS = 5
    MACS = 6
    APART = 7
    """How far the outputs of both are apart; there once both have been run."""


class Line:
    """A row with its place in the tree: `shown` are those of `children` that the filter lets through."""

    __slots__ = ("children", "parent", "place", "row", "shown")

    def __init__(self, row: Row | None, parent: Line | None) -> None:
        self.row = row
        self.parent = parent
        self.children: list[Line] = []
        self.shown: list[Line] = self.children
        self.place = 0

    def show(self, differences_only: bool) -> None:
        """Choose what is shown below this line."""
        self.shown = [
            line
            for line in self.children
            if not differences_only or (line.row is not None and line.row.status is not Status.SAME)
        ]
        for place, line in enumerate(self.shown):
            line.place = place
            line.show(differences_only)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Line]]:
        """All lines below this one that are shown, with how deep they lie."""
        for line in self.shown:
            yield depth, line
            yield from line.walk(depth + 1)


def tree(diff: Diff | None) -> Line:
    """The lines of a comparison below a root."""
    root = Line(None, None)

    def fill(parent: Line, rows: tuple[Row, ...]) -> None:
        for row in rows:
            line = Line(row, parent)
            parent.children.append(line)
            fill(line, row.children)

    fill(root, diff.rows if diff is not None else ())
    root.show(False)
    return root


Measured = Mapping[tuple[str, str], float]
"""The largest difference between the outputs of two paired layers, by their ids."""


def text(line: Line, column: Column, measured: Measured | None = None) -> str:
    """A cell as people read it."""
    row = line.row
    assert row is not None
    match column:
        case Column.APART:
            return _apart(row, measured or {})
        case Column.LAYER:
            return _name(line, row)
        case Column.A | Column.B:
            return _what(row.a if column == Column.A else row.b)
        case Column.A_OUTPUT | Column.B_OUTPUT:
            part = row.a if column == Column.A_OUTPUT else row.b
            return (numerals.shape(part.output) if part.output else "?") if part is not None else ""
        case Column.PARAMETERS:
            return change(*row.parameters) or (
                numerals.grouped(row.parameters[0]) if row.parameters[0] else NONE
            )
        case Column.MACS:
            return _macs(*row.macs)


def _apart(row: Row, measured: Measured) -> str:
    found = measured.get((row.a.id, row.b.id)) if row.a is not None and row.b is not None else None
    return "" if found is None else numerals.difference(found)


def _macs(a: int, b: int) -> str:
    if a == b:
        return numerals.compact(a) if a else NONE
    return ("+" if b > a else "−") + numerals.compact(abs(b - a))


def _name(line: Line, row: Row) -> str:
    """Below the part of the path that the lines around it have said; both names where they differ."""
    above = line.parent.row if line.parent is not None else None
    a = _below(row.a, above.a if above is not None else None)
    b = _below(row.b, above.b if above is not None else None)
    if a == b or not b:
        return a
    if not a:
        return b
    # Layers that were paired across blocks: the tooltip has the whole paths.
    return f"{row.a.name} → {row.b.name}" if row.a and row.b and row.a.name != row.b.name else row.part.name


def _below(part: Part | None, around: Part | None) -> str:
    if part is None:
        return ""
    if around is not None and part.path.startswith(f"{around.path}."):
        return part.path[len(around.path) + 1 :]
    return part.path


def _what(part: Part | None) -> str:
    if part is None:
        return ""
    if part.layer is None:
        count = len(part.leaves)
        return f"{part.kind or 'block'} · {count} layer{'s' * (count != 1)}"
    return f"{part.layer.title}  {part.layer.summary()}".rstrip()


def differs(row: Row, column: Column) -> bool:
    """Whether a cell of a changed layer shows something that B has otherwise."""
    if row.a is None or row.b is None:
        return False
    match column:
        case Column.A | Column.B:
            return any(delta.what not in SHOWN_ELSEWHERE for delta in row.deltas)
        case Column.A_OUTPUT | Column.B_OUTPUT:
            return row.a.output != row.b.output
        case Column.PARAMETERS:
            return row.parameters[0] != row.parameters[1]
        case Column.MACS:
            return row.macs[0] != row.macs[1]
    return False


def tooltip(row: Row, column: Column) -> str:
    """What more there is to say of a cell."""
    match column:
        case Column.PARAMETERS:
            return _from_to(row.parameters, "parameters")
        case Column.MACS:
            return _from_to(row.macs, "MACs")
        case Column.LAYER:
            paths = dict.fromkeys(part.path for part in (row.a, row.b) if part is not None)
            return f"{' → '.join(paths)}: {row.status}"
        case Column.A | Column.B:
            return spell_settings(row)
    return ""


def _from_to(values: tuple[int, int], what: str) -> str:
    a, b = (numerals.grouped(value) for value in values)
    return f"{a} {what}" if a == b else f"{a} → {b} {what}"


def as_tsv(lines: list[tuple[int, Line]], names: tuple[str, str]) -> str:
    """The lines for a spreadsheet: exact numbers, names indented as deep as they lie."""
    heads = ["Status", "Layer"]
    for name in names:
        heads += [name, f"{name}: output", f"{name}: parameters", f"{name}: MACs"]
    heads.append("Changes")
    out = ["\t".join(heads)]
    for depth, line in lines:
        row = line.row
        if row is None:
            continue
        cells = [SIGNS[row.status], "  " * depth + text(line, Column.LAYER)]
        for part in (row.a, row.b):
            cells += ["", "", "", ""] if part is None else [
                _what(part), numerals.shape(part.output or ()), str(part.parameters), str(part.macs),
            ]  # fmt: skip
        out.append("\t".join([*cells, spell_settings(row)]))
    return "\n".join(out) + "\n"
