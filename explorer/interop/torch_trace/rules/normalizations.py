"""Normalizations."""

from __future__ import annotations

from typing import Any, Literal

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.composed import scaled_layer_norm
from explorer.network.layers import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Normalize,
    LayerNorm,
    LocalResponseNorm,
)


def batch_norm(
    op: Op,
    input: Ref,
    running_mean: Ref | None,
    running_var: Ref | None,
    weight: Ref | None = None,
    bias: Ref | None = None,
    training: bool = False,
    momentum: float | None = 0.1,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Value:
    """F.batch_norm in eval mode, with the running mean and variance."""
    if running_mean is None or running_var is None:
        raise Unfit("it has no running mean and variance")
    if momentum is None or not 0 <= momentum <= 1:
        raise Unfit("its running mean is a plain average")
    layer = BatchNorm(eps, momentum, weight is not None)
    return op.add(layer, input, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)


def aten_batch_norm(
    op: Op,
    input: Ref,
    weight: Ref | None,
    bias: Ref | None,
    running_mean: Ref | None,
    running_var: Ref | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = True,
) -> Value:
    """aten.batch_norm has the same arguments in another order."""
    return batch_norm(op, input, running_mean, running_var, weight, bias, training, momentum, eps)


def any_batch_norm(op: Op, input: Ref, *args: Any, **kwargs: Any) -> Value:
    """F.batch_norm or aten.batch_norm, told apart by where the switch for training stands."""
    if len(args) > 4 and isinstance(args[4], bool):
        mean, variance = args[0], args[1]
        by_name = isinstance(mean, Ref) and mean.name.endswith("running_mean")
        if by_name or (isinstance(mean, Ref) and mean.kind == "buffer" and variance is not None):
            return batch_norm(op, input, *args, **kwargs)
        return aten_batch_norm(op, input, *args, **kwargs)
    return batch_norm(op, input, *args, **kwargs)


def native_batch_norm(
    op: Op,
    input: Ref,
    weight: Ref | None,
    bias: Ref | None,
    running_mean: Ref | None,
    running_var: Ref | None,
    *rest: Any,
) -> tuple[Value | None, ...]:
    """Aten's batch norm in eval mode, which gives what training would need beside it."""
    momentum, eps = rest[-2:]
    found = batch_norm(op, input, running_mean, running_var, weight, bias, False, momentum, eps)
    return (found, *[None] * (len(op.call.outputs) - 1))


def layer_norm(
    op: Op,
    input: Ref,
    normalized_shape: Any,
    weight: Ref | None = None,
    bias: Ref | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Value:
    """F.layer_norm over the last axis or over all."""
    shape = op.value(input).shape
    over: Literal["last", "all"] = "last" if len(normalized_shape) == 1 else "all"
    if over == "all" and tuple(normalized_shape) != shape:
        raise Unfit("it averages over some of the axes")
    if weight is not None and bias is None and over == "last":
        return scaled_layer_norm(op, input, weight, eps)
    if (weight is None) is not (bias is None):
        raise Unfit("it has a scale without a shift")
    return op.add(LayerNorm(over, eps, weight is not None), input, weight=weight, bias=bias)


def group_norm(
    op: Op,
    input: Ref,
    num_groups: int,
    weight: Ref | None = None,
    bias: Ref | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Value:
    """F.group_norm."""
    return op.add(GroupNorm(num_groups, eps, weight is not None), input, weight=weight, bias=bias)


def instance_norm(
    op: Op,
    input: Ref,
    running_mean: Ref | None = None,
    running_var: Ref | None = None,
    weight: Ref | None = None,
    bias: Ref | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Value:
    """F.instance_norm, each picture by itself, or by running values as batch norm does in eval mode."""
    if running_mean is not None and not use_input_stats:
        return batch_norm(op, input, running_mean, running_var, weight, bias, False, momentum, eps)
    if running_mean is not None:
        raise Unfit("it keeps a running mean")
    return op.add(InstanceNorm(eps, weight is not None), input, weight=weight, bias=bias)


def local_response_norm(
    op: Op, input: Ref, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Value:
    """F.local_response_norm."""
    return op.add(LocalResponseNorm(size, alpha, beta, k), input)


def normalize(op: Op, input: Ref, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None) -> Value:
    """F.normalize with the Euclidean length."""
    if p != 2:
        raise Unfit("it measures length by another norm")
    return op.add(L2Normalize(op.axis(input, dim), eps), input)


RULES: dict[str, Rule] = {
    "batch_norm": any_batch_norm,
    "native_batch_norm_legit_no_training": native_batch_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "local_response_norm": local_response_norm,
    "normalize": normalize,
}
