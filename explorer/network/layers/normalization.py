"""Layers that bring values to a common scale. What they average over does not count as a field of view."""

from __future__ import annotations

from math import prod
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Layer, Parameter, Refused, Shape, spell
from explorer.network.layers.settings import EPS, Axis, Count, Number, Positive, Share, Step
from explorer.network.torch_call import Call, changed

Eps = Annotated[float, Meta(ge=0, le=1), EPS]
AFFINE = Meta(description="Whether a trainable scale γ and shift β follow.")


def _scale_and_shift(shape: Shape, affine: bool) -> tuple[Parameter, ...]:
    return (Parameter("weight", shape), Parameter("bias", shape, "bias")) if affine else ()


def _counted(shape: Shape, affine: bool) -> str:
    count = prod(shape)
    return f"γ {count:,} + β {count:,} = {2 * count:,}" if affine else "0"


class BatchNorm(Layer, frozen=True):
    """Brings each channel to mean 0 and variance 1 over the batch (Ioffe 2015; torch.nn.BatchNorm1d, 2d)."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "Batch norm"
    torch_name: ClassVar[str] = "BatchNorm2d"
    keywords: ClassVar[str] = "bn batchnorm normalization"

    eps: Eps = 1e-5
    momentum: Annotated[
        Share, Meta(description="How fast the running mean and variance follow the batches.")
    ] = 0.1
    affine: Annotated[bool, AFFINE] = True

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return _scale_and_shift(inputs[0][:1], self.affine)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(
            "y = γ·(x − μ) / √(σ² + ε) + β, one μ and σ a channel",
            spell(inputs[0]),
            note="In use, μ and σ are the running ones: no work is counted, it folds into the layer before",
            parameters=_counted(inputs[0][:1], self.affine),
        )

    def summary(self) -> str:
        return "" if self.affine else "without γ, β"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(eps=(self.eps, 1e-5), momentum=(self.momentum, 0.1), affine=(self.affine, True))
        return Call(f"BatchNorm{max(1, len(inputs[0]) - 1)}d", inputs[0][:1], settings)


class LocalResponseNorm(Layer, frozen=True):
    """Damps each value by nearby channels at its place (Krizhevsky 2012; torch.nn.LocalResponseNorm)."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "Local response norm"
    torch_name: ClassVar[str] = "LocalResponseNorm"
    keywords: ClassVar[str] = "lrn brightness alexnet normalization"

    size: Annotated[Step, Meta(description="How many neighbouring channels damp each other.")] = 5
    alpha: Annotated[Number, Meta(description="Weight of the neighbours' squares (divided by size).")] = 1e-4
    beta: Annotated[Number, Meta(description="Exponent of the damping.")] = 0.75
    k: Annotated[Number, Meta(description="What is added before the exponent; AlexNet has 2, torch 1.")] = 1.0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        if len(inputs[0]) < 2:
            raise Refused(
                "needs_maps",
                f"Local response norm works on feature maps, but its input is a vector of {inputs[0][0]}.",
                shape=inputs[0],
            )
        return (inputs[0],)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation(
            "y = x / (k + α/n · Σ x²)^β over n neighbouring channels", spell(self.output(*inputs)[0])
        )

    def summary(self) -> str:
        usual = LocalResponseNorm()
        parts = [f"n {self.size}"]
        parts += [f"α {self.alpha:g}"] if self.alpha != usual.alpha else []
        parts += [f"β {self.beta:g}"] if self.beta != usual.beta else []
        parts += [f"k {self.k:g}"] if self.k != usual.k else []
        return ", ".join(parts)

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(alpha=(self.alpha, 1e-4), beta=(self.beta, 0.75), k=(self.k, 1.0))
        return Call("LocalResponseNorm", (self.size,), settings)


class LayerNorm(Layer, frozen=True):
    """Brings each example by itself to mean 0 and variance 1 (Ba 2016; torch.nn.LayerNorm)."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "Layer norm"
    torch_name: ClassVar[str] = "LayerNorm"
    keywords: ClassVar[str] = "ln normalization transformer convnext"

    over: Annotated[
        Literal["all", "last", "channels"],
        Meta(description="What is averaged: all, the last axis, or the channels at each place (ConvNeXt)."),
    ] = "all"
    eps: Eps = 1e-5
    elementwise_affine: Annotated[bool, AFFINE] = True

    def _normalized(self, shape: Shape) -> Shape:
        return {"all": shape, "last": shape[-1:], "channels": shape[:1]}[self.over]

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return _scale_and_shift(self._normalized(inputs[0]), self.elementwise_affine)

    def derivation(self, *inputs: Shape) -> Derivation:
        over = self._normalized(inputs[0])
        return Derivation(
            "y = γ·(x − μ) / √(σ² + ε) + β",
            f"{spell(inputs[0])}, μ and σ over {prod(over):,} values",
            parameters=_counted(over, self.elementwise_affine),
        )

    def summary(self) -> str:
        return {"all": "", "last": "last axis", "channels": "channels"}[self.over]

    def torch_call(self, *inputs: Shape) -> Call:
        own = self.over == "channels" and len(inputs[0]) > 1
        settings = changed(eps=(self.eps, 1e-5), elementwise_affine=(self.elementwise_affine, True))
        shape = self._normalized(inputs[0])
        if own:
            return Call("ChannelNorm", shape, settings, own=True)
        return Call("LayerNorm", (shape[0] if len(shape) == 1 else shape,), settings)


class GroupNorm(Layer, frozen=True):
    """Brings each group of channels of a picture to mean 0 and variance 1 (Wu 2018; torch.nn.GroupNorm)."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "Group norm"
    torch_name: ClassVar[str] = "GroupNorm"
    keywords: ClassVar[str] = "gn normalization small batch"

    num_groups: Annotated[Count, Meta(description="How many groups the channels are split into.")] = 32
    eps: Eps = 1e-5
    affine: Annotated[bool, AFFINE] = True

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = inputs[0][0]
        if channels % self.num_groups:
            raise Refused(
                "groups_do_not_divide",
                f"{self.num_groups} groups cannot share {channels} input channels evenly.",
                in_channels=channels,
            )
        if channels // self.num_groups * prod(inputs[0][1:]) == 1:
            raise Refused(
                "too_few_values", "Each group would hold one value, whose mean is the value itself."
            )
        return (inputs[0],)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return _scale_and_shift(inputs[0][:1], self.affine)

    def derivation(self, *inputs: Shape) -> Derivation:
        shape = self.output(*inputs)[0]
        return Derivation(
            "y = γ·(x − μ) / √(σ² + ε) + β, one μ and σ a group",
            f"{spell(shape)}, {shape[0] // self.num_groups} channels a group",
            parameters=_counted(shape[:1], self.affine),
        )

    def summary(self) -> str:
        return f"{self.num_groups} groups"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(eps=(self.eps, 1e-5), affine=(self.affine, True))
        return Call("GroupNorm", (self.num_groups, inputs[0][0]), settings)


