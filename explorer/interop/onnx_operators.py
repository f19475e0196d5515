"""What each ONNX operator is in torch: one function an operator, called as `function(node, *inputs)`.

Numbers that only say sizes (shapes, axes, pads) are real integers on the CPU, so that they can be read.
Semantics follow the operator specification of opset 13 and later, and of older forms that exporters wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


class Node(NamedTuple):
    """An operator in the graph; `attributes` are plain Python values."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """An attribute, or what it is where it is not given."""
        return self.attributes.get(name, otherwise)


class Unsupported(Exception):
    """A setting of an operator that has no counterpart in torch."""


def integers(value: Any) -> list[int]:
    """A tensor of sizes, or an attribute, as a list."""
    if isinstance(value, Tensor):
        return [int(number) for number in value.detach().cpu().reshape(-1).tolist()]
    return [int(number) for number in value]


def _windows(node: Node, x: Tensor, kernel: list[int]) -> tuple[Tensor, list[int], list[int], list[int]]:
    """(input, stride, padding, dilation); uneven padding is put around the input."""
    axes = len(kernel)
    stride = node.get("strides") or [1] * axes
    dilation = node.get("dilations") or [1] * axes
    pads = node.get("pads") or [0] * (2 * axes)
    auto = node.get("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        pads = [0] * (2 * axes)
        for axis in range(axes):
            size = x.shape[2 + axis]
            span = dilation[axis] * (kernel[axis] - 1) + 1
            need = max(0, (-(-size // stride[axis]) - 1) * stride[axis] + span - size)
            less, more = need // 2, need - need // 2
            first, last = (less, more) if auto == "SAME_UPPER" else (more, less)
            pads[axis], pads[axes + axis] = first, last
    before, behind = pads[:axes], pads[axes:]
    if before == behind:
        return x, stride, list(before), dilation
    sides: list[int] = []
    for axis in reversed(range(axes)):
        sides += [before[axis], behind[axis]]
    fill = float("-inf") if node.kind == "MaxPool" else 0.0
    if node.kind == "AveragePool" and not node.get("count_include_pad", 0):
        raise Unsupported("an average over uneven padding that does not count")
    return F.pad(x, sides, value=fill), stride, [0] * axes, dilation


def conv(node: Node, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Conv."""
    x, stride, padding, dilation = _windows(node, x, list(weight.shape[2:]))
    function = {1: torch.conv1d, 2: torch.conv2d, 3: torch.conv3d}[weight.dim() - 2]
    return function(x, weight, bias, stride, padding, dilation, node.get("group", 1))


