"""Pooling whose windows follow from the input's size: global, adaptive, spatial pyramid."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Shape, Window, need_maps, spell
from explorer.network.layers.settings import Pair, Step, brief, by
from explorer.network.torch_call import Call, short

FLATTEN = Meta(description="Whether a vector of C values comes out instead of C × 1 × 1 maps.")


def everything(shape: Shape) -> tuple[Window, ...] | None:
    """The window of an output that sees all of the maps (C, H, W)."""
    if len(shape) != 3:
        return None
    return Window(shape[1], shape[1], 0), Window(shape[2], shape[2], 0)


class GlobalPooling(Layer, frozen=True):
    """What global pooling by mean and by maximum have in common."""

    family: ClassVar[Family] = Family.POOLING
    formula: ClassVar[str] = ""

    def _flat(self) -> bool:
        raise NotImplementedError

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = need_maps(self, inputs[0])[0]
        return ((channels,) if self._flat() else (channels, 1, 1),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        channels, height, width = need_maps(self, inputs[0])
        return Derivation(
            self.formula,
            f"{height} · {width} = {height * width:,} values become one, in each of {channels} maps",
            remainder=(0, 0),
            dropped=(0, 0),
        )

    def summary(self) -> str:
        return "to a vector" if self._flat() else "to 1×1"

    def torch_call(self, *inputs: Shape) -> Call:
        pool = Call(self.torch_name, (1,))
        return Call("Sequential", (pool, Call("Flatten"))) if self._flat() else pool


class GlobalAvgPool2d(GlobalPooling, frozen=True):
    """The mean of each whole map, one number a channel (Lin 2013; torch.nn.AdaptiveAvgPool2d of 1)."""

    title: ClassVar[str] = "Global average pool"
    torch_name: ClassVar[str] = "AdaptiveAvgPool2d"
    keywords: ClassVar[str] = "gap mean pooling squeeze head"
    formula: ClassVar[str] = "one mean a map"

    flatten: Annotated[bool, FLATTEN] = False

    def _flat(self) -> bool:
        return self.flatten


class GlobalMaxPool2d(GlobalPooling, frozen=True):
    """The largest value of each whole map: was it seen anywhere (torch.nn.AdaptiveMaxPool2d of 1)."""

    title: ClassVar[str] = "Global max pool"
    torch_name: ClassVar[str] = "AdaptiveMaxPool2d"
    keywords: ClassVar[str] = "gmp maximum pooling head"
    formula: ClassVar[str] = "one maximum a map"

    flatten: Annotated[bool, FLATTEN] = False

    def _flat(self) -> bool:
        return self.flatten


def _adaptive(size: int, out: int) -> Window:
    """Window i is from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉; the widest of them stands for all."""
    period = out // gcd(size, out)
    widest = max(-(-(i + 1) * size // out) - i * size // out for i in range(period))
    return Window(widest, size / out, 0)


class AdaptivePooling(Layer, frozen=True):
    """What adaptive pooling by mean and by maximum have in common."""

    family: ClassVar[Family] = Family.POOLING

    def _size(self) -> Pair:
        raise NotImplementedError

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return ((need_maps(self, inputs[0])[0], *self._size()),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        rows, columns = self._size()
        return _adaptive(inputs[0][1], rows), _adaptive(inputs[0][2], columns)

    def derivation(self, *inputs: Shape) -> Derivation:
        _, height, width = need_maps(self, inputs[0])
        rows, columns = self._size()
        widest = _adaptive(height, rows).extent, _adaptive(width, columns).extent
        return Derivation(
            "window i is from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉",
            f"{by((height, width))} in {by((rows, columns))} windows of up to {by(widest)}",
            remainder=(0, 0),
            dropped=(0, 0),
            note="The size that comes out is set, whatever goes in",
        )

    def summary(self) -> str:
        return f"to {by(self._size())}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call(self.torch_name, (short(self._size()),))


class AdaptiveAvgPool2d(AdaptivePooling, frozen=True):
    """Means over windows that give the wanted size, whatever comes in (torch.nn.AdaptiveAvgPool2d)."""

    title: ClassVar[str] = "Adaptive average pool"
    torch_name: ClassVar[str] = "AdaptiveAvgPool2d"
    keywords: ClassVar[str] = "mean pooling any size"

    output_size: Annotated[Pair, Meta(description="Height and width that come out.")] = (7, 7)

    def _size(self) -> Pair:
        return self.output_size


class AdaptiveMaxPool2d(AdaptivePooling, frozen=True):
    """Maxima over windows that give the wanted size, whatever comes in (torch.nn.AdaptiveMaxPool2d)."""

    title: ClassVar[str] = "Adaptive max pool"
    torch_name: ClassVar[str] = "AdaptiveMaxPool2d"
    keywords: ClassVar[str] = "maximum pooling any size roi"

    output_size: Annotated[Pair, Meta(description="Height and width that come out.")] = (7, 7)

    def _size(self) -> Pair:
        return self.output_size


class SpatialPyramidPool(Layer, frozen=True):
    """Maxima over grids of several finenesses, side by side in one vector of a fixed length (He 2014)."""

    family: ClassVar[Family] = Family.POOLING
    title: ClassVar[str] = "Spatial pyramid pool"
    torch_name: ClassVar[str] = "SpatialPyramidPool"
    keywords: ClassVar[str] = "spp pooling any size prelu-net"

    bins: Annotated[
        tuple[Step, ...],
        Meta(min_length=1, max_length=16, description="Rows (and columns) of each grid, e.g. 7, 3, 2, 1."),
    ] = (4, 2, 1)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return ((need_maps(self, inputs[0])[0] * sum(n * n for n in self.bins),),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        squares = " + ".join(f"{n}²" for n in self.bins)
        return Derivation(
            "C · (b₁² + b₂² + …)",
            f"{inputs[0][0]} · ({squares}) = {out[0]:,}",
            dropped=(0, 0),
            note=f"The length does not depend on the input's {spell(inputs[0][1:])}",
        )

    def summary(self) -> str:
        return "bins " + ", ".join(brief((n, n)) for n in self.bins)

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("SpatialPyramidPool", (self.bins,), own=True)
