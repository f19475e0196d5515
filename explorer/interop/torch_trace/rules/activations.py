"""Activations and what disturbs training."""

from __future__ import annotations

from typing import Any, get_args

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value, number
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.composed import at_least, at_most
from explorer.network.layer import Layer
from explorer.network.layers import (
    ELU,
    GELU,
    Dropout,
    Dropout2d,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSoftmax,
    Pointwise,
    Power,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    StochasticDepth,
    Tanh,
)
from explorer.network.layers.pointwise import Function


def _plain(layer: Layer) -> Rule:
    def rule(op: Op, input: Ref, inplace: bool = False) -> Value:
        return op.add(layer, input)

    return rule


def prelu(op: Op, input: Ref, weight: Ref) -> Value:
    """F.prelu."""
    shape = op.value(input).shape
    per_channel = weight.shape[0] == shape[0] and weight.shape[0] > 1
    return op.add(PReLU(per_channel), input, weight=weight)


def leaky_relu(op: Op, input: Ref, negative_slope: float = 0.01, inplace: bool = False) -> Value:
    """F.leaky_relu."""
    return op.add(LeakyReLU(float(negative_slope)), input)


def elu(op: Op, input: Ref, alpha: float = 1.0, inplace: bool = False) -> Value:
    """F.elu."""
    return op.add(ELU(float(alpha)), input)


def gelu(op: Op, input: Ref, approximate: Any = "none") -> Value:
    """F.gelu."""
    return op.add(GELU(approximate), input)


def hardtanh(op: Op, input: Ref, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Value:
    """F.hardtanh."""
    if (min_val, max_val) == (0, 6):
        return op.add(ReLU6(), input)
    return op.add(Hardtanh(float(min_val), float(max_val)), input)


def clamp(op: Op, input: Ref, min: Any = None, max: Any = None) -> Value:
    """torch.clamp between two numbers, or on one side."""
    low, high = number(min), number(max)
    if max is None:
        return at_least(op, input, min)
    if min is None:
        return at_most(op, input, max)
    if low is None or high is None:
        raise Unfit("its bounds are not two numbers")
    return hardtanh(op, input, low, high)


def softmax(op: Op, input: Ref, dim: int | None = None, *_: Any, dtype: Any = None, **__: Any) -> Value:
    """F.softmax."""
    if dim is None:
        raise Unfit("it does not say along which axis")
    return op.add(Softmax(op.axis(input, dim)), input)


def log_softmax(op: Op, input: Ref, dim: int | None = None, *_: Any, dtype: Any = None, **__: Any) -> Value:
    """F.log_softmax."""
    if dim is None:
        raise Unfit("it does not say along which axis")
    return op.add(LogSoftmax(op.axis(input, dim)), input)


def dropout(op: Op, input: Ref, p: float = 0.5, training: bool = True, inplace: bool = False) -> Value:
    """F.dropout."""
    return op.add(Dropout(float(p)), input)


def dropout2d(op: Op, input: Ref, p: float = 0.5, training: bool = True, inplace: bool = False) -> Value:
    """F.dropout2d."""
    return op.add(Dropout2d(float(p)), input)


def stochastic_depth(op: Op, input: Ref, *_: Any, **__: Any) -> Value:
    """Torchvision's StochasticDepth and the DropPath that many networks bring along."""
    module = op.call.whole
    for name in ("p", "drop_prob"):
        share = getattr(module, name, None)
        if isinstance(share, int | float):
            return op.add(StochasticDepth(float(share)), input)
    raise Unfit("it does not say how often it drops")


def softplus(op: Op, input: Ref, beta: float = 1, threshold: float = 20) -> Value:
    """F.softplus as it comes."""
    if (beta, threshold) != (1, 20):
        raise Unfit("it is a softplus of another slope")
    return op.add(Pointwise("softplus"), input)


def power(op: Op, input: Ref, exponent: Any) -> Value:
    """torch.pow to a number."""
    single = number(exponent)
    if single is None or not op.knows(input):
        raise Unfit("its exponent is not a number")
    return op.add(Power(single), input)


_POINTWISE: tuple[Function, ...] = get_args(Function)

RULES: dict[str, Rule] = {
    **{name: _plain(Pointwise(name)) for name in _POINTWISE},
    "absolute": _plain(Pointwise("abs")),
    "log_sigmoid": _plain(Pointwise("logsigmoid")),
    "softplus": softplus,
    "pow": power,
    "relu": _plain(ReLU()),
    "relu6": _plain(ReLU6()),
    "silu": _plain(SiLU()),
    "sigmoid": _plain(Sigmoid()),
    "tanh": _plain(Tanh()),
    "hardswish": _plain(Hardswish()),
    "hardsigmoid": _plain(Hardsigmoid()),
    "prelu": prelu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "gelu": gelu,
    "hardtanh": hardtanh,
    "clamp": clamp,
    "clip": clamp,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "dropout": dropout,
    "dropout2d": dropout2d,
    "feature_dropout": dropout2d,
    "module StochasticDepth": stochastic_depth,
    "module DropPath": stochastic_depth,
}
