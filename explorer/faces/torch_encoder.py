"""SFace as a torch module: the zoo's network with the weights that ship.

It opens on the canvas, shows its activations, and can be trained further or frozen at the head of a Siamese
network. For comparing faces `encoder.SFace` is the fast way; both give the same embeddings to 1e-4.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.faces.encoder import Embedding, unit
from explorer.faces.models import SFACE, checked_bytes
from explorer.faces.onnx_tensors import read_weights
from explorer.media.pictures import Picture
from explorer.zoo.sface import sface

if TYPE_CHECKING:
    from explorer.interop.torch_module import NetworkModule

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


def sface_module() -> NetworkModule:
    """The network as torch runs it, in eval mode; its input is (N, 3, 112, 112), RGB from 0 to 1."""
    import torch

    from explorer.interop.torch_module import build

    network = sface()
    module = build(network)
    names = {network.path(node): module.module_name(node) for node in network.nodes}
    state = {}
    for key, array in sface_weights().items():
        path, _, tensor = key.rpartition(".")
        state[f"{names[path]}.{tensor}"] = torch.from_numpy(array.copy())
    missing, unexpected = module.load_state_dict(state, strict=False)
    left = [name for name in missing if not name.endswith("num_batches_tracked")]
    if left or unexpected:
        raise AssertionError(f"weights without a place: {[*left, *unexpected]}")
    return module.eval()


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
