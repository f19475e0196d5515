"""ZFNet (Zeiler and Fergus 2013): AlexNet with a finer first layer, pooling with the last window kept."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Dropout, Flatten, LocalResponseNorm, ReLU
from explorer.network.shorthand import conv, linear, max_pool

RESPONSE = LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)


def zfnet() -> Network:
    """First convolution 7×7/2 instead of AlexNet's 11×11/4; pooling in ceil mode."""
    b = Builder("ZFNet")
    b.input(3, 224, 224)
    with b.block("features"):
        b.add(conv(96, 7, stride=2, padding=1), name="conv1")
        b.add(ReLU(), name="relu1")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool1")
        b.add(RESPONSE, name="norm1")
        b.add(conv(256, 5, stride=2), name="conv2")
        b.add(ReLU(), name="relu2")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool2")
        b.add(RESPONSE, name="norm2")
        for number, channels in ((3, 384), (4, 384), (5, 256)):
            b.add(conv(channels, 3, padding=1), name=f"conv{number}")
            b.add(ReLU(), name=f"relu{number}")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool5")
    b.add(Flatten(), name="flatten")
    with b.block("classifier"):
        for number in (6, 7):
            b.add(linear(4096), name=f"fc{number}")
            b.add(ReLU(), name=f"relu{number}")
            b.add(Dropout(0.5), name=f"drop{number}")
        b.add(linear(1000), name="fc8")
    return b.network()
