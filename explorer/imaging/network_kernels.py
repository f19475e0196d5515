"""Kernels out of a network's first layer, and a kernel into one of its convolutions.

Only what reads or writes weights loads torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from explorer.imaging.kernels import LARGEST, Kernel, Values
from explorer.network.edits import change
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.layers import Conv2d
from explorer.network.operations import Change

if TYPE_CHECKING:
    from torch import Tensor


def first_convolution(network: Network, inference: Inference) -> str | None:
    """The first convolution over a picture, 1 or 3 channels, if its kernels fit the lab."""
    for node in network.topology.order:
        layer = network.nodes[node].layer
        shapes = inference.input_shapes(node)
        if isinstance(layer, Conv2d) and shapes and shapes[0][0] in (1, 3) and layer.groups == 1:
            return node if max(layer.kernel_size) <= LARGEST else None
    return None


def first_filters(network: Network, inference: Inference) -> tuple[tuple[Kernel, ...], bool]:
    """The filters of the first convolution as kernels, and whether they are random: nobody trained them.

    Their results are looked at so that grey is 0 and no picture leaves 0 to 255 by more than it must.
    Raises UserError for a network without such a layer.
    """
    node = first_convolution(network, inference)
    if node is None:
        raise UserError(
            f"{network.name} has no convolution over a picture of 1 or 3 channels with kernels up to "
            f"{LARGEST} × {LARGEST}."
        )
    weight, _, random = _weights(network, node)
    values = weight.float().numpy()
    group = f"{network.path(node)} of {network.name}"
    return tuple(_kernel(one, index, group) for index, one in enumerate(values)), random


def _kernel(filter_: Values, index: int, group: str) -> Kernel:
    """Of one filter, (1 or 3, rows, columns)."""
    reach = max(float(filter_.clip(0).sum()), float(-filter_.clip(max=0).sum()), 1e-6)
    rows = _rows(filter_.mean(0))
    colors = tuple(_rows(one) for one in filter_) if len(filter_) == 3 else ()
    return Kernel(
        f"filter-{index}", f"Filter {index}", group, rows, round(1.5 / reach, 4), 128.0, colors=colors
    )


def _rows(values: Values) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(one), 5) for one in row) for row in values)


@dataclass(frozen=True)
class Target:
    """A convolution that could take a kernel; `reason` says why it can't, and is empty where it can."""

    node: str
    path: str
    filters: int
    kernel_size: tuple[int, int]
    reason: str = ""


def targets(network: Network, kernel_size: tuple[int, int]) -> tuple[Target, ...]:
    """All convolutions of a network, in order."""
    found = []
    for node in network.topology.order:
        layer = network.nodes[node].layer
        if isinstance(layer, Conv2d):
            high, wide = layer.kernel_size
            reason = ""
            if kernel_size[0] > high or kernel_size[1] > wide:
                reason = f"its kernels are {high} × {wide}, smaller than this one"
            elif (high - kernel_size[0]) % 2 or (wide - kernel_size[1]) % 2:
                reason = f"its kernels are {high} × {wide}: this one has no place in their middle"
            found.append(Target(node, network.path(node), layer.out_channels, (high, wide), reason))
    return tuple(found)


def use_as_weights(
    network: Network,
    node: str,
    kernel: Kernel,
    filter_index: int | None,
    flip: bool = False,
    bias: float = 0.0,
) -> Change:
    """The change that puts a kernel into a filter of a convolution, or into all of them (None).

    A smaller kernel stands in the middle, zeros around it. A filter over three colours takes the kernel's own
    colours; otherwise each of the n input channels gets 1/n of the kernel: the filter answers to their mean.
    `bias` is the filter's, where the layer has biases. Weights that the layer does not have yet are those
    that it would be run with. Raises UserError where it has no room.
    """
    from explorer.interop.tensors import STORE

    layer = network.nodes[node].layer
    assert isinstance(layer, Conv2d)
    target = next(one for one in targets(network, kernel.size) if one.node == node)
    if target.reason:
        raise UserError(f"The kernel does not fit {target.path}: {target.reason}.")
    weight, biases, _ = _weights(network, node)
    weight = weight.clone()
    which = range(len(weight)) if filter_index is None else (filter_index,)
    for index in which:
        weight[index] = _filled(kernel, tuple(weight.shape[1:]), flip)
    named = {"weight": STORE.put(weight)}
    if biases is not None:
        biases = biases.clone()
        biases[list(which)] = bias
        named["bias"] = STORE.put(biases)
    edits = [
        change(network.nodes[one], replace(network.nodes[one], tensors=named))
        for one in network.sharers(node)
    ]
    where = "all filters" if filter_index is None else f"filter {filter_index}"
    return Change(f"Use {kernel.title} as {where} of {target.path}", tuple(edits))


def _filled(kernel: Kernel, shape: tuple[int, ...], flip: bool) -> Tensor:
    """(channels, rows, columns) with the kernel in the middle."""
    import torch

    channels, high, wide = shape
    if kernel.colors and channels == len(kernel.colors):
        values = np.array(kernel.colors, np.float32)
    else:
        values = np.repeat(kernel.values[None] / np.float32(channels), channels, axis=0)
    if flip:
        values = values[:, ::-1, ::-1]
    rows, columns = kernel.size
    top, left = (high - rows) // 2, (wide - columns) // 2
    filled = np.zeros(shape, np.float32)
    filled[:, top : top + rows, left : left + columns] = values
    return torch.from_numpy(filled)


def _weights(network: Network, node: str) -> tuple[Tensor, Tensor | None, bool]:
    """A convolution's weight and bias as it is run with, and whether they are random."""
    from explorer.interop.weights import ready

    module, random = ready(network)
    found = module.get_submodule(module.nodes[node]).state_dict()
    return found["weight"], found.get("bias"), node in random
