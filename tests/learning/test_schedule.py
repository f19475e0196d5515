"""The learning rate at every step, against torch's own schedulers."""

from __future__ import annotations

import pytest
import torch
from torch.optim import lr_scheduler

from explorer.learning.schedule import rate
from explorer.learning.settings import Schedule, TrainSettings

BATCHES, EPOCHS = 7, 6
TOTAL = BATCHES * EPOCHS


def settings(schedule: Schedule, **others: object) -> TrainSettings:
    return TrainSettings(epochs=EPOCHS, lr=0.4, schedule=schedule, **others)  # type: ignore[arg-type]


def torchs(make: object) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
    scheduler = make(optimizer)  # type: ignore[operator]
    rates = []
    for _ in range(TOTAL):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def ours(told: TrainSettings) -> list[float]:
    return [rate(told, step, BATCHES) for step in range(TOTAL)]


def test_cosine() -> None:
    wanted = torchs(lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, TOTAL))
    assert ours(settings(Schedule.COSINE)) == pytest.approx(wanted)


def test_step() -> None:
    wanted = torchs(lambda optimizer: lr_scheduler.StepLR(optimizer, 2 * BATCHES, 0.1))
    assert ours(settings(Schedule.STEP, step_epochs=2)) == pytest.approx(wanted)


def test_one_cycle() -> None:
    wanted = torchs(lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.4, TOTAL))
    assert ours(settings(Schedule.ONE_CYCLE)) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_constant() -> None:
    assert set(ours(settings(Schedule.CONSTANT))) == {0.4}


def test_warm_up() -> None:
    found = ours(settings(Schedule.COSINE, warmup=2.0))
    rising = found[: 2 * BATCHES]
    assert rising == pytest.approx([0.4 * (step + 1) / (2 * BATCHES + 1) for step in range(2 * BATCHES)])
    assert found[2 * BATCHES] == 0.4
    assert found[2 * BATCHES :] == sorted(found[2 * BATCHES :], reverse=True)
    assert found[-1] < 0.01
