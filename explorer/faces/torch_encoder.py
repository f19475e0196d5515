"""SFace as a torch module: the zoo's network with the weights that ship.

It opens on the canvas, shows its activations, and can be trained further or frozen at the head of a Siamese
network. For comparing faces `encoder.SFace` is the fast way; both give the same embeddings to 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.faces.encoder import Embedding, unit
from explorer.faces.models import SFACE, checked_bytes
from explorer.faces.onnx_tensors import read_weights
from explorer.media.pictures import Picture
from explorer.network.graph import Network, Trained
from explorer.zoo.sface import sface

if TYPE_CHECKING:
    from explorer.interop.torch_module import NetworkModule

SOURCE = "faces, as OpenCV's model zoo publishes SFace"

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


def loaded(network: Network, weights: Mapping[str, NDArray[np.float32]]) -> NetworkModule:
    """A network as torch runs it, in eval mode, with weights by the path of a node and torch's name."""
    import torch

    from explorer.interop.torch_module import build

    module = build(network)
    names = {network.path(node): module.module_name(node) for node in network.nodes}
    state = {}
    for key, array in weights.items():
        path, _, tensor = key.rpartition(".")
        state[f"{names[path]}.{tensor}"] = torch.from_numpy(array.copy())
    missing, unexpected = module.load_state_dict(state, strict=False)
    left = [name for name in missing if not name.endswith("num_batches_tracked")]
    if left or unexpected:
        raise AssertionError(f"weights without a place: {[*left, *unexpected]}")
    return module.eval()


def sface_module() -> NetworkModule:
    """The network as torch runs it, in eval mode; its input is (N, 3, 112, 112), RGB from 0 to 1."""
    return loaded(sface(), sface_weights())


def weighted_sface() -> Network:
    """The network with the weights that ship, for the canvas: it takes pixels from 0 to 1 as they are."""
    return weighted(sface(), sface_weights(), Trained(SOURCE, mean=(0.0,) * 3, deviation=(1.0,) * 3))


def weighted(network: Network, weights: Mapping[str, NDArray[np.float32]], trained: Trained) -> Network:
    """A network with weights by the path of a node and torch's name; what they learned from is `trained`."""
    from explorer.interop.weights import of_module
    from explorer.network.edits import apply

    return apply(network, of_module(network, loaded(network, weights), trained).edits)


class TorchSFace:
    """`encoder.SFace` on torch: the same interface, the same embeddings to 1e-4, slower."""

    version = SFACE.version
    size = 128

    def __init__(self) -> None:
        self.module = sface_module()

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        """As `encoder.SFace.encode`."""
        import torch

        chips = np.stack([chip, chip[:, ::-1]]) if careful else chip[None]
        batch = torch.from_numpy(chips.transpose(0, 3, 1, 2).copy()).float() / 255
        with torch.inference_mode():
            result = self.module(batch)
        assert isinstance(result, torch.Tensor)
        return unit(result.sum(0).numpy())
