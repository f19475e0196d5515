"""Layers in which every place weighs every other, and the patches that they begin with."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import (
    Derivation,
    Family,
    Layer,
    Parameter,
    Refused,
    Shape,
    Window,
    need_maps,
    spell,
)
from explorer.network.layers.settings import BIAS, Count, Pair, Positive, Share, brief, by
from explorer.network.layers.whole import everything
from explorer.network.torch_call import Call, changed

HEADS = Meta(description="How many heads share the features, each attending by itself.")


class ScaledDotProductAttention(Layer, frozen=True):
    """softmax(q·kᵀ / √d)·v of three branches (Vaswani 2017; torch's scaled_dot_product_attention).

    A fourth input is added to the scores before the softmax, such as a bias by relative position.
    """

    family: ClassVar[Family] = Family.MERGE
    title: ClassVar[str] = "Dot-product attention"
    torch_name: ClassVar[str] = "ScaledDotProductAttention"
    arity: ClassVar[tuple[int, int | None]] = (3, 4)
    keywords: ClassVar[str] = "sdpa attention transformer query key value"

    is_causal: Annotated[bool, Meta(description="Whether a place attends only to those before it.")] = False
    scale: Annotated[
        Positive | None, Meta(description="What the scores are multiplied by; none: 1 / √d.")
    ] = None

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        query, key, value = inputs[:3]
        fits = (
            len({len(shape) for shape in inputs[:3]}) == 1
            and len(query) >= 2
            and query[:-2] == key[:-2] == value[:-2]
            and query[-1] == key[-1]
            and key[-2] == value[-2]
        )
        if not fits:
            raise Refused(
                "unequal_shapes",
                f"Queries {spell(query)}, keys {spell(key)} and values {spell(value)} do not fit together.",
                shapes=inputs,
            )
        if len(inputs) == 4:
            scores = (*query[:-1], key[-2])
            fits = len(inputs[3]) == len(scores) and all(
                size in (1, wanted) for size, wanted in zip(inputs[3], scores, strict=True)
            )
            if self.is_causal or not fits:
                raise Refused(
                    "unequal_shapes",
                    f"{spell(inputs[3])} can't be added to scores of {spell(scores)}.",
                    shapes=inputs,
                )
        return ((*query[:-1], value[-1]),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        query, key, value = inputs[:3]
        return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(
            "softmax(q·kᵀ / √d)·v", spell(out), macs=f"q·kᵀ and ·v: {self.macs(inputs, (out,)):,}"
        )

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(is_causal=(self.is_causal, False), scale=(self.scale, None))
        return Call("ScaledDotProductAttention", (), settings, own=True)


class MultiheadAttention(Layer, frozen=True):
    """Every token weighs every other, in several heads (Vaswani 2017; torch.nn.MultiheadAttention).

    Tokens are (L, E). With a second input the keys and values are taken from it, a third gives the values.
    """

    family: ClassVar[Family] = Family.DENSE
    title: ClassVar[str] = "Multi-head attention"
    torch_name: ClassVar[str] = "MultiheadAttention"
    arity: ClassVar[tuple[int, int | None]] = (1, 3)
    keywords: ClassVar[str] = "transformer self attention heads tokens vit mha"

    num_heads: Annotated[Count, HEADS] = 8
    bias: Annotated[bool, BIAS] = True
    dropout: Annotated[Share, Meta(description="The share of the weights that is dropped in training.")] = 0.0

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        query, key = inputs[0], inputs[min(1, len(inputs) - 1)]
        for shape in inputs:
            if len(shape) != 2:
                raise Refused(
                    "wrong_size",
                    f"Multi-head attention takes tokens (L × E), but its input is {spell(shape)}.",
                    shapes=inputs,
                )
        if any(shape[1] != query[1] for shape in inputs) or inputs[-1][0] != key[0]:
            raise Refused(
                "unequal_shapes",
                " and ".join(spell(shape) for shape in inputs) + " do not fit together.",
                shapes=inputs,
            )
        if query[1] % self.num_heads:
            raise Refused(
                "groups_do_not_divide",
                f"{self.num_heads} heads cannot share {query[1]} features evenly.",
                in_channels=query[1],
            )
        return (query,)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        size = inputs[0][1]
        weights = (Parameter("in_proj_weight", (3 * size, size)), Parameter("out_proj.weight", (size, size)))
        if not self.bias:
            return weights
        return (
            *weights,
            Parameter("in_proj_bias", (3 * size,), "bias"),
            Parameter("out_proj.bias", (size,), "bias"),
        )

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        (length, size), keys = inputs[0], inputs[-1][0]
        projections = 2 * length + 2 * keys
        return projections * size * size + 2 * length * keys * size

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return (Window(inputs[0][0], inputs[0][0], 0),) if len(inputs) == 1 else None

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        length, size = out
        keys = inputs[-1][0]
        return Derivation(
            "softmax(q·kᵀ / √d)·v in each head, between projections",
            f"{spell(out)}, {self.num_heads} heads of {size // self.num_heads}",
            parameters=f"4·{size}² = {4 * size * size:,}" + (f" + biases {4 * size:,}" if self.bias else ""),
            macs=f"projections {(2 * length + 2 * keys) * size * size:,} + 2·{length}·{keys}·{size} = "
            f"{self.macs(inputs, (out,)):,}",
        )

    def summary(self) -> str:
        return f"{self.num_heads} heads"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(dropout=(self.dropout, 0.0), bias=(self.bias, True))
        return Call("MultiheadAttention", (inputs[0][1], self.num_heads), settings, own=True)


class WindowAttention(Layer, frozen=True):
    """Attention within windows of maps with channels last, shifted or not (Swin, Liu 2021)."""

    family: ClassVar[Family] = Family.DENSE
    title: ClassVar[str] = "Window attention"
    torch_name: ClassVar[str] = "WindowAttention"
    keywords: ClassVar[str] = "swin transformer shifted window heads"

    num_heads: Annotated[Count, HEADS] = 3
    window_size: Annotated[Pair, Meta(description="Height and width of a window.")] = (7, 7)
    shift_size: Annotated[
        tuple[
            Annotated[int, Meta(ge=0, le=10_000)],
            Annotated[int, Meta(ge=0, le=10_000)],
        ],
        Meta(description="How far the windows are shifted, down and across."),
    ] = (0, 0)
    version: Annotated[
        int,
        Meta(ge=1, le=2, description="1, or 2: cosine attention, and a small network for the position bias."),
    ] = 1
    qkv_bias: Annotated[bool, Meta(description="Whether the projection to q, k and v has biases.")] = True
    proj_bias: Annotated[bool, Meta(description="Whether the projection behind has biases.")] = True

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = need_maps(self, inputs[0])
        if shape[2] % self.num_heads:
            raise Refused(
                "groups_do_not_divide",
                f"{self.num_heads} heads cannot share {shape[2]} features evenly.",
                in_channels=shape[2],
            )
        return (shape,)

    def _table(self) -> int:
        return (2 * self.window_size[0] - 1) * (2 * self.window_size[1] - 1)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        size, heads = inputs[0][2], self.num_heads
        found = [Parameter("qkv.weight", (3 * size, size)), Parameter("proj.weight", (size, size))]
        if self.qkv_bias:
            found.append(Parameter("qkv.bias", (3 * size,), "bias"))
        if self.proj_bias:
            found.append(Parameter("proj.bias", (size,), "bias"))
        if self.version == 1:
            return (*found, Parameter("relative_position_bias_table", (self._table(), heads)))
        return (
            *found,
            Parameter("logit_scale", (heads, 1, 1)),
            Parameter("cpb_mlp.0.weight", (512, 2)),
            Parameter("cpb_mlp.0.bias", (512,), "bias"),
            Parameter("cpb_mlp.2.weight", (heads, 512)),
        )

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        size, area = inputs[0][2], prod(self.window_size)
        places = prod(-(-n // w) * w for n, w in zip(inputs[0][:2], self.window_size, strict=True))
        bias = self._table() * 512 * (2 + self.num_heads) if self.version == 2 else 0
        return places * size * (4 * size + 2 * area) + bias

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return None

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        return Derivation(
            "attention in each window, padded to whole windows",
            f"{spell(out)} in windows of {by(self.window_size)}, {self.num_heads} heads",
            parameters=f"{sum(parameter.numel for parameter in self.parameters(*inputs)):,}",
            macs=f"places · C · (4·C + 2·{prod(self.window_size)}) = {self.macs(inputs, (out,)):,}",
        )

    def summary(self) -> str:
        shift = "" if self.shift_size == (0, 0) else f", shifted {brief(self.shift_size)}"
        return f"{self.num_heads} heads, {by(self.window_size)}{shift}"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(
            version=(self.version, 1), qkv_bias=(self.qkv_bias, True), proj_bias=(self.proj_bias, True)
        )
        places = (inputs[0][2], self.num_heads, self.window_size, self.shift_size)
        return Call("WindowAttention", places, settings, own=True)


class PatchEmbedding(Layer, frozen=True):
    """Cuts a picture into patches and makes a token of each: a convolution of stride p (Dosovitskiy 2020)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Patch embedding"
    torch_name: ClassVar[str] = "PatchEmbedding"
    keywords: ClassVar[str] = "vit transformer tokens patchify stem"

    embed_dim: Annotated[Count, Meta(description="How many values a token has.")] = 768
    patch_size: Annotated[Pair, Meta(description="Height and width of a patch.")] = (16, 16)
    bias: Annotated[bool, BIAS] = True

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        _, height, width = need_maps(self, inputs[0])
        rows, columns = height // self.patch_size[0], width // self.patch_size[1]
        if not rows or not columns:
            raise Refused(
                "kernel_too_large",
                f"A patch of {by(self.patch_size)} does not fit into {height} × {width}.",
                spans=self.patch_size,
                size=(height, width),
            )
        return ((rows * columns, self.embed_dim),)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        weight = Parameter("weight", (self.embed_dim, inputs[0][0], *self.patch_size))
        return (weight, Parameter("bias", (self.embed_dim,), "bias")) if self.bias else (weight,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * inputs[0][0] * prod(self.patch_size)

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return everything(inputs[0])

    def dropped(self, inputs: Sequence[Shape]) -> tuple[int, ...]:
        return inputs[0][1] % self.patch_size[0], inputs[0][2] % self.patch_size[1]

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        rows, columns = inputs[0][1] // self.patch_size[0], inputs[0][2] // self.patch_size[1]
        weights = prod((*self.patch_size, inputs[0][0], self.embed_dim))
        return Derivation(
            "⌊H / p⌋ · ⌊W / p⌋ tokens",
            f"{rows} · {columns} = {out[0]} tokens of {self.embed_dim}",
            dropped=self.dropped(inputs),
            parameters=f"weights {weights:,}" + (f" + biases {self.embed_dim:,}" if self.bias else ""),
            macs=f"{weights:,} · {out[0]} = {weights * out[0]:,}",
        )

    def summary(self) -> str:
        return f"{self.embed_dim} · {by(self.patch_size)}"

    def torch_call(self, *inputs: Shape) -> Call:
        return Call(
            "PatchEmbedding",
            (inputs[0][0], self.embed_dim, self.patch_size),
            changed(bias=(self.bias, True)),
            own=True,
        )
