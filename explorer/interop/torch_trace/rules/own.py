"""Our own modules, as exported code carries them along: a class with our source is our layer again."""

from __future__ import annotations

import inspect
from typing import Any

from torch import nn

from explorer.interop.torch_code import own_modules
from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.settings import pair
from explorer.network.layer import Layer
from explorer.network.layers import (
    RBF,
    Crop,
    DynamicConv2d,
    L2Normalize,
    L2Pool2d,
    LayerNorm,
    LocallyConnected2d,
    Maxout,
    ReshapeLike,
    Scale,
    ScaledTanh,
    SliceLike,
    SpatialPyramidPool,
    StochasticDepth,
    Stretch,
    Subsample,
    TableConv2d,
)


def _local(module: Any) -> Layer:
    sides = module.padding
    if sides[0] != sides[1] or sides[2] != sides[3]:
        raise Unfit("its padding differs from side to side")
    padding: Any = (sides[2], sides[0]) if any(sides) else "valid"
    bias = module.bias is not None
    return LocallyConnected2d(module.weight.shape[1], module.kernel_size, module.stride, padding, bias)


def _table(module: Any) -> Layer:
    sides = module.padding
    if sides[0] != sides[1] or sides[2] != sides[3]:
        raise Unfit("its padding differs from side to side")
    padding: Any = (sides[2], sides[0]) if any(sides) else "valid"
    rows, columns = module.weight.shape[2:]
    return TableConv2d(module.table, (rows, columns), module.stride, padding)


def _channel_norm(module: Any) -> Layer:
    return LayerNorm("channels", module.eps, module.weight is not None)


def _dynamic(module: Any) -> Layer:
    return DynamicConv2d(pair(module.stride), pair(module.padding), pair(module.dilation), module.groups)


def _scale(module: Any) -> Layer:
    return Scale(float(module.factor), float(module.offset), module.weight is not None)


#: How the layer is read off a module, by the module's class.
_LAYERS: dict[str, Any] = {
    "ChannelNorm": _channel_norm,
    "Crop": lambda module: Crop(module.size, module.offset),
    "DynamicConv2d": _dynamic,
    "L2Normalize": lambda module: L2Normalize(module.dim, module.eps),
    "L2Pool2d": lambda module: L2Pool2d(module.kernel_size, module.stride, module.padding, module.ceil_mode),
    "LocallyConnected2d": _local,
    "Maxout": lambda module: Maxout(module.pieces),
    "RBF": lambda module: RBF(len(module.patterns)),
    "ReshapeLike": lambda module: ReshapeLike(tuple(module.sizes)),
    "Scale": _scale,
    "ScaledTanh": lambda module: ScaledTanh(module.amplitude, module.slope),
    "SliceLike": lambda module: SliceLike(module.dim, module.like),
    "SpatialPyramidPool": lambda module: SpatialPyramidPool(tuple(module.bins)),
    "StochasticDepth": lambda module: StochasticDepth(float(module.p)),
    "Stretch": lambda module: Stretch(tuple(module.shape)),
    "Subsample": lambda module: Subsample(module.kernel_size, module.stride),
    "TableConv2d": _table,
}


def is_own(module: nn.Module) -> bool:
    """Whether a module's class is one of ours, word for word, wherever it was written."""
    kind = type(module)
    if kind.__name__ not in _LAYERS:
        return False
    try:
        return inspect.getsource(kind).strip() == own_modules.text_of(kind.__name__)
    except (OSError, TypeError):  # typed into a prompt
        return False


def own(op: Op, *inputs: Ref) -> Value:
    """The layer, with the module's tensors."""
    module = op.call.whole
    assert module is not None
    prefix = f"{op.call.visit.module}." if op.call.visit.module else ""
    trained = {name for name, _ in module.named_parameters()}
    tensors: dict[str, Any] = {
        name: Ref(-1, tuple(value.shape), "parameter" if name in trained else "buffer", prefix + name)
        for name, value in module.state_dict().items()
    }
    values = [op.beside(ref) for ref in inputs]
    return op.add(_LAYERS[type(module).__name__](module), *values, **tensors)


RULES: dict[str, Rule] = {f"module {name}": own for name in _LAYERS if name != "StochasticDepth"}
