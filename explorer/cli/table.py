"""Tables and emphasis for a terminal. Colour only where a person looks, and not where NO_COLOR is set."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

#: All that could move a terminal's cursor or worse: everything but line ends, tabs and our own colours.
_CONTROL = re.compile(r"(?!\x1b\[\d*m)[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Paint(StrEnum):
    """ANSI codes that both light and dark terminals show well."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    WRONG = "31"
    GOOD = "32"


def coloured() -> bool:
    """Whether standard output is a terminal that is to get colours (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout is not None and sys.stdout.isatty()


def paint(text: str, colour: Paint) -> str:
    """The text in that colour, where colours are wanted."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text and coloured() else text


def tell(text: str = "") -> None:
    """Print to standard output whatever its encoding lacks; control characters in names stay out of it."""
    stream = sys.stdout
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def write_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: frozenset[int] = frozenset(),
    colours: Sequence[Paint] | None = None,
) -> None:
    """Columns as wide as their widest cell; those numbered in `right` are aligned right."""
    widths = [max(_width(row[i]) for row in (headings, *rows)) for i in range(len(headings))]
    tell(paint(_line(headings, widths, right), Paint.FAINT))
    for index, row in enumerate(rows):
        tell(paint(_line(row, widths, right), colours[index] if colours else Paint.PLAIN))


def _line(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    parts = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        room = " " * (width - _width(cell))
        parts.append(room + cell if index in right else cell + room)
    return "  ".join(parts).rstrip()


def _width(text: str) -> int:
    """Terminal columns: names may hold wide or combining characters."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
