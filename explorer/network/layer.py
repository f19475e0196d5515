"""What every layer declares: fields, output shape, parameters, MACs, receptive window, derivation.

Shapes leave out the batch dimension: `(C, H, W)` for feature maps, `(F,)` for vectors.
MACs are multiply-accumulates of one image in eval mode, counted as `FlopCounterMode / 2` counts them:
convolutions and matrix products only; FLOP = 2 MAC.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import prod
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec

from explorer.network.torch_call import Call

Shape = tuple[int, ...]


class Family(StrEnum):
    """The kind of a layer; colour on the screen means this and nothing else."""

    BOUNDARY = "boundary"
    CONVOLUTION = "convolution"
    POOLING = "pooling"
    DENSE = "dense"
    NORMALIZATION = "normalization"
    ACTIVATION = "activation"
    REGULARIZE = "regularize"
    MERGE = "merge"
    RESHAPE = "reshape"


class Refused(Exception):
    """A layer cannot take these inputs. `code` names the kind of problem, the text says it to a person.

    `details` carries what a mend needs, e.g. the axis and the sizes.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class Parameter(msgspec.Struct, frozen=True, gc=False):
    """One trainable tensor of a layer, named as its torch module names it."""

    name: str
    shape: Shape
    role: Literal["weight", "bias"] = "weight"

    @property
    def numel(self) -> int:
        return prod(self.shape)


class Window(msgspec.Struct, frozen=True, gc=False):
    """What one output position sees of the input, along one axis.

    `extent` input positions beginning `before` positions before the one it stands at; the next output
    stands `stride` input positions further (a fraction where the layer enlarges).
    """

    extent: int
    stride: float
    before: float


#: Sees just its own position, along each of that many axes.
_IN_PLACE = tuple((Window(1, 1, 0),) * axes for axes in range(4))
"""Just its own position, as a 1×1 convolution sees it: the field behind it is the field before it."""


class Derivation(NamedTuple):
    """The numbers of a layer, derived in the open, with this layer's values put in.

    `remainder` and `dropped` are per spatial axis (H, W): what the floor cuts off, and how many real
    input pixels (padding left out) no window ever sees.
    """

    formula: str
    substituted: str
    steps: tuple[str, ...] = ()
    remainder: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    note: str = ""
    parameters: str = "0"
    macs: str = "0"


class Layer(
    msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True, omit_defaults=True, cache_hash=True
):
    """One layer: an immutable value whose fields are its settings, typed and bounded.

    Subclasses declare everything else about themselves; palette, inspector, file format, validation,
    code export and help read it from here.
    """

    family: ClassVar[Family]
    title: ClassVar[str]
    torch_name: ClassVar[str] = ""
    #: Fewest and most inputs; None means any number.
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    #: Words that find it in the library beside its title.
    keywords: ClassVar[str] = ""

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The shapes that come out, one per output port. Raises Refused."""
        return (inputs[0],)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        """The trainable tensors, for inputs that `output` accepts."""
        return ()

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        """Multiply-accumulates for one image."""
        return 0

    def connections(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        """Connections in the sense of LeCun 1998: every weight or bias once for each output that uses it."""
        biases = any(p.role == "bias" for p in self.parameters(*inputs))
        macs = self.macs(inputs, outputs)
        return macs + (prod(outputs[0]) if biases and macs else 0)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        """Per spatial axis what an output sees of its input; None when it sees just its own position."""
        return None

    def dropped(self, inputs: Sequence[Shape]) -> tuple[int, ...]:
        """Input rows and columns (H, W) that no output ever sees."""
        return ()

    def derivation(self, *inputs: Shape) -> Derivation:
        """How the output size and the counts come about. Raises Refused as `output` does."""
        out = self.output(*inputs)[0]
        return Derivation(formula="output = input", substituted=spell(out))

    def summary(self) -> str:
        """The key settings in one short line for a card, e.g. `64 · 7×7 / 2, pad 3`."""
        return ""

    def torch_call(self, *inputs: Shape) -> Call:
        """The constructor call that makes this layer's torch module for these inputs."""
        return Call(self.torch_name)

    def torch_line(self, *inputs: Shape) -> str:
        """The PyTorch expression that makes this layer for these inputs."""
        return str(self.torch_call(*inputs))


class Shaped(msgspec.Struct, frozen=True, gc=False):
    """All that a layer's rules say for given input shapes; `elements` is how many values come out."""

    outputs: tuple[Shape, ...]
    elements: int
    parameters: tuple[Parameter, ...]
    weights: int
    biases: int
    macs: int
    window: tuple[Window, ...] | None


def shape_layer(layer: Layer, inputs: tuple[Shape, ...]) -> Shaped:
    """Apply all rules of `layer` to `inputs`. Raises Refused."""
    outputs = layer.output(*inputs)
    elements = weights = biases = 0
    for out in outputs:
        elements += prod(out)
        if out and min(out) < 1:
            raise Refused(
                "empty_output", f"The output would be {spell(out)}: nothing is left of it.", output=out
            )
    parameters = layer.parameters(*inputs)
    for parameter in parameters:
        if parameter.role == "weight":
            weights += parameter.numel
        else:
            biases += parameter.numel
    window = layer.window(inputs)
    return Shaped(
        outputs,
        elements,
        parameters,
        weights,
        biases,
        layer.macs(inputs, outputs),
        None if window is None or window == _IN_PLACE[len(window)] else window,
    )


def spell(shape: Shape) -> str:
    """A shape as people read it: `64 × 112 × 112`."""
    return " × ".join(str(n) for n in shape)


def need_maps(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """The shape as (C, H, W), or Refused in plain words when it is not one."""
    if len(shape) != 3:
        raise Refused(
            "needs_maps",
            f"{layer.title} works on feature maps (C × H × W), but its input is {spell(shape)}.",
            shape=shape,
        )
    return shape[0], shape[1], shape[2]
