"""ONNX's operators that order, cut, join and pad axes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.interop.onnx_node import Node, Unsupported, integers


def flatten(node: Node, x: Tensor) -> Tensor:
    """Flatten into a matrix."""
    axis = node.get("axis", 1)
    if axis == 1:
        return torch.flatten(x, 1)
    rows = 1
    for size in x.shape[: axis % x.dim()]:
        rows *= size
    return x.reshape(rows, -1)


def reshape(node: Node, x: Tensor, shape: Any) -> Tensor:
    """Reshape; 0 keeps the size that is there."""
    sizes = integers(shape)
    if not node.get("allowzero", 0):
        sizes = [x.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
    return x.reshape(sizes)


def transpose(node: Node, x: Tensor) -> Tensor:
    """Transpose."""
    return x.permute(node.get("perm") or list(reversed(range(x.dim()))))


def squeeze(node: Node, x: Tensor, axes: Any = None) -> Tensor:
    """Squeeze."""
    found = node.get("axes") if axes is None else integers(axes)
    return x.squeeze() if found is None else x.squeeze(tuple(found))


def unsqueeze(node: Node, x: Tensor, axes: Any = None) -> Tensor:
    """Unsqueeze; axes are those of the result."""
    found = node.get("axes") if axes is None else integers(axes)
    for axis in sorted(place % (x.dim() + len(found)) for place in found):
        x = x.unsqueeze(axis)
    return x


def slices(node: Node, x: Tensor, *given: Any) -> Tensor:
    """Slice, with its numbers as inputs or as attributes."""
    names = ("starts", "ends", "axes", "steps")
    parts = [integers(one) if one is not None else None for one in given] + [None] * (4 - len(given))
    starts, ends, axes, steps = (
        part if part is not None else node.get(name) for part, name in zip(parts, names, strict=True)
    )
    axes = axes if axes is not None else list(range(len(starts)))
    index: list[Any] = [slice(None)] * x.dim()
    for place, axis in enumerate(axes):
        step = steps[place] if steps else 1
        if step < 0:
            raise Unsupported("a slice backwards")
        stop = ends[place]
        index[axis % x.dim()] = slice(starts[place], None if stop >= x.shape[axis] else stop, step)
    return x[tuple(index)]


def split(node: Node, x: Tensor, sizes: Any = None) -> tuple[Tensor, ...]:
    """Split into equal parts or by sizes."""
    axis = node.get("axis", 0)
    given = node.get("split") if sizes is None else integers(sizes)
    if given is None:
        return tuple(torch.chunk(x, node.get("num_outputs") or len(node.outputs), axis))
    return tuple(torch.split(x, given, axis))


def concat(node: Node, *parts: Tensor) -> Tensor:
    """Concat."""
    return torch.cat(parts, node.get("axis"))


def gather(node: Node, x: Tensor, index: Tensor) -> Tensor:
    """Gather: of a single place it is a selection."""
    axis = node.get("axis", 0)
    if not index.is_meta and index.numel() == 1:
        place = int(index.reshape(-1)[0])
        return x.select(axis, place) if index.dim() == 0 else x.narrow(axis, place % x.shape[axis], 1)
    chosen = torch.index_select(x, axis, index.reshape(-1).to(x.device))
    return chosen.reshape(*x.shape[:axis], *index.shape, *x.shape[axis % x.dim() + 1 :])


def pad(node: Node, x: Tensor, pads: Any = None, value: Any = None, axes: Any = None) -> Tensor:
    """Pad."""
    given = node.get("pads") if pads is None else integers(pads)
    places = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in integers(axes)]
    sides = [[0, 0] for _ in range(x.dim())]
    for place, axis in enumerate(places):
        sides[axis] = [given[place], given[place + len(places)]]
    while sides and sides[0] == [0, 0] and len(sides) > 2:
        sides.pop(0)
    flat = [side for axis in reversed(sides) for side in axis]
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    chosen = mode[node.get("mode", "constant")]
    if chosen != "constant":
        return F.pad(x, flat, mode=chosen)
    return F.pad(x, flat, value=float(value) if value is not None else float(node.get("value", 0.0)))


def expand(node: Node, x: Tensor, shape: Any) -> Tensor:
    """Expand: axes of 1 are stretched, on both sides."""
    wanted = integers(shape)
    rank = max(len(wanted), x.dim())
    sides = [[1] * (rank - len(sizes)) + list(sizes) for sizes in (x.shape, wanted)]
    return x.expand([max(one, other) for one, other in zip(*sides, strict=True)])
