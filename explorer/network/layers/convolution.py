"""Convolutions, over feature maps (C, H, W)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Parameter, Refused, Shape, Window, need_maps
from explorer.network.sizes import convolved, extent, pads_of_same, unseen

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Step = Annotated[int, Meta(ge=1, le=10_000)]
Pair = tuple[Step, Step]
Pads = tuple[Annotated[int, Meta(ge=0, le=10_000)], Annotated[int, Meta(ge=0, le=10_000)]]
Padding = Literal["valid", "same"] | Pads


class Conv2d(Layer, frozen=True):
    """Convolution: every filter slides over all channels of its group (torch.nn.Conv2d)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Convolution"
    torch_name: ClassVar[str] = "Conv2d"
    keywords: ClassVar[str] = "conv filter kernel 1x1 3x3 dilated grouped"

    out_channels: Count = 64
    kernel_size: Pair = (3, 3)
    stride: Pair = (1, 1)
    padding: Padding = "valid"
    dilation: Pair = (1, 1)
    groups: Count = 1
    bias: bool = True
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros"

    def spans(self) -> tuple[int, int]:
        """Input rows and columns under one kernel, dilation counted in."""
        return extent(self.kernel_size[0], self.dilation[0]), extent(self.kernel_size[1], self.dilation[1])

    def pads(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(before, after) for rows and for columns."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        if self.padding == "same":
            rows, columns = self.spans()
            return pads_of_same(rows), pads_of_same(columns)
        return (self.padding[0], self.padding[0]), (self.padding[1], self.padding[1])

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        self._check_groups(channels)
        spans, pads = self.spans(), self.pads()
        if self.padding == "same" and self.stride != (1, 1):
            raise Refused(
                "same_with_stride",
                "padding 'same' keeps the size, which a stride above 1 cannot: give the padding as a number.",
                spans=spans,
            )
        if self.padding_mode in ("reflect", "circular"):
            limit = 0 if self.padding_mode == "circular" else 1
            if any(max(pad) > size - limit for pad, size in zip(pads, (height, width), strict=True)):
                raise Refused(
                    "padding_too_large",
                    f"{self.padding_mode} padding takes its pixels from the input, which has only {height} × {width}.",
                )
        for axis, size, span, pad in zip(("high", "wide"), (height, width), spans, pads, strict=True):
            if span > size + sum(pad):
                raise Refused(
                    "kernel_too_large",
                    f"The kernel spans {span} pixels, but its input is only {size + sum(pad)} {axis}"
                    f"{' with padding' if sum(pad) else ''}.",
                    spans=spans,
                    size=(height, width),
                )
        rows, columns = (
            convolved(size, span, stride, sum(pad))
            for size, span, stride, pad in zip((height, width), spans, self.stride, pads, strict=True)
        )
        return ((self.out_channels, rows, columns),)

    def _check_groups(self, channels: int) -> None:
        for what, count in (("input", channels), ("output", self.out_channels)):
            if count % self.groups:
                raise Refused(
                    "groups_do_not_divide",
                    f"{self.groups} groups cannot share {count} {what} channels evenly.",
                    in_channels=channels,
                )

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        weight = Parameter("weight", (self.out_channels, inputs[0][0] // self.groups, *self.kernel_size))
        return (weight, Parameter("bias", (self.out_channels,), "bias")) if self.bias else (weight,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * inputs[0][0] // self.groups * prod(self.kernel_size)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        (rows, columns), (tall, wide) = self.spans(), self.pads()
        return Window(rows, self.stride[0], tall[0]), Window(columns, self.stride[1], wide[0])

    def dropped(self, inputs: Sequence[Shape]) -> tuple[int, ...]:
        out = self.output(*inputs)[0]
        return tuple(
            unseen(size, span, stride, pad[0], count)
            for size, span, stride, pad, count in zip(
                inputs[0][1:], self.spans(), self.stride, self.pads(), out[1:], strict=True
            )
        )

    def derivation(self, *inputs: Shape) -> Derivation:
        channels, *sizes = inputs[0]
        out = self.output(*inputs)[0]
        axes = tuple(zip(sizes, self.spans(), self.pads(), self.stride, out[1:], strict=True))
        if len(set(axes)) == 1:
            axes = axes[:1]
        dilated = self.dilation != (1, 1)
        into = channels // self.groups
        rows, columns = self.kernel_size
        weights = prod((rows, columns, into, self.out_channels))
        count = f"weights {rows}·{columns}·{into}·{self.out_channels} = {weights:,}"
        return Derivation(
            formula="⌊(n + p − f) / s⌋ + 1" if self._uneven() else "⌊(n + 2p − f) / s⌋ + 1",
            substituted=", ".join(self._substituted(*axis) for axis in axes),
            steps=tuple(
                f"⌊{(size + sum(pad) - span) / stride:g}⌋ + 1 = {n}" for size, span, pad, stride, n in axes
            ),
            remainder=tuple(
                (size + sum(pad) - span) % stride
                for size, span, pad, stride in zip(sizes, self.spans(), self.pads(), self.stride, strict=True)
            ),
            dropped=self.dropped(inputs),
            note="f = d·(k − 1) + 1 = " + " and ".join(str(span) for span in dict.fromkeys(self.spans()))
            if dilated
            else "",
            parameters=count + (f" + biases {self.out_channels:,}" if self.bias else ""),
            macs=f"{weights:,} · {out[1]} · {out[2]} = {self.macs(inputs, (out,)):,}",
        )

    def _uneven(self) -> bool:
        return any(before != after for before, after in self.pads())

    def _substituted(self, size: int, span: int, pad: tuple[int, int], stride: int, out: int) -> str:
        padding = f"{sum(pad)}" if self._uneven() else f"2·{pad[0]}"
        return f"⌊({size} + {padding} − {span}) / {stride}⌋ + 1 = {out}"

    def summary(self) -> str:
        parts = [f"{self.out_channels} · {_by(self.kernel_size)}"]
        if self.stride != (1, 1):
            parts[0] += f" / {self.stride[0] if self.stride[0] == self.stride[1] else _by(self.stride)}"
        if self.padding == "same":
            parts.append("same")
        elif self.padding != "valid" and self.padding != (0, 0):
            parts.append(f"pad {self.padding[0] if self.padding[0] == self.padding[1] else _by(self.padding)}")
        if self.dilation != (1, 1):
            parts.append(f"dilation {_by(self.dilation)}")
        if self.groups != 1:
            parts.append(f"{self.groups} groups")
        return ", ".join(parts)

    def torch_line(self, *inputs: Shape) -> str:
        settings = [f"{inputs[0][0]}, {self.out_channels}", f"kernel_size={_short(self.kernel_size)}"]
        if self.stride != (1, 1):
            settings.append(f"stride={_short(self.stride)}")
        if self.padding == "same":
            settings.append('padding="same"')
        elif self.padding != "valid" and self.padding != (0, 0):
            settings.append(f"padding={_short(self.padding)}")
        if self.dilation != (1, 1):
            settings.append(f"dilation={_short(self.dilation)}")
        if self.groups != 1:
            settings.append(f"groups={self.groups}")
        if not self.bias:
            settings.append("bias=False")
        if self.padding_mode != "zeros":
            settings.append(f'padding_mode="{self.padding_mode}"')
        return f"nn.Conv2d({', '.join(settings)})"


def _by(pair: tuple[int, int]) -> str:
    return f"{pair[0]}×{pair[1]}"


def _short(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else str(pair)
