"""ONNX's operators with a window that slides: convolution and pooling."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.interop.onnx_node import Node, Unsupported


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


def whole(pool: Callable[..., Tensor], reduce: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """GlobalAveragePool and GlobalMaxPool: `pool` is that of maps, `reduce` that of lines and volumes."""

    def run(node: Node, x: Tensor) -> Tensor:
        if x.dim() != 4:
            return reduce(x, tuple(range(2, x.dim())), keepdim=True)
        return pool(x, 1)

    return run
