"""Layers that disturb training so that it generalizes; in use they let everything pass."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Shape, need_maps, spell
from explorer.network.layers.settings import Share
from explorer.network.torch_call import Call

P = Meta(description="The share that is dropped in training.")


def _passes(shape: Shape, what: str) -> Derivation:
    return Derivation("output = input", spell(shape), note=f"In training, {what}; in use, all pass unchanged")


class Dropout(Layer, frozen=True):
    """In training, each value becomes 0 with chance p (Srivastava 2014; torch.nn.Dropout)."""

    family: ClassVar[Family] = Family.REGULARIZE
    title: ClassVar[str] = "Dropout"
    torch_name: ClassVar[str] = "Dropout"
    keywords: ClassVar[str] = "regularization overfitting"

    p: Annotated[Share, P] = 0.5

    def derivation(self, *inputs: Shape) -> Derivation:
        return _passes(inputs[0], f"each value is dropped with chance {self.p:g}")

    def summary(self) -> str:
        return f"p {self.p:g}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Dropout", (self.p,))


class Dropout2d(Layer, frozen=True):
    """In training, whole maps become 0 with chance p (Tompson 2015; torch.nn.Dropout2d)."""

    family: ClassVar[Family] = Family.REGULARIZE
    title: ClassVar[str] = "Dropout of maps"
    torch_name: ClassVar[str] = "Dropout2d"
    keywords: ClassVar[str] = "regularization spatial dropout2d channels"

    p: Annotated[Share, P] = 0.5

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (need_maps(self, inputs[0]),)

    def derivation(self, *inputs: Shape) -> Derivation:
        return _passes(self.output(*inputs)[0], f"each map is dropped with chance {self.p:g}")

    def summary(self) -> str:
        return f"p {self.p:g}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Dropout2d", (self.p,))


class StochasticDepth(Layer, frozen=True):
    """In training, a branch becomes 0 with chance p, and only the shortcut is left (Huang 2016)."""

    family: ClassVar[Family] = Family.REGULARIZE
    title: ClassVar[str] = "Stochastic depth"
    torch_name: ClassVar[str] = "StochasticDepth"
    keywords: ClassVar[str] = "regularization drop path residual"

    p: Annotated[Share, P] = 0.2

    def derivation(self, *inputs: Shape) -> Derivation:
        return _passes(inputs[0], f"all is dropped with chance {self.p:g}")

    def summary(self) -> str:
        return f"p {self.p:g}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("StochasticDepth", (self.p,), own=True)
