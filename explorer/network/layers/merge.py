"""Where branches come together."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Refused, Shape, spell
from explorer.network.layers.normalization import need_axis
from explorer.network.layers.settings import Axis
from explorer.network.torch_call import Call


class Merge(Layer, frozen=True):
    """What adding and multiplying have in common: equal shapes, or axes of 1 that torch stretches.

    Shapes with different numbers of axes are refused: torch would line the batch up with a map's axis.
    """

    family: ClassVar[Family] = Family.MERGE
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    verb: ClassVar[str] = ""
    sign: ClassVar[str] = ""

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        first = inputs[0]
        if inputs.count(first) == len(inputs):
            return (first,)
        result = list(first)
        for other in inputs[1:]:
            if len(other) != len(first):
                raise self._refusal(inputs, first, other)
            for axis, size in enumerate(other):
                if result[axis] == 1:
                    result[axis] = size
                elif size not in (1, result[axis]):
                    raise self._refusal(inputs, first, other)
        return (tuple(result),)

    def _refusal(self, inputs: tuple[Shape, ...], one: Shape, other: Shape) -> Refused:
        return Refused(
            "unequal_shapes", f"{spell(one)} and {spell(other)} can't be {self.verb}.", shapes=inputs
        )

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        stretched = any(shape != out for shape in inputs)
        return Derivation(
            f"y = {self.sign.join(('a', 'b'))}, value by value",
            self.sign.join(f"({spell(shape)})" for shape in inputs) + f" = {spell(out)}",
            note="Axes of 1 are stretched to the other's size" if stretched else "",
        )

    def torch_call(self, *inputs: Shape) -> Call:
        return Call(self.torch_name, own=True)

    def torch_line(self, *inputs: Shape) -> str:
        names = "abcdefgh"[: len(inputs)] if len(inputs) <= 8 else [f"x{i}" for i in range(len(inputs))]
        return f"lambda {', '.join(names)}: {self.sign.join(names)}"


class Add(Merge, frozen=True):
    """Adds branches value by value: the merge of a residual block (He 2015)."""

    title: ClassVar[str] = "Add"
    torch_name: ClassVar[str] = "Add"
    keywords: ClassVar[str] = "sum plus residual shortcut skip eltwise"
    verb: ClassVar[str] = "added"
    sign: ClassVar[str] = " + "


class Multiply(Merge, frozen=True):
    """Multiplies branches value by value; C × 1 × 1 weighs whole maps (squeeze-and-excitation, Hu 2017)."""

    title: ClassVar[str] = "Multiply"
    torch_name: ClassVar[str] = "Multiply"
    keywords: ClassVar[str] = "times product gate attention squeeze excite eltwise"
    verb: ClassVar[str] = "multiplied"
    sign: ClassVar[str] = " * "


class Concat(Layer, frozen=True):
    """Puts branches one behind the other, along the channels unless told otherwise (torch.cat)."""

    family: ClassVar[Family] = Family.MERGE
    title: ClassVar[str] = "Concatenate"
    torch_name: ClassVar[str] = "Concat"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    keywords: ClassVar[str] = "cat stack join inception dense"

    dim: Annotated[Axis, Meta(description="The axis that grows; axis 0 is the batch, 1 the channels.")] = 1

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        first, axis = inputs[0], self.dim - 1
        need_axis(self, first, self.dim)
        before, after = first[:axis], first[axis + 1 :]
        total = 0
        for shape in inputs:
            if len(shape) != len(first) or shape[:axis] != before or shape[axis + 1 :] != after:
                where = (
                    "in height and width" if self.dim == 1 and len(first) == 3 else f"but for axis {self.dim}"
                )
                raise Refused(
                    "unequal_sizes",
                    f"{spell(first)} and {spell(shape)} can't be put together: they must agree {where}.",
                    shapes=inputs,
                    dim=self.dim,
                )
            total += shape[axis]
        return ((*before, total, *after),)

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        axis = self.dim - 1
        parts = " + ".join(str(shape[axis]) for shape in inputs)
        return Derivation("n = n₁ + n₂ + …", f"{parts} = {out[axis]}")

    def summary(self) -> str:
        return "channels" if self.dim == 1 else f"axis {self.dim}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Concat", (), {"dim": self.dim}, own=True)

    def torch_line(self, *inputs: Shape) -> str:
        return f"lambda *branches: torch.cat(branches, dim={self.dim})"
