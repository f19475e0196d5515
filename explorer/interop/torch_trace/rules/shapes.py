"""What orders, cuts and joins axes."""

from __future__ import annotations

from math import prod
from typing import Any

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value, example
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.regrouping import regroup
from explorer.network.layer import Layer, Refused
from explorer.network.layers import (
    Concat,
    Flatten,
    GlobalAvgPool2d,
    Permute,
    Reduce,
    ReshapeLike,
    Roll,
    Stretch,
    Unflatten,
)


def flatten(op: Op, input: Ref, start_dim: int = 0, end_dim: int = -1) -> Value:
    """torch.flatten."""
    rank = len(input.shape)
    first, last = start_dim % rank, end_dim % rank
    value = op.value(input)
    if value.batch is not None and first > value.batch and last > first:
        end = None if last == rank - 1 else op.axis(input, last)
        return op.add(Flatten(op.axis(input, first), end), input)
    return reshape(op, input)


def reshape(op: Op, input: Ref, *_: Any, **__: Any) -> Value:
    """view, reshape, unflatten: what came out says more than the sizes that were asked for."""
    value = op.value(input)
    if value.batch not in (0, None):
        raise Unfit("the batch is not its first axis")
    batch = _first_axis(op)
    before, after = value.shape, example(op.out, batch)
    other = None
    if op.twin is not None and op.twin.inputs:
        before_twin, after_twin = op.twin.inputs[0].shape, op.twin.outputs[0].shape
        other = _of_one(before_twin, value.batch, op.ratio), _of_one(after_twin, batch, op.ratio)
        if prod(other[0]) != prod(other[1]):
            other = None
    layers = regroup(before, after, other)
    if other is not None and not _follow(layers, *other):
        like = _like(op, after, other[1])
        if like is not None:
            return op.add(like[0], input, like[1])._replace(batch=batch)
    for layer in layers:
        value = op.add(layer, value)
    return value._replace(batch=batch)


