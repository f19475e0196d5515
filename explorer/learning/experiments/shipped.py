"""The networks that come trained: which they are and how they were trained. Knows no torch.

`packaging/train_shipped.py` trains them; each is one safetensors file in `assets/weights/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.learning.experiments import networks
from explorer.learning.settings import TrainSettings
from explorer.network.graph import Network
from explorer.zoo import lenet, twins

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
