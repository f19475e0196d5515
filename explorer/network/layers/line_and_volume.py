"""Convolution and pooling along one axis (C, L) and over volumes (C, D, H, W), such as sound and video."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Parameter, Refused, Shape, Window, spell
from explorer.network.layers.convolution import check_groups
from explorer.network.layers.settings import BIAS, CEIL, Count, Pad, Step
from explorer.network.layers.sliding import Axis
from explorer.network.sizes import extent
from explorer.network.torch_call import Call, changed

Triple = tuple[Step, Step, Step]
Pads3 = tuple[Pad, Pad, Pad]

KERNEL1 = Meta(description="Length of the window that slides along the axis.")
STRIDE1 = Meta(description="How far the window moves; 2 halves the length.")
PADDING1 = Meta(description="Places put before and behind the input, at each end.")
DILATION1 = Meta(description="Distance between the places under the window; 1 is a window without gaps.")
KERNEL3 = Meta(description="Depth, height and width of the window that slides through the volume.")
STRIDE3 = Meta(description="How far the window moves in depth, down and across.")
PADDING3 = Meta(description="Places put around the input in depth, above and below, left and right.")
DILATION3 = Meta(description="Distance between the places under the window, for each axis.")
GROUPS = Meta(description="Channels are split into so many groups that do not see each other.")


class Through(Layer, frozen=True):
    """A window that slides along every axis but the channels'; `count` is how many axes there are."""

    count: ClassVar[int] = 1

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        """kernel_size, stride, padding, dilation, one number an axis each, and ceil_mode."""
        raise NotImplementedError

    def axes(self, shape: Shape) -> tuple[Axis, ...]:
        """The sliding along each axis, over an input of this shape."""
        kernel, stride, pads, dilation, ceil = self._window()
        return tuple(
            Axis(size, extent(k, d), s, p, p, ceil)
            for size, k, s, p, d in zip(shape[1:], kernel, stride, pads, dilation, strict=True)
        )

    def slide(self, shape: Shape) -> Shape:
        """The output's size along each axis. Refused for another number of axes, or a window too large."""
        if len(shape) != self.count + 1:
            wanted = "C × L" if self.count == 1 else "C × D × H × W"
            raise Refused(
                "needs_maps", f"{self.title} works on {wanted}, but its input is {spell(shape)}.", shape=shape
            )
        out = tuple(axis.out for axis in self.axes(shape))
        for axis, size in zip(self.axes(shape), out, strict=True):
            if size < 1:
                raise Refused(
                    "kernel_too_large",
                    f"The kernel spans {axis.span}, but its input is only {axis.size + 2 * axis.before}"
                    f"{' with padding' if axis.before else ''}.",
                    spans=tuple(one.span for one in self.axes(shape)),
                    size=shape[1:],
                )
        return out

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return tuple(Window(axis.span, axis.stride, axis.before) for axis in self.axes(inputs[0]))

    def _sizes(self, shape: Shape) -> tuple[str, str]:
        """The formula of the output's size, and with this input's numbers put in."""
        ceil = self._window()[4]
        left, right = ("⌈", "⌉") if ceil else ("⌊", "⌋")
        substituted = [
            f"{left}({axis.size} + 2·{axis.before} − {axis.span}) / {axis.stride}{right} + 1 = {axis.out}"
            for axis in dict.fromkeys(self.axes(shape))
        ]
        return f"{left}(n + 2p − f) / s{right} + 1", ", ".join(substituted)

    def _slides(self) -> str:
        kernel, stride, pads, dilation, _ = self._window()
        parts = ["×".join(map(str, kernel))]
        if set(stride) != {1}:
            parts[0] += " / " + _brief(stride)
        if set(pads) != {0}:
            parts.append(f"pad {_brief(pads)}")
        if set(dilation) != {1}:
            parts.append(f"dilation {_brief(dilation)}")
        return ", ".join(parts)


