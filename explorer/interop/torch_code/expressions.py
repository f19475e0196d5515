"""The expressions of generated code: what makes a module, with the values in it as leaves that may vary.

Two expressions with one `skeleton` differ in their leaves alone, so that one class with arguments can
stand for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Union

from explorer.network.torch_call import Call, literal


class Hint(NamedTuple):
    """What a block is called: its kind (`residual, basic`) and its name."""

    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. `label` is what torch calls it, `kind` is equal for labels that mean the same quantity."""

    value: Any
    label: str = ""
    kind: str = ""
    text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", literal(self.value))


@dataclass(frozen=True, slots=True)
class Text:
    """An expression over the arguments of the class around it, e.g. `4 * width`."""

    text: str
    label: str = ""
    kind: str = ""


Leaf = Literal | Text


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call. It goes without saying where it equals `default` (a literal's text)."""

    value: Leaf
    keyword: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Make:
    """`name(*arguments)`: a module of torch, of explorer/interop/modules.py (`own`) or of the file itself."""

    name: str
    arguments: tuple[Argument, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """`nn.Sequential` of modules that are numbered, or named by `names`."""

    items: tuple[Expression, ...]
    names: tuple[str, ...] | None = None
    hint: Hint = field(default=Hint(), compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """`nn.Sequential` of `count` modules of one class, of which all but the first are equal."""

    first: Make
    rest: Make
    count: Leaf
    hint: Hint = field(default=Hint(), compare=False)


Expression = Union[Make, Chain, Run]  # noqa: UP007  # the alias refers to itself

#: Runs of equal modules from this length on are written as a loop.
LOOP = 3

_POSITIONAL = {
    "Conv": ("in_channels", "out_channels"),
    "ConvTranspose": ("in_channels", "out_channels"),
    "Linear": ("in_features", "out_features"),
    "BatchNorm": ("num_features",),
    "InstanceNorm": ("num_features",),
    "GroupNorm": ("num_groups", "num_channels"),
    "LayerNorm": ("normalized_shape",),
    "ChannelNorm": ("channels",),
    "MaxPool": ("kernel_size",),
    "AvgPool": ("kernel_size",),
    "LPPool": ("norm_type", "kernel_size"),
    "L2Pool": ("kernel_size",),
    "Subsample": ("channels", "kernel_size"),
    "Dropout": ("p",),
    "StochasticDepth": ("p",),
    "AdaptiveAvgPool": ("output_size",),
    "AdaptiveMaxPool": ("output_size",),
    "LocalResponseNorm": ("size",),
    "LocallyConnected": ("in_shape", "out_channels"),
    "RBF": ("in_features", "out_features"),
    "Scale": ("factor", "offset"),
}
_CONV = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros"}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "Conv": _CONV,
    "ConvTranspose": {
        "stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "bias": True, "dilation": 1,
    },
    "Linear": {"bias": True},
    "BatchNorm": {"eps": 1e-5, "momentum": 0.1, "affine": True},
    "MaxPool": {"padding": 0, "dilation": 1, "ceil_mode": False},
    "AvgPool": {"padding": 0, "ceil_mode": False, "count_include_pad": True},
    "PReLU": {"num_parameters": 1, "init": 0.25},
}  # fmt: skip
#: What torch calls a number of channels.
CHANNELS = {
    "in_channels", "out_channels", "in_features", "out_features", "num_features", "num_channels", "channels",
    "normalized_shape", "groups", "num_parameters",
}  # fmt: skip


def kind_of(label: str) -> str:
    """Labels of one kind hold the same quantity: a number of channels, whatever it is called."""
    return "channels" if label in CHANNELS else label


def from_call(call: Call) -> Expression:
    """The expression that carries out a layer's constructor call, with torch's defaults filled in."""
    if call.name == "Sequential" and not call.own:
        return Chain(tuple(from_call(item) for item in call.args))
    base = re.sub(r"[123]d$", "", call.name)
    labels = _POSITIONAL.get(base, ())
    values: list[tuple[str | None, str, Any]] = []
    for index, value in enumerate(call.args):
        label = labels[index] if index < len(labels) else f"argument{index}"
        values.append((None, label, value))
    values += [(name, name, value) for name, value in call.settings.items()]
    given = {label: value for _, label, value in values}
    defaults = _DEFAULTS.get(base, {})
    order = {name: place for place, name in enumerate(defaults)}
    values += [(name, name, value) for name, value in defaults.items() if name not in given]
    values.sort(key=lambda found: order.get(found[1], -1))
    arguments = tuple(
        Argument(
            Literal(value, label, kind_of(label)),
            keyword,
            literal(defaults[label]) if label in defaults else None,
        )
        for keyword, label, value in values
    )
    return Make(call.name if call.own else f"nn.{call.name}", arguments, call.own)


def leaves(expression: Expression) -> Iterator[Leaf]:
    """All leaves, in the order in which `rebuilt` takes them."""
    match expression:
        case Make():
            for argument in expression.arguments:
                yield argument.value
        case Chain():
            for item in expression.items:
                yield from leaves(item)
        case Run():
            yield from leaves(expression.first)
            yield from leaves(expression.rest)
            yield expression.count


def rebuilt(expression: Expression, values: Iterator[Leaf]) -> Expression:
    """The expression with other leaves."""
    match expression:
        case Make():
            return _made(expression, values)
        case Chain():
            return replace(expression, items=tuple(rebuilt(item, values) for item in expression.items))
        case Run():
            first, rest = _made(expression.first, values), _made(expression.rest, values)
            return replace(expression, first=first, rest=rest, count=next(values))


def _made(make: Make, values: Iterator[Leaf]) -> Make:
    return replace(make, arguments=tuple(replace(one, value=next(values)) for one in make.arguments))


def skeleton(expression: Expression) -> tuple[Any, ...]:
    """All but the leaves, to compare."""
    match expression:
        case Make():
            return (expression.name, *((one.keyword, one.value.label) for one in expression.arguments))
        case Chain():
            return ("chain", expression.names, *map(skeleton, expression.items))
        case Run():
            return ("run", skeleton(expression.first), skeleton(expression.rest))


def as_run(chain: Chain) -> Chain | Run:
    """A numbered chain of one class whose later modules are equal, as a Run; all others as they are."""
    first, *rest = chain.items
    if chain.names is not None or not rest or not isinstance(first, Make) or first.name.startswith("nn."):
        return chain
    one = rest[0]
    alike = isinstance(one, Make) and one.name == first.name and all(item == one for item in rest)
    if not alike or first.own or not first.arguments:
        return chain
    assert isinstance(one, Make)
    return Run(first, one, Literal(len(chain.items), "depth", "depth"), chain.hint)
