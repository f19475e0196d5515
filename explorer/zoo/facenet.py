"""FaceNet's NN1 and NN2 (Schroff, Kalenichenko and Philbin 2015): unit embeddings of faces."""

from __future__ import annotations

from typing import NamedTuple

from explorer.network.builder import Builder, Source
from explorer.network.graph import Network
from explorer.network.layer import Layer
from explorer.network.layers import (
    Concat,
    Flatten,
    GlobalAvgPool2d,
    L2Normalize,
    L2Pool2d,
    LocalResponseNorm,
    Maxout,
    ReLU,
)
from explorer.network.shorthand import conv, linear, max_pool

RESPONSE = LocalResponseNorm(size=5, alpha=1e-4, beta=0.75, k=1.0)


class Module(NamedTuple):
    """A row of the paper's table 2; 0 leaves a branch or projection out."""

    n1x1: int
    r3x3: int
    n3x3: int
    r5x5: int
    n5x5: int
    pool: str
    project: int
    stride: int = 1


MODULES = {
    "3a": Module(64, 96, 128, 16, 32, "max", 32),
    "3b": Module(64, 96, 128, 32, 64, "L2", 64),
    "3c": Module(0, 128, 256, 32, 64, "max", 0, 2),
    "4a": Module(256, 96, 192, 32, 64, "L2", 128),
    "4b": Module(224, 112, 224, 32, 64, "L2", 128),
    "4c": Module(192, 128, 256, 32, 64, "L2", 128),
    "4d": Module(160, 144, 288, 32, 64, "L2", 128),
    "4e": Module(0, 160, 256, 64, 128, "max", 0, 2),
    "5a": Module(384, 192, 384, 48, 128, "L2", 128),
    "5b": Module(384, 192, 384, 48, 128, "max", 128),
}


def facenet_nn1() -> Network:
    """The paper's table 1: 220×220 faces, 1×1 convolutions before 3×3 ones, two layers of maxout."""
    b = Builder("FaceNet NN1")
    b.input(3, 220, 220)
    with b.block("stem"):
        _named(b, 64, 7, "1", stride=2)
        b.add(max_pool(3, 2, padding=1), name="pool1")
        b.add(RESPONSE, name="rnorm1")
        _named(b, 64, 1, "2a")
        _named(b, 192, 3, "2")
        b.add(RESPONSE, name="rnorm2")
        b.add(max_pool(3, 2, padding=1), name="pool2")
    for number, reduced, channels in (("3", 192, 384), ("4", 384, 256), ("5", 256, 256), ("6", 256, 256)):
        with b.block(f"stage{number}", kind="1×1, 3×3"):
            _named(b, reduced, 1, f"{number}a")
            _named(b, channels, 3, number)
            if number in ("3", "6"):
                b.add(max_pool(3, 2, padding=1), name="pool3" if number == "3" else "pool4")
    b.add(Flatten(), name="concat")
    for name in ("fc1", "fc2"):
        b.add(linear(2 * 4096), name=name)
        b.add(Maxout(), name=f"{name}_maxout")
    b.add(linear(128), name="fc7128")
    b.add(L2Normalize(), name="embedding")
    return b.network()


def _named(b: Builder, channels: int, size: int, number: str, stride: int = 1) -> None:
    b.add(conv(channels, size, stride=stride, padding=size // 2), name=f"conv{number}")
    b.add(ReLU(), name=f"relu{number}")


def facenet_nn2() -> Network:
    """224×224 faces to embeddings of length 1; convolutions with biases, no batch norm."""
    b = Builder("FaceNet NN2")
    b.input(3, 224, 224)
    with b.block("stem"):
        b.add(conv(64, 7, stride=2, padding=3), name="conv1")
        b.add(ReLU(), name="relu1")
        b.add(max_pool(3, 2, padding=1), name="pool1")
        b.add(RESPONSE, name="norm1")
        b.add(conv(64, 1), name="reduce2")
        b.add(ReLU(), name="reduce2_relu")
        b.add(conv(192, 3, padding=1), name="conv2")
        b.add(ReLU(), name="relu2")
        b.add(RESPONSE, name="norm2")
        b.add(max_pool(3, 2, padding=1), name="pool2")
    for name, module in MODULES.items():
        with b.block(f"inception{name}", kind="inception, reduced", folded=True):
            _module(b, module)
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(linear(128), name="fc")
    b.add(L2Normalize(), name="embedding")
    return b.network()


def _module(b: Builder, module: Module) -> None:
    entry = b.last or ""
    stride = module.stride
    branches: list[Source] = []
    if module.n1x1:
        branches.append(_convolution(b, entry, module.n1x1, 1, 1, "conv1x1"))
    for size, reduce, channels in ((3, module.r3x3, module.n3x3), (5, module.r5x5, module.n5x5)):
        reduced = _convolution(b, entry, reduce, 1, 1, f"reduce{size}x{size}")
        branches.append(_convolution(b, reduced, channels, size, stride, f"conv{size}x{size}"))
    pooled = b.add(_pool(module.pool, stride), entry, name="pool")
    branches.append(_convolution(b, pooled, module.project, 1, 1, "project") if module.project else pooled)
    b.add(Concat(), *branches, name="concat")


def _pool(kind: str, stride: int) -> Layer:
    if kind == "L2":
        return L2Pool2d((3, 3), (stride, stride), (1, 1))
    return max_pool(3, stride, padding=1)


def _convolution(b: Builder, source: Source, channels: int, size: int, stride: int, name: str) -> str:
    b.add(conv(channels, size, stride=stride, padding=size // 2), source, name=name)
    return b.add(ReLU(), name=f"{name}_relu")
