"""Functions that torch has as one and the document as several layers, one behind the other."""

from __future__ import annotations

from typing import Any

import torch

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value, example, number
from explorer.interop.torch_trace.recording import Ref
from explorer.network.layers import (
    Add,
    Hardtanh,
    LayerNorm,
    Multiply,
    Part,
    Pointwise,
    Reduce,
    ReLU,
    Scale,
    Sigmoid,
    Subtract,
)
from explorer.network.layers.activation import LARGEST


class _Axes:
    """The axes of a tensor over which something is done, and what is made of them."""

    def __init__(self, op: Op, input: Ref, dim: Any, keepdim: bool) -> None:
        if dim is None or dim in ((), []):
            raise Unfit("it takes the batch together")
        self.op, self.input, self.keepdim = op, input, keepdim
        self.dims = sorted({one % len(input.shape) for one in ([dim] if isinstance(dim, int) else dim)})
        self.axes = tuple(op.axis(input, one) for one in self.dims)

    def reduce(self, mode: Any, value: Any, *, keepdim: bool | None = None) -> Value:
        """One value along these axes."""
        keepdim = self.keepdim if keepdim is None else keepdim
        batch = self.op.value(self.input).batch
        if batch is not None and not keepdim:
            batch -= sum(dim < batch for dim in self.dims)
        return self.op.add(Reduce(mode, self.axes, keepdim), value, batch=batch)

    def count(self) -> int:
        """How many values each is made of. Raises Unfit where that follows from the picture's size."""
        shape, count = self.op.value(self.input).shape, 1
        twin = self.op.twin
        other = example(twin.inputs[0], self.op.value(self.input).batch, self.op.ratio) if twin else shape
        for axis in self.axes:
            if other[axis - 1] != shape[axis - 1]:
                raise Unfit("it divides by one less than the number of places")
            count *= shape[axis - 1]
        return count


def norm(op: Op, input: Ref, p: Any = 2, dim: Any = None, keepdim: bool = False, *_: Any, **__: Any) -> Value:
    """The Euclidean norm along axes: Tensor.norm, torch.linalg.vector_norm."""
    if p not in (2, 2.0, "fro"):
        raise Unfit("it measures length by another norm")
    axes = _Axes(op, input, dim, keepdim)
    return op.add(Pointwise("sqrt"), axes.reduce("sum", op.add(Pointwise("square"), input)))


