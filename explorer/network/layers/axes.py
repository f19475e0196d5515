"""Layers that order, split and choose axes. Axis 0 is the batch, 1 the channels of (C, H, W)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Refused, Shape, Window, spell
from explorer.network.layers.normalization import need_axis
from explorer.network.layers.settings import Axis
from explorer.network.layers.whole import everything
from explorer.network.torch_call import Call, changed

Place = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Whole = Annotated[int, Meta(ge=-1, le=1_000_000)]


class Permute(Layer, frozen=True):
    """Puts the axes in another order, such as channels last (torch.permute)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Permute"
    torch_name: ClassVar[str] = "Permute"
    keywords: ClassVar[str] = "transpose swap axes channels last order movedim"

    dims: Annotated[
        tuple[Axis, ...],
        Meta(min_length=1, max_length=8, description="The input's axes in the order in which they come out."),
    ] = (2, 3, 1)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        if sorted(self.dims) != list(range(1, len(shape) + 1)):
            raise Refused(
                "no_such_axis",
                f"Its input {spell(shape)} has axes 1 to {len(shape)}, each of which must be named once.",
                axes=len(shape),
            )
        return (tuple(shape[dim - 1] for dim in self.dims),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return None if self.dims[1:] == (2, 3) else everything(inputs[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("the same values", f"{spell(inputs[0])} as {spell(self.output(*inputs)[0])}")

    def summary(self) -> str:
        return ", ".join(map(str, self.dims))

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Permute", (self.dims,), own=True)


class Unflatten(Layer, frozen=True):
    """Splits one axis into several; one −1 is worked out (torch.nn.Unflatten)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Unflatten"
    torch_name: ClassVar[str] = "Unflatten"
    keywords: ClassVar[str] = "split axis view heads groups unsqueeze"

    dim: Annotated[Axis, Meta(description="The axis that is split; axis 0 is the batch, 1 the channels.")] = 1
    sizes: Annotated[
        tuple[Whole, ...],
        Meta(min_length=1, max_length=8, description="The sizes that it becomes; −1 is what is left."),
    ] = (2, -1)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        need_axis(self, shape, self.dim)
        size, known = shape[self.dim - 1], prod(part for part in self.sizes if part != -1)
        free = self.sizes.count(-1)
        if free > 1 or known < 1 or size % known or (not free and size != known):
            raise Refused(
                "wrong_size",
                f"Axis {self.dim} of {spell(shape)} has {size:,}, which can't be split into "
                f"{spell(self.sizes)}.",
                values=size,
            )
        parts = tuple(size // known if part == -1 else part for part in self.sizes)
        return ((*shape[: self.dim - 1], *parts, *shape[self.dim :]),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return None if self.dim == 1 else everything(inputs[0])  # channels have no place

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("the same values", f"{spell(inputs[0])} as {spell(self.output(*inputs)[0])}")

    def summary(self) -> str:
        return f"axis {self.dim} to {spell(self.sizes)}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Unflatten", (self.dim, self.sizes))


class Slice(Layer, frozen=True):
    """Keeps a part of one axis, such as half of the channels (x[:, start:stop])."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Slice"
    torch_name: ClassVar[str] = "Slice"
    keywords: ClassVar[str] = "chunk split narrow part channels half index"

    dim: Annotated[Axis, Meta(description="The axis that is cut; axis 0 is the batch, 1 the channels.")] = 1
    start: Annotated[
        Place, Meta(description="The first place that is kept; below 0 it counts from the end.")
    ] = 0
    stop: Annotated[
        Place | None, Meta(description="The first place that is no longer kept; none: all that follow.")
    ] = None
    step: Annotated[int, Meta(ge=1, le=1_000_000, description="Every how many places one is kept.")] = 1

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        need_axis(self, shape, self.dim)
        kept = len(range(*slice(self.start, self.stop, self.step).indices(shape[self.dim - 1])))
        return ((*shape[: self.dim - 1], kept, *shape[self.dim :]),)

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(
            "the places kept", f"{inputs[0][self.dim - 1]:,} → {out[self.dim - 1]:,} on axis {self.dim}"
        )

    def summary(self) -> str:
        stop = "" if self.stop is None else str(self.stop)
        step = "" if self.step == 1 else f":{self.step}"
        return f"axis {self.dim}, {self.start or ''}:{stop}{step}"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(start=(self.start, 0), stop=(self.stop, None), step=(self.step, 1))
        return Call("Slice", (self.dim,), settings, own=True)


class SliceLike(Layer, frozen=True):
    """Keeps the first places of one axis, as many as a second input has (x[:, :n]), as after padding."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Slice like another"
    torch_name: ClassVar[str] = "SliceLike"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "crop narrow cut padding windows"

    dim: Annotated[Axis, Meta(description="The axis that is cut; axis 0 is the batch, 1 the channels.")] = 2
    like: Annotated[Axis, Meta(description="The axis of the second input that is as long.")] = 2

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, other = inputs
        need_axis(self, shape, self.dim)
        need_axis(self, other, self.like)
        kept = min(shape[self.dim - 1], other[self.like - 1])
        return ((*shape[: self.dim - 1], kept, *shape[self.dim :]),)

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(
            "the places kept", f"{inputs[0][self.dim - 1]:,} → {out[self.dim - 1]:,} on axis {self.dim}"
        )

    def summary(self) -> str:
        return f"axis {self.dim} like {self.like}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("SliceLike", (self.dim, self.like), own=True)


class Part(Layer, frozen=True):
    """Keeps one of several equal parts of an axis (torch.chunk): the last may be smaller."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Part"
    torch_name: ClassVar[str] = "Part"
    keywords: ClassVar[str] = "chunk split half channels shufflenet"

    chunks: Annotated[int, Meta(ge=1, le=1_000_000, description="Into how many parts the axis is split.")] = 2
    index: Annotated[int, Meta(ge=0, le=1_000_000, description="Which of them is kept, from 0.")] = 0
    dim: Annotated[Axis, Meta(description="The axis that is split; axis 0 is the batch, 1 the channels.")] = 1

    def _range(self, shape: Shape) -> tuple[int, int]:
        size = shape[self.dim - 1]
        each = -(-size // self.chunks)
        return min(size, self.index * each), min(size, (self.index + 1) * each)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        need_axis(self, shape, self.dim)
        start, stop = self._range(shape)
        if stop <= start:
            raise Refused(
                "wrong_size",
                f"Axis {self.dim} of {spell(shape)} in {self.chunks} parts has no part {self.index}.",
                values=shape[self.dim - 1],
            )
        return ((*shape[: self.dim - 1], stop - start, *shape[self.dim :]),)

    def derivation(self, *inputs: Shape) -> Derivation:
        self.output(*inputs)
        start, stop = self._range(inputs[0])
        size = inputs[0][self.dim - 1]
        return Derivation(
            "⌈n / chunks⌉ at most", f"places {start} to {stop - 1} of {size:,} on axis {self.dim}"
        )

    def summary(self) -> str:
        where = "" if self.dim == 1 else f", axis {self.dim}"
        return f"{self.index + 1} of {self.chunks}{where}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Part", (self.chunks, self.index), changed(dim=(self.dim, 1)), own=True)


class Select(Layer, frozen=True):
    """Keeps one place of an axis, which goes: the class token of a transformer (x[:, 0])."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Select"
    torch_name: ClassVar[str] = "Select"
    keywords: ClassVar[str] = "index pick one token class unbind"

    dim: Annotated[Axis, Meta(description="The axis that goes; axis 0 is the batch, 1 the channels.")] = 1
    index: Annotated[Place, Meta(description="The place that is kept; below 0 it counts from the end.")] = 0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        need_axis(self, shape, self.dim)
        size = shape[self.dim - 1]
        if not -size <= self.index < size:
            raise Refused(
                "wrong_size", f"Axis {self.dim} of {spell(shape)} has no place {self.index}.", values=size
            )
        return ((*shape[: self.dim - 1], *shape[self.dim :]) or (1,),)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("one place kept", f"{spell(inputs[0])} → {spell(self.output(*inputs)[0])}")

    def summary(self) -> str:
        return f"axis {self.dim}, place {self.index}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Select", (self.dim, self.index), own=True)


class Roll(Layer, frozen=True):
    """Shifts values along axes; what leaves at one end enters at the other (Swin, Liu 2021; torch.roll)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Roll"
    torch_name: ClassVar[str] = "Roll"
    keywords: ClassVar[str] = "shift cyclic wrap swin window"

    shifts: Annotated[
        tuple[Place, ...], Meta(min_length=1, max_length=8, description="By how many places, for each axis.")
    ] = (1,)
    dims: Annotated[
        tuple[Axis, ...],
        Meta(min_length=1, max_length=8, description="The axes; axis 0 is the batch, 1 the channels."),
    ] = (1,)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        need_axis(self, inputs[0], max(self.dims))
        if len(self.shifts) != len(self.dims):
            raise Refused("wrong_size", "Each axis needs one shift.", values=len(self.dims))
        return (inputs[0],)

    def summary(self) -> str:
        return ", ".join(f"{n} on axis {dim}" for n, dim in zip(self.shifts, self.dims, strict=False))

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Roll", (self.shifts, self.dims), own=True)


class Reduce(Layer, frozen=True):
    """Makes one value of all along some axes: mean, sum, maximum or minimum (torch.mean, torch.amax)."""

    family: ClassVar[Family] = Family.POOLING
    title: ClassVar[str] = "Reduce"
    torch_name: ClassVar[str] = "Reduce"
    keywords: ClassVar[str] = "mean sum maximum minimum amax amin average over axes"

    mode: Annotated[
        Literal["mean", "sum", "amax", "amin"], Meta(description="What is made of the values.")
    ] = "mean"
    dims: Annotated[
        tuple[Axis, ...],
        Meta(
            min_length=1, max_length=8, description="The axes that go; axis 0 is the batch, 1 the channels."
        ),
    ] = (1,)
    keepdim: Annotated[bool, Meta(description="Whether each of them stays as an axis of 1.")] = False

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        need_axis(self, shape, max(self.dims))
        if len(set(self.dims)) < len(self.dims):
            raise Refused("no_such_axis", "Each axis can go only once.", axes=len(shape))
        gone = {dim - 1 for dim in self.dims}
        if self.keepdim:
            return (tuple(1 if axis in gone else size for axis, size in enumerate(shape)),)
        return (tuple(size for axis, size in enumerate(shape) if axis not in gone) or (1,),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0]) if set(self.dims) != {1} else None

    def derivation(self, *inputs: Shape) -> Derivation:
        values = prod(inputs[0][dim - 1] for dim in self.dims)
        return Derivation(f"the {_WORDS[self.mode]} of {values:,} values", spell(self.output(*inputs)[0]))

    def summary(self) -> str:
        axes = "axis" if len(self.dims) == 1 else "axes"
        return f"{_WORDS[self.mode]} over {axes} {', '.join(map(str, self.dims))}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Reduce", (self.mode, self.dims), changed(keepdim=(self.keepdim, False)), own=True)


_WORDS = {"mean": "mean", "sum": "sum", "amax": "maximum", "amin": "minimum"}
