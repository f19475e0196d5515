"""The window of a convolution or a pooling, read off its call."""

from __future__ import annotations

from typing import Any

from explorer.interop.torch_trace.recording import Call

Pair = tuple[int, int]
_WINDOW = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "max_pool2d": ("input", "kernel_size", "stride", "padding", "dilation"),
    "avg_pool2d": ("input", "kernel_size", "stride", "padding"),
}


def window_of(call: Call) -> tuple[Pair, Pair, Pair] | None:
    """kernel_size, stride and dilation; None of a call that has no window over maps."""
    if call.name not in _WINDOW:
        return None
    conv = call.name == "conv2d"
    given: dict[str, Any] = dict(zip(_WINDOW[call.name], call.args, strict=False)) | call.kwargs
    kernel = given["weight"].shape[-2:] if conv else _pair(given["kernel_size"])
    stride = _pair(given.get("stride") or (1 if conv else kernel))
    return kernel, stride, _pair(given.get("dilation", 1))


def _pair(value: Any) -> Pair:
    if isinstance(value, int):
        return value, value
    return int(value[0]), int(value[-1])
