"""A change of shape as the splitting and joining of axes, so that it holds at other sizes too."""

from __future__ import annotations

from math import prod

from explorer.network.layer import Layer, Shape
from explorer.network.layers import Flatten, Reshape, Unflatten

Twin = tuple[Shape, Shape] | None


def regroup(before: Shape, after: Shape, twin: Twin = None) -> list[Layer]:
    """The layers that read `before` as `after`; `twin` is the same change at another size."""
    if before == after:
        return []
    groups = _groups(before, after)
    found = None if groups is None else _steps(groups, before, after, twin)
    if found is not None and len(found) == 1:
        return found
    varying = _varying(after, twin)
    if len(varying) <= 1 or found is None:
        free = varying[0] if len(varying) == 1 else None
        return [Reshape(tuple(-1 if axis == free else size for axis, size in enumerate(after)))]
    return found


Group = tuple[int, int, int, int]


def _groups(before: Shape, after: Shape) -> list[Group] | None:
    """(first, end) of the input's axes and of the output's axes that hold the same values."""
    groups: list[Group] = []
    i = j = 0
    while i < len(before) and j < len(after):
        start, goal = i, j
        one, other = before[i], after[j]
        i, j = i + 1, j + 1
        while one != other:
            if one < other and i < len(before):
                one *= before[i]
                i += 1
            elif other < one and j < len(after):
                other *= after[j]
                j += 1
            else:
                return None
        groups.append((start, i, goal, j))
    if i < len(before) or j < len(after):  # axes of 1 at the end
        if not groups or prod(before[i:]) != 1 or prod(after[j:]) != 1:
            return None
        start, _, goal, _ = groups.pop()
        groups.append((start, len(before), goal, len(after)))
    return groups


def _steps(groups: list[Group], before: Shape, after: Shape, twin: Twin) -> list[Layer] | None:
    """Join, then split, the groups that change; None where the twin run says otherwise."""
    steps: list[Layer] = []
    for start, end, goal, to in groups:
        if end - start == to - goal == 1:
            continue
        if before[start:end] == after[goal:to]:
            if twin is not None and twin[0][start:end] != twin[1][goal:to]:
                return None
            continue
        if twin is not None and prod(twin[0][start:end]) != prod(twin[1][goal:to]):
            return None
        place = goal + 1
        if end - start > 1:
            last = place + end - start - 1
            steps.append(Flatten(place, None if end == len(before) else last))
        if to - goal > 1:
            sizes = list(after[goal:to])
            if twin is not None:
                free = [axis for axis in range(goal, to) if twin[1][axis] != after[axis]]
                if len(free) == 1:
                    sizes[free[0] - goal] = -1
            steps.append(Unflatten(place, tuple(sizes)))
    return steps


def _varying(after: Shape, twin: Twin) -> list[int]:
    if twin is None or len(twin[1]) != len(after):
        return []
    return [axis for axis, (size, other) in enumerate(zip(after, twin[1], strict=True)) if size != other]
