"""The results as points of a plane: which axis shows what, its ticks, and where names fit. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import ceil, floor, log10
from typing import NamedTuple

from explorer.network.inference import Totals
from explorer.zoo.results import Result

Ticks = list[tuple[float, str]]
Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""


class Across(StrEnum):
    """What the axis across shows."""

    PARAMETERS = "Parameters"
    MACS = "MACs for one image"
    YEAR = "Year"


class Up(StrEnum):
    """What the axis up shows."""

    TOP5 = "Top-5 error"
    TOP1 = "Top-1 error"


class Point(NamedTuple):
    """A result and its place; logarithms, except for years."""

    result: Result
    x: float
    y: float


class Mark(NamedTuple):
    """A network without an error: a line where it stands. `color` is a token's name."""

    name: str
    totals: Totals
    color: str


def points(results: Sequence[Result], across: Across, up: Up) -> list[Point]:
    """The results that have both numbers."""
    found = []
    for result in results:
        size = {
            Across.PARAMETERS: result.parameters,
            Across.MACS: result.macs,
            Across.YEAR: float(result.year),
        }[across]
        error = result.top5 if up is Up.TOP5 else result.top1
        if size is not None and error is not None:
            found.append(Point(result, size if across is Across.YEAR else log10(size), log10(error)))
    return found


def place(totals: Totals, across: Across) -> float | None:
    """Where a network of these totals stands on the axis across; None where it has no place there."""
    size = {Across.PARAMETERS: totals.parameters, Across.MACS: totals.macs, Across.YEAR: 0}[across]
    return log10(size) if size > 0 else None


def span(values: Sequence[float], margin: float = 0.08) -> tuple[float, float]:
    """The part of an axis that holds all values, with some room at both ends."""
    low, high = min(values), max(values)
    room = max((high - low) * margin, 0.05)
    return low - room, high + room


def size_ticks(low: float, high: float) -> Ticks:
    """1, 2 and 5 times the powers of ten: `5 M`, `10 M`, `1 G`; only 1s where there would be many."""
    steps = (1, 2, 5) if high - low < 2.2 else (1,)
    found = []
    for power in range(floor(low), ceil(high) + 1):
        for step in steps:
            at = power + log10(step)
            if low <= at <= high:
                found.append((at, _size(step * 10**power)))
    return found


def _size(number: float) -> str:
    for unit, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:g} {name}"
    return f"{number:g}"


def error_ticks(low: float, high: float) -> Ticks:
    """Percents that people would choose: 3, 4, 5, 6, 8, 10, 15, 20, 25, 30 %."""
    chosen: tuple[float, ...] = (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.22, 0.24, 0.26, 0.3)
    if 10**high / 10**low > 2:
        chosen = tuple(one for one in chosen if one not in (0.22, 0.24, 0.26))
    return [(log10(one), f"{100 * one:g} %") for one in chosen if low <= log10(one) <= high]


def year_ticks(low: float, high: float) -> Ticks:
    """Every year."""
    return [(float(year), str(year)) for year in range(ceil(low), floor(high) + 1)]


def spread(found: Sequence[Point]) -> list[Point]:
    """For the axis of years: results of one year side by side in the order of their errors."""
    counts: dict[float, int] = {}
    moved = []
    for point in sorted(found, key=lambda one: -one.y):
        count = counts[point.x] = counts.get(point.x, 0) + 1
        moved.append(point._replace(x=point.x + 0.07 * (count - 1)))
    return moved


def place_names(
    anchors: Sequence[tuple[float, float]],
    widths: Sequence[float],
    height: float,
    reach: float,
    inside: Box,
) -> list[Box | None]:
    """A free place for each name beside its point; None where there is none.

    Points are kept free as well. Tried in turn: right, left, above, below, and the corners between.
    """
    taken: list[Box] = [(x - reach, y - reach, 2 * reach, 2 * reach) for x, y in anchors]
    boxes: list[Box | None] = []
    away = reach + 3
    for (x, y), width in zip(anchors, widths, strict=True):
        middle, left, right = x - width / 2, x - width, x
        above, below = y - away - height, y + away
        corners = (
            (x + away, y - height / 2),
            (left - away, y - height / 2),
            (middle, above),
            (middle, below),
            (right + away / 2, above),
            (right + away / 2, below),
            (left - away / 2, above),
            (left - away / 2, below),
        )
        tries: list[Box] = [(corner, top, width, height) for corner, top in corners]
        box = next((one for one in tries if _fits(one, taken, inside)), None)
        if box is not None:
            taken.append(box)
        boxes.append(box)
    return boxes


def _fits(box: Box, taken: Sequence[Box], inside: Box) -> bool:
    left, top, width, height = box
    if left < inside[0] or top < inside[1]:
        return False
    if left + width > inside[0] + inside[2] or top + height > inside[1] + inside[3]:
        return False
    return not any(
        left < other[0] + other[2]
        and other[0] < left + width
        and top < other[1] + other[3]
        and other[1] < top + height
        for other in taken
    )
