"""LeNet-5 as it is built today, and as it was published (LeCun, Bottou, Bengio and Haffner 1998)."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import RBF, Flatten, ScaledTanh, Subsample, TableConv2d, Tanh
from explorer.network.shorthand import average_pool, conv, linear


def lenet5() -> Network:
    """Whole convolutions, average pooling and ten class scores; tanh as in 1998."""
    b = Builder("LeNet-5")
    b.input(1, 32, 32)
    with b.block("features"):
        b.add(conv(6, 5), name="conv1")
        b.add(Tanh(), name="tanh1")
        b.add(average_pool(2, 2), name="pool1")
        b.add(conv(16, 5), name="conv2")
        b.add(Tanh(), name="tanh2")
        b.add(average_pool(2, 2), name="pool2")
    b.add(Flatten(), name="flatten")
    with b.block("classifier"):
        b.add(linear(120), name="fc1")
        b.add(Tanh(), name="tanh1")
        b.add(linear(84), name="fc2")
        b.add(Tanh(), name="tanh2")
        b.add(linear(10), name="fc3")
    return b.network()


def lenet5_1998() -> Network:
    """As published: 60,000 trained parameters and 340,908 connections.

    C3's maps see parts of S2 by the paper's table, subsampling has a coefficient and a bias a map, each layer
    up to F6 squashes by 1.7159·tanh(2/3·a), and the output is the distance to a fixed pattern a class.
    """
    b = Builder("LeNet-5 (1998)")
    b.input(1, 32, 32)
    for name, layer in (
        ("c1", conv(6, 5)),
        ("s2", Subsample()),
        ("c3", TableConv2d()),
        ("s4", Subsample()),
        ("c5", conv(120, 5)),
    ):
        b.add(layer, name=name)
        b.add(ScaledTanh(), name=f"{name}_tanh")
    b.add(Flatten(), name="flatten")
    b.add(linear(84), name="f6")
    b.add(ScaledTanh(), name="f6_tanh")
    b.add(RBF(10), name="output")
    return b.network()
