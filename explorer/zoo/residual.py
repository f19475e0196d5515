"""Residual blocks: a^[l+2] = g(z^[l+2] + a^[l]) (He, Zhang, Ren and Sun 2015).

Names are torchvision's: conv1, bn1, …, `downsample.0` and `downsample.1` for a projection.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.network.builder import Builder, Source
from explorer.network.layers import Add, BatchNorm, Concat, ReLU, Scale
from explorer.network.shorthand import conv, max_pool

#: What brings the block's input to its sum: (builder, input, channels, stride, whether the shape changes).
Shortcut = Callable[[Builder, Source, int, int, bool], Source]
#: A residual block behind the builder's last node: (builder, width, stride, shape changes, shortcut).
Residual = Callable[[Builder, int, int, bool, Shortcut], str]

#: A bottleneck puts out this many times its width.
EXPANSION = 4


def projection(b: Builder, source: Source, channels: int, stride: int, changes: bool) -> Source:
    """Option C: a 1×1 convolution in every shortcut."""
    with b.block("downsample", kind="projection"):
        b.add(conv(channels, 1, stride=stride, bias=False), source, name="0")
        return b.add(BatchNorm(), name="1")


def projection_if_changed(b: Builder, source: Source, channels: int, stride: int, changes: bool) -> Source:
    """Option B: the input itself, and a projection only where the shape changes."""
    return projection(b, source, channels, stride, changes) if changes else source


def padded_if_changed(b: Builder, source: Source, channels: int, stride: int, changes: bool) -> Source:
    """Option A: no weights. Where the shape changes, every stride-th pixel, and zeros for the new channels.

    Channels double there, so the zeros are the input again, times 0.
    """
    if not changes:
        return source
    with b.block("downsample", kind="padding"):
        kept = b.add(max_pool(1, stride), source, name="subsample")
        zeros = b.add(Scale(0.0), kept, name="zeros")
        return b.add(Concat(), kept, zeros, name="concat")


def plain(b: Builder, width: int, stride: int, changes: bool, shortcut: Shortcut) -> str:
    """The two convolutions of a basic block without anything around them; `shortcut` is not used."""
    b.add(conv(width, 3, stride=stride, padding=1, bias=False), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu1")
    b.add(conv(width, 3, padding=1, bias=False), name="conv2")
    b.add(BatchNorm(), name="bn2")
    return b.add(ReLU(), name="relu2")


def basic(b: Builder, width: int, stride: int, changes: bool, shortcut: Shortcut) -> str:
    """Two 3×3 convolutions: (C, H, W) becomes (width, H/stride, W/stride)."""
    entry = _entry(b)
    b.add(conv(width, 3, stride=stride, padding=1, bias=False), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu1")
    b.add(conv(width, 3, padding=1, bias=False), name="conv2")
    residual = b.add(BatchNorm(), name="bn2")
    b.add(Add(), residual, shortcut(b, entry, width, stride, changes), name="add")
    return b.add(ReLU(), name="relu2")


def bottleneck(b: Builder, width: int, stride: int, changes: bool, shortcut: Shortcut) -> str:
    """1×1 down, 3×3, 1×1 up: (C, H, W) becomes (4·width, H/stride, W/stride).

    The stride is on the 3×3, as in torchvision; the paper has it on the first 1×1.
    """
    entry = _entry(b)
    b.add(conv(width, 1, bias=False), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu1")
    b.add(conv(width, 3, stride=stride, padding=1, bias=False), name="conv2")
    b.add(BatchNorm(), name="bn2")
    b.add(ReLU(), name="relu2")
    b.add(conv(EXPANSION * width, 1, bias=False), name="conv3")
    residual = b.add(BatchNorm(), name="bn3")
    b.add(Add(), residual, shortcut(b, entry, EXPANSION * width, stride, changes), name="add")
    return b.add(ReLU(), name="relu3")


#: What the blocks are called.
KINDS: dict[Residual, str] = {
    plain: "plain",
    basic: "residual, basic",
    bottleneck: "residual, bottleneck",
}


def stage(
    b: Builder, residual: Residual, width: int, depth: int, stride: int, changes: bool, shortcut: Shortcut
) -> None:
    """`depth` blocks, the first with the stride; where that changes the shape, the others are the copies."""
    kind = KINDS[residual]
    if changes:
        with b.block("0", kind=kind):
            residual(b, width, stride, True, shortcut)
    b.repeat(range(1 if changes else 0, depth), lambda _: residual(b, width, 1, False, shortcut), kind=kind)


def _entry(b: Builder) -> Source:
    if b.last is None:
        raise ValueError("a residual block has something before it")
    return b.last
