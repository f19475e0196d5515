"""Layers in which every output sees every input."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Parameter, Refused, Shape, spell
from explorer.network.layers.settings import BIAS, Count
from explorer.network.torch_call import Call, changed


class Linear(Layer, frozen=True):
    """Fully connected: every output is a weighted sum of all values of the vector (torch.nn.Linear).

    Works on the last axis as torch does, with one deliberate difference: maps (C, H, W) are refused, because
    torch would take their width for the vector without a word; `over` says that the last axis is meant.
    """

    family: ClassVar[Family] = Family.DENSE
    title: ClassVar[str] = "Linear"
    torch_name: ClassVar[str] = "Linear"
    keywords: ClassVar[str] = "fully connected fc dense classifier"

    out_features: Annotated[Count, Meta(description="How many values come out, e.g. one a class.")] = 10
    bias: Annotated[bool, BIAS] = True
    over: Annotated[
        Literal["vector", "last"],
        Meta(description="What it takes: a vector (or rows of them), or the last axis of whatever comes in."),
    ] = "vector"

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        if len(shape) > 2 and self.over == "vector":
            raise Refused(
                "missing_flatten",
                f"Linear takes a vector, but its input is {spell(shape)}: flatten it or pool it first.",
                shape=shape,
            )
        return ((*shape[:-1], self.out_features),)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        weight = Parameter("weight", (self.out_features, inputs[0][-1]))
        return (weight, Parameter("bias", (self.out_features,), "bias")) if self.bias else (weight,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * inputs[0][-1]

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        into = inputs[0][-1]
        weights = into * self.out_features
        count = f"weights {into:,}·{self.out_features:,} = {weights:,}"
        return Derivation(
            "output = out_features",
            spell(out),
            parameters=count + (f" + biases {self.out_features:,}" if self.bias else ""),
            macs=f"{weights:,}" if len(out) == 1 else self._repeated(weights, out),
        )

    def _repeated(self, weights: int, out: Shape) -> str:
        places = " · ".join(str(size) for size in out[:-1])
        return f"{weights:,} · {places} = {weights * prod(out[:-1]):,}"

    def summary(self) -> str:
        return f"{self.out_features}" if self.over == "vector" else f"{self.out_features}, last axis"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Linear", (inputs[0][-1], self.out_features), changed(bias=(self.bias, True)))


class RBF(Layer, frozen=True):
    """Squared distance of the vector to one fixed pattern a class (the output of LeNet-5, LeCun 1998).

    The patterns are not trained: they are buffers, so it has no parameters; its connections count them.
    """

    family: ClassVar[Family] = Family.DENSE
    title: ClassVar[str] = "RBF output"
    torch_name: ClassVar[str] = "RBF"
    keywords: ClassVar[str] = "radial basis function euclidean distance lenet"

    out_features: Annotated[Count, Meta(description="How many patterns there are: one a class.")] = 10

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        if len(inputs[0]) != 1:
            raise Refused(
                "missing_flatten",
                f"RBF takes a vector, but its input is {spell(inputs[0])}: flatten it first.",
                shape=inputs[0],
            )
        return ((self.out_features,),)

    def connections(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return inputs[0][0] * self.out_features

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(
            "yᵢ = Σⱼ (xⱼ − wᵢⱼ)²",
            spell(out),
            note=f"{inputs[0][0]} · {self.out_features} = {inputs[0][0] * self.out_features:,} fixed values",
            parameters="0, the patterns are fixed",
            macs="0: distances are neither convolution nor matrix product",
        )

    def summary(self) -> str:
        return f"{self.out_features} patterns"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("RBF", (inputs[0][0], self.out_features), own=True)