def _follow(layers: list[Layer], before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Whether these layers also explain the other run."""
    shape = before
    try:
        for layer in layers:
            shape = layer.output(shape)[0]
    except Refused:
        return False
    return shape == after


def _like(op: Op, after: tuple[int, ...], other: tuple[int, ...]) -> tuple[Layer, Value] | None:
    """Sizes that are those of something earlier, as where tokens become maps again."""
    if len(after) != len(other):
        return None
    varying = [sizes for sizes in zip(after, other, strict=True) if sizes[0] != sizes[1]]
    found = op.with_axes(varying, 0) or op.with_axes(varying, 1)
    if found is None:
        return None
    places = iter(found[1])
    sizes = tuple(size if size == there else -next(places) for size, there in zip(after, other, strict=True))
    return ReshapeLike(sizes), found[0]


def _first_axis(op: Op) -> int | None:
    """0 if the first axis of the output is the batch alone, None if the batch is folded into it."""
    if op.out.shape[:1] != (op.batch,):
        return None
    if op.twin is not None and op.ratio > 1 and op.twin.outputs[0].shape[:1] == op.out.shape[:1]:
        return None
    return 0


def _of_one(shape: tuple[int, ...], batch: int | None, ratio: int) -> tuple[int, ...]:
    """The shape of one example of the twin run, which has `ratio` of them."""
    if batch is not None:
        return shape[1:]
    return (shape[0] // ratio if shape[0] % ratio == 0 else shape[0], *shape[1:])


def permute(op: Op, input: Ref, *dims: Any, **named: Any) -> Value:
    """torch.permute."""
    order = named.get("dims", dims)
    if len(order) == 1 and not isinstance(order[0], int):
        order = order[0]
    return _ordered(op, input, [dim % len(input.shape) for dim in order])


def _ordered(op: Op, input: Ref, order: list[int]) -> Value:
    """The axes in this order; where the batch goes is no matter of the layer's."""
    value = op.value(input)
    batch = None if value.batch is None else order.index(value.batch)
    dims = tuple(op.axis(input, dim) for dim in order if dim != value.batch)
    if dims == tuple(range(1, len(dims) + 1)):
        return value._replace(batch=batch)
    return op.add(Permute(dims), input, batch=batch)


def transpose(op: Op, input: Ref, dim0: int, dim1: int) -> Value:
    """torch.transpose, swapaxes."""
    order = list(range(len(input.shape)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return _ordered(op, input, order)


def transposed(op: Op, input: Ref) -> Value:
    """x.T and x.mT of matrices."""
    return transpose(op, input, -2, -1)


def movedim(op: Op, input: Ref, source: Any, destination: Any) -> Value:
    """torch.movedim."""
    rank = len(input.shape)
    sources = [source] if isinstance(source, int) else list(source)
    goals = [destination] if isinstance(destination, int) else list(destination)
    placed = {goal % rank: start % rank for start, goal in zip(sources, goals, strict=True)}
    rest = iter([dim for dim in range(rank) if dim not in placed.values()])
    return _ordered(op, input, [placed[dim] if dim in placed else next(rest) for dim in range(rank)])


def expand(op: Op, input: Ref, *_: Any, **__: Any) -> Value:
    """Tensor.expand, also where the shape stays as it is."""
    value = op.value(input)
    if op.out.shape == input.shape:
        return value
    if len(op.out.shape) != len(input.shape):
        raise Unfit("it makes new axes")
    return _stretched(op, input, value.batch)


def _stretched(op: Op, input: Ref, batch: int | None) -> Value:
    """To a shape, or to that of something earlier where it follows the picture's size."""
    shape = example(op.out, batch)
    if op.twin is not None and (other := example(op.twin.outputs[0], batch, op.ratio)) != shape:
        sizes = list(zip(shape, other, strict=True))
        like = op.with_axes(sizes, 0)
        if like is not None and like[0].shape == shape:
            return op.add(Stretch(shape), input, like[0])
    return op.add(Stretch(shape), input)


def repeat(op: Op, input: Ref, *sizes: Any, **named: Any) -> Value:
    """Tensor.repeat and tile of axes of 1."""
    value, batch = op.value(input), op.value(input).batch
    counts = named.get("repeats", named.get("dims", sizes))
    counts = list(counts[0]) if len(counts) == 1 and not isinstance(counts[0], int) else list(counts)
    counts = [1] * (len(input.shape) - len(counts)) + counts
    if len(op.out.shape) != len(input.shape):
        raise Unfit("it makes new axes")
    if any(
        count > 1 and (size > 1 or axis == batch)
        for axis, (size, count) in enumerate(zip(input.shape, counts, strict=True))
    ):
        raise Unfit("it repeats more than axes of 1")
    return value if op.out.shape == input.shape else _stretched(op, input, batch)


def unsqueeze(op: Op, input: Ref, dim: int) -> Value:
    """torch.unsqueeze."""
    return with_axis(op, op.value(input), dim % (len(input.shape) + 1))


def with_axis(op: Op, value: Value, dim: int) -> Value:
    """A new axis of 1 before axis `dim` of torch's tensor."""
    batch = value.batch
    place = dim + 1 if batch is None or dim <= batch else dim
    after = batch + 1 if batch is not None and dim <= batch else batch
    rank = len(value.shape)
    layer = Unflatten(place, (1, -1)) if place <= rank else Unflatten(rank, (-1, 1))
    return op.add(layer, value, batch=after)


def squeeze(op: Op, input: Ref, dim: Any = None) -> Value:
    """torch.squeeze of named axes."""
    if dim is None:
        raise Unfit("it drops whichever axes are 1, the batch too")
    dims = [dim] if isinstance(dim, int) else list(dim)
    value = op.value(input)
    for axis in sorted({axis % len(input.shape) for axis in dims}, reverse=True):
        if input.shape[axis] != 1 or axis == op.value(input).batch:
            continue
        value = _without_axis(op, value, axis)
    return value


def _without_axis(op: Op, value: Value, dim: int) -> Value:
    """Axis `dim` of torch's tensor, which is 1, goes."""
    batch = value.batch
    place = dim if batch is not None and dim > batch else dim + 1
    after = batch - 1 if batch is not None and dim < batch else batch
    if len(value.shape) == 1:
        return value._replace(batch=after)
    return op.add(Flatten(max(1, place - 1), max(2, place)), value, batch=after)


def place_of(value: Value, dim: int) -> int:
    """The document's number of axis `dim` of torch's tensor."""
    return dim if value.batch is not None and dim > value.batch else dim + 1


def stack(op: Op, tensors: Any, dim: int = 0) -> Value:
    """torch.stack."""
    dim = dim % (len(tensors[0].shape) + 1)
    values = [with_axis(op, op.value(ref), dim) for ref in tensors]
    if any(value.batch != values[0].batch for value in values):
        raise Unfit("its parts have the batch in different places")
    return op.add(Concat(place_of(values[0], dim)), *values)


def _reduce(mode: Any) -> Rule:
    def rule(op: Op, input: Ref, dim: Any = None, keepdim: bool = False, **named: Any) -> Value:
        if named.get("axis") is not None:
            dim = named["axis"]
        if dim is None or dim in ((), []):
            raise Unfit("it averages over the batch too")
        dims = sorted({axis % len(input.shape) for axis in ([dim] if isinstance(dim, int) else dim)})
        value = op.value(input)
        axes = tuple(op.axis(input, axis) for axis in dims)
        if mode == "mean" and axes == (2, 3) and len(value.shape) == 3:
            return op.add(GlobalAvgPool2d(not keepdim), input)
        batch = value.batch
        if batch is not None and not keepdim:
            batch -= sum(axis < batch for axis in dims)
        return op.add(Reduce(mode, axes, keepdim), input, batch=batch)

    return rule


def roll(op: Op, input: Ref, shifts: Any, dims: Any = None) -> Value:
    """torch.roll."""
    if dims is None or dims == ():
        raise Unfit("it rolls over all axes, the batch too")
    places = (dims,) if isinstance(dims, int) else dims
    steps = (shifts,) if isinstance(shifts, int) else shifts
    return op.add(Roll(tuple(steps), tuple(op.axis(input, dim) for dim in places)), input)


RULES: dict[str, Rule] = {
    "flatten": flatten,
    "view": reshape,
    "reshape": reshape,
    "unsafe_view": reshape,
    "unflatten": reshape,
    "view_as": reshape,
    "reshape_as": reshape,
    "permute": permute,
    "transpose": transpose,
    "swapaxes": transpose,
    "swapdims": transpose,
    "t": transposed,
    "get mT": transposed,
    "movedim": movedim,
    "moveaxis": movedim,
    "expand": expand,
    "expand_as": expand,
    "repeat": repeat,
    "tile": repeat,
    "unsqueeze": unsqueeze,
    "squeeze": squeeze,
    "stack": stack,
    "mean": _reduce("mean"),
    "sum": _reduce("sum"),
    "amax": _reduce("amax"),
    "amin": _reduce("amin"),
    "roll": roll,
}
