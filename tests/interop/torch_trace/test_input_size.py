"""Which input a module takes where nobody says: what it declares, else what runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from explorer.interop.torch_trace.input_size import fitting
from explorer.network.errors import UserError


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv2d(3, 4, 3), (3, 224, 224)),
        (nn.Conv2d(1, 4, 3), (1, 224, 224)),
        (nn.Sequential(nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(4 * 28 * 28, 2)), (1, 32, 32)),
        (nn.Conv1d(2, 4, 3), (2, 1024)),
        (nn.Conv3d(1, 4, 3), (1, 16, 112, 112)),
        (nn.Linear(17, 4), (17,)),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), (784,)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_by_the_first_layer(module: nn.Module, shape: tuple[int, ...]) -> None:
    assert fitting(module) == [shape]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("default_cfg", {"input_size": (3, 160, 160)}),
        ("pretrained_cfg", SimpleNamespace(input_size=(3, 160, 160))),
        ("input_size", [3, 160, 160]),
        ("example_input_array", torch.zeros(1, 3, 160, 160)),
    ],
)
def test_what_the_module_declares(name: str, value: Any) -> None:
    module = nn.Conv2d(3, 4, 3)
    setattr(module, name, value)
    assert fitting(module) == [(3, 160, 160)]


def test_nothing_fits() -> None:
    class Picky(nn.Module):
        """Refuses everything."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ValueError("not this")

    with pytest.raises(UserError, match="give its size with --input"):
        fitting(Picky())
