"""Small networks for grey pictures, in pairs that differ in one thing. Knows no torch.

They are of the size at which a difference can be watched in minutes; the published networks are in the zoo.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.graph import Network
from explorer.network.layer import Shape
from explorer.network.layers import Flatten, GlobalAvgPool2d, Input, ReLU
from explorer.network.operations import set_input_shape
from explorer.network.shorthand import conv, linear, max_pool
from explorer.zoo import inception, resnet_cifar

GREY: Shape = (1, 28, 28)
"""A picture of MNIST or Fashion-MNIST."""
CLASSES = 10


def plain20() -> Network:
    """The plain net of 20 layers, for grey pictures."""
    return _grey(resnet_cifar.plain20())


def resnet20() -> Network:
    """The residual net of 20 layers, for grey pictures."""
    return _grey(resnet_cifar.resnet20())


def plain56() -> Network:
    """The plain net of 56 layers, for grey pictures."""
    return _grey(resnet_cifar.plain56())


def resnet56() -> Network:
    """The residual net of 56 layers, for grey pictures."""
    return _grey(resnet_cifar.resnet56())


def _grey(network: Network) -> Network:
    """The same network for one channel; its convolutions take their channels from what comes in."""
    node = next(node for node in network.nodes.values() if isinstance(node.layer, Input))
    return apply(network, set_input_shape(network, node.id, (1, 32, 32)).edits)


def without_pooling() -> Network:
    """Two convolutions that keep the size: 25,088 values go into the fully connected layer."""
    return _pooling("Without pooling", pooling=False, reduction=False)


def with_pooling() -> Network:
    """Each convolution is followed by 2×2 max-pooling: 1,568 values go on."""
    return _pooling("With pooling", pooling=True, reduction=False)


def with_reduction() -> Network:
    """And a 1×1 convolution takes 32 channels to 8: 392 values go on."""
    return _pooling("Pooling and 1×1", pooling=True, reduction=True)


def _pooling(name: str, *, pooling: bool, reduction: bool) -> Network:
    b = Builder(name)
    b.input(*GREY)
    for number, channels in enumerate((16, 32), 1):
        b.add(conv(channels, 3, padding=1), name=f"conv{number}")
        b.add(ReLU(), name=f"relu{number}")
        if pooling:
            b.add(max_pool(2), name=f"pool{number}")
    if reduction:
        b.add(conv(8, 1), name="reduce")
        b.add(ReLU(), name="reduce_relu")
    b.add(Flatten(), name="flatten")
    b.add(linear(64), name="fc1")
    b.add(ReLU(), name="relu3")
    b.add(linear(CLASSES), name="fc2")
    return b.network()


def naive_inception() -> Network:
    """A module without reductions: the pooled branch hands all its channels on."""
    return _inception("Naive inception", lambda b: inception.naive(b, 16, 32, 8))


def reduced_inception() -> Network:
    """The module with 1×1 reductions: as many maps of each size, fewer parameters and MACs."""
    return _inception("Reduced inception", lambda b: inception.reduced(b, 16, 16, 32, 4, 8, 8))


def _inception(name: str, module: Callable[[Builder], str]) -> Network:
    b = Builder(name)
    b.input(*GREY)
    b.add(conv(32, 3, padding=1), name="conv")
    b.add(ReLU(), name="relu")
    b.add(max_pool(2), name="pool")
    for letter in "ab":
        with b.block(f"inception_{letter}", kind="inception"):
            module(b)
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(linear(CLASSES), name="fc")
    return b.network()
