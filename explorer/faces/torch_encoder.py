"""SFace as a torch module: the zoo's network with the weights that ship.

It opens on the canvas, shows its activations, and can be trained further or frozen at the head of a Siamese
network. For comparing faces `encoder.SFace` is the fast way; both give the same embeddings to 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.faces.encoder import Embedding, unit
from explorer.interop.model_files import SFACE
from explorer.interop.sface import TRAINED, sface_weights, state_of
from explorer.media.pictures import Picture
from explorer.network.graph import Network, Trained
from explorer.zoo.sface import sface

if TYPE_CHECKING:
    from explorer.interop.torch_module import NetworkModule


def loaded(network: Network, weights: Mapping[str, NDArray[np.float32]]) -> NetworkModule:
    """A network as torch runs it, in eval mode, with weights by the path of a node and torch's name."""
    from explorer.interop.torch_module import build

    module = build(network)
    state = state_of(network, weights)
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
    return weighted(sface(), sface_weights(), TRAINED)


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
