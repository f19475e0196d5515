"""How one pixel of the result came about, in lines of arithmetic: products, sum, ReLU, pooling, scale."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.imaging.filtering import Filter, Planes, Pooling
from explorer.imaging.sweep import Sight, look

MOST_TERMS = 12
"""Products that are written out; more of them are counted."""
CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True)
class Explanation:
    """`sight` is the window that is written out, one of `windows`: several where pooling follows.

    `value` is what is shown, before it is rounded and clipped. `lines` derive it, from the first product on.
    """

    sight: Sight
    windows: tuple[Sight, ...]
    channel: int
    lines: tuple[str, ...]
    value: float

    @property
    def shown(self) -> int:
        """The byte on the screen."""
        return min(255, max(0, round(self.value)))


def explain(planes: Planes, filter_: Filter, row: int, column: int, channel: int = 0) -> Explanation:
    """Output (row, column) of a filter, in `channel` where each colour is filtered by itself.

    Raises IndexError outside the result, UserError where there is none.
    """
    windows = _windows(planes, filter_, row, column)
    channels = windows[0].products.shape[2]
    channel = min(channel, channels - 1)
    summed = filter_.channels == "sum"
    sums = [sight.total if summed else sight.sums[channel] for sight in windows]
    values = [total + filter_.bias for total in sums]
    if filter_.relu:
        rectified = [max(0.0, value) for value in values]
    else:
        rectified = values
    pooling = filter_.pooling
    at = rectified.index(max(rectified)) if pooling is not None and pooling.kind == "max" else 0
    lines = _sum_lines(windows[at], channel, summed)
    if filter_.bias:
        lines.append(f"bias: {number(sums[at])} {_signed(filter_.bias)} = {number(values[at])}")
    if filter_.relu:
        lines.append(f"ReLU: max(0, {number(values[at])}) = {number(rectified[at])}")
    value = rectified[at]
    if pooling is not None:
        value = rectified[at] if pooling.kind == "max" else sum(rectified) / len(rectified)
        lines.append(_pool_line(pooling, rectified, value))
    if filter_.scale != 1 or filter_.offset != 0:
        before = value
        value = value * filter_.scale + filter_.offset
        offset = f" {_signed(filter_.offset)}" if filter_.offset else ""
        lines.append(f"{number(before)} · {number(filter_.scale)}{offset} = {number(value)}")
    shown = min(255, max(0, round(value)))
    if abs(shown - value) > 1e-4:
        lines.append(f"shown as {shown}" if 0 <= value <= 255 else f"outside of 0 to 255, shown as {shown}")
    return Explanation(windows[at], windows, channel, tuple(lines), value)


def number(value: float) -> str:
    """As people write it: `−0.333`, `12`."""
    if 5e-5 <= abs(value) < 0.1:
        text = f"{value:.5f}" if abs(value) < 1e-3 else f"{value:.4f}"
    else:
        text = f"{value:.3f}" if abs(value) < 1e5 else f"{value:,.0f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−") if text not in ("-0", "") else "0"


def _windows(planes: Planes, filter_: Filter, row: int, column: int) -> tuple[Sight, ...]:
    pooling = filter_.pooling
    if pooling is None:
        return (look(planes, filter_, row, column),)
    rows = range(row * pooling.stride, row * pooling.stride + pooling.size)
    columns = range(column * pooling.stride, column * pooling.stride + pooling.size)
    return tuple(look(planes, filter_, y, x) for y in rows for x in columns)


def _sum_lines(sight: Sight, channel: int, summed: bool) -> list[str]:
    sums = sight.sums
    if not summed or len(sums) == 1:
        return [_written(sight, channel)]
    lines = [f"{name}: {_written(sight, index)}" for index, name in enumerate(CHANNELS[: len(sums)])]
    terms = " ".join(_signed(value) for value in sums)
    return [*lines, f"{terms} = {number(sight.total)}"]


def _written(sight: Sight, channel: int) -> str:
    terms = [float(value) for value in sight.products[..., channel].ravel() if value != 0]
    if not terms:
        return "every product is 0: sum 0"
    written = " ".join(_signed(value) for value in terms[:MOST_TERMS])
    rest = f" … ({len(terms)} products)" if len(terms) > MOST_TERMS else ""
    return f"{written}{rest} = {number(sight.sums[channel])}"


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}\u00a0{number(abs(value))}"  # a sign stays with its number


def _pool_line(pooling: Pooling, values: list[float], value: float) -> str:
    shown = ", ".join(number(one) for one in values[:9]) + (", …" if len(values) > 9 else "")
    word = "largest" if pooling.kind == "max" else "mean"
    return f"{word} of {shown} = {number(value)}"
