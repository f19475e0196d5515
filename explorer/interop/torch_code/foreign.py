"""Layers that people write otherwise than as the module of ours that stands for them."""

from __future__ import annotations

from explorer.interop.torch_code.expressions import Argument, Expression, Literal, Make, from_call
from explorer.network.layer import Layer
from explorer.network.layers import MultiheadAttention, ParameterTensor, WindowAttention
from explorer.network.torch_call import Call

#: Where names come from that are neither torch.nn's nor ours.
IMPORTS = {
    name: f"from torchvision.models.swin_transformer import {name}"
    for name in ("ShiftedWindowAttention", "ShiftedWindowAttentionV2")
}

PARAMETER, BUFFER = "nn.Parameter", "nn.Buffer"


def as_written(layer: Layer, call: Call) -> Expression:
    """The expression that makes a layer's module."""
    if isinstance(layer, MultiheadAttention):
        made = from_call(Call(call.name, call.args, {**call.settings, "batch_first": True}))
    elif isinstance(layer, WindowAttention):
        dim, heads = call.args[:2]
        settings = {name: call.settings[name] for name in ("qkv_bias", "proj_bias") if name in call.settings}
        name = "ShiftedWindowAttention" + ("V2" if layer.version == 2 else "")
        values = (dim, list(layer.window_size), list(layer.shift_size), heads)
        found = from_call(Call(name, values, settings))
        assert isinstance(found, Make)
        made = Make(name, found.arguments)
    elif isinstance(layer, ParameterTensor):
        sizes = tuple(Argument(Literal(size, "channels", "channels")) for size in layer.shape)
        made = Make(PARAMETER if layer.trainable else BUFFER, sizes)
    else:
        made = from_call(call)
    return made
