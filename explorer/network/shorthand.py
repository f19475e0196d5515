"""Layers as papers write them: `conv(64, 7, stride=2, padding=3)`. A number stands for a square pair."""

from __future__ import annotations

from explorer.network.layers import AvgPool2d, Conv2d, Linear, MaxPool2d
from explorer.network.layers.settings import Padding

Pair = int | tuple[int, int]


def pair(value: Pair) -> tuple[int, int]:
    """`3` as (3, 3)."""
    return (value, value) if isinstance(value, int) else value


def conv(
    out_channels: int,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair | Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
    bias: bool = True,
) -> Conv2d:
    """A convolution; no padding is 'valid'."""
    pads: Padding = padding if isinstance(padding, str) else pair(padding)
    if pads == (0, 0):
        pads = "valid"
    return Conv2d(out_channels, pair(kernel_size), pair(stride), pads, pair(dilation), groups, bias)


def max_pool(
    kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, ceil_mode: bool = False
) -> MaxPool2d:
    """Max-pooling; without a stride the windows lie side by side."""
    step = pair(kernel_size if stride is None else stride)
    return MaxPool2d(pair(kernel_size), step, pair(padding), ceil_mode=ceil_mode)


def average_pool(
    kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, ceil_mode: bool = False
) -> AvgPool2d:
    """Average pooling; without a stride the windows lie side by side."""
    step = pair(kernel_size if stride is None else stride)
    return AvgPool2d(pair(kernel_size), step, pair(padding), ceil_mode)


def linear(out_features: int, bias: bool = True) -> Linear:
    """A fully connected layer."""
    return Linear(out_features, bias)
