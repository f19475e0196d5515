"""The first convolutional network of the lecture (AC 209B, Advanced Section 2)."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, ReLU, Softmax
from explorer.network.shorthand import conv, linear, max_pool


def first_convnet() -> Network:
    """'Valid' 5×5 convolution with 10 filters, max-pooling 2/2, a fully connected layer of 200, softmax."""
    b = Builder("First convnet")
    b.input(1, 32, 32)
    b.add(conv(10, 5), name="conv")
    b.add(ReLU(), name="relu")
    b.add(max_pool(2, 2), name="pool")
    b.add(Flatten(), name="flatten")
    b.add(linear(200), name="fc")
    b.add(Softmax(), name="softmax")
    return b.network()
