"""Levels of detail: what is drawn at which zoom, so that nothing unreadable is drawn. No Qt."""

from __future__ import annotations

from enum import IntEnum

NEAR_FROM = 0.66
"""Below this the 11 px labels would be smaller than 7 px on the screen."""
MIDDLE_FROM = 0.32
"""Below this even the large names of the middle level would be."""
CROWD = 260
"""With more cards on the screen than this, names are a texture and not to be read: bars say more."""


class Level(IntEnum):
    """FAR: coloured bars, blocks say their names. MIDDLE: large names. NEAR: everything."""

    FAR = 0
    MIDDLE = 1
    NEAR = 2


def level_at(scale: float, shown: float = 0) -> Level:
    """The level for pixels on the screen per scene unit, with about so many cards on the screen."""
    if scale >= NEAR_FROM:
        return Level.NEAR
    if shown > CROWD:
        return Level.FAR
    return Level.MIDDLE if scale >= MIDDLE_FROM else Level.FAR
