"""Networks that the figures ask for and the zoo does not hold."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers.activation import ReLU
from explorer.network.layers.convolution import Conv2d
from explorer.network.layers.merge import Add, Concat
from explorer.network.layers.normalization import BatchNorm
from explorer.network.layers.pooling import AvgPool2d, MaxPool2d

DENSENET_201 = (6, 12, 48, 32)


def densenet(layers: tuple[int, ...] = DENSENET_201, growth: int = 32) -> Network:
    """The graph of DenseNet (Huang et al. 2017): each layer of a dense block is fed by all before it."""
    b = Builder("DenseNet-201's shape")
    b.input(3, 224, 224)
    b.add(Conv2d(2 * growth, (7, 7), (2, 2), (3, 3), bias=False), name="conv0")
    b.add(BatchNorm(), name="norm0")
    b.add(ReLU(), name="relu0")
    above = b.add(MaxPool2d((3, 3), (2, 2), (1, 1)), name="pool0")
    channels = 2 * growth
    for stage, count in enumerate(layers, 1):
        with b.block(f"dense{stage}", "dense"):
            features = [above]
            for number in range(1, count + 1):
                with b.block(f"layer{number}", "dense layer"):
                    b.add(Concat(), *features, name="concat") if number > 1 else b.follow(above)
                    b.add(BatchNorm(), name="norm1")
                    b.add(ReLU(), name="relu1")
                    b.add(Conv2d(4 * growth, (1, 1), bias=False), name="conv1")
                    b.add(BatchNorm(), name="norm2")
                    b.add(ReLU(), name="relu2")
                    features.append(b.add(Conv2d(growth, (3, 3), padding="same", bias=False), name="conv2"))
            above = b.add(Concat(), *features, name="concat")
            channels += growth * count
        if stage < len(layers):
            channels //= 2
            with b.block(f"transition{stage}", "transition"):
                b.add(BatchNorm(), name="norm")
                b.add(ReLU(), name="relu")
                b.add(Conv2d(channels, (1, 1), bias=False), name="conv")
                above = b.add(AvgPool2d((2, 2), (2, 2)), name="pool")
    return b.network()


def long_network(layers: int) -> Network:
    """About `layers` nodes in residual blocks of seven."""
    b = Builder("Long")
    above = b.input(64, 56, 56)
    for number in range(1, (layers - 1) // 7 + 1):
        with b.block(f"block{number}", "residual"):
            b.add(Conv2d(64, (3, 3), padding="same", bias=False), name="conv1")
            b.add(BatchNorm(), name="norm1")
            b.add(ReLU(), name="relu1")
            b.add(Conv2d(64, (3, 3), padding="same", bias=False), name="conv2")
            end = b.add(BatchNorm(), name="norm2")
            b.add(Add(), end, above, name="add")
            above = b.add(ReLU(), name="relu2")
    return b.network()
