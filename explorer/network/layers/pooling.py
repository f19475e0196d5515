"""Pooling over a window that slides (C, H, W): the largest, the mean, the root of the squares."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Refused, Shape, need_maps
from explorer.network.layers.settings import (
    CEIL,
    DILATION,
    KERNEL,
    PADS,
    STRIDE,
    Pads,
    Pair,
    by,
    padded,
    stepping,
)
from explorer.network.layers.sliding import Axis, Sliding, spans_note
from explorer.network.sizes import extent
from explorer.network.torch_call import Call, changed, short


class Pooling(Sliding, frozen=True):
    """What the three have in common."""

    family: ClassVar[Family] = Family.POOLING
    word: ClassVar[str] = ""

    def _window(self) -> tuple[Pair, Pair, Pads, Pair, bool]:
        """kernel_size, stride, padding, dilation, ceil_mode."""
        raise NotImplementedError

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        (rows, columns), (down, across), (tall, wide), dilation, ceil = self._window()
        return (
            Axis(shape[1], extent(rows, dilation[0]), down, tall, tall, ceil),
            Axis(shape[2], extent(columns, dilation[1]), across, wide, wide, ceil),
        )

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = need_maps(self, inputs[0])[0]
        kernel, _, pads, _, _ = self._window()
        if pads[0] > kernel[0] // 2 or pads[1] > kernel[1] // 2:
            raise Refused(
                "padding_too_large",
                f"Padding {by(pads)} is more than half of the {by(kernel)} window: "
                "some windows would hold nothing but padding.",
                limit=(kernel[0] // 2, kernel[1] // 2),
            )
        return ((channels, *self.slide(inputs[0])),)

    def derivation(self, *inputs: Shape) -> Derivation:
        self.output(*inputs)
        kernel, _, _, dilation, _ = self._window()
        spans = extent(kernel[0], dilation[0]), extent(kernel[1], dilation[1])
        return self.derive(inputs[0], note=spans_note(kernel, spans))

    def summary(self) -> str:
        kernel, stride, pads, dilation, ceil = self._window()
        parts = [f"{self.word} {stepping(kernel, stride)}", *padded(pads)]
        if dilation != (1, 1):
            parts.append(f"dilation {by(dilation)}")
        if ceil:
            parts.append("ceil")
        return ", ".join(parts)


class MaxPool2d(Pooling, frozen=True):
    """The largest value under the window, in each channel (torch.nn.MaxPool2d)."""

    title: ClassVar[str] = "Max pool"
    torch_name: ClassVar[str] = "MaxPool2d"
    keywords: ClassVar[str] = "maximum pooling subsampling downsample"
    word: ClassVar[str] = "max"

    kernel_size: Annotated[Pair, KERNEL] = (2, 2)
    stride: Annotated[Pair, STRIDE] = (2, 2)
    padding: Annotated[Pads, PADS] = (0, 0)
    dilation: Annotated[Pair, DILATION] = (1, 1)
    ceil_mode: Annotated[bool, CEIL] = False

    def _window(self) -> tuple[Pair, Pair, Pads, Pair, bool]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(
            stride=(self.stride, self.kernel_size),
            padding=(self.padding, (0, 0)),
            dilation=(self.dilation, (1, 1)),
            ceil_mode=(self.ceil_mode, False),
        )
        return Call("MaxPool2d", (short(self.kernel_size),), settings)


class AvgPool2d(Pooling, frozen=True):
    """The mean of the values under the window, in each channel (torch.nn.AvgPool2d)."""

    title: ClassVar[str] = "Average pool"
    torch_name: ClassVar[str] = "AvgPool2d"
    keywords: ClassVar[str] = "mean pooling subsampling downsample"
    word: ClassVar[str] = "avg"

    kernel_size: Annotated[Pair, KERNEL] = (2, 2)
    stride: Annotated[Pair, STRIDE] = (2, 2)
    padding: Annotated[Pads, PADS] = (0, 0)
    ceil_mode: Annotated[bool, CEIL] = False
    count_include_pad: Annotated[
        bool, Meta(description="Whether the zeros of the padding count as values in the mean.")
    ] = True

    def _window(self) -> tuple[Pair, Pair, Pads, Pair, bool]:
        return self.kernel_size, self.stride, self.padding, (1, 1), self.ceil_mode

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(
            stride=(self.stride, self.kernel_size),
            padding=(self.padding, (0, 0)),
            ceil_mode=(self.ceil_mode, False),
            count_include_pad=(self.count_include_pad, True),
        )
        return Call("AvgPool2d", (short(self.kernel_size),), settings)


class L2Pool2d(Pooling, frozen=True):
    """The root of the sum of squares under the window (FaceNet, Schroff 2015; torch.nn.LPPool2d)."""

    title: ClassVar[str] = "L2 pool"
    torch_name: ClassVar[str] = "LPPool2d"
    keywords: ClassVar[str] = "lp pooling euclidean norm facenet"
    word: ClassVar[str] = "L2"

    kernel_size: Annotated[Pair, KERNEL] = (3, 3)
    stride: Annotated[Pair, STRIDE] = (2, 2)
    padding: Annotated[Pads, PADS] = (0, 0)
    ceil_mode: Annotated[bool, CEIL] = False

    def _window(self) -> tuple[Pair, Pair, Pads, Pair, bool]:
        return self.kernel_size, self.stride, self.padding, (1, 1), self.ceil_mode

    def torch_call(self, *inputs: Shape) -> Call:
        stride = changed(stride=(self.stride, self.kernel_size))
        ceil = changed(ceil_mode=(self.ceil_mode, False))
        if self.padding == (0, 0):
            return Call("LPPool2d", (2, short(self.kernel_size)), stride | ceil)
        padding = {"padding": short(self.padding)}
        return Call("L2Pool2d", (short(self.kernel_size),), stride | padding | ceil, own=True)
