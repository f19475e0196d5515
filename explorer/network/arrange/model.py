"""What is arranged, what comes out, and the distances kept."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import NamedTuple

Point = tuple[float, float]

GRID = 4
ROW_GAP = 28
"""Between two rows; a link that turns in it has room for two rounded corners."""
TRACK = 12
"""Between two links that run side by side."""
COLUMN_GAP = 32
"""Between two parallel branches."""
PART_GAP = 64
"""Between parts of the network that no link connects."""
CLEARANCE = 16
"""Between a lane and the nearest card."""
PADDING = 16
"""Between the edge of a block's region and what is in it."""


class Box(NamedTuple):
    """The size of a card, and of the room kept free around it.

    `side` is how far from the middle a shortcut may come in sideways, e.g. the radius of an add's circle;
    None where it may not.
    """

    width: float
    height: float
    side: float | None = None


class Edge(NamedTuple):
    """A link from one card to another, by their ids."""

    id: str
    source: str
    target: str


class GroupBox(NamedTuple):
    """A block that is shown open: its parent (None at the top), its own cards, the height of its title."""

    parent: str | None
    members: tuple[str, ...]
    header: float = 24
    least_width: float = 0


class Arrangement(NamedTuple):
    """Top left corners of the cards, (x, y, width, height) of the regions, and the links' corner points.

    A route runs along horizontal and vertical lines from the bottom of its source to the top of its target.
    """

    positions: Mapping[str, Point]
    regions: Mapping[str, tuple[float, float, float, float]]
    routes: Mapping[str, tuple[Point, ...]]


def snap(value: float) -> float:
    """Up to the next line of the grid."""
    return ceil(value / GRID - 1e-9) * GRID
