"""VGG-16 and VGG-19 (Simonyan and Zisserman 2014, configurations D and E).

Every convolution is 3×3, stride 1, 'same'; after each stage a 2×2 max-pool halves the size. Names are the
paper's (`conv3_2`); torchvision's `features.N` and `classifier.N` hold the same layers in the same order.
"""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Dropout, Flatten, ReLU
from explorer.network.shorthand import conv, linear, max_pool


def vgg16() -> Network:
    """13 convolutions and 3 fully connected layers."""
    return _vgg("VGG-16", (2, 2, 3, 3, 3))


def vgg19() -> Network:
    """16 convolutions and 3 fully connected layers."""
    return _vgg("VGG-19", (2, 2, 4, 4, 4))


def _vgg(name: str, depths: tuple[int, ...]) -> Network:
    b = Builder(name)
    b.input(3, 224, 224)
    for number, (depth, channels) in enumerate(zip(depths, (64, 128, 256, 512, 512), strict=True), 1):
        with b.block(f"stage{number}", kind="VGG stage"):
            stage(b, channels, depth, number)
    b.add(Flatten(), name="flatten")
    with b.block("classifier"):
        for number in (6, 7):
            b.add(linear(4096), name=f"fc{number}")
            b.add(ReLU(), name=f"relu{number}")
            b.add(Dropout(0.5), name=f"drop{number}")
        b.add(linear(1000), name="fc8")
    return b.network()


def stage(b: Builder, channels: int, depth: int, number: int = 1) -> None:
    """`depth` convolutions of 3×3 and a max-pool: (C, H, W) becomes (channels, H/2, W/2)."""
    for index in range(1, depth + 1):
        b.add(conv(channels, 3, padding=1), name=f"conv{number}_{index}")
        b.add(ReLU(), name=f"relu{number}_{index}")
    b.add(max_pool(2, 2), name=f"pool{number}")
