"""What of the picture one unit sees: all that it can by the rules, and what moves it by the gradient.

Only `effective` loads torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.network.inference import Inference

if TYPE_CHECKING:
    from explorer.imaging.subject import Inputs, Subject


@dataclass(frozen=True)
class Region:
    """Rows `top` to `bottom` − 1 and columns `left` to `right` − 1 of the network's input.

    What lies outside of it is padding: a region may reach past the picture.
    """

    top: int
    left: int
    bottom: int
    right: int

    def within(self, height: int, width: int) -> Region:
        """The part on the picture."""
        return Region(max(0, self.top), max(0, self.left), min(height, self.bottom), min(width, self.right))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


def theoretical(inference: Inference, node: str, row: int, column: int, input_node: str) -> Region:
    """The receptive field of the unit at (row, column) of a node's maps, by the rules (Araujo et al. 2019).

    A unit of a vector, and one that the rules know no field of, sees the whole input.
    """
    result = inference.results[node]
    whole = inference.results[input_node].output
    assert whole is not None
    field, output = result.field, result.output
    if field is None or output is None or len(output) != 3 or len(field) != 2:
        return Region(0, 0, whole[1], whole[2])
    down, across = field
    top, left = down.low + row * down.jump, across.low + column * across.jump
    return Region(
        math.floor(top), math.floor(left), math.ceil(top + down.size), math.ceil(left + across.size)
    )


def effective(
    subject: Subject, inputs: Inputs, node: str, channel: int, row: int, column: int
) -> NDArray[np.float32]:
    """|∂ unit / ∂ pixel| summed over the colours, divided by its largest: (H, W) float32 (Luo et al. 2016).

    For this picture, so it is 0 throughout where a ReLU lets nothing through. Raises UserError where the
    unit does not depend on the picture in a way that has a gradient.
    """
    import torch

    from explorer.imaging.activations import as_maps
    from explorer.network.errors import UserError

    with torch.enable_grad(), subject.lock:
        leaves = tuple(value.clone() for value in inputs)
        leaf = leaves[subject.picture_input].requires_grad_()
        unit = as_maps(subject.value(leaves, node)[0])[channel, row, column]
        if not unit.requires_grad:
            raise UserError(f"{subject.network.path(node)} does not depend on the picture.")
        (gradient,) = torch.autograd.grad(unit, leaf)
    found: NDArray[np.float32] = gradient[0].abs().sum(0).nan_to_num(0).float().numpy()
    return found / max(float(found.max()), 1e-30)
