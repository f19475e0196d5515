"""Convolutions and fully connected layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.settings import ints, pair
from explorer.network.layer import Layer
from explorer.network.layers import (
    Add,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    DynamicConv2d,
    Flatten,
    Linear,
    Permute,
    Unflatten,
)
from explorer.network.layers.settings import Padding


def conv2d(
    op: Op,
    input: Ref,
    weight: Ref,
    bias: Ref | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Value:
    """torch.conv2d."""
    if len(weight.shape) != 4:
        raise Unfit("its kernel has not four axes")
    pads: Padding = pair(padding) if padding not in ("valid", "same") else padding
    layer = Conv2d(
        weight.shape[0],
        (weight.shape[2], weight.shape[3]),
        pair(stride),
        "valid" if pads == (0, 0) else pads,
        pair(dilation),
        groups,
        bias is not None,
    )
    if op.value(input).batch is None and len(input.shape) == 4 and not op.knows(weight):
        return _folded(op, input, weight, bias, layer)
    if not op.knows(weight) and not op.owned_otherwise(layer, weight=weight, bias=bias):
        try:
            return op.add(layer, input, weight=weight, bias=bias)
        except Unfit:
            if weight.kind == "parameter" or op.value(input).batch is None:
                raise
    numbers = pair(_same(padding, layer.kernel_size, layer.dilation, 2))
    branched = DynamicConv2d(layer.stride, numbers, layer.dilation, groups)
    return _by_branch(op, input, weight, bias, branched)


def _folded(op: Op, input: Ref, weight: Ref, bias: Ref | None, layer: Conv2d) -> Value:
    """A convolution of pieces of every picture, one behind the other: in three axes, of which one stays."""
    (rows, columns), (down, across), (tall, wide) = layer.kernel_size, layer.stride, layer.dilation
    pads = pair(_same(layer.padding, layer.kernel_size, layer.dilation, 2))
    volume = Conv3d(
        layer.out_channels, (1, rows, columns), (1, down, across), (0, *pads), (1, tall, wide), layer.groups,
        bias is not None,
    )  # fmt: skip
    kernel = op.made(weight, _with_depth, (*weight.shape[:2], 1, rows, columns))
    out = op.add(volume, op.add(Permute((2, 1, 3, 4)), input), weight=kernel, bias=bias)
    return op.add(Permute((2, 1, 3, 4)), out, batch=None)


def _with_depth(weight: torch.Tensor) -> torch.Tensor:
    return weight.unsqueeze(2)


def _by_branch(op: Op, input: Ref, weight: Ref, bias: Ref | None, layer: DynamicConv2d) -> Value:
    """A convolution with kernels that are fixed, or worked out, from its own pictures or from weights."""
    kernels = op.value(weight) if op.knows(weight) else op.weights(weight, weight.shape)
    maps, folded = op.value(input), op.value(input).batch is None
    if kernels.batch is not None or (folded and (len(maps.shape) != 4 or maps.shape[0] != 1)):
        raise Unfit("its pictures and kernels are laid out in an unusual way")
    if folded:  # the batch is folded into the channels, so that every picture has kernels of its own
        maps = op.add(Flatten(1, 2), maps)
    out = op.add(layer, maps, kernels)
    if bias is not None:
        size = bias.shape[0]
        if op.knows(bias):
            shift = op.add(Unflatten(1, (size, 1, 1)), bias)
        else:
            shift = op.weights(bias, (size, 1, 1))
        out = op.add(Add(), out, shift)
    return op.add(Unflatten(1, (1, -1)), out, batch=None) if folded else out


def _through(kind: Callable[..., Layer], axes: int) -> Callable[..., Value]:
    """torch.conv1d and torch.conv3d."""

    def rule(
        op: Op,
        input: Ref,
        weight: Ref,
        bias: Ref | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Value:
        kernel, gaps = weight.shape[2:], ints(dilation, axes)
        sizes: list[Any] = [kernel, ints(stride, axes), _same(padding, kernel, gaps, axes), gaps]
        if axes == 1:
            sizes = [size for (size,) in sizes]
        return op.add(
            kind(weight.shape[0], *sizes, groups, bias is not None), input, weight=weight, bias=bias
        )

    return rule


conv1d, conv3d = _through(Conv1d, 1), _through(Conv3d, 3)


def _same(padding: Any, kernel: tuple[int, ...], dilation: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The padding in numbers; 'same' is one only where it is even."""
    if padding == "valid":
        return (0,) * count
    if padding != "same":
        return ints(padding, count)
    total = [gap * (size - 1) for size, gap in zip(kernel, dilation, strict=True)]
    if any(size % 2 for size in total):
        raise Unfit("its padding 'same' is uneven")
    return tuple(size // 2 for size in total)


def convolution(
    op: Op,
    input: Ref,
    weight: Ref,
    bias: Ref | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
    *_: Any,
) -> Value:
    """aten.convolution, of any number of axes."""
    axes = len(weight.shape) - 2
    if transposed:
        if axes != 2:
            raise Unfit("it is transposed and not of maps")
        return conv_transpose2d(op, input, weight, bias, stride, padding, output_padding, groups, dilation)
    return {1: conv1d, 2: conv2d, 3: conv3d}[axes](op, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    op: Op,
    input: Ref,
    weight: Ref,
    bias: Ref | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Value:
    """torch.conv_transpose2d."""
    layer = ConvTranspose2d(
        out_channels=weight.shape[1] * groups,
        kernel_size=(weight.shape[2], weight.shape[3]),
        stride=pair(stride),
        padding=pair(padding),
        output_padding=pair(output_padding),
        dilation=pair(dilation),
        groups=groups,
        bias=bias is not None,
    )
    return op.add(layer, input, weight=weight, bias=bias)


def linear(op: Op, input: Ref, weight: Ref, bias: Ref | None = None) -> Value:
    """torch.nn.functional.linear: a matrix product along the last axis."""
    over: Literal["last", "vector"] = "last" if len(op.value(input).shape) > 2 else "vector"
    features = weight.shape[0]
    if bias is None or bias.name:
        return op.add(Linear(features, bias is not None, over), input, weight=weight, bias=bias)
    try:
        return op.add(Linear(features, True, over), input, weight=weight, bias=bias)
    except Unfit:  # a bias that is put together of several parameters, or of the picture
        product = op.add(Linear(features, False, over), input, weight=weight)
        if op.knows(bias):
            raise
        view = (1,) * (len(product.shape) - 1) + (features,)
        return op.add(Add(), product, op.weights(bias, view))


def addmm(op: Op, input: Ref, mat1: Ref, mat2: Ref, *, beta: float = 1, alpha: float = 1) -> Value:
    """aten.addmm, which a linear layer becomes: its weights come transposed."""
    if (beta, alpha) != (1, 1) or op.knows(mat2) or op.knows(input):
        raise Unfit("it is no linear layer")
    turned = mat2.made_by is not None and mat2.made_by.name == "t"
    weight = mat2.made_by.inputs[0] if turned and mat2.made_by else op.made(mat2, torch.t, mat2.shape[::-1])
    return linear(op, mat1, weight, input)


RULES: dict[str, Rule] = {
    "conv1d": conv1d,
    "conv2d": conv2d,
    "conv3d": conv3d,
    "convolution": convolution,
    "conv_transpose2d": conv_transpose2d,
    "linear": linear,
    "addmm": addmm,
}
