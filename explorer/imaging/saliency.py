"""Which parts of the picture speak for a class: Grad-CAM and occlusion. Loads torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from explorer.imaging.subject import Check, Inputs, Subject, never
from explorer.network.errors import UserError

Heat = NDArray[np.float32]
"""(H, W) float32 of the network's input; for Grad-CAM from 0 to 1, for occlusion from −1 to 1."""

BATCH = 16
MOST_MACS = 4_000_000_000
"""Of a batch: a network that takes long for one picture gets fewer at once, so that a stop is heard."""


def last_maps(subject: Subject) -> str:
    """The last node before the scores whose maps have places: where Grad-CAM is meant to look."""
    topology = subject.network.topology
    for node in reversed(topology.order):
        output = subject.inference.results[node].output
        evaluated = node in subject.module.nodes and not subject.network.nodes[node].training_only
        if evaluated and output is not None and len(output) == 3 and output[1] * output[2] > 1:
            return node
    raise UserError(f"{subject.network.name} has no layer with maps, so there is no place to point at.")


def grad_cam(
    subject: Subject, inputs: Inputs, target: int | None = None, node: str | None = None, check: Check = never
) -> tuple[Heat, int]:
    """ReLU(Σ mean(∂score/∂map) · map), scaled up to the input's size, and the class that it speaks for.

    Selvaraju et al. 2017. `target` counts the classes from 0, by default the one with the largest score;
    `node` gives the maps, by default the last ones with places. Raises UserError.
    """
    node = node or last_maps(subject)
    scores_node = subject.scores
    maps: Tensor | None = None
    scores: Tensor | None = None
    with torch.enable_grad(), subject.lock:
        leaves = tuple(value.clone().requires_grad_() for value in inputs)
        for at, value in subject.run(leaves, check, scores_node):
            maps = value if at == node else maps
            scores = value
        if maps is None or scores is None or maps.dim() != 4:
            raise UserError(f"{subject.network.path(node)} has no maps before the scores.")
        target = int(scores[0].argmax()) if target is None else target
        (gradient,) = torch.autograd.grad(scores[0, target], maps, allow_unused=True)
    if gradient is None:
        raise UserError(f"The score does not depend on {subject.network.path(node)}.")
    with torch.no_grad():
        weights = gradient.mean((2, 3), keepdim=True)
        cam = (weights * maps).sum(1, keepdim=True).clamp_min(0)
        size = subject.shape[1:]
        cam = F.interpolate(cam, size, mode="bilinear", align_corners=False)[0, 0]
        heat: Heat = (cam / cam.max().clamp_min(1e-30)).numpy()
    return heat, target


@dataclass(frozen=True)
class Occluder:
    """A square that covers a part of the picture, and how far it moves from one place to the next."""

    side: int
    stride: int

    @classmethod
    def fitting(cls, height: int, width: int) -> Occluder:
        """A fifth of the shorter side, moved by half of itself."""
        side = max(2, round(min(height, width) / 5))
        return cls(side, max(1, side // 2))

    def places(self, height: int, width: int) -> tuple[tuple[int, int], ...]:
        """(top, left) of every place, the last ones flush with the far edges."""
        rows, columns = self._along(height), self._along(width)
        return tuple((row, column) for row in rows for column in columns)

    def _along(self, size: int) -> tuple[int, ...]:
        last = max(0, size - self.side)
        return (*range(0, last, self.stride), last)


def occlusion(
    subject: Subject, inputs: Inputs, target: int | None = None, occluder: Occluder | None = None,
    check: Check = never,
) -> Iterator[tuple[Heat, float]]:  # fmt: skip
    """How much the class loses, pixel by pixel, when a patch covers it (Zeiler and Fergus 2013).

    Yields (heat so far, share done) after every batch of places: the mean fall of the class's probability
    over all patches on a pixel, between −1 and 1; positive is what speaks for the class. The patch is black
    on grey pictures and the mean colour on others.
    """
    _, height, width = subject.shape
    occluder = occluder or Occluder.fitting(height, width)
    places = occluder.places(height, width)
    with torch.no_grad():
        base = _probabilities(subject, inputs, check)[0]
        target = int(base.argmax()) if target is None else target
        before = float(base[target])
        total, count = torch.zeros(height, width), torch.zeros(height, width)
        most = max(1, min(BATCH, MOST_MACS // max(1, subject.inference.totals.macs)))
        for start in range(0, len(places), most):
            part = places[start : start + most]
            batch = [value.repeat(len(part), *[1] * (value.dim() - 1)) for value in inputs]
            for index, (top, left) in enumerate(part):
                patch = np.s_[index, :, top : top + occluder.side, left : left + occluder.side]
                batch[subject.picture_input][patch] = subject.ground()
            falls = before - _probabilities(subject, tuple(batch), check)[:, target]
            for (top, left), fall in zip(part, falls.tolist(), strict=True):
                covered = np.s_[top : top + occluder.side, left : left + occluder.side]
                total[covered] += fall
                count[covered] += 1
            yield (total / count.clamp_min(1)).numpy(), (start + len(part)) / len(places)


def _probabilities(subject: Subject, inputs: Inputs, check: Check) -> Tensor:
    with subject.lock:
        return subject.value(inputs, subject.scores, check).softmax(1)
