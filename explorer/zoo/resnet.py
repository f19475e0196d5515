"""ResNet-18, -34, -50, -101 and -152 for ImageNet (He, Zhang, Ren and Sun 2015), with torchvision's names."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import conv, linear, max_pool
from explorer.zoo.residual import Residual, Shortcut, basic, bottleneck, projection_if_changed


def resnet18() -> Network:
    """17 convolutions and one fully connected layer."""
    return _resnet("ResNet-18", basic, (2, 2, 2, 2))


def resnet34() -> Network:
    """33 convolutions and one fully connected layer; shortcut option B."""
    return _resnet("ResNet-34", basic, (3, 4, 6, 3))


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
            _stage(
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


def _stage(
    b: Builder, residual: Residual, width: int, depth: int, stride: int, changes: bool, shortcut: Shortcut
) -> None:
    """`depth` residual blocks, the first with the stride; those after it are copies of each other."""
    kind = "residual, bottleneck" if residual is bottleneck else "residual, basic"
    if changes:
        with b.block("0", kind=kind):
            residual(b, width, stride, True, shortcut)
    b.repeat(range(1 if changes else 0, depth), lambda _: residual(b, width, 1, False, shortcut), kind=kind)
