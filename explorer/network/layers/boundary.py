"""Where a network begins and ends."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Shape, spell
from explorer.network.layers.settings import Shaped


class Input(Layer, frozen=True):
    """Where a picture (C, H, W) or a vector (F,) enters the network."""

    family: ClassVar[Family] = Family.BOUNDARY
    title: ClassVar[str] = "Input"
    torch_name: ClassVar[str] = "Identity"
    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    keywords: ClassVar[str] = "picture image source"

    shape: Annotated[
        Shaped, Meta(description="Channels, height and width of a picture, or the length of a vector.")
    ] = (3, 224, 224)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (self.shape,)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("output = the picture itself", spell(self.shape))

    def summary(self) -> str:
        return "picture" if len(self.shape) == 3 else "vector" if len(self.shape) == 1 else "tensor"


class Output(Layer, frozen=True):
    """Where a result leaves, and the loss that training puts there; without any, every end is a result."""

    family: ClassVar[Family] = Family.BOUNDARY
    title: ClassVar[str] = "Output"
    torch_name: ClassVar[str] = "Identity"
    keywords: ClassVar[str] = "result loss end"

    loss: Annotated[
        Literal["none", "cross-entropy", "nll", "mse"],
        Meta(description="What training compares here: cross-entropy takes scores before any softmax."),
    ] = "none"

    def summary(self) -> str:
        return "" if self.loss == "none" else f"loss: {self.loss}"
