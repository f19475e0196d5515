"""The small ResNets and plain nets for CIFAR-10 (He, Zhang, Ren and Sun 2015, section 4.2).

6n + 2 layers with weights: one convolution, three stages of n blocks with 16, 32 and 64 filters, one linear
layer. Shortcuts are option A, so that a residual and a plain net have exactly the same parameters.
"""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import conv, linear
from explorer.zoo.residual import Residual, basic, padded_if_changed, plain, stage


def plain20() -> Network:
    """With n = 3, without shortcuts."""
    return _cifar("Plain-20", plain, 3)


def plain56() -> Network:
    """With n = 9, without shortcuts."""
    return _cifar("Plain-56", plain, 9)


def resnet20() -> Network:
    """With n = 3."""
    return _cifar("ResNet-20", basic, 3)


def resnet56() -> Network:
    """With n = 9."""
    return _cifar("ResNet-56", basic, 9)


def resnet110() -> Network:
    """With n = 18."""
    return _cifar("ResNet-110", basic, 18)


def _cifar(name: str, residual: Residual, depth: int) -> Network:
    b = Builder(name)
    b.input(3, 32, 32)
    b.add(conv(16, 3, padding=1, bias=False), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu")
    for index, width in enumerate((16, 32, 64)):
        with b.block(f"layer{index + 1}", kind="stage", folded=True):
            stage(b, residual, width, depth, 2 if index else 1, index > 0, padded_if_changed)
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    return b.network()
