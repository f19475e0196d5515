"""The networks that come trained: which they are, how they were trained, and their weights.

`packaging/train_shipped.py` trains them; each is one safetensors file in `assets/weights/`. Nothing here
loads torch but `checkpoint` and what calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.assets import assets_folder
from explorer.interop import sface
from explorer.learning.experiments import networks
from explorer.learning.settings import TrainSettings
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.layer import Layer
from explorer.zoo import lenet, twins
from explorer.zoo.sface import sface as sface_network

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.learning.checkpoint import Checkpoint
    from explorer.network.operations import Change

DATA = "fashion-mnist"


@dataclass(frozen=True)
class Shipped:
    """One of them. `file` is its name in `assets/weights/`."""

    name: str
    title: str
    build: Callable[[], Network]
    settings: TrainSettings

    @property
    def file(self) -> str:
        return f"{self.name}-fashion.safetensors"


_SMALL = TrainSettings(epochs=30, batch_size=128)
_DENSE = TrainSettings(epochs=30, batch_size=128, lr=0.02)
_DEEP = TrainSettings(epochs=30, batch_size=128, lr=0.1, warmup=1.0)

SHIPPED: tuple[Shipped, ...] = (
    Shipped("lenet5", "LeNet-5", lenet.lenet5, _SMALL),
    Shipped("fully-connected", "Fully connected, as large as LeNet-5", twins.fully_connected, _DENSE),
    Shipped("gap-head", "Convolutions and global average pooling", twins.pooled_head, _SMALL),
    Shipped("fc-head", "The same convolutions, fully connected head", twins.connected_head, _SMALL),
    Shipped("resnet20", "ResNet-20 for grey pictures", networks.resnet20, _DEEP),
)
"""All learn from the pictures as they are: how they bear a shift is what their layers bring with them."""


def fitting(network: Network) -> Shipped | None:
    """The one whose layers a network has, under the same names, if its file is there."""
    layers = _layers(network)
    for one in SHIPPED:
        if (assets_folder() / "weights" / one.file).is_file() and _layers(one.build()) == layers:
            return one
    return None


def come_for(network: Network) -> bool:
    """Whether weights ship for a network as it is."""
    return fitting(network) is not None or _is_sface(network)


def change_for(network: Network) -> Change:
    """The edit that gives a network the weights that ship for it. Raises UserError where there are none."""
    from explorer.interop.weights import match

    return match(network, *weights_for(network), "Load the weights that ship")[0]


def weights_for(network: Network) -> tuple[Mapping[str, Tensor], Trained]:
    """The weights that ship for a network, and what they learned. Raises UserError where there are none."""
    if _is_sface(network):
        return sface.state_of(network, sface.sface_weights()), sface.TRAINED
    kept = checkpoint_for(network)
    return kept.weights, kept.about.trained


def checkpoint_for(network: Network) -> Checkpoint:
    """The weights that ship for a network. Raises UserError where there are none."""
    one = fitting(network)
    if one is None:
        raise UserError(
            f"no weights ship for {network.name} as it is; there are some for {', '.join(_said())}"
        )
    return checkpoint(one)


def trained(name: str) -> Network:
    """One of `SHIPPED` by its name, with its weights. Raises UserError."""
    one = next((one for one in SHIPPED if one.name == name), None)
    if one is None:
        raise UserError(f"'{name}' does not come trained; there are {', '.join(_said())}")
    network = one.build()
    return apply(network, change_for(network).edits)


def checkpoint(one: Shipped) -> Checkpoint:
    """Its weights, and what they learned. Raises UserError."""
    from explorer.assets import asset
    from explorer.learning.checkpoint import read

    return read(asset("weights", one.file))


def _is_sface(network: Network) -> bool:
    return _layers(network) == _layers(sface_network())


def _layers(network: Network) -> dict[str, Layer]:
    return {network.path(node): network.nodes[node].layer for node in network.nodes}


def _said() -> list[str]:
    """As the command line writes them."""
    own = [one.name if one.name != "resnet20" else "resnet20 --input 1x32x32" for one in SHIPPED]
    return [*own, "sface"]
