"""What is only given: a constant, and an imported thing of which no more than shapes is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Parameter, Refused, Shape, Window, spell
from explorer.network.layers.settings import AnyShape, Number
from explorer.network.layers.whole import everything
from explorer.network.torch_call import Call, changed

Place = Annotated[int, Meta(ge=1, le=8000)]
Row = Annotated[tuple[Annotated[int, Meta(ge=0, le=10**9)], ...], Meta(min_length=1, max_length=4)]


class Constant(Layer, frozen=True):
    """The same value everywhere, whatever picture comes in."""

    family: ClassVar[Family] = Family.BOUNDARY
    title: ClassVar[str] = "Constant"
    torch_name: ClassVar[str] = "Constant"
    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    keywords: ClassVar[str] = "fixed value number buffer"

    shape: Annotated[AnyShape, Meta(description="The shape that comes out, without the batch.")] = (1,)
    value: Annotated[Number, Meta(description="The value at every place.")] = 0.0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (self.shape,)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("output = shape", spell(self.shape))

    def summary(self) -> str:
        return f"{self.value:g}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Constant", (self.shape, self.value), own=True)


class Opaque(Layer, frozen=True):
    """An imported part known only by its shapes and counts: it is counted, but it can't be run.

    Axes are numbered through all inputs, from 1. Those in `free` may have other sizes; every axis that
    comes out is then the number in its row of `follows` times the sizes of the axes that follow in it, and
    the MACs grow with the axes in `mac_axes`.
    """

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Opaque"
    arity: ClassVar[tuple[int, int | None]] = (0, None)
    keywords: ClassVar[str] = "unknown imported black box"

    kind: Annotated[str, Meta(max_length=200, description="What it was called where it came from.")] = ""
    in_shapes: Annotated[
        tuple[AnyShape, ...], Meta(max_length=1000, description="The shapes that it takes.")
    ] = ((1,),)
    out_shapes: Annotated[
        tuple[AnyShape, ...], Meta(min_length=1, max_length=1000, description="The shapes that it gives.")
    ] = ((1,),)
    parameter_count: Annotated[int, Meta(ge=0, le=10**13, description="Its trainable values.")] = 0
    mac_count: Annotated[
        int, Meta(ge=0, le=10**16, description="Its multiply-accumulates for one image.")
    ] = 0
    free: Annotated[
        tuple[Place, ...], Meta(max_length=1000, description="Axes of the inputs that may have other sizes.")
    ] = ()
    follows: Annotated[
        tuple[Row, ...],
        Meta(
            max_length=8000, description="For each axis that comes out a number, and axes to multiply it by."
        ),
    ] = ()
    mac_axes: Annotated[
        tuple[Place, ...], Meta(max_length=8, description="Axes with whose sizes the MACs grow.")
    ] = ()

    def _sizes(self, inputs: Sequence[Shape]) -> tuple[int, ...] | None:
        """The sizes of all axes, None where nothing is known of such inputs."""
        if [len(shape) for shape in inputs] != [len(shape) for shape in self.in_shapes]:
            return None
        sizes = tuple(size for shape in inputs for size in shape)
        known = [size for shape in self.in_shapes for size in shape]
        free = set(self.free)
        fits = all(
            size == was or place in free
            for place, (size, was) in enumerate(zip(sizes, known, strict=True), 1)
        )
        return sizes if fits else None

    def _followed(self, sizes: Sequence[int]) -> tuple[Shape, ...]:
        rows = iter(self.follows)
        return tuple(
            tuple(
                number * prod(sizes[place - 1] for place in places)
                for number, *places in islice(rows, len(shape))
            )
            for shape in self.out_shapes
        )

    def _check_rules(self) -> None:
        """Raise Refused where the rules name axes that there are not, as a damaged file may have them."""
        places = [*self.free, *self.mac_axes, *(place for _, *row in self.follows for place in row)]
        comes, gives = (sum(map(len, shapes)) for shapes in (self.in_shapes, self.out_shapes))
        if not all(1 <= place <= comes for place in places) or len(self.follows) not in (0, gives):
            raise Refused(
                "wrong_size",
                f"What {self.kind or 'this part'} makes of other sizes does not fit its {comes:,} axes; "
                "import it again.",
                shapes=self.in_shapes,
            )

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._check_rules()
        if inputs != self.in_shapes:
            sizes = self._sizes(inputs) if self.follows else None
            if sizes is not None:
                return self._followed(sizes)
            raise Refused(
                "wrong_size",
                f"{self.kind or 'This part'} was imported for {_list(self.in_shapes)}: "
                f"nothing is known of it for {_list(inputs)}.",
                shapes=self.in_shapes,
            )
        return self.out_shapes

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return (Parameter("weight", (self.parameter_count,)),) if self.parameter_count else ()

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        if not self.mac_axes:
            return self.mac_count
        now = [size for shape in inputs for size in shape]
        then = [size for shape in self.in_shapes for size in shape]
        grown = self.mac_count * prod(now[place - 1] for place in self.mac_axes)
        return grown // prod(then[place - 1] for place in self.mac_axes)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0]) if inputs else None

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(
            "as imported",
            _list(self.output(*inputs)),
            parameters=f"{self.parameter_count:,}",
            macs=f"{self.macs(inputs, self.output(*inputs)):,}",
        )

    def summary(self) -> str:
        return self.kind

    def torch_line(self, *inputs: Shape) -> str:
        return "# known only by its shapes"


class ParameterTensor(Layer, frozen=True):
    """A tensor of weights that stands by itself: a class token, a position embedding (torch.nn.Parameter).

    A part of the network that no run reaches is kept as such tensors too, so that its weights are counted.
    """

    family: ClassVar[Family] = Family.BOUNDARY
    title: ClassVar[str] = "Parameter"
    torch_name: ClassVar[str] = "ParameterTensor"
    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    keywords: ClassVar[str] = "tensor weight token embedding position buffer trainable"

    shape: Annotated[AnyShape, Meta(description="The shape in which the weights are stored.")] = (1,)
    view: Annotated[
        AnyShape, Meta(description="The shape that comes out, without the batch: the same values.")
    ] = (1,)
    trainable: Annotated[bool, Meta(description="Whether training changes it; a buffer stays as it is.")] = (
        True
    )

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        if prod(self.view) != prod(self.shape):
            raise Refused(
                "wrong_size",
                f"{spell(self.shape)} is {prod(self.shape):,} values, "
                f"which can't be read as {spell(self.view)}.",
                values=prod(self.shape),
            )
        return (self.view,)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return (Parameter("weight", self.shape),) if self.trainable else ()

    def derivation(self, *inputs: Shape) -> Derivation:
        count = prod(self.shape)
        return Derivation(
            "output = view",
            spell(self.output()[0]),
            parameters=f"{count:,}" if self.trainable else "0, it is not trained",
        )

    def summary(self) -> str:
        return spell(self.view) if self.trainable else f"{spell(self.view)}, fixed"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call(
            "ParameterTensor", (self.shape, self.view), changed(trainable=(self.trainable, True)), own=True
        )


def _list(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(spell(shape) for shape in shapes)
