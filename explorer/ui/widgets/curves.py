"""What a plot shows: curves, words at a place, and the marks of an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating] | Sequence[float]
Ticks = Sequence[tuple[float, str]]


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through (x, y). `color` is a token's name; `label`, if any, goes into the legend.

    `steps`: a histogram, x being the n + 1 edges of n values. `fill`: washed down to 0. `dots`: points as
    well. `line` False: points only, `symbol` as pyqtgraph names them, `hollow` or filled, of `size` pixels.
    """

    key: str
    x: Values
    y: Values
    color: str = "accent"
    label: str = ""
    dash: bool = False
    fill: bool = False
    steps: bool = False
    dots: bool = False
    line: bool = True
    symbol: str = "o"
    hollow: bool = False
    size: float = 6

    def __post_init__(self) -> None:
        # As it is now: a list that is still written to would have grown when the theme changes.
        for axis in ("x", "y"):
            object.__setattr__(self, axis, np.array(getattr(self, axis), dtype=np.float64))


@dataclass(frozen=True)
class Remark:
    """Words in the plot at (x, y); `anchor` is the part of the words that stands there, (0, 0) top left."""

    x: float
    y: float
    text: str
    color: str = "muted"
    anchor: tuple[float, float] = (0.5, 1.0)
