"""The inception module: several kernel sizes side by side, concatenated (Szegedy et al. 2014).

Every branch keeps height and width ('same'), and every convolution is followed by a ReLU.
"""

from __future__ import annotations

from explorer.network.builder import Builder, Source
from explorer.network.layers import Concat, ReLU
from explorer.network.shorthand import conv, max_pool


def naive(b: Builder, n1x1: int, n3x3: int, n5x5: int) -> str:
    """Without reductions: the pooled branch keeps all C channels, n1x1 + n3x3 + n5x5 + C come out."""
    entry = _entry(b)
    branches = [
        _convolution(b, entry, n1x1, 1, "conv1x1"),
        _convolution(b, entry, n3x3, 3, "conv3x3"),
        _convolution(b, entry, n5x5, 5, "conv5x5"),
        b.add(max_pool(3, 1, padding=1), entry, name="pool"),
    ]
    return b.add(Concat(), *branches, name="concat")


def reduced(b: Builder, n1x1: int, r3x3: int, n3x3: int, r5x5: int, n5x5: int, pool: int) -> str:
    """With 1×1 reductions before the large kernels (r3x3, r5x5) and after the pooling (pool).

    The numbers stand in the order of the paper's table; n1x1 + n3x3 + n5x5 + pool channels come out.
    """
    entry = _entry(b)
    branches = [
        _convolution(b, entry, n1x1, 1, "conv1x1"),
        _convolution(b, _convolution(b, entry, r3x3, 1, "reduce3x3"), n3x3, 3, "conv3x3"),
        _convolution(b, _convolution(b, entry, r5x5, 1, "reduce5x5"), n5x5, 5, "conv5x5"),
        _convolution(b, b.add(max_pool(3, 1, padding=1), entry, name="pool"), pool, 1, "project"),
    ]
    return b.add(Concat(), *branches, name="concat")


def _convolution(b: Builder, source: Source, channels: int, kernel_size: int, name: str) -> str:
    b.add(conv(channels, kernel_size, padding=kernel_size // 2), source, name=name)
    return b.add(ReLU(), name=f"{name}_relu")


def _entry(b: Builder) -> Source:
    if b.last is None:
        raise ValueError("an inception module has something before it")
    return b.last
