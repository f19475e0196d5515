"""Values around others: along any axes, up to a multiple, or as much as TensorFlow's 'same' asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Refused, Shape, Window, need_maps, spell
from explorer.network.layers.normalization import need_axis
from explorer.network.layers.settings import DILATION, KERNEL, STRIDE, AnyShape, Axis, Number, Pair, Step, by
from explorer.network.sizes import extent
from explorer.network.torch_call import Call, changed

End = Annotated[int, Meta(ge=-10_000, le=10_000)]


class ConstantPad(Layer, frozen=True):
    """Puts one value around the values of any axes, or cuts some off (torch.nn.functional.pad)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Pad any axes"
    torch_name: ClassVar[str] = "ConstantPad"
    keywords: ClassVar[str] = "padding zero channels tokens shortcut"

    padding: Annotated[
        tuple[End, ...],
        Meta(
            min_length=2,
            max_length=16,
            description="Before and behind, for the last axis, then the one before it; below 0 cuts off.",
        ),
    ] = (1, 1)
    value: Annotated[Number, Meta(description="The value that is put there.")] = 0.0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = list(inputs[0])
        if len(self.padding) % 2 or len(self.padding) > 2 * len(shape):
            raise Refused(
                "no_such_axis",
                f"{len(self.padding)} numbers do not go with the {len(shape)} axes of {spell(inputs[0])}: "
                "each takes two.",
                axes=len(shape),
            )
        for index in range(0, len(self.padding), 2):
            shape[-1 - index // 2] += self.padding[index] + self.padding[index + 1]
        return (tuple(shape),)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("n + before + behind", f"{spell(inputs[0])} → {spell(self.output(*inputs)[0])}")

    def summary(self) -> str:
        return " ".join(map(str, self.padding))

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("ConstantPad", (self.padding,), changed(value=(self.value, 0.0)), own=True)


class PadToMultiple(Layer, frozen=True):
    """Puts zeros behind the values of some axes until their size is a multiple (Swin, Liu 2021)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Pad to a multiple"
    torch_name: ClassVar[str] = "PadToMultiple"
    keywords: ClassVar[str] = "padding divisible even window patch"

    multiple: Annotated[Step, Meta(description="Of what the size is to be a multiple.")] = 2
    dims: Annotated[
        tuple[Axis, ...],
        Meta(min_length=1, max_length=8, description="The axes; axis 0 is the batch, 1 the channels."),
    ] = (2, 3)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        need_axis(self, inputs[0], max(self.dims))
        return (
            tuple(
                -(-size // self.multiple) * self.multiple if axis in self.dims else size
                for axis, size in enumerate(inputs[0], start=1)
            ),
        )

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(
            "⌈n / m⌉ · m", f"{spell(inputs[0])}, m = {self.multiple}: {spell(self.output(*inputs)[0])}"
        )

    def summary(self) -> str:
        return f"of {self.multiple}, axes {', '.join(map(str, self.dims))}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("PadToMultiple", (self.multiple, self.dims), own=True)


class SamePad2d(Layer, frozen=True):
    """Pads so that a window of this kernel and stride gives ⌈n / s⌉ positions (TensorFlow's same)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Pad as same"
    torch_name: ClassVar[str] = "SamePad2d"
    keywords: ClassVar[str] = "padding tensorflow same stride efficientnet"

    kernel_size: Annotated[Pair, KERNEL] = (3, 3)
    stride: Annotated[Pair, STRIDE] = (2, 2)
    dilation: Annotated[Pair, DILATION] = (1, 1)
    value: Annotated[Number, Meta(description="The value that is put there.")] = 0.0

    def missing(self, shape: Shape) -> tuple[int, int]:
        """How many rows and columns are added in all; the odd one comes behind."""
        rows, columns = (
            max(0, (-(-n // s) - 1) * s + extent(k, d) - n)
            for n, k, s, d in zip(shape[1:], self.kernel_size, self.stride, self.dilation, strict=True)
        )
        return rows, columns

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        rows, columns = self.missing(inputs[0])
        return ((channels, height + rows, width + columns),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        rows, columns = self.missing(inputs[0])
        return Window(1, 1, rows // 2), Window(1, 1, columns // 2)

    def derivation(self, *inputs: Shape) -> Derivation:
        rows, columns = self.missing(inputs[0])
        return Derivation(
            "p = max(0, (⌈n / s⌉ − 1)·s + f − n)",
            f"{rows} rows, {columns} columns: {spell(self.output(*inputs)[0])}",
        )

    def summary(self) -> str:
        return f"for {by(self.kernel_size)} / {by(self.stride)}"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(value=(self.value, 0.0))
        if self.dilation != (1, 1):
            settings["dilation"] = self.dilation
        return Call("SamePad2d", (self.kernel_size, self.stride), settings, own=True)


class Stretch(Layer, frozen=True):
    """Repeats axes of 1 until they have a size, or that of a second input (Tensor.expand)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Stretch"
    torch_name: ClassVar[str] = "Stretch"
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    keywords: ClassVar[str] = "expand broadcast repeat axes"

    shape: Annotated[
        AnyShape, Meta(description="The shape that comes out of one input, without the batch.")
    ] = (1, 1, 1)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, wanted = inputs[0], inputs[1] if len(inputs) > 1 else self.shape
        fits = len(shape) == len(wanted) and all(
            size in (1, goal) for size, goal in zip(shape, wanted, strict=True)
        )
        if not fits:
            raise Refused("wrong_size", f"{spell(shape)} can't be stretched to {spell(wanted)}.", values=0)
        return (wanted,)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("axes of 1 repeated", f"{spell(inputs[0])} → {spell(self.output(*inputs)[0])}")

    def summary(self) -> str:
        return f"to {spell(self.shape)}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Stretch", (self.shape,), own=True)


class ResizeLike(Layer, frozen=True):
    """Brings maps to the height and width of a second input, as decoders do (F.interpolate)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Resize like another"
    torch_name: ClassVar[str] = "ResizeLike"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "interpolate upsample skip decoder segmentation fcn pyramid"

    mode: Annotated[
        Literal["nearest", "nearest-exact", "bilinear", "bicubic", "area"],
        Meta(description="How values between the pixels come about."),
    ] = "nearest"
    align_corners: Annotated[
        bool, Meta(description="Whether the corner pixels' centres are put on each other.")
    ] = False

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = need_maps(self, inputs[0])[0]
        return ((channels, *need_maps(self, inputs[1])[1:]),)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("H × W of the second", spell(self.output(*inputs)[0]))

    def summary(self) -> str:
        return self.mode

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(mode=(self.mode, "nearest"), align_corners=(self.align_corners, False))
        return Call("ResizeLike", (), settings, own=True)
