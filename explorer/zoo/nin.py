"""Network in network (Lin, Chen and Yan 2013): mlpconv blocks and global average pooling."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Dropout, Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import average_pool, conv, max_pool


def mlpconv(
    b: Builder, widths: tuple[int, int, int], kernel_size: int, stride: int = 1, padding: int = 0
) -> str:
    """A convolution and two 1×1 convolutions behind it, each with a ReLU: a small network at every place."""
    b.add(conv(widths[0], kernel_size, stride=stride, padding=padding), name="conv1")
    b.add(ReLU(), name="relu1")
    b.add(conv(widths[1], 1), name="conv2")
    b.add(ReLU(), name="relu2")
    b.add(conv(widths[2], 1), name="conv3")
    return b.add(ReLU(), name="relu3")


def nin_cifar10() -> Network:
    """Three mlpconv blocks for 10 classes."""
    b = Builder("NiN, CIFAR-10")
    b.input(3, 32, 32)
    with b.block("mlpconv1", kind="mlpconv"):
        mlpconv(b, (192, 160, 96), 5, padding=2)
    b.add(max_pool(3, 2, ceil_mode=True), name="pool1")
    b.add(Dropout(0.5), name="drop1")
    with b.block("mlpconv2", kind="mlpconv"):
        mlpconv(b, (192, 192, 192), 5, padding=2)
    b.add(average_pool(3, 2, ceil_mode=True), name="pool2")
    b.add(Dropout(0.5), name="drop2")
    with b.block("mlpconv3", kind="mlpconv"):
        mlpconv(b, (192, 192, 10), 3, padding=1)
    return _averaged(b)


def nin() -> Network:
    """Four mlpconv blocks for ImageNet's 1,000 classes, at 227×227."""
    b = Builder("NiN")
    b.input(3, 227, 227)
    with b.block("mlpconv1", kind="mlpconv"):
        mlpconv(b, (96, 96, 96), 11, stride=4)
    b.add(max_pool(3, 2, ceil_mode=True), name="pool1")
    with b.block("mlpconv2", kind="mlpconv"):
        mlpconv(b, (256, 256, 256), 5, padding=2)
    b.add(max_pool(3, 2, ceil_mode=True), name="pool2")
    with b.block("mlpconv3", kind="mlpconv"):
        mlpconv(b, (384, 384, 384), 3, padding=1)
    b.add(max_pool(3, 2, ceil_mode=True), name="pool3")
    b.add(Dropout(0.5), name="drop")
    with b.block("mlpconv4", kind="mlpconv"):
        mlpconv(b, (1024, 1024, 1000), 3, padding=1)
    return _averaged(b)


def _averaged(b: Builder) -> Network:
    """One mean a class map."""
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    return b.network()
