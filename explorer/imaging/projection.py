"""One unit's activation, sent back to the picture as in a deconvnet (Zeiler, Fergus 2013). Loads torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.imaging.activations import as_maps
from explorer.imaging.subject import Check, Inputs, Subject, never
from explorer.media.pictures import Picture
from explorer.network.errors import UserError

RECTIFIERS = (nn.ReLU, nn.ReLU6)


def project(
    subject: Subject, inputs: Inputs, node: str, channel: int, row: int, column: int, check: Check = never
) -> NDArray[np.float32]:
    """(C, H, W) float32: what of the picture led to this unit's activation.

    All other units of the layer are taken as 0, and the activation goes back: through the transposed filters,
    through max-pooling to where the largest value was (the switches), and through ReLU by cutting off what is
    negative on its way back, whatever went forward. Layers that the paper does not have pass their gradient.
    """
    with torch.enable_grad(), subject.lock, rectified_backward(subject.module):
        leaves = tuple(value.clone() for value in inputs)
        leaf = leaves[subject.picture_input].requires_grad_()
        maps = as_maps(subject.value(leaves, node, check)[0])
        unit = maps[channel, row, column]
        if not unit.requires_grad:
            raise UserError(f"{subject.network.path(node)} does not depend on the picture.")
        (back,) = torch.autograd.grad(unit, leaf, unit.detach())
    found: NDArray[np.float32] = back[0].nan_to_num(0).float().numpy()
    return found


@contextmanager
def rectified_backward(module: nn.Module) -> Iterator[None]:
    """While it lasts, ReLUs send back what is positive of what they get, and not where they were positive."""

    def back(_: nn.Module, _inputs: Any, outputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (outputs[0].clamp_min(0),)

    hooks = [
        part.register_full_backward_hook(back) for part in module.modules() if isinstance(part, RECTIFIERS)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def as_picture(projected: NDArray[np.float32]) -> Picture:
    """(H, W) or (H, W, 3) uint8: 0 is mid-grey, the largest absolute value black or white."""
    reach = max(float(np.abs(projected).max()), 1e-30)
    shown = np.rint(128 + projected / reach * 127).clip(0, 255).astype(np.uint8)
    picture: Picture = shown[0] if len(shown) == 1 else np.ascontiguousarray(shown.transpose(1, 2, 0))
    return picture