class InstanceNorm(Layer, frozen=True):
    """Brings each map by itself to mean 0 and variance 1 (Ulyanov 2016; torch.nn.InstanceNorm1d, 2d)."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "Instance norm"
    torch_name: ClassVar[str] = "InstanceNorm2d"
    keywords: ClassVar[str] = "in normalization style"

    eps: Eps = 1e-5
    affine: Annotated[bool, AFFINE] = False

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        if len(inputs[0]) < 2:
            raise Refused(
                "needs_maps",
                f"Instance norm works on feature maps, but its input is a vector of {inputs[0][0]}.",
                shape=inputs[0],
            )
        if prod(inputs[0][1:]) == 1:
            raise Refused("too_few_values", "Each map has one value, whose mean is the value itself.")
        return (inputs[0],)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return _scale_and_shift(inputs[0][:1], self.affine)

    def derivation(self, *inputs: Shape) -> Derivation:
        shape = self.output(*inputs)[0]
        return Derivation(
            "y = (x − μ) / √(σ² + ε), one μ and σ a map",
            f"{spell(shape)}, μ and σ over {prod(shape[1:]):,} values",
            parameters=_counted(shape[:1], self.affine),
        )

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(eps=(self.eps, 1e-5), affine=(self.affine, False))
        return Call(f"InstanceNorm{len(inputs[0]) - 1}d", inputs[0][:1], settings)


class L2Normalize(Layer, frozen=True):
    """Scales vectors to length 1: onto the unit sphere (FaceNet, Schroff 2015; torch's F.normalize)."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "L2 normalize"
    torch_name: ClassVar[str] = "L2Normalize"
    keywords: ClassVar[str] = "unit sphere length embedding facenet"

    dim: Annotated[
        Axis, Meta(description="The axis whose vectors get length 1; axis 0 is the batch, 1 the channels.")
    ] = 1
    eps: Annotated[Positive, Meta(description="The smallest length that is divided by.")] = 1e-12

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        need_axis(self, inputs[0], self.dim)
        return (inputs[0],)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("y = x / ‖x‖₂", spell(self.output(*inputs)[0]))

    def torch_call(self, *inputs: Shape) -> Call:
        return Call("L2Normalize", (), changed(dim=(self.dim, 1), eps=(self.eps, 1e-12)), own=True)


class Scale(Layer, frozen=True):
    """Multiplies by a factor and adds an offset: fixed, or trainable and one for each channel."""

    family: ClassVar[Family] = Family.NORMALIZATION
    title: ClassVar[str] = "Scale"
    torch_name: ClassVar[str] = "Scale"
    keywords: ClassVar[str] = "constant multiply add factor offset affine layer scale gamma"

    factor: Annotated[
        Number, Meta(description="What every value is multiplied by (at first, if trainable).")
    ] = 1.0
    offset: Annotated[Number, Meta(description="What is added to every value (at first, if trainable).")] = (
        0.0
    )
    trainable: Annotated[bool, Meta(description="Whether each channel learns its own factor and offset.")] = (
        False
    )

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return _scale_and_shift(inputs[0][:1], self.trainable)

    def derivation(self, *inputs: Shape) -> Derivation:
        return Derivation("y = a·x + b", spell(inputs[0]), parameters=_counted(inputs[0][:1], self.trainable))

    def summary(self) -> str:
        if self.trainable:
            return "per channel, trainable"
        return f"× {self.factor:g} {'−' if self.offset < 0 else '+'} {abs(self.offset):g}"

    def torch_call(self, *inputs: Shape) -> Call:
        channels = {"channels": inputs[0][0]} if self.trainable else {}
        return Call("Scale", (self.factor, self.offset), channels, own=True)


def need_axis(layer: Layer, shape: Shape, dim: int) -> None:
    """Raise Refused when the input has no such axis (axis 0 is the batch)."""
    if dim > len(shape):
        raise Refused(
            "no_such_axis",
            f"{layer.title} works along axis {dim}, but its input {spell(shape)} has only {len(shape)}.",
            axes=len(shape),
        )
