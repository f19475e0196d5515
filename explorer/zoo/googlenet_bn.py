"""GoogLeNet as torchvision has it: batch norm after every convolution, 3×3 where the paper has 5×5."""

from __future__ import annotations

from explorer.network.builder import Builder, Source
from explorer.network.graph import Network
from explorer.network.layers import (
    AdaptiveAvgPool2d,
    BatchNorm,
    Concat,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    ReLU,
)
from explorer.network.shorthand import conv, linear, max_pool
from explorer.zoo.googlenet import MODULES


def googlenet_bn() -> Network:
    """The auxiliary heads on 4a and 4d are there in training alone."""
    b = Builder("GoogLeNet with batch norm")
    start = b.input(3, 224, 224)
    _convolution(b, start, "conv1", 64, 7, 2)
    _convolution(b, b.add(max_pool(3, 2, ceil_mode=True), name="maxpool1"), "conv2", 64, 1)
    _convolution(b, b.last or "", "conv3", 192, 3)
    b.add(max_pool(3, 2, ceil_mode=True), name="maxpool2")
    for name, widths in MODULES.items():
        with b.block(f"inception{name}", kind="inception, batch norm", folded=True):
            _module(b, *widths)
        if name == "3b":
            b.add(max_pool(3, 2, ceil_mode=True), name="maxpool3")
        elif name == "4e":
            b.add(max_pool(2, 2, ceil_mode=True), name="maxpool4")
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(Dropout(0.2), name="dropout")
    b.add(linear(1000), name="fc")
    with b.training_only():
        for number, module in (("1", "4a"), ("2", "4d")):
            with b.block(f"aux{number}", kind="auxiliary head"):
                pooled = b.add(AdaptiveAvgPool2d((4, 4)), f"inception{module}.concat", name="pool")
                _convolution(b, pooled, "conv", 128, 1)
                b.add(Flatten(), name="flatten")
                b.add(linear(1024), name="fc1")
                b.add(ReLU(), name="relu")
                b.add(Dropout(0.7), name="dropout")
                b.add(linear(1000), name="fc2")
    return b.network()


def _module(b: Builder, n1x1: int, r3x3: int, n3x3: int, r5x5: int, n5x5: int, pool: int) -> None:
    entry = b.last or ""
    b.add(
        Concat(),
        _convolution(b, entry, "branch1", n1x1, 1),
        _convolution(b, _convolution(b, entry, "branch2_reduce", r3x3, 1), "branch2", n3x3, 3),
        _convolution(b, _convolution(b, entry, "branch3_reduce", r5x5, 1), "branch3", n5x5, 3),
        _convolution(b, b.add(max_pool(3, 1, padding=1), entry, name="pool"), "branch4", pool, 1),
        name="concat",
    )


def _convolution(b: Builder, source: Source, name: str, channels: int, size: int, stride: int = 1) -> str:
    with b.block(name):
        b.add(conv(channels, size, stride, padding=size // 2, bias=False), source, name="conv")
        b.add(BatchNorm(eps=1e-3), name="bn")
        return b.add(ReLU(), name="relu")
