"""Functions that act on each value by itself, and softmax."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Parameter, Refused, Shape, spell
from explorer.network.layers.normalization import need_axis
from explorer.network.layers.settings import Axis, Number
from explorer.network.torch_call import Call, changed


class Activation(Layer, frozen=True):
    """What all activations have in common: the shape stays, and the formula is all there is."""

    family: ClassVar[Family] = Family.ACTIVATION
    formula: ClassVar[str] = ""

    def _settings(self) -> dict[str, Any]:
        """The torch module's settings that differ from torch's defaults."""
        return {}

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(self.formula, spell(self.output(*inputs)[0]))

    def torch_call(self, *inputs: Shape) -> Call:
        return Call(self.torch_name, (), self._settings())


class ReLU(Activation, frozen=True):
    """Negative values become 0, the others stay (torch.nn.ReLU)."""

    title: ClassVar[str] = "ReLU"
    torch_name: ClassVar[str] = "ReLU"
    keywords: ClassVar[str] = "rectified linear activation"
    formula: ClassVar[str] = "y = max(0, x)"


class ReLU6(Activation, frozen=True):
    """ReLU that stops at 6 (MobileNet; torch.nn.ReLU6)."""

    title: ClassVar[str] = "ReLU6"
    torch_name: ClassVar[str] = "ReLU6"
    keywords: ClassVar[str] = "rectified linear activation mobilenet"
    formula: ClassVar[str] = "y = min(max(0, x), 6)"


class PReLU(Activation, frozen=True):
    """ReLU whose slope for negative values is learned (He 2015; torch.nn.PReLU)."""

    title: ClassVar[str] = "PReLU"
    torch_name: ClassVar[str] = "PReLU"
    keywords: ClassVar[str] = "parametric rectified linear activation"
    formula: ClassVar[str] = "y = max(0, x) + a·min(0, x)"

    per_channel: Annotated[bool, Meta(description="Whether every channel learns a slope of its own.")] = True
    init: Annotated[Number, Meta(description="The slope at the start.")] = 0.25

    def _count(self, shape: Shape) -> int:
        return shape[0] if self.per_channel else 1

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return (Parameter("weight", (self._count(inputs[0]),)),)

    def derivation(self, *inputs: Shape) -> Derivation:
        count = self._count(inputs[0])
        return Derivation(self.formula, spell(inputs[0]), parameters=f"slopes {count:,}")

    def summary(self) -> str:
        return "per channel" if self.per_channel else "one slope"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(num_parameters=(self._count(inputs[0]), 1), init=(self.init, 0.25))
        return Call("PReLU", (), settings)


class LeakyReLU(Activation, frozen=True):
    """ReLU that lets a little of the negative values through (Maas 2013; torch.nn.LeakyReLU)."""

    title: ClassVar[str] = "Leaky ReLU"
    torch_name: ClassVar[str] = "LeakyReLU"
    keywords: ClassVar[str] = "rectified linear activation"
    formula: ClassVar[str] = "y = max(0, x) + a·min(0, x)"

    negative_slope: Annotated[Number, Meta(description="What negative values are multiplied by.")] = 0.01

    def summary(self) -> str:
        return f"slope {self.negative_slope:g}"

    def _settings(self) -> dict[str, Any]:
        return changed(negative_slope=(self.negative_slope, 0.01))


class ELU(Activation, frozen=True):
    """Negative values approach −α smoothly (Clevert 2015; torch.nn.ELU)."""

    title: ClassVar[str] = "ELU"
    torch_name: ClassVar[str] = "ELU"
    keywords: ClassVar[str] = "exponential linear activation"
    formula: ClassVar[str] = "y = x for x > 0, else α·(eˣ − 1)"

    alpha: Annotated[Number, Meta(description="How far below 0 it reaches.")] = 1.0

    def summary(self) -> str:
        return f"α {self.alpha:g}"

    def _settings(self) -> dict[str, Any]:
        return changed(alpha=(self.alpha, 1.0))


class GELU(Activation, frozen=True):
    """Weighs each value by the chance that a normal one is smaller (Hendrycks 2016; torch.nn.GELU)."""

    title: ClassVar[str] = "GELU"
    torch_name: ClassVar[str] = "GELU"
    keywords: ClassVar[str] = "gaussian error linear activation transformer convnext"
    formula: ClassVar[str] = "y = x·Φ(x)"

    approximate: Annotated[
        Literal["none", "tanh"], Meta(description="Exact, or by the tanh formula that older code has.")
    ] = "none"

    def _settings(self) -> dict[str, Any]:
        return changed(approximate=(self.approximate, "none"))


class SiLU(Activation, frozen=True):
    """Weighs each value by its sigmoid; also called swish (Elfwing 2017; torch.nn.SiLU)."""

    title: ClassVar[str] = "SiLU"
    torch_name: ClassVar[str] = "SiLU"
    keywords: ClassVar[str] = "swish activation efficientnet"
    formula: ClassVar[str] = "y = x·σ(x)"


class Sigmoid(Activation, frozen=True):
    """Squeezes each value between 0 and 1 (torch.nn.Sigmoid)."""

    title: ClassVar[str] = "Sigmoid"
    torch_name: ClassVar[str] = "Sigmoid"
    keywords: ClassVar[str] = "logistic activation gate"
    formula: ClassVar[str] = "y = 1 / (1 + e⁻ˣ)"


class Tanh(Activation, frozen=True):
    """Squeezes each value between −1 and 1 (torch.nn.Tanh)."""

    title: ClassVar[str] = "Tanh"
    torch_name: ClassVar[str] = "Tanh"
    keywords: ClassVar[str] = "hyperbolic tangent activation"
    formula: ClassVar[str] = "y = tanh(x)"


class ScaledTanh(Activation, frozen=True):
    """The tanh of LeNet-5, stretched so that it takes 1 to 1 and −1 to −1 (LeCun 1998)."""

    title: ClassVar[str] = "Scaled tanh"
    torch_name: ClassVar[str] = "ScaledTanh"
    keywords: ClassVar[str] = "hyperbolic tangent activation lenet sigmoid"
    formula: ClassVar[str] = "y = A·tanh(S·x)"

    amplitude: Annotated[Number, Meta(description="A, how far it reaches.")] = 1.7159
    slope: Annotated[Number, Meta(description="S, how steep it is at 0 (LeNet-5: 2/3).")] = 2 / 3

    def summary(self) -> str:
        return f"{self.amplitude:g}·tanh({self.slope:.3g}·x)"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("ScaledTanh", (self.amplitude, self.slope), own=True)


class Hardswish(Activation, frozen=True):
    """SiLU made of straight lines (MobileNetV3, Howard 2019; torch.nn.Hardswish)."""

    title: ClassVar[str] = "Hardswish"
    torch_name: ClassVar[str] = "Hardswish"
    keywords: ClassVar[str] = "activation mobilenet hard"
    formula: ClassVar[str] = "y = x·min(max(0, x + 3), 6) / 6"


class Hardsigmoid(Activation, frozen=True):
    """Sigmoid made of straight lines (torch.nn.Hardsigmoid)."""

    title: ClassVar[str] = "Hardsigmoid"
    torch_name: ClassVar[str] = "Hardsigmoid"
    keywords: ClassVar[str] = "activation mobilenet hard gate"
    formula: ClassVar[str] = "y = min(max(0, x + 3), 6) / 6"


LARGEST = 3.4028234663852886e38
"""The largest number of float32: as a bound it bounds nothing."""
Bound = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]


class Hardtanh(Activation, frozen=True):
    """Cuts each value off at two bounds (torch.nn.Hardtanh)."""

    title: ClassVar[str] = "Hardtanh"
    torch_name: ClassVar[str] = "Hardtanh"
    keywords: ClassVar[str] = "activation clip clamp hard"
    formula: ClassVar[str] = "y = min(max(lower, x), upper)"

    min_val: Annotated[Bound, Meta(description="The lower bound.")] = -1.0
    max_val: Annotated[Bound, Meta(description="The upper bound.")] = 1.0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.max_val <= self.min_val:
            raise Refused(
                "empty_range", f"The upper bound {self.max_val:g} must lie above the lower, {self.min_val:g}."
            )
        return (inputs[0],)

    def summary(self) -> str:
        if self.max_val == LARGEST:
            return f"at least {self.min_val:g}"
        if self.min_val == -LARGEST:
            return f"at most {self.max_val:g}"
        return f"{self.min_val:g} to {self.max_val:g}"

    def _settings(self) -> dict[str, Any]:
        return changed(min_val=(self.min_val, -1.0), max_val=(self.max_val, 1.0))


class Softmax(Activation, frozen=True):
    """Turns scores into shares that sum to 1, along the channels unless told otherwise (torch.nn.Softmax)."""

    title: ClassVar[str] = "Softmax"
    torch_name: ClassVar[str] = "Softmax"
    keywords: ClassVar[str] = "probabilities classifier activation"
    formula: ClassVar[str] = "yᵢ = e^xᵢ / Σⱼ e^xⱼ"

    dim: Annotated[
        Axis, Meta(description="The axis that sums to 1; axis 0 is the batch, 1 the channels.")
    ] = 1

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        need_axis(self, inputs[0], self.dim)
        return (inputs[0],)

    def _settings(self) -> dict[str, Any]:
        return {"dim": self.dim}


class LogSoftmax(Softmax, frozen=True):
    """The logarithm of softmax, which the nll loss expects (torch.nn.LogSoftmax)."""

    title: ClassVar[str] = "Log softmax"
    torch_name: ClassVar[str] = "LogSoftmax"
    keywords: ClassVar[str] = "log probabilities classifier activation"
    formula: ClassVar[str] = "yᵢ = xᵢ − log Σⱼ e^xⱼ"
