"""Which input a module takes, where nobody said: tried out on the meta device, which costs little."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from explorer.interop.torch_trace.running import dtype_of, on_device
from explorer.network.errors import UserError
from explorer.network.layer import Shape

_SIDES = (224, 32, 28, 64, 96, 112, 128, 227, 256, 299, 384, 512)


def fitting(module: nn.Module, sizes: Sequence[Shape] = ()) -> list[Shape]:
    """The first size that runs: of those given, those that the module declares, or the usual ones.

    Raises UserError where none does.
    """
    tried: list[Shape] = []
    for shape in dict.fromkeys((*sizes, *declared(module), *_usual(module))):
        tried.append(shape)
        if len(sizes) == 1 or _runs(module, shape):
            return [shape]
    shown = ", ".join("x".join(map(str, shape)) for shape in tried[:4])
    raise UserError(f"the module runs on none of the usual inputs ({shown}, …): give its size with --input")


def declared(module: nn.Module) -> Iterator[Shape]:
    """What a module says of itself, in one of the ways that are usual."""
    for name in ("pretrained_cfg", "default_cfg"):
        table = getattr(module, name, None)
        size = table.get("input_size") if isinstance(table, dict) else getattr(table, "input_size", None)
        if _is_shape(size):
            yield tuple(size)  # type: ignore[arg-type]
    for name in ("input_size", "input_shape"):
        size = getattr(module, name, None)
        if _is_shape(size):
            yield tuple(size)  # type: ignore[arg-type]
    example = getattr(module, "example_input_array", None)
    if isinstance(example, torch.Tensor) and example.dim() > 1:
        yield tuple(example.shape[1:])


def _is_shape(size: Any) -> bool:
    return (
        isinstance(size, tuple | list)
        and 1 <= len(size) <= 4
        and all(isinstance(side, int) and side > 0 for side in size)
    )


def _usual(module: nn.Module) -> Iterator[Shape]:
    """By the first layer that has weights."""
    channels = 3
    for inner in module.modules():
        if isinstance(inner, nn.Conv2d):
            channels = inner.in_channels
            break
        if isinstance(inner, nn.Conv1d):
            yield from ((inner.in_channels, side) for side in (1024, 128, 32))
            break
        if isinstance(inner, nn.Conv3d):
            yield from ((inner.in_channels, 16, side, side) for side in (112, 224, 32))
            break
        if isinstance(inner, nn.Linear):
            yield (inner.in_features,)
            yield from _flattened(inner.in_features)
            break
    yield from ((channels, side, side) for side in _SIDES)


def _flattened(features: int) -> Iterator[Shape]:
    """Square pictures with so many values: a fully connected network may flatten them itself."""
    for channels in (1, 3):
        side = round((features / channels) ** 0.5)
        if channels * side * side == features:
            yield (channels, side, side)


def _runs(module: nn.Module, shape: Shape) -> bool:
    for device in ("meta", "cpu"):
        try:
            with warnings.catch_warnings(), torch.no_grad(), on_device(module, device), torch.device(device):
                warnings.simplefilter("ignore")
                module(torch.zeros(1, *shape, device=device, dtype=dtype_of(module)))
        except Exception as error:  # whatever a foreign module raises, this size is not for it
            if device == "cpu" or not isinstance(error, NotImplementedError | RuntimeError):
                return False
            if "meta" not in str(error).lower():
                return False
            continue
        return True
    return False
