"""ResNets and the plain net for ImageNet (He, Zhang, Ren and Sun 2015), with torchvision's names."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import conv, linear, max_pool
from explorer.zoo.residual import (
    Residual,
    Shortcut,
    basic,
    bottleneck,
    padded_if_changed,
    plain,
    projection,
    projection_if_changed,
    stage,
)


def resnet18() -> Network:
    """17 convolutions and one fully connected layer."""
    return _resnet("ResNet-18", basic, (2, 2, 2, 2))


def resnet34() -> Network:
    """33 convolutions and one fully connected layer; shortcut option B."""
    return _resnet("ResNet-34", basic, (3, 4, 6, 3))


def resnet34_a() -> Network:
    """Shortcut option A: no weights in any shortcut."""
    return _resnet("ResNet-34 A", basic, (3, 4, 6, 3), padded_if_changed)


def resnet34_c() -> Network:
    """Shortcut option C: a projection in every shortcut."""
    return _resnet("ResNet-34 C", basic, (3, 4, 6, 3), projection)


def plain34() -> Network:
    """The same convolutions without shortcuts."""
    return _resnet("Plain-34", plain, (3, 4, 6, 3))


def resnet50() -> Network:
    """16 bottlenecks."""
    return _resnet("ResNet-50", bottleneck, (3, 4, 6, 3))


def resnet101() -> Network:
    """33 bottlenecks."""
    return _resnet("ResNet-101", bottleneck, (3, 4, 23, 3))


def resnet152() -> Network:
    """50 bottlenecks."""
    return _resnet("ResNet-152", bottleneck, (3, 8, 36, 3))


def _resnet(
    name: str,
    residual: Residual,
    depths: tuple[int, ...],
    shortcut: Shortcut = projection_if_changed,
) -> Network:
    b = Builder(name)
    b.input(3, 224, 224)
    b.add(conv(64, 7, stride=2, padding=3, bias=False), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu")
    b.add(max_pool(3, 2, padding=1), name="maxpool")
    for index, (depth, width) in enumerate(zip(depths, (64, 128, 256, 512), strict=True)):
        with b.block(f"layer{index + 1}", kind="stage", folded=True):
            # The first stage follows 64 channels at the same size: only a bottleneck's 256 differ from that.
            stage(
                b,
                residual,
                width,
                depth,
                1 if index == 0 else 2,
                index > 0 or residual is bottleneck,
                shortcut,
            )
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(linear(1000), name="fc")
    return b.network()
