"""Convolutions over feature maps (C, H, W), as torch.nn.Conv2d has them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Parameter, Refused, Shape, need_maps
from explorer.network.layers.settings import (
    BIAS,
    DILATION,
    KERNEL,
    PADDING,
    STRIDE,
    Count,
    Padding,
    PaddingMode,
    Pair,
    Step,
    by,
    padded,
    stepping,
)
from explorer.network.layers.sliding import Axis, Sliding, spans_note
from explorer.network.sizes import extent, pads_of_same
from explorer.network.torch_call import Call, changed, short

MODE = Meta(
    description="What the padding holds: zeros, or pixels of the input mirrored, repeated or wrapped round."
)


class Conv2d(Sliding, frozen=True):
    """Every filter slides over all channels of its group and sums them up (torch.nn.Conv2d; LeCun 1989)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Convolution"
    torch_name: ClassVar[str] = "Conv2d"
    keywords: ClassVar[str] = "conv filter kernel 1x1 3x3 pointwise dilated atrous grouped"

    out_channels: Annotated[
        Count, Meta(description="How many filters there are, and so how many maps come out.")
    ] = 64
    kernel_size: Annotated[Pair, KERNEL] = (3, 3)
    stride: Annotated[Pair, STRIDE] = (1, 1)
    padding: Annotated[Padding, PADDING] = "valid"
    dilation: Annotated[Pair, DILATION] = (1, 1)
    groups: Annotated[
        Count,
        Meta(description="Channels are split into so many groups that do not see each other (AlexNet: 2)."),
    ] = 1
    bias: Annotated[bool, BIAS] = True
    padding_mode: Annotated[PaddingMode, MODE] = "zeros"

    def spans(self) -> tuple[int, int]:
        """Input rows and columns under one kernel, dilation counted in."""
        if self.dilation == (1, 1):
            return self.kernel_size
        return extent(self.kernel_size[0], self.dilation[0]), extent(self.kernel_size[1], self.dilation[1])

    def pads(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(before, after) for rows and for columns."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        if self.padding == "same":
            rows, columns = self.spans()
            return pads_of_same(rows), pads_of_same(columns)
        return (self.padding[0], self.padding[0]), (self.padding[1], self.padding[1])

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        (rows, columns), (tall, wide), stride = self.spans(), self.pads(), self.stride
        down = Axis(shape[1], rows, stride[0], *tall)
        if shape[1] == shape[2] and rows == columns and stride[0] == stride[1] and tall == wide:
            return down, down  # nearly always, and then it need not be worked out twice
        return down, Axis(shape[2], columns, stride[1], *wide)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = need_maps(self, inputs[0])[0]
        if self.groups != 1:
            check_groups(self.groups, channels, self.out_channels)
        if self.padding == "same" and self.stride != (1, 1):
            raise Refused(
                "same_with_stride",
                "padding 'same' keeps the size, which a stride above 1 cannot: give the padding as a number.",
                spans=self.spans(),
            )
        if self.padding_mode in ("reflect", "circular"):
            self._check_borrowed(inputs[0])
        return ((self.out_channels, *self.slide(inputs[0])),)

    def _check_borrowed(self, shape: Shape) -> None:
        """Mirrored and wrapped padding cannot be larger than the pixels it is taken from."""
        limit = 0 if self.padding_mode == "circular" else 1
        if any(max(pad) > size - limit for pad, size in zip(self.pads(), shape[1:], strict=True)):
            raise Refused(
                "padding_too_large",
                f"{self.padding_mode} padding takes its pixels from the input, which has only "
                f"{shape[1]} × {shape[2]}.",
                limit=(shape[1] - limit, shape[2] - limit),
            )

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        weight = Parameter("weight", (self.out_channels, inputs[0][0] // self.groups, *self.kernel_size))
        return (weight, Parameter("bias", (self.out_channels,), "bias")) if self.bias else (weight,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * (inputs[0][0] // self.groups) * prod(self.kernel_size)

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        into = inputs[0][0] // self.groups
        rows, columns = self.kernel_size
        weights = prod((rows, columns, into, self.out_channels))
        count = f"weights {rows}·{columns}·{into}·{self.out_channels} = {weights:,}"
        return self.derive(
            inputs[0],
            parameters=count + (f" + biases {self.out_channels:,}" if self.bias else ""),
            macs=f"{weights:,} · {out[1]} · {out[2]} = {self.macs(inputs, (out,)):,}",
            note=spans_note(self.kernel_size, self.spans()),
        )

    def summary(self) -> str:
        return f"{self.out_channels} · {', '.join(self._slides())}"

    def _slides(self) -> list[str]:
        parts = [stepping(self.kernel_size, self.stride), *padded(self.padding)]
        if self.dilation != (1, 1):
            parts.append(f"dilation {by(self.dilation)}")
        if self.groups != 1:
            parts.append(f"{self.groups} groups")
        return parts

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(
            stride=(self.stride, (1, 1)),
            padding=((0, 0) if self.padding == "valid" else self.padding, (0, 0)),
            dilation=(self.dilation, (1, 1)),
            groups=(self.groups, 1),
            bias=(self.bias, True),
            padding_mode=(self.padding_mode, "zeros"),
        )
        kernel = {"kernel_size": short(self.kernel_size)}
        return Call("Conv2d", (inputs[0][0], self.out_channels), kernel | settings)


class DepthwiseConv2d(Sliding, frozen=True):
    """Every channel gets filters of its own (MobileNet, Howard 2017; torch.nn.Conv2d, groups=in_channels)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Depthwise convolution"
    torch_name: ClassVar[str] = "Conv2d"
    keywords: ClassVar[str] = "conv separable mobilenet xception channel multiplier grouped"

    multiplier: Annotated[
        Step, Meta(description="How many filters each channel gets; 1 keeps the number of channels.")
    ] = 1
    kernel_size: Annotated[Pair, KERNEL] = (3, 3)
    stride: Annotated[Pair, STRIDE] = (1, 1)
    padding: Annotated[Padding, PADDING] = "valid"
    dilation: Annotated[Pair, DILATION] = (1, 1)
    bias: Annotated[bool, BIAS] = True
    padding_mode: Annotated[PaddingMode, MODE] = "zeros"

    def grouped(self, channels: int) -> Conv2d:
        """The grouped convolution that this is for so many input channels."""
        return Conv2d(
            out_channels=channels * self.multiplier,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=channels,
            bias=self.bias,
            padding_mode=self.padding_mode,
        )

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        return self.grouped(shape[0]).axes(shape)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return self.grouped(need_maps(self, inputs[0])[0]).output(*inputs)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return self.grouped(inputs[0][0]).parameters(*inputs)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * prod(self.kernel_size)

    def derivation(self, *inputs: Shape) -> Derivation:
        return self.grouped(need_maps(self, inputs[0])[0]).derivation(*inputs)

    def summary(self) -> str:
        parts = [stepping(self.kernel_size, self.stride), *padded(self.padding)]
        if self.dilation != (1, 1):
            parts.append(f"dilation {by(self.dilation)}")
        if self.multiplier != 1:
            parts.append(f"multiplier {self.multiplier}")
        return ", ".join(parts)

    def torch_call(self, *inputs: Shape) -> Call:
        return self.grouped(inputs[0][0]).torch_call(*inputs)


def check_groups(groups: int, in_channels: int, out_channels: int) -> None:
    """Raise Refused when the groups cannot share the channels evenly."""
    if groups == 1:
        return
    for what, count in (("input", in_channels), ("output", out_channels)):
        if count % groups:
            raise Refused(
                "groups_do_not_divide",
                f"{groups} groups cannot share {count} {what} channels evenly.",
                in_channels=in_channels,
            )
