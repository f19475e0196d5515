"""Modules of our own that order, cut and choose axes; the batch stays the first."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Permute(nn.Module):
    """The axes in another order; the batch stays the first."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, *self.dims)


class ReshapeLike(nn.Module):
    """The same values in another shape: sizes, 0 for what is left, −2 for axis 2 of the second input."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.sizes = sizes

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        return x.reshape(len(x), *(like.shape[-size] if size < 0 else size or -1 for size in self.sizes))


class Slice(nn.Module):
    """Every `step`-th place of an axis from `start` to before `stop`."""

    def __init__(self, dim: int, start: int = 0, stop: int | None = None, step: int = 1) -> None:
        super().__init__()
        self.dim, self.kept = dim, slice(start, stop, step)

    def forward(self, x: Tensor) -> Tensor:
        return x[(slice(None),) * self.dim + (self.kept,)]


class SliceLike(nn.Module):
    """The first places of axis `dim`, as many as axis `like` of a second input has."""

    def __init__(self, dim: int, like: int) -> None:
        super().__init__()
        self.dim, self.like = dim, like

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        return x.narrow(self.dim, 0, min(x.shape[self.dim], other.shape[self.like]))


class Part(nn.Module):
    """One of the parts that torch.chunk gives."""

    def __init__(self, chunks: int, index: int, dim: int = 1) -> None:
        super().__init__()
        self.chunks, self.index, self.dim = chunks, index, dim

    def forward(self, x: Tensor) -> Tensor:
        return x.chunk(self.chunks, self.dim)[self.index]


class Select(nn.Module):
    """One place of an axis, which goes; of a vector one value is left, (N, 1)."""

    def __init__(self, dim: int, index: int) -> None:
        super().__init__()
        self.dim, self.index = dim, index

    def forward(self, x: Tensor) -> Tensor:
        out = x.select(self.dim, self.index)
        return out if out.dim() > 1 else out[:, None]


class Roll(nn.Module):
    """Values shifted along axes, round the end."""

    def __init__(self, shifts: tuple[int, ...], dims: tuple[int, ...]) -> None:
        super().__init__()
        self.shifts, self.dims = shifts, dims

    def forward(self, x: Tensor) -> Tensor:
        return torch.roll(x, self.shifts, self.dims)


class Reduce(nn.Module):
    """The mean, sum, amax or amin over some axes; where none is left, (N, 1)."""

    def __init__(self, mode: str, dims: tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.mode, self.dims, self.keepdim = mode, dims, keepdim

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = getattr(torch, self.mode)(x, self.dims, self.keepdim)
        return out if out.dim() > 1 else out[:, None]
