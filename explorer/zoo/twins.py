"""Small networks to compare: one without convolutions, and two that differ in their heads alone."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import conv, linear, max_pool


def fully_connected() -> Network:
    """As many parameters as LeNet-5 has, within 8, and every one of them in a fully connected layer."""
    b = Builder("Fully connected")
    b.input(1, 32, 32)
    b.add(Flatten(), name="flatten")
    for number, width in enumerate((56, 64), 1):
        b.add(linear(width), name=f"fc{number}")
        b.add(ReLU(), name=f"relu{number}")
    b.add(linear(10), name="fc3")
    return b.network()


def pooled_head() -> Network:
    """Three convolutions, then a map for each class and its mean (Lin, Chen and Yan 2013)."""
    b = _body("Global average pooling head")
    with b.block("head"):
        b.add(conv(10, 1), name="class_maps")
        b.add(GlobalAvgPool2d(), name="mean")
        b.add(Flatten(), name="flatten")
    return b.network()


def connected_head() -> Network:
    """The same three convolutions, then a fully connected layer over every place of every map."""
    b = _body("Fully connected head")
    with b.block("head"):
        b.add(Flatten(), name="flatten")
        b.add(linear(10), name="fc")
    return b.network()


def _body(name: str) -> Builder:
    b = Builder(name)
    b.input(1, 32, 32)
    with b.block("body"):
        for number, width in enumerate((16, 32, 64), 1):
            b.add(conv(width, 3, padding="same"), name=f"conv{number}")
            b.add(ReLU(), name=f"relu{number}")
            if number < 3:
                b.add(max_pool(2, 2), name=f"pool{number}")
    return b
