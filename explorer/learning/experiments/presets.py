"""The lecture's experiments, each ready to start: contenders, data and settings. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.learning.experiments import networks
from explorer.learning.settings import LENET5, Optimizer, TrainSettings
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.zoo import lenet, twins

SAMPLE = "fashion-sample"


@dataclass(frozen=True)
class Preset:
    """An experiment. `question` is what to look for, `data` a name that `learning.data.load` knows."""

    name: str
    title: str
    question: str
    contenders: tuple[Callable[[], Network], ...]
    settings: TrainSettings
    data: str = SAMPLE


_FEW = f"{SAMPLE}:2000"
_OVERFIT = TrainSettings(epochs=12, optimizer=Optimizer.ADAM, lr=1e-3, weight_decay=0.0)
_RESIDUAL = TrainSettings(epochs=5, batch_size=64, lr=0.02, weight_decay=1e-4)
"""At the paper's 0.1 one ResNet-56 of three learns nothing in so few steps: see learning/README.md."""

PRESETS: tuple[Preset, ...] = (
    Preset(
        "lenet5",
        "LeNet-5 on the sample",
        "Over 85 % of the validation pictures right, on two cores in a minute or two.",
        (lenet.lenet5,),
        LENET5,
    ),
    Preset(
        "convolution",
        "Convolutions or fully connected",
        "Two networks of equal size, 61.7 thousand parameters: what do shared weights buy?",
        (lenet.lenet5, twins.fully_connected),
        LENET5,
    ),
    Preset(
        "pooling",
        "With and without pooling and 1×1",
        "How far training and validation part: fewer weights behind the convolutions overfit less.",
        (networks.without_pooling, networks.with_pooling, networks.with_reduction),
        _OVERFIT,
    ),
    Preset(
        "global-average-pooling",
        "Head: global average pooling or fully connected",
        "The same convolutions; one head has 650 parameters, the other 40,970.",
        (twins.pooled_head, twins.connected_head),
        TrainSettings(epochs=12, lr=0.05),
    ),
    Preset(
        "inception",
        "Inception: naive or reduced",
        "1×1 reductions before the large kernels: a quarter of the multiplications, and how much accuracy?",
        (networks.naive_inception, networks.reduced_inception),
        TrainSettings(epochs=8, lr=0.05),
    ),
    Preset(
        "residual-20",
        "Plain-20 or ResNet-20",
        "Equal layers and parameters, one with shortcuts: compare the gradient norms by layer.",
        (networks.plain20, networks.resnet20),
        _RESIDUAL,
        _FEW,
    ),
    Preset(
        "residual-56",
        "Plain-56 or ResNet-56",
        "As before with 56 layers, where the plain net falls behind. Takes some minutes on two cores.",
        (networks.plain56, networks.resnet56),
        _RESIDUAL,
        _FEW,
    ),
    Preset(
        "fashion-mnist",
        "LeNet-5 on all of Fashion-MNIST",
        "Over 90 % of the 10,000 test pictures right; the 31 MB are downloaded once.",
        (lenet.lenet5,),
        TrainSettings(epochs=30, batch_size=128),
        "fashion-mnist",
    ),
)
_BY_NAME = {preset.name: preset for preset in PRESETS}


def find(name: str) -> Preset:
    """The experiment of that name. Raises UserError."""
    if name not in _BY_NAME:
        raise UserError(f"no experiment is called '{name}'; there are {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
