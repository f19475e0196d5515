"""Matrix products and attention."""

from __future__ import annotations

import re
from typing import Any, Literal

import torch

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.shapes import permute
from explorer.network.layers import (
    Add,
    ChannelShuffle,
    Einsum,
    Linear,
    MatMul,
    MultiheadAttention,
    Scale,
    ScaledDotProductAttention,
    WindowAttention,
)


def matmul(op: Op, input: Ref, other: Ref, *, out: Any = None) -> Value:
    """torch.matmul of two tensors of as many axes."""
    if op.knows(input) and not op.knows(other) and len(other.shape) == 2:
        over: Literal["last", "vector"] = "last" if len(op.value(input).shape) > 2 else "vector"
        turned = op.made(other, torch.t, other.shape[::-1])
        try:
            return op.add(Linear(other.shape[1], False, over), input, weight=turned)
        except Unfit:
            pass  # fixed numbers, or no weights of one layer: a branch of its own, as below
    like = input if op.knows(input) else other
    first, second = op.branch(input, like), op.branch(other, like)
    if first.batch != second.batch:
        raise Unfit("one branch has the batch in another place")
    if first.batch is not None and first.batch > len(first.shape) - 2:
        raise Unfit("it multiplies along the batch")
    return op.add(MatMul(), first, second)


def einsum(op: Op, equation: Any, *operands: Any) -> Value:
    """torch.einsum of two tensors."""
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    match = re.fullmatch(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)", str(equation).replace(" ", ""))
    if len(operands) == 1 and op.knows(operands[0]):
        return _rearranged(op, str(equation).replace(" ", ""), operands[0])
    if match is None or len(operands) != 2:
        raise Unfit("its equation is unusual")
    like = next(ref for ref in operands if op.knows(ref))
    values = [op.value(ref) if op.knows(ref) else op.weights(ref, ref.shape) for ref in operands]
    one, other, out = match.groups()
    batch = {
        letters[value.batch]
        for letters, value in zip((one, other), values, strict=True)
        if value.batch is not None
    }
    unlike = [op.value(ref).batch is None for ref in operands if op.knows(ref)]
    if len(batch) > 1 or any(unlike) is (op.value(like).batch is not None):
        raise Unfit("it works along the batch")
    letter = batch.pop() if batch else ""
    if letter and letter not in out:
        raise Unfit("it sums over the batch")
    renamed = {name: chr(ord("a") + place) for place, name in enumerate(dict.fromkeys(one + other))}
    parts = ["".join(renamed[name] for name in letters if name != letter) for letters in (one, other, out)]
    place = out.index(letter) if letter else None
    return op.add(Einsum(f"{parts[0]},{parts[1]}->{parts[2]}"), *values, batch=place)


def _rearranged(op: Op, equation: str, input: Ref) -> Value:
    """torch.einsum of one tensor that only puts its axes in another order."""
    before, _, after = equation.partition("->")
    if sorted(before) != sorted(after) or len(set(before)) < len(before) or "." in before:
        raise Unfit("its equation is unusual")
    return permute(op, input, [before.index(letter) for letter in after])


def scaled_dot_product_attention(
    op: Op,
    query: Ref,
    key: Ref,
    value: Ref,
    attn_mask: Ref | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Value:
    """F.scaled_dot_product_attention."""
    if enable_gqa:
        raise Unfit("its heads share keys")
    like = next((ref for ref in (query, key, value) if op.knows(ref)), query)
    branches = [op.branch(query, like), op.branch(key, like), op.branch(value, like)]
    if attn_mask is not None:
        if not attn_mask.floating:
            if op.knows(attn_mask):
                raise Unfit("its mask is one of conditions")
            attn_mask = op.made(attn_mask, _as_bias, attn_mask.shape)
        branches.append(op.branch(attn_mask, like))
    if len({branch.batch for branch in branches}) > 1:
        raise Unfit("its branches have the batch in different places")
    return op.add(ScaledDotProductAttention(is_causal, scale), *branches)


def _as_bias(mask: torch.Tensor) -> torch.Tensor:
    """What is added to the scores in place of a mask of conditions."""
    return torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))


def baddbmm(op: Op, input: Any, batch1: Ref, batch2: Ref, *, beta: float = 1, alpha: float = 1) -> Value:
    """torch.baddbmm: beta·input + alpha·batch1·batch2."""
    product = matmul(op, batch1, batch2)
    if alpha != 1:
        product = op.add(Scale(float(alpha), 0.0), product)
    if beta == 0:
        return product
    like = batch1 if op.knows(batch1) else batch2
    term = op.branch(input, like)
    return op.add(Add(), op.add(Scale(float(beta), 0.0), term) if beta != 1 else term, product)


def multihead_attention(
    op: Op,
    query: Ref,
    key: Ref,
    value: Ref,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Value | None, ...]:
    """torch.nn.MultiheadAttention without masks."""
    module: Any = op.call.whole
    if key_padding_mask is not None or attn_mask is not None:
        raise Unfit("it has a mask")
    if not module._qkv_same_embed_dim or module.bias_k is not None or module.add_zero_attn:
        raise Unfit("its keys and values have sizes of their own")
    wanted = 0 if module.batch_first else 1
    if op.value(query).batch not in (wanted, None):
        raise Unfit("the batch is not where it expects it")
    inputs = [query] if query is key is value else [query, key] if key is value else [query, key, value]
    layer = MultiheadAttention(module.num_heads, module.in_proj_bias is not None, float(module.dropout))
    found = op.add_whole(layer, *inputs)
    return (found, *[None] * (len(op.call.outputs) - 1))


def window_attention(op: Op, x: Ref, *_: Any, **__: Any) -> Value:
    """Torchvision's shifted window attention, of the first or the second Swin."""
    module: Any = op.call.whole
    version = 2 if type(module).__name__.endswith("V2") else 1
    if len(module.window_size) != 2:
        raise Unfit("its windows are volumes")
    layer = WindowAttention(
        module.num_heads,
        (module.window_size[0], module.window_size[1]),
        (module.shift_size[0], module.shift_size[1]),
        version,
        module.qkv.bias is not None,
        module.proj.bias is not None,
    )
    return op.add_whole(layer, x)


def channel_shuffle(op: Op, input: Ref, groups: int | None = None) -> Value:
    """torch.channel_shuffle and its module."""
    return op.add(ChannelShuffle(groups or op.call.whole.groups), input)  # type: ignore[union-attr, arg-type]


RULES: dict[str, Rule] = {
    "matmul": matmul,
    "rmatmul": lambda op, input, other: matmul(op, other, input),
    "bmm": matmul,
    "mm": matmul,
    "baddbmm": baddbmm,
    "einsum": einsum,
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "module MultiheadAttention": multihead_attention,
    "module ShiftedWindowAttention": window_attention,
    "module ShiftedWindowAttentionV2": window_attention,
    "module ChannelShuffle": channel_shuffle,
    "channel_shuffle": channel_shuffle,
    "native_channel_shuffle": channel_shuffle,
}
