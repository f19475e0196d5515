"""What each ONNX operator is in torch: one function an operator, called as `function(node, *inputs)`.

Numbers that only say sizes (shapes, axes, pads) are real integers on the CPU, so that they can be read.
Semantics follow the operator specification of opset 13 and later, and of older forms that exporters wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.interop.onnx_axes import (
    concat,
    expand,
    flatten,
    gather,
    pad,
    reshape,
    slices,
    split,
    squeeze,
    transpose,
    unsqueeze,
)
from explorer.interop.onnx_node import Node, Unsupported, integers
from explorer.interop.onnx_windows import average_pool, conv, conv_transpose, max_pool, whole


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
    "GlobalAveragePool": whole(F.adaptive_avg_pool2d, torch.mean),
    "GlobalMaxPool": whole(F.adaptive_max_pool2d, torch.amax),
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
