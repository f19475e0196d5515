"""Layers that move values between channels and places, or choose among channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Refused, Shape, Window, need_maps, spell
from explorer.network.layers.settings import Count, Step
from explorer.network.torch_call import Call


class PixelShuffle(Layer, frozen=True):
    """r² channels become r × r pixels: sharper than enlarging (Shi 2016; torch.nn.PixelShuffle)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Pixel shuffle"
    torch_name: ClassVar[str] = "PixelShuffle"
    keywords: ClassVar[str] = "sub-pixel depth to space upsample super resolution"

    upscale_factor: Annotated[Step, Meta(description="r: how many times as high and as wide.")] = 2

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        factor = self.upscale_factor
        if channels % factor**2:
            raise Refused(
                "groups_do_not_divide",
                f"{channels} channels can't be shared by {factor} × {factor} pixels evenly.",
                in_channels=channels,
            )
        return ((channels // factor**2, height * factor, width * factor),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        one = Window(1, 1 / self.upscale_factor, 0.5 - 0.5 / self.upscale_factor)
        return one, one

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(
            "C / r² × H·r × W·r",
            f"{spell(inputs[0])}, r = {self.upscale_factor}: {spell(self.output(*inputs)[0])}",
        )

    def summary(self) -> str:
        return f"× {self.upscale_factor}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("PixelShuffle", (self.upscale_factor,))


class PixelUnshuffle(Layer, frozen=True):
    """r × r pixels become r² channels: smaller maps, nothing lost (torch.nn.PixelUnshuffle)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Pixel unshuffle"
    torch_name: ClassVar[str] = "PixelUnshuffle"
    keywords: ClassVar[str] = "space to depth focus downsample"

    downscale_factor: Annotated[Step, Meta(description="r: height and width are divided by it.")] = 2

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        factor = self.downscale_factor
        if height % factor or width % factor:
            raise Refused(
                "wrong_size",
                f"Maps of {height} × {width} can't be cut into squares of {factor} × {factor}.",
                size=(height, width),
            )
        return ((channels * factor**2, height // factor, width // factor),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        one = Window(self.downscale_factor, self.downscale_factor, 0)
        return one, one

    def derivation(self, *inputs: Shape) -> Derivation:
        out = spell(self.output(*inputs)[0])
        return Derivation("C·r² × H / r × W / r", f"{spell(inputs[0])}, r = {self.downscale_factor}: {out}")

    def summary(self) -> str:
        return f"÷ {self.downscale_factor}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("PixelUnshuffle", (self.downscale_factor,))


class ChannelShuffle(Layer, frozen=True):
    """Deals each group's channels out to all groups (ShuffleNet, Zhang 2017; torch.nn.ChannelShuffle)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Channel shuffle"
    torch_name: ClassVar[str] = "ChannelShuffle"
    keywords: ClassVar[str] = "shufflenet groups mix channels"

    groups: Annotated[Count, Meta(description="How many groups the channels are in.")] = 2

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        if len(shape) < 2:
            raise Refused(
                "needs_maps",
                f"Channel shuffle works on feature maps, but its input is a vector of {shape[0]}.",
                shape=shape,
            )
        if shape[0] % self.groups:
            raise Refused(
                "groups_do_not_divide",
                f"{self.groups} groups cannot share {shape[0]} input channels evenly.",
                in_channels=shape[0],
            )
        return (shape,)

    def derivation(self, *inputs: Shape) -> Derivation:
        shape = self.output(*inputs)[0]
        return Derivation(
            "channel i·C/g + j goes to j·g + i", f"{shape[0]} channels, {self.groups} groups: {spell(shape)}"
        )

    def summary(self) -> str:
        return f"{self.groups} groups"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("ChannelShuffle", (self.groups,))


class Maxout(Layer, frozen=True):
    """The largest of every k channels: an activation that learns its own shape (Goodfellow 2013)."""

    family: ClassVar[Family] = Family.ACTIVATION
    title: ClassVar[str] = "Maxout"
    torch_name: ClassVar[str] = "Maxout"
    keywords: ClassVar[str] = "maximum channels pieces facenet activation"

    pieces: Annotated[Count, Meta(description="k: of how many channels the largest is kept.")] = 2

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = inputs[0][0]
        if channels % self.pieces:
            raise Refused(
                "groups_do_not_divide",
                f"{channels} channels can't be put together by {self.pieces} evenly.",
                in_channels=channels,
            )
        return ((channels // self.pieces, *inputs[0][1:]),)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(
            "y = max(x₁, …, xₖ)", f"{inputs[0][0]} / {self.pieces}: {spell(self.output(*inputs)[0])}"
        )

    def summary(self) -> str:
        return f"of {self.pieces}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Maxout", (self.pieces,), own=True)
