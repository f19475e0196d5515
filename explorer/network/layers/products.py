"""Products of two or more things that come in: matrices, and what an einsum says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import (
    Derivation,
    Family,
    Layer,
    Refused,
    Shape,
    spell,
)
from explorer.network.torch_call import Call


class MatMul(Layer, frozen=True):
    """The matrix product of two branches, over their last two axes (torch.matmul)."""

    family: ClassVar[Family] = Family.MERGE
    title: ClassVar[str] = "Matrix product"
    torch_name: ClassVar[str] = "MatMul"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "matmul bmm dot multiply attention gram"

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        one, other = inputs
        if len(one) != len(other) or len(one) < 2 or one[-1] != other[-2] or not _alike(one[:-2], other[:-2]):
            raise Refused(
                "unequal_shapes", f"{spell(one)} and {spell(other)} have no matrix product.", shapes=inputs
            )
        outer = tuple(max(a, b) for a, b in zip(one[:-2], other[:-2], strict=True))
        return ((*outer, one[-2], other[-1]),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * inputs[0][-1]

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(
            "(n × k)·(k × m) = n × m",
            f"({spell(inputs[0])})·({spell(inputs[1])}) = {spell(out)}",
            macs=f"{prod(out):,} · {inputs[0][-1]} = {self.macs(inputs, (out,)):,}",
        )

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("MatMul", own=True)


def _alike(one: Shape, other: Shape) -> bool:
    """Whether two shapes of one length are equal, but for axes of 1, which are stretched."""
    return all(a == b or 1 in (a, b) for a, b in zip(one, other, strict=True))


class Einsum(Layer, frozen=True):
    """A product of two branches by named axes, those that do not come out summed up (torch.einsum)."""

    family: ClassVar[Family] = Family.MERGE
    title: ClassVar[str] = "Einsum"
    torch_name: ClassVar[str] = "Einsum"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "einstein sum product contraction attention"

    equation: Annotated[
        str,
        Meta(
            max_length=60,
            description="One letter an axis, without the batch: of both inputs, and of what comes out.",
        ),
    ] = "ij,jk->ik"

    def _sizes(self, inputs: Sequence[Shape]) -> tuple[str, str, str, dict[str, int]]:
        match = re.fullmatch(r"([a-z]+),([a-z]+)->([a-z]+)", self.equation)
        if match is None:
            raise Refused(
                "no_such_axis", "An equation is written like ij,jk->ik, one letter an axis.", axes=0
            )
        one, other, out = match.groups()
        sizes: dict[str, int] = {}
        for letters, shape in zip((one, other), inputs, strict=True):
            if len(letters) != len(shape) or len(set(letters)) < len(letters):
                raise Refused(
                    "no_such_axis",
                    f"'{letters}' does not name the axes of {spell(shape)}.",
                    axes=len(shape),
                )
            for letter, size in zip(letters, shape, strict=True):
                known = sizes.setdefault(letter, size)
                if known != size and known == 1:
                    sizes[letter] = size
                elif known != size and size != 1:
                    raise Refused(
                        "unequal_shapes",
                        f"Axis {letter} is {known} in one branch and {size} in the other.",
                        shapes=tuple(inputs),
                    )
        if not set(out) <= set(sizes) or len(set(out)) < len(out):
            raise Refused("no_such_axis", f"'{out}' names axes that no input has.", axes=0)
        return one, other, out, sizes

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        _, _, out, sizes = self._sizes(inputs)
        return (tuple(sizes[letter] for letter in out),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        one, other, out, sizes = self._sizes(inputs)
        left, right = dict(zip(one, inputs[0], strict=True)), dict(zip(other, inputs[1], strict=True))
        # As torch does it: what only one side has is summed up before, and without a sum over both nothing
        # is left of the product but a multiplication.
        summed = [
            axis for axis, size in left.items() if axis not in out and size > 1 and right.get(axis, 1) > 1
        ]
        return prod(outputs[0]) * prod(sizes[axis] for axis in summed) if summed else 0

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(self.equation, spell(out), macs=f"{self.macs(inputs, (out,)):,}")

    def summary(self) -> str:
        return self.equation

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Einsum", (self.equation,), own=True)
