"""AlexNet (Krizhevsky, Sutskever and Hinton 2012), with its two groups, as one tower, and as in 2014.

The groups of conv2, conv4 and conv5 stand for the two GPUs that each held half of the filters. The input is
227×227, as the lecture has it: with 224×224 the first convolution has no whole number of steps.
"""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import AdaptiveAvgPool2d, Dropout, Flatten, LocalResponseNorm, ReLU
from explorer.network.shorthand import conv, linear, max_pool

#: The paper's n = 5, α = 1e-4, β = 0.75, k = 2; torch's alpha is that of the mean, n times the paper's.
RESPONSE = LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)


def alexnet() -> Network:
    """With two groups, as trained in 2012."""
    return _alexnet("AlexNet", groups=2)


def alexnet_tower() -> Network:
    """With every filter seeing all channels."""
    return _alexnet("AlexNet, one tower", groups=1)


def alexnet_owt() -> Network:
    """The form of "One weird trick for parallelizing convolutional neural networks" (Krizhevsky 2014).

    One narrower tower without response normalization, at 224×224: the form that torchvision has.
    """
    b = Builder("AlexNet, one weird trick")
    b.input(3, 224, 224)
    with b.block("features"):
        b.add(conv(64, 11, stride=4, padding=2), name="conv1")
        b.add(ReLU(), name="relu1")
        b.add(max_pool(3, 2), name="pool1")
        b.add(conv(192, 5, padding=2), name="conv2")
        b.add(ReLU(), name="relu2")
        b.add(max_pool(3, 2), name="pool2")
        for number, channels in ((3, 384), (4, 256), (5, 256)):
            b.add(conv(channels, 3, padding=1), name=f"conv{number}")
            b.add(ReLU(), name=f"relu{number}")
        b.add(max_pool(3, 2), name="pool5")
    b.add(AdaptiveAvgPool2d((6, 6)), name="avgpool")
    b.add(Flatten(), name="flatten")
    with b.block("classifier"):
        for number in (6, 7):
            b.add(Dropout(0.5), name=f"drop{number}")
            b.add(linear(4096), name=f"fc{number}")
            b.add(ReLU(), name=f"relu{number}")
        b.add(linear(1000), name="fc8")
    return b.network()


def _alexnet(name: str, groups: int) -> Network:
    b = Builder(name)
    b.input(3, 227, 227)
    with b.block("features"):
        b.add(conv(96, 11, stride=4), name="conv1")
        b.add(ReLU(), name="relu1")
        b.add(RESPONSE, name="norm1")
        b.add(max_pool(3, 2), name="pool1")
        b.add(conv(256, 5, padding=2, groups=groups), name="conv2")
        b.add(ReLU(), name="relu2")
        b.add(RESPONSE, name="norm2")
        b.add(max_pool(3, 2), name="pool2")
        b.add(conv(384, 3, padding=1), name="conv3")
        b.add(ReLU(), name="relu3")
        b.add(conv(384, 3, padding=1, groups=groups), name="conv4")
        b.add(ReLU(), name="relu4")
        b.add(conv(256, 3, padding=1, groups=groups), name="conv5")
        b.add(ReLU(), name="relu5")
        b.add(max_pool(3, 2), name="pool5")
    b.add(Flatten(), name="flatten")
    with b.block("classifier"):
        for number in (6, 7):
            b.add(linear(4096), name=f"fc{number}")
            b.add(ReLU(), name=f"relu{number}")
            b.add(Dropout(0.5), name=f"drop{number}")
        b.add(linear(1000), name="fc8")
    return b.network()
