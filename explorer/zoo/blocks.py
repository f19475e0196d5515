"""The blocks of the library: pieces that fit their channels to where they are dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.network.builder import ENTRY, Builder
from explorer.network.fragment import Fragment
from explorer.network.layer import Shape
from explorer.network.layers import BatchNorm, DepthwiseConv2d, GlobalAvgPool2d, Multiply, ReLU, Sigmoid
from explorer.network.shorthand import conv
from explorer.zoo import inception, nin, vgg
from explorer.zoo.residual import EXPANSION, basic, bottleneck, projection_if_changed

#: Channels that a block is made for when nothing is known of where it is dropped, and its least width.
USUAL, LEAST = 64, 16
#: Squeeze-and-excitation narrows to one channel in so many (Hu et al. 2017).
REDUCTION = 16


@dataclass(frozen=True)
class BlockRecipe:
    """A block of the library. `fill` writes it with a builder, for an input of so many channels."""

    name: str
    title: str
    kind: str
    keywords: str
    fill: Callable[[Builder, int], object]

    def build(self, input_shape: Shape | None = None) -> Fragment:
        """The block for an input of (C, H, W), or for the usual one if that is unknown or not a map."""
        channels = input_shape[0] if input_shape is not None and len(input_shape) == 3 else USUAL
        b = Builder(self.title)
        b.enter()
        with b.block(self.name.replace("-", "_"), kind=self.kind):
            self.fill(b, channels)
        return b.fragment()


def _basic(b: Builder, channels: int) -> None:
    basic(b, channels, 1, False, projection_if_changed)


def _bottleneck(b: Builder, channels: int) -> None:
    # Its output is a multiple of four; the shortcut needs a projection only where the input is not.
    width = max(1, channels // EXPANSION)
    bottleneck(b, width, 1, EXPANSION * width != channels, projection_if_changed)


def _inception_naive(b: Builder, channels: int) -> None:
    inception.naive(b, *(_part(channels, share) for share in (64, 128, 32)))


def _inception_reduced(b: Builder, channels: int) -> None:
    inception.reduced(b, *(_part(channels, share) for share in (64, 96, 128, 16, 32, 32)))


def _part(channels: int, share: int) -> int:
    """Filters in the proportion of GoogLeNet's module 3a, whose input has 192 channels."""
    return max(1, round(channels * share / 192))


def _mlpconv(b: Builder, channels: int) -> None:
    width = max(channels, LEAST)
    nin.mlpconv(b, (width, width, width), 3, padding=1)


def _vgg_stage(b: Builder, channels: int) -> None:
    # VGG begins with 64 filters, doubles them at each stage and stops at 512.
    vgg.stage(b, USUAL if channels < USUAL else min(2 * channels, max(512, channels)), 2)


def _squeeze_excite(b: Builder, channels: int) -> None:
    b.add(GlobalAvgPool2d(), ENTRY, name="squeeze")
    b.add(conv(max(1, channels // REDUCTION), 1), name="reduce")
    b.add(ReLU(), name="relu")
    b.add(conv(channels, 1), name="expand")
    weights = b.add(Sigmoid(), name="sigmoid")
    b.add(Multiply(), ENTRY, weights, name="scale")


def _depthwise_separable(b: Builder, channels: int) -> None:
    b.add(DepthwiseConv2d(padding=(1, 1), bias=False), name="depthwise")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu1")
    b.add(conv(max(channels, LEAST), 1, bias=False), name="pointwise")
    b.add(BatchNorm(), name="bn2")
    b.add(ReLU(), name="relu2")


BLOCKS = (
    BlockRecipe("residual", "Residual", "residual, basic", "resnet skip shortcut identity He 2015", _basic),
    BlockRecipe(
        "residual-bottleneck",
        "Residual bottleneck",
        "residual, bottleneck",
        "resnet skip shortcut 1x1 He 2015",
        _bottleneck,
    ),
    BlockRecipe(
        "inception-naive",
        "Inception, naive",
        "inception, naive",
        "googlenet parallel branches Szegedy 2014",
        _inception_naive,
    ),
    BlockRecipe(
        "inception-reduced",
        "Inception, reduced",
        "inception, reduced",
        "googlenet parallel branches 1x1 Szegedy 2014",
        _inception_reduced,
    ),
    BlockRecipe("mlpconv", "mlpconv", "mlpconv", "network in network nin 1x1 Lin 2013", _mlpconv),
    BlockRecipe("vgg-stage", "VGG stage", "VGG stage", "3x3 same pool Simonyan 2014", _vgg_stage),
    BlockRecipe(
        "squeeze-excite",
        "Squeeze-excite",
        "squeeze-excite",
        "senet attention gate channels Hu 2017",
        _squeeze_excite,
    ),
    BlockRecipe(
        "depthwise-separable",
        "Depthwise separable",
        "depthwise separable",
        "mobilenet xception pointwise grouped Howard 2017",
        _depthwise_separable,
    ),
)
"""In the order of the library."""
