"""What cuts axes into pieces."""

from __future__ import annotations

from typing import Any

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.shapes import place_of, with_axis
from explorer.network.layers import Part, Select, Slice, SliceLike


def getitem(op: Op, input: Ref, index: Any) -> Value:
    """x[…] with numbers, slices, None and an ellipsis."""
    entries = _entries(index, len(input.shape))
    if any(not (entry is None or entry is ... or isinstance(entry, int | slice)) for entry in entries):
        raise Unfit("its index is a tensor or a list")
    if any(isinstance(entry, bool) for entry in entries):
        raise Unfit("its index is a condition")
    others = list(entries)
    if op.twin is not None and len(op.twin.args) > 1:
        others = _entries(op.twin.args[1], len(input.shape))
    value, dim = op.value(input), 0
    sizes = list(input.shape)
    for entry, other in zip(entries, others, strict=True):
        if entry is None:
            value = with_axis(op, value, dim)
            sizes.insert(dim, 1)
            dim += 1
        elif isinstance(entry, slice):
            like = _like(op, input, dim, entry, other) if len(sizes) == len(input.shape) else None
            if like is not None:
                value = op.add(SliceLike(place_of(value, dim), like[1]), value, like[0])
            else:
                value = _sliced(op, value, dim, entry, sizes[dim])
            dim += 1
        else:
            value = _selected(op, value, dim, entry)
            del sizes[dim]
    return value


def _entries(index: Any, axes: int) -> list[Any]:
    """The index axis by axis, without an ellipsis."""
    entries = list(index) if isinstance(index, tuple) else [index]
    named = sum(entry is not None and entry is not ... for entry in entries)
    for place, entry in enumerate(entries):
        if entry is ...:
            entries[place : place + 1] = [slice(None)] * (axes - named)
            break
    return entries


def _like(op: Op, input: Ref, axis: int, entry: slice, other: Any) -> tuple[Value, int] | None:
    """What a cut is as long as, where its end is no number that somebody chose."""
    if op.twin is None or not isinstance(other, slice) or op.twin.outputs[0].shape[1:] == op.out.shape[1:]:
        return None
    size, there = input.shape[axis], op.twin.inputs[0].shape[axis]
    ends = [
        one.stop if one.stop is not None and one.stop < long else None
        for one, long in ((entry, size), (other, there))
    ]
    plain = entry.start in (None, 0) and other.start in (None, 0) and entry.step in (None, 1)
    if not plain or ends[0] == ends[1] or min(end or 0 for end in ends) < 0:
        return None
    found = op.with_axes([(ends[0] or size, ends[1] or there)], 0)
    return None if found is None else (found[0], found[1][0])


def _sliced(op: Op, value: Value, dim: int, entry: slice, size: int) -> Value:
    start, stop, step = entry.start or 0, entry.stop, entry.step or 1
    if stop is not None and stop >= size:
        stop = None
    if (start, stop, step) == (0, None, 1):
        return value
    if dim == value.batch:
        raise Unfit("it works along the batch")
    return op.add(
        Slice(place_of(value, dim), int(start), None if stop is None else int(stop), int(step)), value
    )


def _selected(op: Op, value: Value, dim: int, index: int) -> Value:
    if dim == value.batch:
        raise Unfit("it picks one of the batch")
    batch = value.batch
    after = batch - 1 if batch is not None and dim < batch else batch
    return op.add(Select(place_of(value, dim), index), value, batch=after)


def select(op: Op, input: Ref, dim: int, index: int) -> Value:
    """torch.select."""
    return _selected(op, op.value(input), dim % len(input.shape), index)


def narrow(op: Op, input: Ref, dim: int, start: int, length: int) -> Value:
    """torch.narrow."""
    dim = dim % len(input.shape)
    return _sliced(op, op.value(input), dim, slice(start, start + length), input.shape[dim])


def chunk(op: Op, input: Ref, chunks: int, dim: int = 0) -> tuple[Value, ...]:
    """torch.chunk."""
    axis = op.axis(input, dim)
    return tuple(op.add(Part(chunks, index, axis), input) for index in range(len(op.call.outputs)))


def split(op: Op, input: Ref, split_size_or_sections: Any, dim: int = 0) -> tuple[Value, ...]:
    """torch.split, into parts of a size or of several."""
    dim = dim % len(input.shape)
    start, values = 0, []
    for out in op.call.outputs:
        stop = start + out.shape[dim]
        values.append(_sliced(op, op.value(input), dim, slice(start, stop), input.shape[dim]))
        start = stop
    return tuple(values)


def split_named(
    op: Op, input: Ref, split_size: Any = None, dim: int = 0, split_sizes: Any = None
) -> tuple[Value, ...]:
    """Tensor.split."""
    return split(op, input, split_size if split_size is not None else split_sizes, dim)


def unbind(op: Op, input: Ref, dim: int = 0) -> tuple[Value, ...]:
    """torch.unbind."""
    dim = dim % len(input.shape)
    return tuple(_selected(op, op.value(input), dim, index) for index in range(len(op.call.outputs)))


RULES: dict[str, Rule] = {
    "getitem": getitem,
    "select": select,
    "narrow": narrow,
    "chunk": chunk,
    "split": split_named,
    "split_with_sizes": split,
    "unbind": unbind,
}
