"""Pooling, and means that are pooling by another name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.settings import ints, pair
from explorer.network.layer import Layer
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


def _largest(kind: Callable[..., Layer], axes: int) -> Rule:
    """F.max_pool1d and F.max_pool3d."""

    def rule(
        op: Op,
        input: Ref,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Value:
        sizes = _sizes(axes, kernel_size, stride or kernel_size, padding, dilation)
        return op.add(kind(*sizes, ceil_mode), input)

    return rule


def _mean(kind: Callable[..., Layer], axes: int) -> Rule:
    """F.avg_pool1d and F.avg_pool3d."""

    def rule(
        op: Op,
        input: Ref,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Value:
        if divisor_override is not None:
            raise Unfit("it divides by a number of its own")
        if not count_include_pad and any(ints(padding, axes)):
            raise Unfit("its mean leaves the padding out")
        return op.add(kind(*_sizes(axes, kernel_size, stride or kernel_size, padding), ceil_mode), input)

    return rule


def _sizes(axes: int, *given: Any) -> list[Any]:
    """Sizes as a layer of so many axes has them: a number for one, else a tuple."""
    sizes = [ints(size, axes) for size in given]
    return [size for (size,) in sizes] if axes == 1 else list(sizes)


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
    "max_pool1d": _largest(MaxPool1d, 1),
    "max_pool3d": _largest(MaxPool3d, 3),
    "avg_pool1d": _mean(AvgPool1d, 1),
    "avg_pool3d": _mean(AvgPool3d, 3),
    "adaptive_avg_pool1d": _whole_of("mean", 1),
    "adaptive_avg_pool3d": _whole_of("mean", 3),
    "adaptive_max_pool1d": _whole_of("amax", 1),
    "adaptive_max_pool3d": _whole_of("amax", 3),
}
