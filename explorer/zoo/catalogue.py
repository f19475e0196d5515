"""What is known of every classic network without building it; tests hold each number against the network."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layer import Shape


@dataclass(frozen=True)
class Entry:
    """One classic network.

    `program` is `module:function` in explorer.zoo. `macs` are for one image, in eval mode. The errors are
    fractions on ImageNet as the lecture gives them, None where it gives none; `note` says what they are of.
    `place` is the place in the ImageNet challenge, where the lecture names it; `year` is None where no source
    gives one.
    """

    name: str
    title: str
    year: int | None
    authors: str
    input: Shape
    parameters: int
    macs: int
    source: str
    program: str
    top1_error: float | None = None
    top5_error: float | None = None
    place: str = ""
    note: str = ""

    def build(self) -> Network:
        """The network; its module is imported only now."""
        module, function = self.program.split(":")
        program: Callable[[], Network] = getattr(importlib.import_module(f"explorer.zoo.{module}"), function)
        return program()


_LECTURE = "AC 209B, Advanced Section 2: Examples of convolutional neural networks"
_LENET = "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition (1998)"
_ALEXNET = (
    "Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks (2012)"
)
_VGG = "Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition (2014)"
_RESNET = "He, Zhang, Ren, Sun: Deep residual learning for image recognition (December 2015; CVPR 2016)"

_LENET_MAKERS = "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner"
_ALEXNET_MAKERS = "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton"
_VGG_MAKERS = "Karen Simonyan, Andrew Zisserman"
_RESNET_MAKERS = "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun"

_IMAGENET = (3, 224, 224)
_SINGLE = "Errors of one network on the ImageNet validation set, as the lecture's table has them."

_ENTRIES = (
    Entry(
        "first-convnet",
        "First convnet",
        None,
        "Javier Zazo, Pavlos Protopapas",
        (1, 32, 32),
        392_460,
        588_000,
        _LECTURE,
        "first_convnet:first_convnet",
        note="The lecture's first network: one convolution, one pooling, one fully connected layer.",
    ),
    Entry(
        "lenet5-1998",
        "LeNet-5 (1998)",
        1998,
        _LENET_MAKERS,
        (1, 32, 32),
        60_000,
        325_680,
        _LENET,
        "lenet:lenet5_1998",
        note="As published: C3 sees parts of S2, subsampling has weights, the output is a fixed code.",
    ),
    Entry(
        "lenet5",
        "LeNet-5",
        1998,
        _LENET_MAKERS,
        (1, 32, 32),
        61_706,
        416_520,
        _LENET,
        "lenet:lenet5",
        note="The form that is built today: whole convolutions, average pooling, ten class scores.",
    ),
    Entry(
        "alexnet",
        "AlexNet",
        2012,
        _ALEXNET_MAKERS,
        (3, 227, 227),
        60_965_224,
        724_406_816,
        _ALEXNET,
        "alexnet:alexnet",
        top5_error=0.153,
        place="1st",
        note="The error is the challenge entry's (said to be several networks together; unconfirmed).",
    ),
    Entry(
        "alexnet-tower",
        "AlexNet, one tower",
        2012,
        _ALEXNET_MAKERS,
        (3, 227, 227),
        62_378_344,
        1_135_256_096,
        _ALEXNET,
        "alexnet:alexnet_tower",
        note="The same layers without the two groups that shared the work between two GPUs.",
    ),
    Entry(
        "vgg16",
        "VGG-16",
        2014,
        _VGG_MAKERS,
        _IMAGENET,
        138_357_544,
        15_470_264_320,
        _VGG,
        "vgg:vgg16",
        top5_error=0.073,
        place="2nd",
        note="The error is the challenge entry's (said to be several networks together; unconfirmed).",
    ),
    Entry(
        "vgg19",
        "VGG-19",
        2014,
        _VGG_MAKERS,
        _IMAGENET,
        143_667_240,
        19_632_062_464,
        _VGG,
        "vgg:vgg19",
        note="The lecture's 24.4 % and 7.1 % for 'VGG (v5)' do not say of which depth they are.",
    ),
    Entry(
        "resnet18",
        "ResNet-18",
        2015,
        _RESNET_MAKERS,
        _IMAGENET,
        11_689_512,
        1_814_073_344,
        _RESNET,
        "resnet:resnet18",
    ),
    Entry(
        "resnet34",
        "ResNet-34",
        2015,
        _RESNET_MAKERS,
        _IMAGENET,
        21_797_672,
        3_663_761_408,
        _RESNET,
        "resnet:resnet34",
        top1_error=0.2184,
        top5_error=0.0571,
        note=f"Shortcut option B: a projection where the size changes. {_SINGLE}",
    ),
    Entry(
        "resnet50",
        "ResNet-50",
        2015,
        _RESNET_MAKERS,
        _IMAGENET,
        25_557_032,
        4_089_184_256,
        _RESNET,
        "resnet:resnet50",
        top1_error=0.2074,
        top5_error=0.0525,
        note=_SINGLE,
    ),
    Entry(
        "resnet101",
        "ResNet-101",
        2015,
        _RESNET_MAKERS,
        _IMAGENET,
        44_549_160,
        7_801_405_440,
        _RESNET,
        "resnet:resnet101",
        top1_error=0.1987,
        top5_error=0.0460,
        note=_SINGLE,
    ),
    Entry(
        "resnet152",
        "ResNet-152",
        2015,
        _RESNET_MAKERS,
        _IMAGENET,
        60_192_808,
        11_513_626_624,
        _RESNET,
        "resnet:resnet152",
        top1_error=0.1938,
        top5_error=0.0449,
        place="1st",
        note=f"{_SINGLE} The challenge was won with 3.57 % by several ResNets together (unconfirmed).",
    ),
)

_BY_NAME = {entry.name: entry for entry in _ENTRIES}


def entries() -> tuple[Entry, ...]:
    """All of them, oldest first within the lecture's order."""
    return _ENTRIES


def known(name: str) -> bool:
    """Whether the zoo has a network of this name."""
    return name in _BY_NAME


def near(name: str) -> list[str]:
    """Zoo names that look like `name`, best first."""
    return difflib.get_close_matches(name.lower().replace("_", "-"), _BY_NAME, n=3, cutoff=0.6)


def find(name: str) -> Entry:
    """The entry of that name. Raises UserError, naming similar ones."""
    entry = _BY_NAME.get(name)
    if entry is None:
        similar = near(name)
        hint = f"did you mean {' or '.join(similar)}?" if similar else "'explorer zoo' lists them"
        raise UserError(f"The zoo has no network called '{name}'; {hint}")
    return entry
