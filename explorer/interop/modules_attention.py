"""Modules of our own for attention and the products that it is made of."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MatMul(nn.Module):
    """The matrix product of two branches."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.matmul(a, b)


class Einsum(nn.Module):
    """torch.einsum by an equation that leaves the batch out."""

    def __init__(self, equation: str) -> None:
        super().__init__()
        inputs, out = equation.split("->")
        self.equation = ",".join(f"Z{part}" for part in inputs.split(",")) + f"->Z{out}"

    def forward(self, *branches: Tensor) -> Tensor:
        return torch.einsum(self.equation, *branches)


class ScaledDotProductAttention(nn.Module):
    """softmax(q·kᵀ / √d)·v, with a fourth branch added to the scores."""

    def __init__(self, is_causal: bool = False, scale: float | None = None) -> None:
        super().__init__()
        self.is_causal, self.scale = is_causal, scale

    def forward(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.scaled_dot_product_attention(
            query, key, value, bias, is_causal=self.is_causal, scale=self.scale
        )


class MultiheadAttention(nn.MultiheadAttention):
    """nn.MultiheadAttention, batch first, giving the values alone; keys and values may be the queries'."""

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, batch_first=True)

    def forward(self, query: Tensor, *others: Tensor, **_: Any) -> Any:  # type: ignore[override]
        key = others[0] if others else query
        return super().forward(query, key, others[1] if len(others) > 1 else key, need_weights=False)[0]


class PatchEmbedding(nn.Conv2d):
    """A convolution whose stride is its kernel, written as a row of tokens: (N, L, E)."""

    def __init__(
        self, in_channels: int, embed_dim: int, patch_size: tuple[int, int], bias: bool = True
    ) -> None:
        super().__init__(in_channels, embed_dim, patch_size, patch_size, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input).flatten(2).transpose(1, 2)


class WindowAttention(nn.Module):
    """torchvision's shifted window attention over (N, H, W, C), of the first or the second Swin.

    The weights are those of torchvision's module, under the names that they have there.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window_size: tuple[int, int],
        shift_size: tuple[int, int] = (0, 0),
        version: int = 1,
        qkv_bias: bool = True,
        proj_bias: bool = True,
    ) -> None:
        super().__init__()
        from torchvision.models import swin_transformer

        kinds = (swin_transformer.ShiftedWindowAttention, swin_transformer.ShiftedWindowAttentionV2)
        theirs = kinds[version - 1](
            dim, list(window_size), list(shift_size), num_heads, qkv_bias=qkv_bias, proj_bias=proj_bias
        )
        for name, inner in theirs.named_children():
            self.add_module(name, inner)
        for name, parameter in theirs.named_parameters(recurse=False):
            self.register_parameter(name, parameter)
        for name, buffer in theirs.named_buffers(recurse=False):
            self.register_buffer(name, buffer)
        self._theirs = [theirs]  # in a list, so that its weights are not there twice

    def forward(self, x: Tensor) -> Tensor:
        theirs = self._theirs[0]
        theirs.train(self.training)
        theirs._parameters.update(self._parameters)
        theirs._buffers.update(self._buffers)
        out: Tensor = theirs(x)
        return out
