"""Layers that people write as an operator or a function in `forward`, and not as a module."""

from __future__ import annotations

import re

from explorer.network.layer import Layer, Shape
from explorer.network.layers import (
    Add,
    Concat,
    Constant,
    Crop,
    Flatten,
    L2Normalize,
    Multiply,
    Reshape,
    Scale,
)
from explorer.network.torch_call import literal


def operator(layer: Layer, shapes: tuple[Shape, ...]) -> str | None:
    """A pattern whose `{0}`, `{1}`, … are the inputs; None for a layer that is a module."""
    inputs = [f"{{{index}}}" for index in range(len(shapes))]
    match layer:
        case Add():
            return " + ".join(inputs)
        case Multiply():
            return " * ".join(inputs)
        case Concat():
            return f"torch.cat([{', '.join(inputs)}], dim={layer.dim})"
        case Flatten():
            return f"torch.flatten({{0}}, {layer.start_dim})"
        case Reshape():
            return _reshape(layer.shape)
        case L2Normalize():
            eps = "" if layer.eps == 1e-12 else f", eps={literal(layer.eps)}"
            return f"F.normalize({{0}}, dim={layer.dim}{eps})"
        case Scale() if not layer.trainable:
            return _scale(layer.factor, layer.offset)
        case Crop() if layer.offset is not None:
            (above, left), (rows, columns) = layer.offset, layer.size
            return f"{{0}}[:, :, {above}:{above + rows}, {left}:{left + columns}]"
        case _:
            return None


def constant(layer: Constant, beside: str | None) -> str:
    """One value everywhere, as often as the batch of `beside` has examples."""
    shape = ", ".join(map(str, layer.shape))
    if beside is None:
        return f"torch.full((1, {shape}), {literal(float(layer.value))})"
    return f"{beside}.new_full(({beside}.size(0), {shape}), {literal(float(layer.value))})"


def is_operation(pattern: str) -> bool:
    """Whether the pattern needs brackets around it within another: `a + b`, but not `f(a)`."""
    return re.fullmatch(r"[\w.]+\(.*\)|\{0\}\[.*\]|\{0\}\.\w+\(.*\)", pattern) is None


def _reshape(shape: Shape) -> str:
    first = "{0}.size(0)" if -1 in shape else "-1"
    return f"{{0}}.reshape({', '.join([first, *map(str, shape)])})"


def _scale(factor: float, offset: float) -> str:
    text = "{0}" if factor == 1 and offset != 0 else f"{{0}} * {literal(factor)}"
    if offset == 0:
        return text
    return f"{text} + {literal(offset)}" if offset > 0 else f"{text} - {literal(-offset)}"
