"""Convolution run backwards, which enlarges maps."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import (
    Derivation,
    Family,
    Layer,
    Parameter,
    Refused,
    Shape,
    Window,
    need_maps,
)
from explorer.network.layers.convolution import check_groups
from explorer.network.layers.settings import (
    BIAS,
    DILATION,
    KERNEL,
    Count,
    Pads,
    Pair,
    by,
    padded,
    stepping,
)
from explorer.network.layers.sliding import spans_note
from explorer.network.sizes import extent, transposed
from explorer.network.torch_call import Call, changed, short


class ConvTranspose2d(Layer, frozen=True):
    """Convolution run backwards: every value paints a kernel into a larger map (torch.nn.ConvTranspose2d).

    MACs are those of all painted values, also of those that `padding` cuts off, as FlopCounterMode counts.
    """

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Transposed convolution"
    torch_name: ClassVar[str] = "ConvTranspose2d"
    keywords: ClassVar[str] = "deconvolution upconvolution fractionally strided decoder upsample"

    out_channels: Annotated[Count, Meta(description="How many maps come out.")] = 64
    kernel_size: Annotated[Pair, KERNEL] = (2, 2)
    stride: Annotated[
        Pair, Meta(description="How far apart the kernels are painted; 2 doubles the size.")
    ] = (2, 2)
    padding: Annotated[Pads, Meta(description="Rows and columns cut off at each end of the output.")] = (0, 0)
    output_padding: Annotated[
        Pads, Meta(description="Rows and columns added at one end; less than stride or dilation.")
    ] = (0, 0)
    dilation: Annotated[Pair, DILATION] = (1, 1)
    groups: Annotated[Count, Meta(description="Channels are split into so many groups of their own.")] = 1
    bias: Annotated[bool, BIAS] = True

    def _spans(self) -> tuple[int, int]:
        return extent(self.kernel_size[0], self.dilation[0]), extent(self.kernel_size[1], self.dilation[1])

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, *sizes = need_maps(self, inputs[0])
        check_groups(self.groups, channels, self.out_channels)
        limits = tuple(max(pair) for pair in zip(self.stride, self.dilation, strict=True))
        if self.output_padding[0] >= limits[0] or self.output_padding[1] >= limits[1]:
            raise Refused(
                "output_padding_too_large",
                f"output_padding {by(self.output_padding)} must be smaller than the stride or the dilation.",
                limit=(limits[0] - 1, limits[1] - 1),
            )
        rows, columns = (
            transposed(size, span, stride, pad, more)
            for size, span, stride, pad, more in zip(
                sizes, self._spans(), self.stride, self.padding, self.output_padding, strict=True
            )
        )
        if rows < 1 or columns < 1:
            raise Refused(
                "empty_output",
                f"The padding {by(self.padding)} cuts everything off: {rows} × {columns} would be left.",
                output=(self.out_channels, rows, columns),
            )
        return ((self.out_channels, rows, columns),)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        weight = Parameter("weight", (inputs[0][0], self.out_channels // self.groups, *self.kernel_size))
        return (weight, Parameter("bias", (self.out_channels,), "bias")) if self.bias else (weight,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(inputs[0]) * (self.out_channels // self.groups) * prod(self.kernel_size)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        down, across = (
            _look_back(span, stride, pad)
            for span, stride, pad in zip(self._spans(), self.stride, self.padding, strict=True)
        )
        return down, across

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        channels, *sizes = inputs[0]
        axes = zip(sizes, self.stride, self.padding, self._spans(), self.output_padding, out[1:], strict=True)
        into, (rows, columns) = self.out_channels // self.groups, self.kernel_size
        weights = prod((rows, columns, channels, into))
        count = f"weights {rows}·{columns}·{channels}·{into} = {weights:,}"
        return Derivation(
            "(n − 1)·s − 2p + f + output_padding",
            ", ".join(
                dict.fromkeys(
                    f"({size} − 1)·{stride} − 2·{pad} + {span} + {more} = {n}"
                    for size, stride, pad, span, more, n in axes
                )
            ),
            note=spans_note(self.kernel_size, self._spans()),
            parameters=count + (f" + biases {self.out_channels:,}" if self.bias else ""),
            macs=f"{weights:,} · {sizes[0]} · {sizes[1]} = {self.macs(inputs, (out,)):,}, over the input",
        )

    def summary(self) -> str:
        parts = [f"{self.out_channels} · {stepping(self.kernel_size, self.stride)}", *padded(self.padding)]
        if self.output_padding != (0, 0):
            parts.append(f"out pad {by(self.output_padding)}")
        if self.dilation != (1, 1):
            parts.append(f"dilation {by(self.dilation)}")
        if self.groups != 1:
            parts.append(f"{self.groups} groups")
        return ", ".join(parts)

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(
            stride=(self.stride, (1, 1)),
            padding=(self.padding, (0, 0)),
            output_padding=(self.output_padding, (0, 0)),
            groups=(self.groups, 1),
            bias=(self.bias, True),
            dilation=(self.dilation, (1, 1)),
        )
        kernel = {"kernel_size": short(self.kernel_size)}
        return Call("ConvTranspose2d", (inputs[0][0], self.out_channels), kernel | settings)


def _look_back(span: int, stride: int, padding: int) -> Window:
    """What an output of a transposed convolution sees of its input.

    Output o is painted by the inputs from (o + p − f + 1)/s to (o + p)/s: at most ⌊(f − 1)/s⌋ + 1 of them, in
    the mean around (o + p − (f − 1)/2)/s.
    """
    most = (span - 1) // stride + 1
    return Window(most, 1 / stride, (most - 1) / 2 - (2 * padding - span + 1) / (2 * stride))
