"""BN-Inception (Ioffe and Szegedy 2015): batch norm everywhere, two 3×3 convolutions for each 5×5."""

from __future__ import annotations

from typing import NamedTuple

from explorer.network.builder import Builder, Source
from explorer.network.graph import Network
from explorer.network.layer import Layer
from explorer.network.layers import BatchNorm, Concat, Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import average_pool, conv, linear, max_pool


class Module(NamedTuple):
    """A row of the paper's table; 0 leaves a branch or projection out."""

    n1x1: int
    r3x3: int
    n3x3: int
    double_r3x3: int
    double_3x3: int
    pool: str
    project: int
    stride: int = 1


MODULES = {
    "3a": Module(64, 64, 64, 64, 96, "average", 32),
    "3b": Module(64, 64, 96, 64, 96, "average", 64),
    "3c": Module(0, 128, 160, 64, 96, "max", 0, 2),
    "4a": Module(224, 64, 96, 96, 128, "average", 128),
    "4b": Module(192, 96, 128, 96, 128, "average", 128),
    "4c": Module(160, 128, 160, 128, 160, "average", 128),
    "4d": Module(96, 128, 192, 160, 192, "average", 128),
    "4e": Module(0, 128, 192, 192, 256, "max", 0, 2),
    "5a": Module(352, 192, 320, 160, 224, "average", 128),
    "5b": Module(352, 192, 320, 192, 224, "max", 128),
}


def bn_inception() -> Network:
    """Without biases before batch norm, which would undo them."""
    b = Builder("BN-Inception")
    start = b.input(3, 224, 224)
    with b.block("stem"):
        _convolution(b, start, 64, 7, 2, "conv1")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool1")
        _convolution(b, "stem.pool1", 64, 1, 1, "reduce2")
        _convolution(b, "stem.reduce2_relu", 192, 3, 1, "conv2")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool2")
    for name, module in MODULES.items():
        with b.block(f"inception{name}", kind="inception, double 3×3", folded=True):
            _module(b, module)
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(linear(1000), name="fc")
    return b.network()


def _module(b: Builder, module: Module) -> None:
    entry = b.last or ""
    stride = module.stride
    branches: list[Source] = []
    if module.n1x1:
        branches.append(_convolution(b, entry, module.n1x1, 1, 1, "conv1x1"))
    reduced = _convolution(b, entry, module.r3x3, 1, 1, "reduce3x3")
    branches.append(_convolution(b, reduced, module.n3x3, 3, stride, "conv3x3"))
    reduced = _convolution(b, entry, module.double_r3x3, 1, 1, "double_reduce")
    first = _convolution(b, reduced, module.double_3x3, 3, 1, "double1")
    branches.append(_convolution(b, first, module.double_3x3, 3, stride, "double2"))
    pooled = b.add(_pool(module), entry, name="pool")
    branches.append(_convolution(b, pooled, module.project, 1, 1, "project") if module.project else pooled)
    b.add(Concat(), *branches, name="concat")


def _pool(module: Module) -> Layer:
    if module.pool == "average":
        return average_pool(3, module.stride, padding=1)
    return max_pool(3, module.stride, padding=1)


def _convolution(b: Builder, source: Source, channels: int, size: int, stride: int, name: str) -> str:
    b.add(conv(channels, size, stride=stride, padding=size // 2, bias=False), source, name=name)
    b.add(BatchNorm(), name=f"{name}_bn")
    return b.add(ReLU(), name=f"{name}_relu")
