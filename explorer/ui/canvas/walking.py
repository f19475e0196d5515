"""Going from card to card with the arrow keys, along the wires and across the branches. No Qt."""

from __future__ import annotations

from typing import Literal

from explorer.ui.canvas.outline import Outline
from explorer.ui.canvas.placement import Area, Placement

Way = Literal["up", "down", "left", "right"]


def step(outline: Outline, placement: Placement, key: str | None, way: Way) -> str | None:
    """The card one step from `key`; from nowhere, the first. None where nothing lies that way."""
    if key is None or key not in outline.cards:
        return next(iter(outline.cards), None)
    here = placement.bodies[key]
    if way in ("up", "down"):
        wires = outline.out_of[key] if way == "down" else outline.into[key]
        found = [(wire.shortcut, wire.target if way == "down" else wire.source) for wire in wires]
        if found:
            return min(found, key=lambda one: (one[0], _apart(here, placement.bodies[one[1]])))[1]
    return _beside(placement, key, here, way)


def _apart(a: Area, b: Area) -> float:
    return abs(a.middle[0] - b.middle[0])


def _beside(placement: Placement, key: str, here: Area, way: Way) -> str | None:
    """The nearest card in a direction, whatever the wires say."""
    x, y = here.middle
    best, least = None, float("inf")
    for other, area in placement.bodies.items():
        dx, dy = area.middle[0] - x, area.middle[1] - y
        ahead, across = {
            "left": (-dx, dy),
            "right": (dx, dy),
            "up": (-dy, dx),
            "down": (dy, dx),
        }[way]
        if other == key or ahead < 8 or abs(across) > 2 * ahead + 40:
            continue
        far = ahead + 2 * abs(across)
        if far < least:
            best, least = other, far
    return best


def neighbour(outline: Outline, key: str | None, forward: bool) -> str | None:
    """The next or previous card in the order of the flow, None behind the last."""
    keys = list(outline.cards)
    if key is None or key not in outline.cards:
        return (keys[0] if forward else keys[-1]) if keys else None
    at = keys.index(key) + (1 if forward else -1)
    return keys[at] if 0 <= at < len(keys) else None
