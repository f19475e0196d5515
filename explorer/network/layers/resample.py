"""Layers that change the size of maps without weights: enlarge, pad, crop."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Refused, Shape, Window, need_maps
from explorer.network.layers.settings import Number, Pair, brief, by
from explorer.network.layers.settings import Pad as Side
from explorer.network.torch_call import Call, changed, short

Factor = Annotated[float, Meta(gt=0, le=1000)]


class Upsample(Layer, frozen=True):
    """Enlarges maps by repeating values or by blending neighbours; also shrinks (torch.nn.Upsample)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Upsample"
    torch_name: ClassVar[str] = "Upsample"
    keywords: ClassVar[str] = "resize interpolate nearest bilinear unpool enlarge decoder"

    scale_factor: Annotated[
        tuple[Factor, Factor],
        Meta(description="How many times as high and as wide; not used if a size is set."),
    ] = (2.0, 2.0)
    size: Annotated[
        Pair | None, Meta(description="Height and width that come out, in place of a factor.")
    ] = None
    mode: Annotated[
        Literal["nearest", "bilinear"], Meta(description="Repeat the nearest value, or blend four.")
    ] = "nearest"
    align_corners: Annotated[
        bool, Meta(description="Whether bilinear puts the corner pixels' centres on each other.")
    ] = False

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        if self.size is not None:
            return ((channels, *self.size),)
        rows, columns = floor(height * self.scale_factor[0]), floor(width * self.scale_factor[1])
        if rows < 1 or columns < 1:
            raise Refused(
                "empty_output",
                f"{height} × {width} times {by(self.scale_factor)} leaves {rows} × {columns}: nothing.",
                output=(channels, rows, columns),
            )
        return ((channels, rows, columns),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        out = self.output(*inputs)[0]
        down, across = (self._look_back(n, m) for n, m in zip(inputs[0][1:], out[1:], strict=True))
        return down, across

    def _look_back(self, size: int, out: int) -> Window:
        """Output o stands at input (o + ½)·n/m − ½, or with aligned corners at o·(n − 1)/(m − 1)."""
        if self.mode == "nearest":
            return Window(1, size / out, 0.5 - 0.5 * size / out)
        seen = min(2, size)
        if self.align_corners:
            return Window(seen, (size - 1) / (out - 1) if out > 1 else 1, (seen - 1) / 2)
        return Window(seen, size / out, seen / 2 - 0.5 * size / out)

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        if self.size is not None:
            return Derivation("output = size", by(self.size))
        axes = zip(inputs[0][1:], self.scale_factor, out[1:], strict=True)
        return Derivation(
            "⌊n · factor⌋", ", ".join(dict.fromkeys(f"⌊{n} · {f:g}⌋ = {m}" for n, f, m in axes))
        )

    def summary(self) -> str:
        goal = f"to {by(self.size)}" if self.size is not None else f"× {brief(self._factors())}"
        return f"{goal}, {self.mode}"

    def _factors(self) -> tuple[str, str]:
        return f"{self.scale_factor[0]:g}", f"{self.scale_factor[1]:g}"

    def torch_call(self, *inputs: Shape) -> Call:
        goal = {"size": self.size} if self.size is not None else {"scale_factor": self.scale_factor}
        settings = changed(mode=(self.mode, "nearest"))
        if self.mode == "bilinear":
            settings |= changed(align_corners=(self.align_corners, False))
        return Call("Upsample", (), goal | settings)


class Pad(Layer, frozen=True):
    """Puts rows and columns around maps (torch.nn.ConstantPad2d, ReflectionPad2d and their kin)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Pad"
    torch_name: ClassVar[str] = "ConstantPad2d"
    keywords: ClassVar[str] = "padding border margin zero reflect replicate"

    padding: Annotated[
        tuple[Side, Side, Side, Side], Meta(description="Columns left and right, rows above and below.")
    ] = (1, 1, 1, 1)
    mode: Annotated[
        Literal["constant", "reflect", "replicate", "circular"],
        Meta(description="What they hold: one value, or pixels mirrored, repeated or wrapped round."),
    ] = "constant"
    value: Annotated[Number, Meta(description="The value, if constant.")] = 0.0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        left, right, above, below = self.padding
        if self.mode in ("reflect", "circular"):
            less = 1 if self.mode == "reflect" else 0
            if max(left, right) > width - less or max(above, below) > height - less:
                raise Refused(
                    "padding_too_large",
                    f"{self.mode} padding takes its pixels from the input, which is only {height} × {width}.",
                    limit=(height - less, width - less),
                )
        return ((channels, height + above + below, width + left + right),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return Window(1, 1, self.padding[2]), Window(1, 1, self.padding[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        _, rows, columns = self.output(*inputs)[0]
        left, right, above, below = self.padding
        return Derivation(
            "n + before + after",
            f"{inputs[0][1]} + {above} + {below} = {rows}, {inputs[0][2]} + {left} + {right} = {columns}",
        )

    def summary(self) -> str:
        sides = str(self.padding[0]) if len(set(self.padding)) == 1 else " ".join(map(str, self.padding))
        return sides if self.mode == "constant" else f"{sides}, {self.mode}"

    def torch_call(self, *inputs: Shape) -> Call:
        if self.mode == "constant":
            return Call("ConstantPad2d", (self.padding, self.value))
        names = {"reflect": "ReflectionPad2d", "replicate": "ReplicationPad2d", "circular": "CircularPad2d"}
        return Call(names[self.mode], (self.padding,))


class Crop(Layer, frozen=True):
    """Keeps a window of the maps: the middle, or from a given corner on."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Crop"
    torch_name: ClassVar[str] = "Crop"
    keywords: ClassVar[str] = "cut centre trim slice"

    size: Annotated[Pair, Meta(description="Height and width that are kept.")] = (224, 224)
    offset: Annotated[
        tuple[Side, Side] | None,
        Meta(description="Rows above and columns left that are cut off; none: the middle is kept."),
    ] = None

    def _corner(self, shape: Shape) -> tuple[int, int]:
        if self.offset is not None:
            return self.offset
        return (shape[1] - self.size[0]) // 2, (shape[2] - self.size[1]) // 2

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, height, width = need_maps(self, inputs[0])
        above, left = self._corner(inputs[0])
        if min(above, left) < 0 or above + self.size[0] > height or left + self.size[1] > width:
            raise Refused(
                "wrong_size",
                f"{by(self.size)} can't be cut from maps of {height} × {width}"
                + ("." if self.offset is None else f" at {by(self.offset)}."),
                size=(height, width),
            )
        return ((channels, *self.size),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        above, left = self._corner(inputs[0])
        return Window(1, 1, -above), Window(1, 1, -left)

    def dropped(self, inputs: Sequence[Shape]) -> tuple[int, ...]:
        return inputs[0][1] - self.size[0], inputs[0][2] - self.size[1]

    def derivation(self, *inputs: Shape) -> Derivation:
        self.output(*inputs)
        above, left = self._corner(inputs[0])
        rows, columns = self.dropped(inputs)
        return Derivation(
            "output = size",
            by(self.size),
            dropped=(rows, columns),
            note=f"Cut off: {above} above, {rows - above} below, {left} left, {columns - left} right",
        )

    def summary(self) -> str:
        return by(self.size) if self.offset is None else f"{by(self.size)} at {by(self.offset)}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Crop", (short(self.size),), changed(offset=(self.offset, None)), own=True)
