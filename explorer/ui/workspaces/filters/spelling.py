"""Kernel values as people write them: whole numbers, short decimals, fractions."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.imaging.kernels import parse

_BELOW = (3, 6, 7, 9, 11, 12, 13, 15, 16, 25, 32, 48, 49, 64, 81, 100, 121, 128, 144, 169, 225, 256, 273)


def spelled(value: float) -> str:
    """`−4`, `0.25`, `1/9`, `−0.017`: the shortest that says the value to five places."""
    if abs(value - round(value)) < 5e-6:
        return f"{round(value)}".replace("-", "−") if round(value) else "0"
    for places in (1, 2):
        if abs(value - round(value, places)) < 5e-6:
            return f"{round(value, places):g}".replace("-", "−")
    for below in _BELOW:
        above = round(value * below)
        if abs(value - above / below) < 2e-6 and 0 < abs(above) < 1000:
            return f"{above}/{below}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def typed(text: str) -> float:
    """The number of one cell. Raises UserError."""
    rows = parse(text.replace("−", "-").strip() or "0")
    return rows[0][0]


def resized(rows: Sequence[Sequence[float]], height: int, width: int) -> tuple[tuple[float, ...], ...]:
    """Cut or filled with zeros on all sides, so that the middle stays in the middle."""
    top, left = (height - len(rows)) // 2, (width - len(rows[0])) // 2

    def at(row: int, column: int) -> float:
        y, x = row - top, column - left
        return rows[y][x] if 0 <= y < len(rows) and 0 <= x < len(rows[0]) else 0.0

    return tuple(tuple(at(row, column) for column in range(width)) for row in range(height))


def as_text(rows: Sequence[Sequence[float]]) -> str:
    """As `kernels.parse` reads it, and the command line: `1 0 -1; 0 0 0; -1 0 1`."""
    return "; ".join(" ".join(f"{value:.7g}" for value in row) for row in rows)
