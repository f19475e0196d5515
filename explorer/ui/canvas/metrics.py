"""How large things on the canvas are, in scene units: one unit is one logical pixel at 100 %.

Everything lies on the 4 px grid. A projector is served by zooming, so nothing here depends on the theme.
"""

from __future__ import annotations

from typing import NamedTuple

from explorer.ui.canvas.outline import Card, Kind

CARD_WIDTH = 232
HEAD_HEIGHT = 52
"""Name and size, fields and parameters."""
FOOT = 4
RIDER_HEIGHT = 20
BLOCK_HEIGHT = 76
DOT = 28
BAR_HEIGHT = 28
LABEL_WIDTH = 116
"""The room beside a dot for its name and what follows it."""
GAP = 8
EDGE = 4
"""The strip in the family's colour."""
RADIUS = 8
INSET = 14
"""From a card's left edge to its text; from its text to the right edge it is `INSET_RIGHT`."""
INSET_RIGHT = 12
VOLUME_ROOM = 68
"""Beside a card on the trunk: the gap and the largest volume that is drawn there."""
HEADER = 28
"""The line of a region with the block's name."""
SNAP = 4


class Size(NamedTuple):
    """Of a card's visible body, and of the box that is kept free around it."""

    width: float
    height: float
    box_width: float


def size_of(card: Card) -> Size:
    """Sizes depend on structure alone, so that no number ever moves a card."""
    match card.kind:
        case Kind.DOT:
            return Size(DOT, DOT, DOT + 2 * (GAP + LABEL_WIDTH))
        case Kind.BAR:
            return Size(CARD_WIDTH, BAR_HEIGHT, CARD_WIDTH)
    height = BLOCK_HEIGHT if card.kind is Kind.BLOCK else HEAD_HEIGHT + FOOT + RIDER_HEIGHT * len(card.riders)
    return Size(CARD_WIDTH, height, CARD_WIDTH + (2 * VOLUME_ROOM if card.trunk else 0))


def rider_top(index: int) -> float:
    """The upper edge of a card's rider, from the top of the card."""
    return HEAD_HEIGHT + RIDER_HEIGHT * index


def snapped(value: float) -> float:
    """The nearest place on the grid."""
    return round(value / SNAP) * float(SNAP)
