"""Which editor edits which setting, from what the layer declares of it."""

from __future__ import annotations

from math import floor, log10
from typing import Any

from explorer.network.layers import FieldInfo
from explorer.ui.workspaces.build.inspector.editors import (
    ChoiceEditor,
    Editor,
    NumberEditor,
    PairEditor,
    SwitchEditor,
    TupleEditor,
)
from explorer.ui.workspaces.build.inspector.word_editors import TextEditor, WordOrNumbersEditor

DECIMALS = 15
_MOST = 16
_AXES = {"shape": ("channels", "height", "width")}


def make_editor(info: FieldInfo) -> Editor:
    """The editor for a setting."""
    plain = _plain(info)
    if info.optional:
        start = info.default if info.default is not None else _start(info)
        return WordOrNumbersEditor(info.name, [("none", None)], plain, start)
    return plain


def _plain(info: FieldInfo) -> Editor:
    match info.kind:
        case "int":
            return NumberEditor(info.name, info.bounds)
        case "float":
            return NumberEditor(info.name, info.bounds, DECIMALS, _step(info.default))
        case "bool":
            return SwitchEditor(info.name)
        case "choice":
            return ChoiceEditor(info.name, info.choices)
        case "pair":
            return PairEditor(info.name, info.bounds, info.real)
        case "padding":
            words = [(choice, choice) for choice in info.choices]
            start = info.default if not isinstance(info.default, str) else (1, 1)
            return WordOrNumbersEditor(info.name, words, PairEditor(info.name, info.bounds), start)
        case "tuple":
            lengths = (info.length[0], info.length[1] or _MOST)
            return TupleEditor(info.name, info.bounds, lengths, _AXES.get(info.name, ()), info.real)
        case "table":
            return TextEditor(info.name, read_table, write_table)
        case "text":
            return TextEditor(info.name, str, str)
    raise TypeError(f"no editor for settings of kind {info.kind!r}")


def _start(info: FieldInfo) -> Any:
    """Where a setting begins that was absent."""
    low = info.bounds[0] if info.bounds[0] is not None else 0
    match info.kind:
        case "pair" | "padding":
            return (max(low, 1),) * 2
        case "tuple":
            return (max(low, 1),) * max(info.length[0], 1)
        case "choice":
            return info.choices[0]
        case "bool":
            return True
    return max(low, 1)


def _step(default: Any) -> float:
    """One step of a fraction: its own size rounded to a power of ten, at most a tenth."""
    if not isinstance(default, int | float) or not default:
        return 0.1
    return float(10 ** min(-1, floor(log10(abs(default)))))


def read_table(text: str) -> tuple[tuple[int, ...], ...]:
    """Rows of numbers as people type them: `0 1 2; 1 2 3`. Raises ValueError in words."""
    try:
        return tuple(
            tuple(int(number) for number in row.replace(",", " ").split())
            for row in text.split(";")
            if row.strip()
        )
    except ValueError:
        raise ValueError("Rows of whole numbers, with a semicolon between two rows: 0 1 2; 1 2 3.") from None


def write_table(rows: Any) -> str:
    """The rows with semicolons between them."""
    return "; ".join(" ".join(str(number) for number in row) for row in rows or ())
