"""Pooling, and means that are pooling by another name."""

from __future__ import annotations

from typing import Any, Literal

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.settings import ints, pair, triple
from explorer.network.layers import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    L2Pool2d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    Reduce,
)


def max_pool2d(
    op: Op,
    input: Ref,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Value:
    """F.max_pool2d."""
    kernel = pair(kernel_size)
    if follows_size(op, input, kernel) and pair(padding) == (0, 0):
        return op.add(GlobalMaxPool2d(), input)
    step = kernel if stride is None or stride == [] else pair(stride)
    return op.add(MaxPool2d(kernel, step, pair(padding), pair(dilation), ceil_mode), input)


def avg_pool2d(
    op: Op,
    input: Ref,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Value:
    """F.avg_pool2d."""
    if divisor_override is not None:
        raise Unfit("it divides by a number of its own")
    kernel = pair(kernel_size)
    if follows_size(op, input, kernel) and pair(padding) == (0, 0):
        return op.add(GlobalAvgPool2d(), input)
    step = kernel if stride is None or stride == [] else pair(stride)
    return op.add(AvgPool2d(kernel, step, pair(padding), ceil_mode, count_include_pad), input)


def follows_size(op: Op, input: Ref, kernel: tuple[int, int]) -> bool:
    """Whether the window is the whole map at two sizes, and so not a number that somebody chose."""
    if kernel != input.shape[-2:] or op.twin is None or not op.twin.inputs:
        return False
    other = op.twin.inputs[0].shape[-2:]
    return other != input.shape[-2:] and op.twin.outputs[0].shape[-2:] == (1, 1) == op.out.shape[-2:]


def max_pool1d(
    op: Op,
    input: Ref,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Value:
    """F.max_pool1d."""
    (kernel,) = ints(kernel_size, 1)
    (step,) = ints(stride or kernel, 1)
    (pad,), (gap,) = ints(padding, 1), ints(dilation, 1)
    return op.add(MaxPool1d(kernel, step, pad, gap, ceil_mode), input)


def max_pool3d(
    op: Op,
    input: Ref,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Value:
    """F.max_pool3d."""
    kernel = triple(kernel_size)
    layer = MaxPool3d(kernel, triple(stride or kernel), triple(padding), triple(dilation), ceil_mode)
    return op.add(layer, input)


def avg_pool1d(
    op: Op,
    input: Ref,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Value:
    """F.avg_pool1d."""
    if not count_include_pad and padding not in (0, (0,), [0]):
        raise Unfit("its mean leaves the padding out")
    (kernel,) = ints(kernel_size, 1)
    (step,), (pad,) = ints(stride or kernel, 1), ints(padding, 1)
    return op.add(AvgPool1d(kernel, step, pad, ceil_mode), input)


def avg_pool3d(
    op: Op,
    input: Ref,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Value:
    """F.avg_pool3d."""
    pads = triple(padding)
    if divisor_override is not None or (not count_include_pad and any(pads)):
        raise Unfit("its mean is not that of the window")
    kernel = triple(kernel_size)
    return op.add(AvgPool3d(kernel, triple(stride or kernel), pads, ceil_mode), input)


def _whole_of(mode: Literal["mean", "amax"], axes: int) -> Rule:
    """Adaptive pooling of a line or a volume to one place, or to the size that it has."""

    def rule(op: Op, input: Ref, output_size: Any, return_indices: bool = False) -> Value:
        wanted = (output_size,) * axes if isinstance(output_size, int) else tuple(output_size)
        sizes = input.shape[-axes:]
        if all(size in (None, have) for size, have in zip(wanted, sizes, strict=True)):
            return op.value(input)
        if any(size != 1 for size in wanted):
            raise Unfit("it pools to more than one place")
        return op.add(Reduce(mode, tuple(range(2, 2 + axes)), True), input)

    return rule


def adaptive_avg_pool2d(op: Op, input: Ref, output_size: Any) -> Value:
    """F.adaptive_avg_pool2d."""
    if isinstance(output_size, tuple | list) and sorted(map(str, output_size)) == ["1", "None"]:
        return op.add(Reduce("mean", (2 + list(output_size).index(1),), True), input)
    size = adaptive_size(input, output_size)
    return op.add(GlobalAvgPool2d() if size == (1, 1) else AdaptiveAvgPool2d(size), input)


def adaptive_max_pool2d(op: Op, input: Ref, output_size: Any, return_indices: bool = False) -> Value:
    """F.adaptive_max_pool2d."""
    size = adaptive_size(input, output_size)
    return op.add(GlobalMaxPool2d() if size == (1, 1) else AdaptiveMaxPool2d(size), input)


def adaptive_size(input: Ref, output_size: Any) -> tuple[int, int]:
    """None leaves an axis as it is."""
    wanted = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
    if len(wanted) == 1:
        wanted *= 2
    return pair(tuple(size or kept for size, kept in zip(wanted, input.shape[-2:], strict=True)))


def lp_pool2d(
    op: Op, input: Ref, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Value:
    """F.lp_pool2d with norm 2."""
    if norm_type != 2:
        raise Unfit("it pools by another norm")
    kernel = pair(kernel_size)
    return op.add(L2Pool2d(kernel, kernel if stride is None else pair(stride), (0, 0), ceil_mode), input)


RULES: dict[str, Rule] = {
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "adaptive_max_pool2d": adaptive_max_pool2d,
    "lp_pool2d": lp_pool2d,
    "max_pool1d": max_pool1d,
    "max_pool3d": max_pool3d,
    "avg_pool1d": avg_pool1d,
    "avg_pool3d": avg_pool3d,
    "adaptive_avg_pool1d": _whole_of("mean", 1),
    "adaptive_avg_pool3d": _whole_of("mean", 3),
    "adaptive_max_pool1d": _whole_of("amax", 1),
    "adaptive_max_pool3d": _whole_of("amax", 3),
}
