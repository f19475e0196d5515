"""Convolutions and fully connected layers."""

from __future__ import annotations

from typing import Any, Literal

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.settings import pair
from explorer.network.layers import Conv2d, ConvTranspose2d, Linear
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
    return op.add(layer, input, weight=weight, bias=bias)


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
    return op.add(Linear(weight.shape[0], bias is not None, over), input, weight=weight, bias=bias)


RULES: dict[str, Rule] = {"conv2d": conv2d, "conv_transpose2d": conv_transpose2d, "linear": linear}
