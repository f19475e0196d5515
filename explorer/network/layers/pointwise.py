"""Functions of each value that are no activations of their own, and differences and quotients of branches."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Shape, spell
from explorer.network.layers.merge import Merge
from explorer.network.layers.settings import Number
from explorer.network.torch_call import Call

Function = Literal[
    "abs",
    "ceil",
    "cos",
    "erf",
    "exp",
    "floor",
    "log",
    "log1p",
    "logsigmoid",
    "mish",
    "reciprocal",
    "round",
    "rsqrt",
    "selu",
    "sign",
    "sin",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "tanhshrink",
]


class Pointwise(Layer, frozen=True):
    """A function of each value by itself, such as exp, sqrt or mish (torch's function of that name)."""

    family: ClassVar[Family] = Family.ACTIVATION
    title: ClassVar[str] = "Pointwise function"
    torch_name: ClassVar[str] = "Pointwise"
    keywords: ClassVar[str] = "abs exp log sqrt square mish softplus selu softsign math elementwise"

    function: Annotated[Function, Meta(description="The function, by torch's name.")] = "mish"

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(f"y = {self.function}(x)", spell(inputs[0]))

    def summary(self) -> str:
        return self.function

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Pointwise", (self.function,), own=True)


class Power(Layer, frozen=True):
    """Each value to a fixed power (torch.pow)."""

    family: ClassVar[Family] = Family.ACTIVATION
    title: ClassVar[str] = "Power"
    torch_name: ClassVar[str] = "Power"
    keywords: ClassVar[str] = "pow exponent square root elementwise"

    exponent: Annotated[Number, Meta(description="The power.")] = 2.0

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(f"y = x^{self.exponent:g}", spell(inputs[0]))

    def summary(self) -> str:
        return f"{self.exponent:g}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("Power", (self.exponent,), own=True)


class Subtract(Merge, frozen=True):
    """The first branch less the second, value by value."""

    title: ClassVar[str] = "Subtract"
    torch_name: ClassVar[str] = "Subtract"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "minus difference eltwise"
    verb: ClassVar[str] = "subtracted"
    sign: ClassVar[str] = " - "


class Divide(Merge, frozen=True):
    """The first branch divided by the second, value by value."""

    title: ClassVar[str] = "Divide"
    torch_name: ClassVar[str] = "Divide"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "quotient ratio eltwise"
    verb: ClassVar[str] = "divided"
    sign: ClassVar[str] = " / "
