"""Modules that are described as one layer, though torch carries out many functions inside.

Their classes are known by name, so that nothing has to be imported to look for them.
"""

from __future__ import annotations

from torch import nn

from explorer.interop.torch_trace.rules.own import is_own

#: By class name: where it is from, or "" for anything with that name and the attributes that its rule reads.
WHOLE: dict[str, str] = {
    "MultiheadAttention": "torch.nn.",
    "ShiftedWindowAttention": "torchvision.models.swin_transformer",
    "ShiftedWindowAttentionV2": "torchvision.models.swin_transformer",
    "StochasticDepth": "torchvision.ops",
    "DropPath": "",
    "LSTM": "torch.nn.",
    "GRU": "torch.nn.",
    "RNN": "torch.nn.",
    "ChannelShuffle": "torch.nn.",
}


def described_whole(module: nn.Module) -> bool:
    """Whether a rule describes this module as a whole: those above, and our own in exported code."""
    kind = type(module)
    origin = WHOLE.get(kind.__name__)
    return (origin is not None and kind.__module__.startswith(origin)) or is_own(module)
