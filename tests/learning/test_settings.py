"""Settings: bounds that are told in words."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.learning.settings import Augment, Optimizer, TrainSettings, changed
from explorer.network.errors import UserError


def test_changes_are_converted() -> None:
    found = changed(TrainSettings(), {"optimizer": "adamw", "augment": ["flip"], "lr": 1})
    assert (found.optimizer, found.augment, found.lr) == (Optimizer.ADAMW, (Augment.FLIP,), 1.0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "epochs 0: expected int ≥ 1"),
        ("batch_size", -3, "batch size -3: expected int ≥ 1"),
        ("lr", 0.0, "lr 0.0: expected float > 0"),
        ("lr", float("nan"), "lr nan"),
        ("momentum", 1.0, "momentum 1.0: expected float < 1"),
        ("seed", 2**32, "seed 4294967296"),
        ("optimizer", "sgdd", "optimizer sgdd: invalid enum value 'sgdd'"),
        ("device", "tpu", "device tpu"),
    ],
)
def test_bounds(name: str, value: Any, message: str) -> None:
    with pytest.raises(UserError) as caught:
        changed(TrainSettings(), {name: value})
    assert str(caught.value).startswith(message)
