"""LeNet-5 as it is built today, and as it was published (LeCun, Bottou, Bengio and Haffner 1998)."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, Tanh
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
