"""What differs, in a person's words, and the whole comparison as CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from explorer.network import numerals
from explorer.network.diff.compare import Diff, Row, Status
from explorer.network.diff.outline import Part
from explorer.network.diff.pairing import Delta

FOLLOWING = frozenset({"output", "parameters", "macs"})
#: How each status is written beside its colour.
SIGNS = {Status.SAME: "=", Status.CHANGED: "≠", Status.ADDED: "+", Status.REMOVED: "−"}

COLUMNS = (
    "status", "a", "a_type", "a_output", "a_parameters", "a_macs",
    "b", "b_type", "b_output", "b_parameters", "b_macs", "changes",
)  # fmt: skip


def spell(delta: Delta) -> str:
    """One difference: `kernel size 7×7 → 11×11`."""
    if delta.what == "training_only":
        return "used in training only" if delta.b else "used always"
    what = {"macs": "MACs", "sources": "fed by"}.get(delta.what, delta.what.replace("_", " "))
    return f"{what} {_value(delta.a)} → {_value(delta.b)}"


def spell_settings(row: Row) -> str:
    """What was changed about a layer. The sizes and counts that follow have columns of their own."""
    return ", ".join(spell(delta) for delta in row.deltas if delta.what not in FOLLOWING)


def _value(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return numerals.grouped(value)
    if isinstance(value, tuple | list):
        return _sequence(list(value))
    return str(value)


def _sequence(values: list[Any]) -> str:
    if values and all(isinstance(value, str) for value in values):
        return " and ".join(values)
    if len(values) == 2 and values[0] == values[1]:
        return str(values[0])
    return "×".join(str(value) for value in values)


def flat(diff: Diff) -> Iterator[tuple[Row, int]]:
    """Every row, blocks with what is in them, and how deep it lies."""
    waiting = [(row, 0) for row in reversed(diff.rows)]
    while waiting:
        row, depth = waiting.pop()
        yield row, depth
        waiting += [(child, depth + 1) for child in reversed(row.children)]


def to_csv(diff: Diff) -> str:
    """One line a layer; numbers plain, what is not there empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in diff.layers:
        writer.writerow([row.status, *_plain(row.a), *_plain(row.b), spell_settings(row)])
    return out.getvalue()


def _plain(part: Part | None) -> tuple[Any, ...]:
    if part is None:
        return ("", "", "", "", "")
    output = "x".join(map(str, part.output)) if part.output else ""
    return (part.path, part.type, output, part.parameters, part.macs)


def to_markdown(diff: Diff) -> str:
    """A table with the totals above it, one line a layer, for a report or an issue."""
    a, b = diff.a.network.name, diff.b.network.name
    lines = [f"# {_escaped(a)} → {_escaped(b)}", "", *(f"- {line}" for line in totals_lines(diff)), ""]
    lines += [f"| | {_escaped(a)} | Output | {_escaped(b)} | Output | Parameters | MACs | Changes |"]
    lines += ["|-|-|-|-|-|-:|-:|-|"]
    for row in diff.layers:
        cells = [SIGNS[row.status]]
        for part in (row.a, row.b):
            cells += [_escaped(part.path), numerals.shape(part.output or ())] if part else ["", ""]
        cells += [change(*row.parameters), change(*row.macs), _escaped(spell_settings(row))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def totals_lines(diff: Diff) -> list[str]:
    """Parameters, MACs and layers of both, each a sentence."""
    a, b = diff.totals
    counts = diff.counts
    return [
        f"Parameters: {numerals.grouped(a.parameters)} → {numerals.grouped(b.parameters)} "
        f"({change(a.parameters, b.parameters) or 'the same'})",
        f"MACs for one image: {numerals.grouped(a.macs)} → {numerals.grouped(b.macs)} "
        f"({change(a.macs, b.macs) or 'the same'})",
        "Layers: " + ", ".join(f"{counts[status]} {status}" for status in Status),
    ]


def change(a: int, b: int) -> str:
    """The signed difference, `+4,672`; nothing where there is none."""
    if a == b:
        return ""
    return f"+{numerals.grouped(b - a)}" if b > a else f"−{numerals.grouped(a - b)}"


def _escaped(text: str) -> str:
    for character in "\\`*_[]<>|":
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())