class Convolving(Through, frozen=True):
    """What convolutions along a line and through a volume have in common."""

    family: ClassVar[Family] = Family.CONVOLUTION

    def _channels(self) -> tuple[int, int, bool]:
        """out_channels, groups, bias."""
        raise NotImplementedError

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        out_channels, groups, _ = self._channels()
        sizes = self.slide(inputs[0])
        check_groups(groups, inputs[0][0], out_channels)
        return ((out_channels, *sizes),)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        out_channels, groups, bias = self._channels()
        weight = Parameter("weight", (out_channels, inputs[0][0] // groups, *self._window()[0]))
        return (weight, Parameter("bias", (out_channels,), "bias")) if bias else (weight,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * (inputs[0][0] // self._channels()[1]) * prod(self._window()[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        out_channels, groups, bias = self._channels()
        factors = (*self._window()[0], inputs[0][0] // groups, out_channels)
        weights = prod(factors)
        count = f"weights {'·'.join(map(str, factors))} = {weights:,}"
        places = " · ".join(map(str, out[1:]))
        formula, substituted = self._sizes(inputs[0])
        return Derivation(
            formula,
            substituted,
            parameters=count + (f" + biases {out_channels:,}" if bias else ""),
            macs=f"{weights:,} · {places} = {self.macs(inputs, (out,)):,}",
        )

    def summary(self) -> str:
        out_channels, groups, _ = self._channels()
        return f"{out_channels} · {self._slides()}" + (f", {groups} groups" if groups != 1 else "")

    def torch_call(self, *inputs: Shape) -> Call:
        out_channels, groups, bias = self._channels()
        kernel, stride, pads, dilation, _ = self._window()
        ones = (1,) * self.count
        settings = changed(
            stride=(_short(stride), _short(ones)),
            padding=(_short(pads), 0),
            dilation=(_short(dilation), _short(ones)),
            groups=(groups, 1),
            bias=(bias, True),
        )
        return Call(self.torch_name, (inputs[0][0], out_channels), {"kernel_size": _short(kernel)} | settings)


class Conv1d(Convolving, frozen=True):
    """A convolution along one axis, such as time: (C, L) (torch.nn.Conv1d)."""

    title: ClassVar[str] = "Convolution 1-D"
    torch_name: ClassVar[str] = "Conv1d"
    keywords: ClassVar[str] = "conv time series audio sound signal text line"

    out_channels: Annotated[Count, Meta(description="How many filters there are.")] = 64
    kernel_size: Annotated[Step, KERNEL1] = 3
    stride: Annotated[Step, STRIDE1] = 1
    padding: Annotated[Pad, PADDING1] = 0
    dilation: Annotated[Step, DILATION1] = 1
    groups: Annotated[Count, GROUPS] = 1
    bias: Annotated[bool, BIAS] = True

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        return (self.kernel_size,), (self.stride,), (self.padding,), (self.dilation,), False

    def _channels(self) -> tuple[int, int, bool]:
        return self.out_channels, self.groups, self.bias


class Conv3d(Convolving, frozen=True):
    """A convolution through a volume or a video: (C, D, H, W) (Tran 2014; torch.nn.Conv3d)."""

    title: ClassVar[str] = "Convolution 3-D"
    torch_name: ClassVar[str] = "Conv3d"
    keywords: ClassVar[str] = "conv video volume voxel medical c3d"
    count: ClassVar[int] = 3

    out_channels: Annotated[Count, Meta(description="How many filters there are.")] = 64
    kernel_size: Annotated[Triple, KERNEL3] = (3, 3, 3)
    stride: Annotated[Triple, STRIDE3] = (1, 1, 1)
    padding: Annotated[Pads3, PADDING3] = (0, 0, 0)
    dilation: Annotated[Triple, DILATION3] = (1, 1, 1)
    groups: Annotated[Count, GROUPS] = 1
    bias: Annotated[bool, BIAS] = True

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        return self.kernel_size, self.stride, self.padding, self.dilation, False

    def _channels(self) -> tuple[int, int, bool]:
        return self.out_channels, self.groups, self.bias


class PoolingThrough(Through, frozen=True):
    """What pooling along a line and through a volume have in common."""

    family: ClassVar[Family] = Family.POOLING
    word: ClassVar[str] = ""

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        sizes = self.slide(inputs[0])
        kernel, _, pads, _, _ = self._window()
        if any(pad > size // 2 for pad, size in zip(pads, kernel, strict=True)):
            raise Refused(
                "padding_too_large",
                f"Padding {_brief(pads)} is more than half of the {_brief(kernel)} window: "
                "some windows would hold nothing but padding.",
                limit=tuple(size // 2 for size in kernel),
            )
        return ((inputs[0][0], *sizes),)

    def derivation(self, *inputs: Shape) -> Derivation:
        self.output(*inputs)
        return Derivation(*self._sizes(inputs[0]))

    def summary(self) -> str:
        return f"{self.word} {self._slides()}" + (", ceil" if self._window()[4] else "")

    def torch_call(self, *inputs: Shape) -> Call:
        kernel, stride, pads, dilation, ceil = self._window()
        settings = changed(
            stride=(_short(stride), _short(kernel)),
            padding=(_short(pads), 0),
            dilation=(_short(dilation), 1),
            ceil_mode=(ceil, False),
        )
        return Call(self.torch_name, (_short(kernel),), settings)


class MaxPool1d(PoolingThrough, frozen=True):
    """The largest value under a window that slides along one axis (torch.nn.MaxPool1d)."""

    title: ClassVar[str] = "Max pool 1-D"
    torch_name: ClassVar[str] = "MaxPool1d"
    keywords: ClassVar[str] = "maximum pooling time series audio"
    word: ClassVar[str] = "max"

    kernel_size: Annotated[Step, KERNEL1] = 2
    stride: Annotated[Step, STRIDE1] = 2
    padding: Annotated[Pad, PADDING1] = 0
    dilation: Annotated[Step, DILATION1] = 1
    ceil_mode: Annotated[bool, CEIL] = False

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        return (self.kernel_size,), (self.stride,), (self.padding,), (self.dilation,), self.ceil_mode


class MaxPool3d(PoolingThrough, frozen=True):
    """The largest value under a window that slides through a volume (torch.nn.MaxPool3d)."""

    title: ClassVar[str] = "Max pool 3-D"
    torch_name: ClassVar[str] = "MaxPool3d"
    keywords: ClassVar[str] = "maximum pooling video volume"
    word: ClassVar[str] = "max"
    count: ClassVar[int] = 3

    kernel_size: Annotated[Triple, KERNEL3] = (2, 2, 2)
    stride: Annotated[Triple, STRIDE3] = (2, 2, 2)
    padding: Annotated[Pads3, PADDING3] = (0, 0, 0)
    dilation: Annotated[Triple, DILATION3] = (1, 1, 1)
    ceil_mode: Annotated[bool, CEIL] = False

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode


class AvgPool1d(PoolingThrough, frozen=True):
    """The mean under a window that slides along one axis (torch.nn.AvgPool1d)."""

    title: ClassVar[str] = "Average pool 1-D"
    torch_name: ClassVar[str] = "AvgPool1d"
    keywords: ClassVar[str] = "mean pooling time series audio"
    word: ClassVar[str] = "avg"

    kernel_size: Annotated[Step, KERNEL1] = 2
    stride: Annotated[Step, STRIDE1] = 2
    padding: Annotated[Pad, PADDING1] = 0
    ceil_mode: Annotated[bool, CEIL] = False

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        return (self.kernel_size,), (self.stride,), (self.padding,), (1,), self.ceil_mode


class AvgPool3d(PoolingThrough, frozen=True):
    """The mean under a window that slides through a volume (torch.nn.AvgPool3d)."""

    title: ClassVar[str] = "Average pool 3-D"
    torch_name: ClassVar[str] = "AvgPool3d"
    keywords: ClassVar[str] = "mean pooling video volume"
    word: ClassVar[str] = "avg"
    count: ClassVar[int] = 3

    kernel_size: Annotated[Triple, KERNEL3] = (2, 2, 2)
    stride: Annotated[Triple, STRIDE3] = (2, 2, 2)
    padding: Annotated[Pads3, PADDING3] = (0, 0, 0)
    ceil_mode: Annotated[bool, CEIL] = False

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        out = super().output(*inputs)
        if any(size < kernel for size, kernel in zip(inputs[0][1:], self.kernel_size, strict=True)):
            raise Refused(
                "kernel_too_large",
                f"torch takes the mean over {_brief(self.kernel_size)} only where that fits without padding, "
                f"but the input is {spell(inputs[0][1:])}.",
                spans=self.kernel_size,
                size=inputs[0][1:],
            )
        return out

    def _window(self) -> tuple[Shape, Shape, Shape, Shape, bool]:
        return self.kernel_size, self.stride, self.padding, (1, 1, 1), self.ceil_mode


def _brief(values: Shape) -> str:
    return str(values[0]) if len(set(values)) == 1 else "×".join(map(str, values))


def _short(values: Shape) -> int | Shape:
    return values[0] if len(set(values)) == 1 else values
