"""The one place that writes numbers for people: counts, MACs, bytes, shapes, times, shares.

Thousands are grouped with commas, units stand after a space, and no number is shortened where its exact
value is as short.
"""

from __future__ import annotations

from enum import StrEnum
from math import isfinite

from explorer.network.layer import Shape, spell

_COUNTS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_BYTES = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


class ShapeOrder(StrEnum):
    """How a shape is written: as torch has it, C × H × W, or as the lecture has it, H × W × C."""

    CHANNELS_FIRST = "chw"
    CHANNELS_LAST = "hwc"


def grouped(count: int) -> str:
    """The exact number: `138,357,544`."""
    return f"{count:,}"


def compact(count: int, exact: bool = True) -> str:
    """A count in five characters and a unit: `138.36 M`. Below 10,000 it is written out: `9,408`.

    With `exact` False the number is a lower bound, as totals are while a part is unknown: `≥ 138.36 M`.
    """
    text = grouped(count)
    if abs(count) >= 10_000:
        text = _scaled(count, _COUNTS, 2)
    return text if exact else f"≥ {text}"


def memory(size: int) -> str:
    """Bytes in binary units: `527.8 MiB`, `512 B`."""
    return f"{size} B" if abs(size) < 1024 else _scaled(size, _BYTES, 1)


def _scaled(count: int, units: tuple[tuple[int, str], ...], digits: int) -> str:
    unit, name = next((pair for pair in units if abs(count) >= pair[0]), units[-1])
    text = f"{count / unit:,.{digits}f}"
    # 999,996 is not 1,000.00 k but 1.00 M: rounding may reach the next unit.
    larger = [pair for pair in units if pair[0] > unit]
    if larger and abs(float(text.replace(",", ""))) * unit >= larger[-1][0]:
        unit, name = larger[-1]
        text = f"{count / unit:,.{digits}f}"
    return f"{text} {name}"


def shape(size: Shape, order: ShapeOrder = ShapeOrder.CHANNELS_FIRST) -> str:
    """`64 × 112 × 112`, or the lecture's way `112 × 112 × 64`; vectors are the same in both."""
    if order is ShapeOrder.CHANNELS_LAST and len(size) > 1:
        return spell((*size[1:], size[0]))
    return spell(size)


def pair(values: tuple[float, ...]) -> str:
    """A size per spatial axis, H first: `7×7`; fractions as they are, e.g. `0.5×0.5`."""
    return "×".join(f"{value:g}" for value in values)


def duration(seconds: float) -> str:
    """Three figures and a unit: `3.41 ms`, `128 ms`, `1.20 s`."""
    if not isfinite(seconds) or seconds <= 0:
        return "0 s"
    unit, name = next((step for step in _TIMES if seconds >= step[0] * 0.9995), _TIMES[-1])
    value = seconds / unit
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{digits}f} {name}"


def share(part: float, whole: float) -> str:
    """A part of a whole in percent: `89.4 %`; nothing of nothing is `0 %`."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    return "< 0.1 %" if percent < 0.05 else f"{percent:.1f} %"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def difference(value: float) -> str:
    """How far two values are apart, in two figures: `0`, `4.3`, `0.012`, `3.0 × 10⁻⁸`."""
    if not isfinite(value):
        return "not a number"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:,.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_RAISED)}"