def conv_transpose(node: Node, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """ConvTranspose."""
    axes = weight.dim() - 2
    pads = node.get("pads") or [0] * (2 * axes)
    if pads[:axes] != pads[axes:] or node.get("output_shape"):
        raise Unsupported("uneven padding")
    stride, dilation = node.get("strides") or [1] * axes, node.get("dilations") or [1] * axes
    extra = node.get("output_padding") or [0] * axes
    function = {1: torch.conv_transpose1d, 2: torch.conv_transpose2d, 3: torch.conv_transpose3d}[axes]
    return function(x, weight, bias, stride, pads[:axes], extra, node.get("group", 1), dilation)


def max_pool(node: Node, x: Tensor) -> Tensor:
    """MaxPool."""
    kernel = node.get("kernel_shape")
    x, stride, padding, dilation = _windows(node, x, kernel)
    function = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[len(kernel)]
    return function(x, kernel, stride, padding, dilation, bool(node.get("ceil_mode", 0)))


def average_pool(node: Node, x: Tensor) -> Tensor:
    """AveragePool."""
    kernel = node.get("kernel_shape")
    x, stride, padding, dilation = _windows(node, x, kernel)
    if any(gap != 1 for gap in dilation):
        raise Unsupported("a dilated average")
    ceil, include = bool(node.get("ceil_mode", 0)), bool(node.get("count_include_pad", 0))
    function = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[len(kernel)]
    return function(x, kernel, stride, padding, ceil, include)


def _global(pool: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(node: Node, x: Tensor) -> Tensor:
        if x.dim() != 4:
            return x.mean(tuple(range(2, x.dim())), keepdim=True)
        return pool(x, 1)

    return run


def gemm(node: Node, a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    """Gemm: alpha·A·B + beta·C."""
    if node.get("alpha", 1.0) != 1 or (c is not None and node.get("beta", 1.0) != 1):
        raise Unsupported("a weighted product")
    if node.get("transA", 0):
        a = a.transpose(0, 1)
    if node.get("transB", 0):
        return F.linear(a, b, c)
    out = torch.matmul(a, b)
    return out if c is None else out + c


def batch_norm(node: Node, x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """BatchNormalization in use."""
    momentum = 1 - float(node.get("momentum", 0.9))
    return F.batch_norm(x, mean, variance, scale, shift, False, momentum, float(node.get("epsilon", 1e-5)))


def layer_norm(node: Node, x: Tensor, scale: Tensor, shift: Tensor | None = None) -> Tensor:
    """LayerNormalization."""
    axis = node.get("axis", -1) % x.dim()
    return F.layer_norm(x, list(x.shape[axis:]), scale, shift, float(node.get("epsilon", 1e-5)))


def instance_norm(node: Node, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """InstanceNormalization."""
    return F.instance_norm(x, weight=scale, bias=shift, eps=float(node.get("epsilon", 1e-5)))


def group_norm(node: Node, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """GroupNormalization."""
    return F.group_norm(x, node.get("num_groups"), scale, shift, float(node.get("epsilon", 1e-5)))


def lrn(node: Node, x: Tensor) -> Tensor:
    """LRN."""
    alpha, beta = float(node.get("alpha", 1e-4)), float(node.get("beta", 0.75))
    return F.local_response_norm(x, node.get("size"), alpha, beta, float(node.get("bias", 1.0)))


def clip(node: Node, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    """Clip, with bounds as inputs or as attributes."""
    lower = node.get("min") if low is None else float(low)
    upper = node.get("max") if high is None else float(high)
    return torch.clamp(x, lower, upper)


def softmax(node: Node, x: Tensor) -> Tensor:
    """Softmax."""
    return F.softmax(x, node.get("axis", -1))


def log_softmax(node: Node, x: Tensor) -> Tensor:
    """LogSoftmax."""
    return F.log_softmax(x, node.get("axis", -1))


def prelu(node: Node, x: Tensor, slope: Tensor) -> Tensor:
    """PRelu with a slope for each channel, or one."""
    return F.prelu(x, slope.reshape(-1))


def hard_sigmoid(node: Node, x: Tensor) -> Tensor:
    """HardSigmoid as torch has it."""
    alpha, beta = float(node.get("alpha", 0.2)), float(node.get("beta", 0.5))
    if abs(alpha - 1 / 6) > 1e-6 or beta != 0.5:
        return torch.clamp(x * alpha + beta, 0, 1)
    return F.hardsigmoid(x)


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


def resize(node: Node, x: Tensor, *given: Any) -> Tensor:
    """Resize and Upsample of maps."""
    sizes = given[2] if len(given) > 2 else None
    scales = given[1] if len(given) > 1 else given[0] if given and node.kind == "Upsample" else None
    kind = node.get("mode", "nearest")
    mode = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}[kind]
    corners = node.get("coordinate_transformation_mode", "half_pixel") == "align_corners"
    settings: dict[str, Any] = {"mode": mode} | ({"align_corners": corners} if mode != "nearest" else {})
    if sizes is not None:
        return F.interpolate(x, size=integers(sizes)[2:], **settings)
    numbers = scales.reshape(-1).tolist() if isinstance(scales, Tensor) else list(node.get("scales"))
    return F.interpolate(x, scale_factor=tuple(float(number) for number in numbers[2:]), **settings)


def _reduce(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(node: Node, x: Tensor, axes: Any = None) -> Tensor:
        found = node.get("axes") if axes is None else integers(axes)
        if not found:
            found = list(range(x.dim()))
        return function(x, tuple(found), keepdim=bool(node.get("keepdims", 1)))

    return run


def depth_to_space(node: Node, x: Tensor) -> Tensor:
    """DepthToSpace in the order in which torch shuffles pixels."""
    if node.get("mode", "DCR") != "CRD":
        raise Unsupported("pixels before channels")
    return F.pixel_shuffle(x, node.get("blocksize"))


def einsum(node: Node, *parts: Tensor) -> Tensor:
    """Einsum."""
    return torch.einsum(node.get("equation"), *parts)


def gelu(node: Node, x: Tensor) -> Tensor:
    """Gelu."""
    return F.gelu(x, approximate=node.get("approximate", "none"))


def expand(node: Node, x: Tensor, shape: Any) -> Tensor:
    """Expand: axes of 1 are stretched, on both sides."""
    wanted = integers(shape)
    rank = max(len(wanted), x.dim())
    sides = [[1] * (rank - len(sizes)) + list(sizes) for sizes in (x.shape, wanted)]
    return x.expand([max(one, other) for one, other in zip(*sides, strict=True)])


def _plain(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda node, *inputs: function(*inputs)


def _sum(node: Node, *parts: Tensor) -> Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


OPERATORS: dict[str, Callable[..., Any]] = {
    "Abs": _plain(torch.abs),
    "Add": _plain(torch.add),
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Clip": clip,
    "Concat": concat,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Cos": _plain(torch.cos),
    "DepthToSpace": depth_to_space,
    "Div": _plain(torch.div),
    "Dropout": lambda node, x, *_: F.dropout(x, float(node.get("ratio", 0.5)), training=False),
    "Einsum": einsum,
    "Elu": lambda node, x: F.elu(x, float(node.get("alpha", 1.0))),
    "Erf": _plain(torch.erf),
    "Exp": _plain(torch.exp),
    "Expand": expand,
    "Flatten": flatten,
    "Gather": gather,
    "Gelu": gelu,
    "Gemm": gemm,
    "GlobalAveragePool": _global(F.adaptive_avg_pool2d),
    "GlobalMaxPool": _global(F.adaptive_max_pool2d),
    "GroupNormalization": group_norm,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": _plain(F.hardswish),
    "Identity": lambda node, x: x,
    "InstanceNormalization": instance_norm,
    "LRN": lrn,
    "LayerNormalization": layer_norm,
    "LeakyRelu": lambda node, x: F.leaky_relu(x, float(node.get("alpha", 0.01))),
    "Log": _plain(torch.log),
    "LogSoftmax": log_softmax,
    "MatMul": _plain(torch.matmul),
    "MaxPool": max_pool,
    "Mish": _plain(F.mish),
    "Mul": _plain(torch.mul),
    "Neg": _plain(torch.neg),
    "PRelu": prelu,
    "Pad": pad,
    "Pow": _plain(torch.pow),
    "Reciprocal": _plain(torch.reciprocal),
    "ReduceMax": _reduce(torch.amax),
    "ReduceMean": _reduce(torch.mean),
    "ReduceMin": _reduce(torch.amin),
    "ReduceSum": _reduce(torch.sum),
    "Relu": _plain(F.relu),
    "Reshape": reshape,
    "Resize": resize,
    "Selu": _plain(F.selu),
    "Sigmoid": _plain(torch.sigmoid),
    "Sin": _plain(torch.sin),
    "Slice": slices,
    "Softmax": softmax,
    "Softplus": _plain(F.softplus),
    "SpaceToDepth": lambda node, x: F.pixel_unshuffle(x, node.get("blocksize")),
    "Split": split,
    "Sqrt": _plain(torch.sqrt),
    "Squeeze": squeeze,
    "Sub": _plain(torch.sub),
    "Sum": _sum,
    "Tanh": _plain(torch.tanh),
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
    "Upsample": resize,
}