def vector_norm(op: Op, input: Ref, ord: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Value:
    """torch.linalg.vector_norm."""
    return norm(op, input, ord, dim, keepdim)


def var(
    op: Op,
    input: Ref,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = 1,
) -> Value:
    """torch.var: the mean of squared distances from the mean."""
    axes = _Axes(op, input, dim, keepdim)
    lost = int(unbiased) if unbiased is not None else int(correction if correction is not None else 1)
    distance = op.add(Subtract(), input, axes.reduce("mean", input, keepdim=True))
    found = axes.reduce("mean", op.add(Pointwise("square"), distance))
    if lost:
        count = axes.count()
        found = op.add(Scale(count / (count - lost), 0.0), found)
    return found


def std(op: Op, input: Ref, *args: Any, **kwargs: Any) -> Value:
    """torch.std."""
    return op.add(Pointwise("sqrt"), var(op, input, *args, **kwargs))


def var_mean(op: Op, input: Ref, dim: Any = None, *args: Any, **kwargs: Any) -> tuple[Value, Value]:
    """torch.var_mean."""
    found = var(op, input, dim, *args, **kwargs)
    keepdim = bool(args[1]) if len(args) > 1 else bool(kwargs.get("keepdim", False))
    return found, _Axes(op, input, dim, keepdim).reduce("mean", input)


def rms_norm(op: Op, input: Ref, normalized_shape: Any, weight: Ref | None = None, eps: Any = None) -> Value:
    """F.rms_norm over the last axis."""
    if len(normalized_shape) != 1:
        raise Unfit("it averages over several axes")
    axes = _Axes(op, input, -1, True)
    mean = axes.reduce("mean", op.add(Pointwise("square"), input))
    small = torch.finfo(torch.float32).eps if eps is None else float(eps)
    found = op.add(Multiply(), input, op.add(Pointwise("rsqrt"), op.add(Scale(1.0, small), mean)))
    return found if weight is None else op.add(Multiply(), found, op.branch(weight, input))


def scaled_layer_norm(op: Op, input: Ref, weight: Ref, eps: float) -> Value:
    """F.layer_norm over the last axis with a scale and no shift."""
    return op.add(Multiply(), op.add(LayerNorm("last", eps, False), input), op.branch(weight, input))


def maximum(op: Op, input: Any, other: Any) -> Value:
    """torch.maximum: b + max(a − b, 0), which is as exact as b; of a number it is a bound."""
    for branch, bound in ((input, other), (other, input)):
        if op.knows(branch) and number(bound) is not None:
            return at_least(op, branch, bound)
    first, second = _both(op, input, other)
    return op.add(Add(), second, op.add(ReLU(), op.add(Subtract(), first, second)))


def minimum(op: Op, input: Any, other: Any) -> Value:
    """torch.minimum: a − max(a − b, 0); of a number it is a bound."""
    for branch, bound in ((input, other), (other, input)):
        if op.knows(branch) and number(bound) is not None:
            return at_most(op, branch, bound)
    first, second = _both(op, input, other)
    return op.add(Subtract(), first, op.add(ReLU(), op.add(Subtract(), first, second)))


def _both(op: Op, input: Any, other: Any) -> tuple[Value, Value]:
    like = (
        input if op.knows(input) and (not op.knows(other) or len(input.shape) >= len(other.shape)) else other
    )
    first, second = op.branch(input, like), op.branch(other, like)
    if first.batch != second.batch or len(first.shape) != len(second.shape):
        raise Unfit("one branch has the batch folded into another axis")
    return first, second


def _extreme(mode: Any, of_two: Rule) -> Rule:
    """torch.max and torch.min: along an axis, with the places, or of two tensors."""

    def rule(op: Op, input: Ref, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        if isinstance(dim, Ref) or other is not None:
            return of_two(op, input, dim if other is None else other)
        found = _Axes(op, input, dim, keepdim).reduce(mode, input)
        return (found, *[None] * (len(op.call.outputs) - 1))

    return rule


def at_least(op: Op, input: Ref, min: Any) -> Value:
    """torch.clamp_min."""
    low = number(min)
    if low is None:
        return maximum(op, input, min)
    if low == 0:
        return op.add(ReLU(), input)
    return op.add(Hardtanh(low, LARGEST), input)


def at_most(op: Op, input: Ref, max: Any) -> Value:
    """torch.clamp_max."""
    high = number(max)
    if high is None:
        return minimum(op, input, max)
    return op.add(Hardtanh(-LARGEST, high), input)


def glu(op: Op, input: Ref, dim: int = -1) -> Value:
    """F.glu: one half, gated by the other."""
    axis = op.axis(input, dim)
    return op.add(
        Multiply(), op.add(Part(2, 0, axis), input), op.add(Sigmoid(), op.add(Part(2, 1, axis), input))
    )


def rpow(op: Op, input: Ref, base: Any) -> Value:
    """A number to the power of a tensor, as 10000 ** x: exp(x·log b)."""
    single = number(base)
    if single is None or single <= 0:
        raise Unfit("its base is not a positive number")
    factor = float(torch.tensor(single, dtype=torch.float64).log())
    return op.add(Pointwise("exp"), op.add(Scale(factor, 0.0), input))


RULES: dict[str, Rule] = {
    "norm": norm,
    "vector_norm": vector_norm,
    "linalg_vector_norm": vector_norm,
    "var": var,
    "std": std,
    "var_mean": var_mean,
    "rms_norm": rms_norm,
    "maximum": maximum,
    "fmax": maximum,
    "minimum": minimum,
    "fmin": minimum,
    "max": _extreme("amax", maximum),
    "min": _extreme("amin", minimum),
    "clamp_min": at_least,
    "clamp_max": at_most,
    "glu": glu,
    "rpow": rpow,
}
