"""Layers that people write as an operator or a function in `forward`, and not as a module."""

from __future__ import annotations

import re

from explorer.network.layer import Layer, Shape
from explorer.network.layers import (
    Add,
    Concat,
    Constant,
    ConstantPad,
    Crop,
    Divide,
    Einsum,
    Flatten,
    GlobalAvgPool2d,
    L2Normalize,
    MatMul,
    Multiply,
    ParameterTensor,
    Part,
    Permute,
    Pointwise,
    Power,
    Reduce,
    Reshape,
    ResizeLike,
    Roll,
    Scale,
    ScaledDotProductAttention,
    Select,
    Slice,
    Stretch,
    Subtract,
    Unflatten,
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
            end = "" if layer.end_dim is None else f", {layer.end_dim}"
            return f"torch.flatten({{0}}, {layer.start_dim}{end})"
        case GlobalAvgPool2d() if layer.flatten:
            return "{0}.mean((2, 3))"
        case Reshape():
            return _reshape(layer.shape)
        case L2Normalize():
            eps = "" if layer.eps == 1e-12 else f", eps={literal(layer.eps)}"
            return f"F.normalize({{0}}, dim={layer.dim}{eps})"
        case Scale() if not layer.trainable and 0 in (layer.factor - 1, layer.offset):
            return _scale(layer.factor, layer.offset)
        case Crop() if layer.offset is not None:
            (above, left), (rows, columns) = layer.offset, layer.size
            return f"{{0}}[:, :, {above}:{above + rows}, {left}:{left + columns}]"
        case _:
            return _of_axes(layer, shapes)


def _of_axes(layer: Layer, shapes: tuple[Shape, ...]) -> str | None:
    match layer:
        case Permute():
            return f"{{0}}.permute({', '.join(map(str, (0, *layer.dims)))})"
        case Unflatten():
            return f"{{0}}.unflatten({layer.dim}, {literal(layer.sizes)})"
        case Slice():
            start, stop = layer.start or "", "" if layer.stop is None else layer.stop
            step = "" if layer.step == 1 else f":{layer.step}"
            return f"{{0}}[{':, ' * layer.dim}{start}:{stop}{step}]"
        case Part():
            return f"{{0}}.chunk({layer.chunks}, dim={layer.dim})[{layer.index}]"
        case Select() if len(shapes[0]) > 1:
            return f"{{0}}.select({layer.dim}, {layer.index})"
        case Roll():
            return f"torch.roll({{0}}, {literal(layer.shifts)}, {literal(layer.dims)})"
        case Reduce() if layer.keepdim or len(layer.dims) < len(shapes[0]):
            keep = ", keepdim=True" if layer.keepdim else ""
            return f"{{0}}.{layer.mode}({literal(layer.dims)}{keep})"
        case _:
            return _of_values(layer, len(shapes))


def _of_values(layer: Layer, count: int) -> str | None:
    match layer:
        case Subtract():
            return "{0} - {1}"
        case Divide():
            return "{0} / {1}"
        case MatMul():
            return "torch.matmul({0}, {1})"
        case Power():
            return f"torch.pow({{0}}, {literal(layer.exponent)})"
        case Pointwise():
            place = "F" if layer.function in _FUNCTIONAL else "torch"
            return f"{place}.{layer.function}({{0}})"
        case Einsum():
            left, right = layer.equation.split("->")
            equation = ",".join(f"Z{part}" for part in left.split(","))
            return f'torch.einsum("{equation}->Z{right}", {{0}}, {{1}})'
        case ScaledDotProductAttention():
            more = f", scale={literal(layer.scale)}" if layer.scale is not None else ""
            more += ", is_causal=True" if layer.is_causal else ""
            given = ", ".join(f"{{{index}}}" for index in range(count))
            return f"F.scaled_dot_product_attention({given}{more})"
        case ConstantPad():
            value = f", value={literal(layer.value)}" if layer.value else ""
            return f"F.pad({{0}}, {literal(layer.padding)}{value})"
        case Stretch():
            return f"{{0}}.expand({', '.join(map(str, (-1, *layer.shape)))})"
        case ResizeLike():
            more = ", align_corners=True" if layer.align_corners else ""
            return f'F.interpolate({{0}}, {{1}}.shape[2:], mode="{layer.mode}"{more})'
        case _:
            return None


#: Of the functions of each value, those that torch has in torch.nn.functional.
_FUNCTIONAL = ("logsigmoid", "mish", "selu", "softplus", "softsign", "tanhshrink")


def constant(layer: Constant, beside: str | None) -> str:
    """One value everywhere, as often as the batch of `beside` has examples."""
    shape = ", ".join(map(str, layer.shape))
    if beside is None:
        return f"torch.full((1, {shape}), {literal(float(layer.value))})"
    return f"{beside}.new_full(({beside}.size(0), {shape}), {literal(float(layer.value))})"


def parameter(layer: ParameterTensor, tensor: str, beside: str | None, *, stretches: bool) -> str:
    """A tensor in an example's shape, as often as the batch has examples unless what follows stretches it."""
    shape, view = layer.shape, layer.view
    if shape not in (view, (1, *view)):
        tensor = f"{tensor}.reshape(1, {', '.join(map(str, view))})"
    if stretches:
        return tensor
    sizes = ", ".join(map(str, view))
    return f"{tensor}.expand({f'{beside}.size(0)' if beside is not None else '1'}, {sizes})"


def is_operation(pattern: str) -> bool:
    """Whether the pattern needs brackets around it within another: `a + b`, but not `f(a)`."""
    return re.fullmatch(r"[\w.]+\(.*\)|\{0\}(\[[^]]*\]|\.\w+\([^)]*\)*)+", pattern) is None


def _reshape(shape: Shape) -> str:
    first = "{0}.size(0)" if -1 in shape else "-1"
    return f"{{0}}.reshape({', '.join([first, *map(str, shape)])})"


def _scale(factor: float, offset: float) -> str:
    if offset == 0:
        return f"{{0}} * {literal(factor)}"
    return f"{{0}} + {literal(offset)}" if offset > 0 else f"{{0}} - {literal(-offset)}"
