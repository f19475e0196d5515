"""Filters one after another, each on the picture that the one before it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.imaging.filtering import Filter, Planes, Size, planes_of, show, sizes
from explorer.media.pictures import Picture
from explorer.network.errors import UserError

LARGEST_RESULT = 400_000_000
"""Bytes of one step's result: what padding could otherwise make of a large picture."""
LARGEST_CHAIN = 1_000_000_000
"""Bytes of all results of a chain together."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One step that was done. `seen` is the picture it was given, `planes` what of it was filtered.

    `across` and `down` are the sizes before pooling; `shown` is the result, (H, W) or (H, W, C) uint8.
    """

    filter: Filter
    seen: Picture
    planes: Planes
    down: Size
    across: Size
    shown: Picture


@dataclass(frozen=True, eq=False)
class Chain:
    """What a chain made of a picture: its stages as far as they went, and why they went no further."""

    picture: Picture
    stages: tuple[Stage, ...]
    fault: str = ""


def run(picture: Picture, steps: Sequence[Filter], before: Chain | None = None) -> Chain:
    """All steps on a picture, (H, W) or (H, W, 3). Steps that `before` has done on it are not done again."""
    stages: list[Stage] = []
    known = before.stages if before is not None and before.picture is picture else ()
    current = picture
    held = 0
    for index, step in enumerate(steps):
        if index < len(known) and known[index].filter == step and known[index].seen is current:
            stage = known[index]
        else:
            try:
                stage = apply(current, step)
            except UserError as error:
                return Chain(picture, tuple(stages), str(error))
        held += stage.shown.nbytes
        if held > LARGEST_CHAIN:
            reason = (
                f"From filter {index + 1} on the results would take more than {LARGEST_CHAIN // 10**9} GB"
            )
            return Chain(picture, tuple(stages), f"{reason}; remove filters or take a smaller picture.")
        stages.append(stage)
        current = stage.shown
    return Chain(picture, tuple(stages))


def apply(picture: Picture, step: Filter) -> Stage:
    """One step. Raises UserError where nothing comes out, or far too much."""
    planes = planes_of(picture, step.channels)
    down, across = sizes(step, planes.shape[0], planes.shape[1])
    if down.out * across.out * (planes.shape[2] if planes.ndim == 3 else 1) > LARGEST_RESULT:
        raise UserError(
            f"The result would be {across.out:,} × {down.out:,} pixels; take less padding or a larger stride."
        )
    return Stage(step, picture, planes, down, across, show(picture, step))


def effort(picture: Picture, steps: Sequence[Filter]) -> int:
    """Products that the steps cost at most, to tell the quick from the slow. Padding is left out."""
    values = picture.size
    total = 0
    for step in steps:
        taps = step.kernel.size[0] * step.kernel.size[1]
        pooled = 4 * step.pooling.size**2 if step.pooling else 0
        total += values * (min(taps, 121) + pooled + 8)
    return total
