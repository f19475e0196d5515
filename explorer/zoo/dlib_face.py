"""dlib's encoder of faces: a residual net of 29 convolutions from an aligned face to 128 numbers (King 2017).

The input is (3, 150, 150), RGB less dlib's mean of each channel, over 256. Batch normalisation is what dlib
calls affine once a net is trained: one factor and one offset a channel.
"""

from __future__ import annotations

from functools import partial

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Flatten,
    GlobalAvgPool2d,
    Pad,
    ReLU,
    Scale,
)
from explorer.network.shorthand import average_pool, conv, linear, max_pool

#: Channels, how many blocks follow the one that halves the size, and whether there is one that does.
STAGES = ((32, 3, False), (64, 3, True), (128, 2, True), (256, 2, True), (256, 0, True))


def dlib_face() -> Network:
    """The output is the embedding before it is made unit."""
    b = Builder("dlib face")
    b.input(3, 150, 150)
    b.add(conv(32, 7, stride=2), name="conv")
    b.add(BatchNorm(), name="affine")
    b.add(ReLU(), name="relu")
    b.add(max_pool(3, 2), name="maxpool")
    size, channels = 35, 32
    for number, (width, repeats, halves) in enumerate(STAGES, start=1):
        with b.block(f"level{number}", kind="stage", folded=True):
            if halves:
                with b.block("0", kind="residual, halving"):
                    _halving(b, channels, width, size)
                size, channels = size // 2, width
            if repeats:
                first = 1 if halves else 0
                b.repeat(range(first, first + repeats), partial(_residual, b, width), kind="residual")
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(linear(128, bias=False), name="fc")
    return b.network()


def _residual(b: Builder, width: int, number: int = 0) -> str:
    entry = b.last
    assert entry is not None
    body = _convolutions(b, width, 1)
    b.add(Add(), body, entry, name="add")
    return b.add(ReLU(), name="relu2")


def _halving(b: Builder, channels: int, width: int, size: int) -> str:
    """Neither branch pads. The convolution's maps may be one row and column short, the skip half the channels
    short: dlib adds what is there, as if the rest were zeros.
    """
    entry = b.last
    assert entry is not None
    body = _convolutions(b, width, 2)
    if (size - 3) // 2 + 1 < size // 2:
        body = b.add(Pad((0, 1, 0, 1)), body, name="pad")
    skip = b.add(average_pool(2), entry, name="avgpool")
    if width != channels:
        zeros = b.add(Scale(0.0), skip, name="zeros")
        skip = b.add(Concat(), skip, zeros, name="concat")
    b.add(Add(), body, skip, name="add")
    return b.add(ReLU(), name="relu2")


def _convolutions(b: Builder, width: int, stride: int) -> str:
    b.add(conv(width, 3, stride, padding=1 if stride == 1 else 0), name="conv1")
    b.add(BatchNorm(), name="affine1")
    b.add(ReLU(), name="relu1")
    b.add(conv(width, 3, padding=1), name="conv2")
    return b.add(BatchNorm(), name="affine2")
