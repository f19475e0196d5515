"""GoogLeNet in the paper's form, and its module 3a alone in both forms (Szegedy et al. 2014)."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Dropout, Flatten, GlobalAvgPool2d, LocalResponseNorm, Output, ReLU
from explorer.network.shorthand import average_pool, conv, linear, max_pool
from explorer.zoo import inception

RESPONSE = LocalResponseNorm(size=5, alpha=1e-4, beta=0.75, k=1.0)

#: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj, as in the paper's table 1.
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet() -> Network:
    """Without the auxiliary heads that only training uses."""
    b = Builder("GoogLeNet")
    _body(b)
    return b.network()


def googlenet_aux() -> Network:
    """With both auxiliary heads, on 4a and 4d, as it is trained: three results, the classifier's first."""
    b = Builder("GoogLeNet with auxiliary heads")
    _body(b)
    b.add(Output(), name="output")
    for number, module in (("1", "4a"), ("2", "4d")):
        with b.block(f"aux{number}", kind="auxiliary head"):
            b.add(average_pool(5, 3), f"inception{module}.concat", name="pool")
            b.add(conv(128, 1), name="conv")
            b.add(ReLU(), name="relu1")
            b.add(Flatten(), name="flatten")
            b.add(linear(1024), name="fc1")
            b.add(ReLU(), name="relu2")
            b.add(Dropout(0.7), name="dropout")
            b.add(linear(1000), name="fc2")
        b.add(Output(), name=f"output_aux{number}")
    return b.network()


def _body(b: Builder) -> None:
    b.input(3, 224, 224)
    with b.block("stem"):
        b.add(conv(64, 7, stride=2, padding=3), name="conv1")
        b.add(ReLU(), name="relu1")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool1")
        b.add(RESPONSE, name="norm1")
        b.add(conv(64, 1), name="reduce2")
        b.add(ReLU(), name="reduce2_relu")
        b.add(conv(192, 3, padding=1), name="conv2")
        b.add(ReLU(), name="relu2")
        b.add(RESPONSE, name="norm2")
        b.add(max_pool(3, 2, ceil_mode=True), name="pool2")
    for name, widths in MODULES.items():
        with b.block(f"inception{name}", kind="inception, reduced", folded=True):
            inception.reduced(b, *widths)
        if name in ("3b", "4e"):
            b.add(max_pool(3, 2, ceil_mode=True), name=f"pool{name[0]}")
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(Dropout(0.4), name="dropout")
    b.add(linear(1000), name="fc")


def inception_naive() -> Network:
    """Module 3a without reductions, on the 192×28×28 that GoogLeNet gives it."""
    b = Builder("Inception, naive")
    b.input(192, 28, 28)
    with b.block("inception3a", kind="inception, naive"):
        inception.naive(b, 64, 128, 32)
    return b.network()


def inception_reduced() -> Network:
    """Module 3a with reductions."""
    b = Builder("Inception, reduced")
    b.input(192, 28, 28)
    with b.block("inception3a", kind="inception, reduced"):
        inception.reduced(b, *MODULES["3a"])
    return b.network()
