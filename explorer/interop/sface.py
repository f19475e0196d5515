"""The weights that ship for the zoo's SFace: which tensor of the file belongs to which node.

Loads no torch before `state_of` is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.interop.model_files import SFACE, checked_bytes
from explorer.interop.onnx_tensors import read_weights
from explorer.network.graph import Network, Trained
from explorer.zoo.sface import sface

if TYPE_CHECKING:
    from torch import Tensor

TRAINED = Trained("faces, as OpenCV's model zoo publishes SFace", mean=(0.0,) * 3, deviation=(1.0,) * 3)
"""The network takes pixels from 0 to 1: its first layer scales them."""
_BATCH_NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_var",
}


@cache
def sface_weights() -> dict[str, NDArray[np.float32]]:
    """The shipped weights of the zoo's `sface` by the path of a node and torch's name of the tensor:
    `conv_1.conv2d.weight`, `conv_1.batchnorm.running_mean`, `pre_fc1.bias`, …; 9.64 M parameters in all.

    The arrays are shared: copy before changing one.
    """
    shipped = read_weights(checked_bytes(SFACE))
    network = sface()
    found: dict[str, NDArray[np.float32]] = {}
    for node in network.nodes.values():
        path = network.path(node.id)
        name = path.replace(".", "_")
        kind = type(node.layer).__name__
        if kind in ("Conv2d", "Linear"):
            found[f"{path}.weight"] = shipped[f"{name}_weight"]
        if kind == "Linear":
            found[f"{path}.bias"] = shipped[f"{name}_bias"]
        elif kind == "PReLU":
            found[f"{path}.weight"] = shipped[f"{name}_gamma"].ravel()
        elif kind == "BatchNorm":
            for tensor, theirs in _BATCH_NORM.items():
                found[f"{path}.{tensor}"] = shipped[f"{name}_{theirs}"]
    for array in found.values():
        array.flags.writeable = False
    return found


def state_of(network: Network, weights: Mapping[str, NDArray[np.float32]]) -> dict[str, Tensor]:
    """Weights by the path of a node and torch's name, under the names that the network's module has."""
    import torch

    from explorer.interop.torch_module import build

    module = build(network, device="meta")
    names = {network.path(node): module.module_name(node) for node in network.nodes}
    state = {}
    for key, array in weights.items():
        path, _, tensor = key.rpartition(".")
        state[f"{names[path]}.{tensor}"] = torch.from_numpy(array.copy())
    return state
