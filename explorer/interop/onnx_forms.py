"""Pooling that torch's ONNX exporter does not know, with its windows written out: the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from explorer.interop import modules


def replace_unknown(module: nn.Module) -> None:
    """Let the modules that the exporter fails at compute what they do in such a form."""
    for found in module.modules():
        form = _form(found)
        if form is not None:
            found.forward = form


def _form(module: nn.Module) -> Callable[[Tensor], Tensor] | None:
    if isinstance(module, modules.SpatialPyramidPool):
        return partial(_pyramid, bins=module.bins)
    if isinstance(module, nn.AdaptiveMaxPool2d | nn.AdaptiveAvgPool2d):
        size: Any = module.output_size
        rows, columns = (size, size) if isinstance(size, int) else size
        if (rows, columns) != (1, 1):
            largest = isinstance(module, nn.AdaptiveMaxPool2d)
            return partial(_adaptive, rows=rows, columns=columns, largest=largest)
    return None


def _pyramid(x: Tensor, bins: tuple[int, ...]) -> Tensor:
    return torch.cat([_adaptive(x, n, n, True).flatten(1) for n in bins], 1)


def _adaptive(x: Tensor, rows: int, columns: int, largest: bool) -> Tensor:
    pooled = []
    for above, below in _windows(x.shape[2], rows):
        parts = [x[:, :, above:below, left:right] for left, right in _windows(x.shape[3], columns)]
        pooled.append(
            torch.stack([part.amax((2, 3)) if largest else part.mean((2, 3)) for part in parts], -1)
        )
    return torch.stack(pooled, -2)


def _windows(size: int, out: int) -> list[tuple[int, int]]:
    """Window i is from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉."""
    return [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]
