"""What the layers make of one picture: kept values, pages of maps, statistics, dead channels. Loads torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from explorer.imaging.subject import Check, Inputs, Subject, never
from explorer.media.pictures import Picture

MOST_KEPT = 600_000_000
"""Bytes of activations that are kept; a layer beyond them is computed again when it is looked at."""
BINS = 40

Scaling = Literal["map", "layer"]
"""Whether each map is stretched by itself, or all of a layer alike."""


@dataclass(eq=False)
class Passage:
    """One picture on its way through a network: `seen` is what the network saw of it."""

    subject: Subject
    inputs: Inputs
    seen: Picture
    kept: dict[str, Tensor] = field(default_factory=dict)

    def maps(self, node: str, check: Check = never) -> Tensor:
        """What a node put out, (C, H, W) float32: a vector is C maps of one value."""
        value = self.kept.get(node)
        if value is None:
            with torch.no_grad(), self.subject.lock:
                value = self.subject.value(self.inputs, node, check)[0]
        return as_maps(value)


def pass_through(
    subject: Subject, picture: Picture, check: Check = never, most_kept: int = MOST_KEPT
) -> Passage:
    """One forward pass in eval mode; values are kept as long as there is room. Raises what `check` raises."""
    inputs = subject.inputs(picture)
    passage = Passage(subject, inputs, subject.seen(inputs))
    room = most_kept
    with torch.no_grad(), subject.lock:
        for node, value in subject.run(inputs, check):
            size = value.numel() * value.element_size()
            if size <= room:
                room -= size
                passage.kept[node] = value[0]
    return passage


def as_maps(value: Tensor) -> Tensor:
    """(C, H, W) of what a node may put out: (C, H, W), (F,) as F maps of one value, (T, D) as one map."""
    if value.dim() == 1:
        return value[:, None, None]
    if value.dim() == 2:
        return value[None]
    return value if value.dim() == 3 else value.reshape(value.shape[0], value.shape[1], -1)


def by_strength(maps: Tensor) -> tuple[int, ...]:
    """The channels with the largest mean absolute value first."""
    strength = maps.abs().mean((1, 2), dtype=torch.float32).nan_to_num(0)
    order: list[int] = strength.argsort(descending=True, stable=True).tolist()
    return tuple(order)


def tiles(
    maps: Tensor, channels: tuple[int, ...], scaling: Scaling = "map", most_pixels: int = 256
) -> tuple[Picture, ...]:
    """Some of a layer's maps as grey pictures, (H, W) uint8, least value black and largest white.

    Under "map" each is stretched by itself, so that weak ones can be read too; under "layer" all alike, so
    that they can be compared. A constant map is black where it is 0 and grey where it is not. Larger sides
    than `most_pixels` are averaged down.
    """
    chosen = maps[list(channels)].float().nan_to_num(0, 0, 0)
    if scaling == "layer":
        low, high = torch.aminmax(maps.float().nan_to_num(0, 0, 0))
        low, high = low.expand(len(chosen)), high.expand(len(chosen))
    else:
        low, high = chosen.amin((1, 2)), chosen.amax((1, 2))
    rows, columns = chosen.shape[1:]
    shrink = min(1.0, most_pixels / max(rows, columns))
    if shrink < 1:
        chosen = F.adaptive_avg_pool2d(
            chosen, (max(1, round(rows * shrink)), max(1, round(columns * shrink)))
        )
    reach = high - low
    flat = reach <= 0
    scaled = (chosen - low[:, None, None]) / torch.where(flat, 1.0, reach)[:, None, None] * 255
    constant = torch.where(low != 0, 128.0, 0.0)[:, None, None].expand_as(scaled)
    shown = torch.where(flat[:, None, None], constant, scaled)
    bytes_ = shown.round().clamp(0, 255).to(torch.uint8).numpy()
    return tuple(np.ascontiguousarray(one) for one in bytes_)


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """A layer's values for this picture. `counts` is their histogram between `edges`.

    `zero_share` is the share of values that are 0, `dead` the channels that are 0 everywhere.
    """

    mean: float
    deviation: float
    least: float
    most: float
    zero_share: float
    channels: int
    dead: tuple[int, ...]
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]


def statistics(maps: Tensor) -> LayerStatistics:
    """Of (C, H, W) float32."""
    values = maps.float().nan_to_num(0, 0, 0)
    deviation, mean = torch.std_mean(values, correction=0)
    low, high = (float(one) for one in torch.aminmax(values))
    live = values.flatten(1).count_nonzero(1)
    reach = high if high > low else low + 1
    counts = torch.histc(values, BINS, low, reach).to(torch.int64).numpy()  # twenty times as fast as numpy's
    edges = np.linspace(low, reach, BINS + 1)
    dead: list[int] = (live == 0).nonzero()[:, 0].tolist()
    zero_share = 1 - int(live.sum()) / values.numel()
    return LayerStatistics(
        float(mean), float(deviation), low, high, zero_share, len(values), tuple(dead),
        edges, counts,
    )  # fmt: skip


def dead_shares(passage: Passage, check: Check = never) -> dict[str, float]:
    """The share of channels that are 0 everywhere on this picture, for every layer that was kept."""
    found = {}
    for node, value in passage.kept.items():
        check()
        maps = as_maps(value)
        found[node] = float((maps.flatten(1).abs().amax(1) == 0).float().mean())
    return found
