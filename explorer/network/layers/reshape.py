"""Layers that only order values anew."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Refused, Shape, Window, spell
from explorer.network.layers.normalization import need_axis
from explorer.network.layers.settings import Axis
from explorer.network.layers.whole import everything
from explorer.network.torch_call import Call, changed


class Flatten(Layer, frozen=True):
    """Writes all maps one behind the other into one vector (torch.nn.Flatten)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Flatten"
    torch_name: ClassVar[str] = "Flatten"
    keywords: ClassVar[str] = "vector view"

    start_dim: Annotated[
        Axis, Meta(description="The first axis that is joined; axis 0 is the batch, 1 the channels.")
    ] = 1

    end_dim: Annotated[
        Axis | None, Meta(description="The last axis that is joined; none: all that follow.")
    ] = None

    def _ends(self, shape: Shape) -> tuple[int, int]:
        """The first joined axis of the shape and the one behind the last."""
        return self.start_dim - 1, len(shape) if self.end_dim is None else self.end_dim

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        need_axis(self, inputs[0], self.start_dim)
        first, behind = self._ends(inputs[0])
        need_axis(self, inputs[0], behind)
        if behind <= first:
            raise Refused(
                "empty_range", f"The last axis {behind} must not lie before the first, {first + 1}."
            )
        return ((*inputs[0][:first], prod(inputs[0][first:behind]), *inputs[0][behind:]),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        first, behind = self._ends(inputs[0])
        joined = " · ".join(map(str, inputs[0][first:behind]))
        if (first, behind) == (0, 3):
            return Derivation("n = C · H · W", f"{joined} = {out[first]:,}")
        return Derivation("the joined sizes multiplied", f"{joined} = {out[first]:,}")

    def summary(self) -> str:
        if self.end_dim is not None:
            return f"axes {self.start_dim} to {self.end_dim}"
        return "" if self.start_dim == 1 else f"from axis {self.start_dim}"

    def torch_call(self, *inputs: Shape) -> Call:
        end = -1 if self.end_dim is None else self.end_dim
        return Call("Flatten", (), changed(start_dim=(self.start_dim, 1), end_dim=(end, -1)))


class Reshape(Layer, frozen=True):
    """Reads the same values as another shape; one −1 is worked out (torch.nn.Unflatten)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Reshape"
    torch_name: ClassVar[str] = "Unflatten"
    keywords: ClassVar[str] = "view unflatten"

    shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=1_000_000)], ...],
        Meta(
            min_length=1,
            max_length=8,
            description="The shape that comes out, without the batch; −1 is what is left.",
        ),
    ] = (1, -1)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        total = prod(inputs[0])
        known = prod(size for size in self.shape if size != -1)
        free = self.shape.count(-1)
        if free > 1 or known < 1:
            raise Refused(
                "wrong_size", "A shape is made of sizes of at least 1, of which one may be −1: what is left."
            )
        if total % known or (not free and total != known):
            raise Refused(
                "wrong_size",
                f"{spell(inputs[0])} is {total:,} values, which can't be read as {spell(self.shape)}.",
                values=total,
            )
        return (tuple(total // known if size == -1 else size for size in self.shape),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation("the same values", f"{spell(inputs[0])} = {prod(out):,} = {spell(out)}")

    def summary(self) -> str:
        return f"to {spell(self.shape)}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Sequential", (Call("Flatten"), Call("Unflatten", (1, self.shape))))


class ReshapeLike(Layer, frozen=True):
    """Reads the same values as another shape with axes as large as a second input's (Tensor.view)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Reshape like another"
    torch_name: ClassVar[str] = "ReshapeLike"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "view tokens to maps windows height width unflatten"

    sizes: Annotated[
        tuple[Annotated[int, Meta(ge=-8, le=1_000_000)], ...],
        Meta(
            min_length=1,
            max_length=8,
            description="What comes out: sizes, 0 for what is left, −2 for the second input's axis 2.",
        ),
    ] = (0, -2, -3)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        total, like = prod(inputs[0]), inputs[1]
        if -min(self.sizes) > len(like) or self.sizes.count(0) > 1:
            raise Refused(
                "no_such_axis",
                f"It names an axis that {spell(like)} does not have, or leaves two sizes open.",
                axes=len(like),
            )
        known = [like[-size - 1] if size < 0 else size for size in self.sizes]
        fixed = prod(size for size in known if size)
        if total % fixed or (0 not in known and total != fixed):
            raise Refused(
                "wrong_size",
                f"{spell(inputs[0])} is {total:,} values, which can't be read as {self.summary()}.",
                values=total,
            )
        return (tuple(size or total // fixed for size in known),)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation("the same values", f"{spell(inputs[0])} = {prod(out):,} = {spell(out)}")

    def summary(self) -> str:
        return " × ".join(
            "…" if size == 0 else f"axis {-size}" if size < 0 else str(size) for size in self.sizes
        )

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("ReshapeLike", (self.sizes,), own=True)


class Identity(Layer, frozen=True):
    """Lets everything pass: a place to hold on to, such as a shortcut (torch.nn.Identity)."""

    family: ClassVar[Family] = Family.RESHAPE
    title: ClassVar[str] = "Identity"
    torch_name: ClassVar[str] = "Identity"
    keywords: ClassVar[str] = "pass nothing shortcut"
