"""How an opaque part follows the size of what comes in, told from two runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement
from math import prod

from msgspec.structs import replace

from explorer.interop.torch_trace.recording import Shape
from explorer.network.layers import Opaque

#: A size at one run and at the other.
Sizes = tuple[int, int]


def following(
    layer: Opaque, inputs: Sequence[Shape], outputs: Sequence[Shape], macs: int, *, own_macs: int = 0
) -> Opaque:
    """The layer with the rules for other sizes, if the second run's shapes and MACs explain it.

    `own_macs` of its MACs were done on weights alone and stay as they are.
    """
    axes: list[Sizes] = []
    for shape, other in zip(layer.in_shapes, inputs, strict=True):
        if len(shape) != len(other):
            return layer
        axes += zip(shape, other, strict=True)
    free = {place: sizes for place, sizes in enumerate(axes, 1) if sizes[0] != sizes[1]}
    if not free or own_macs:
        return layer
    rows: list[tuple[int, ...]] = []
    for shape, other in zip(layer.out_shapes, outputs, strict=True):
        if len(shape) != len(other):
            return layer
        for sizes in zip(shape, other, strict=True):
            row = _row(sizes, free)
            if row is None:
                return layer
            rows.append(row)
    mac_axes = _mac_axes((layer.mac_count, macs), free)
    if mac_axes is None:
        return layer
    return replace(layer, free=tuple(free), follows=tuple(rows), mac_axes=mac_axes)


def _row(sizes: Sizes, free: dict[int, Sizes]) -> tuple[int, ...] | None:
    """A size as a number times the sizes of axes."""
    if sizes[0] == sizes[1]:
        return (sizes[0],)
    for count in (1, 2, 3):
        for places in combinations(free, count):
            one, other = (prod(free[place][run] for place in places) for run in (0, 1))
            if sizes[0] % one == 0 and sizes[0] // one * other == sizes[1]:
                return (sizes[0] // one, *places)
    return None


def _mac_axes(macs: Sizes, free: dict[int, Sizes]) -> tuple[int, ...] | None:
    """The axes with which the MACs grow; an axis may stand there twice."""
    if macs[0] == macs[1]:
        return ()
    for count in (1, 2, 3, 4):
        for places in combinations_with_replacement(free, count):
            one, other = (prod(free[place][run] for place in places) for run in (0, 1))
            if macs[0] * other == macs[1] * one:
                return places
    return None
