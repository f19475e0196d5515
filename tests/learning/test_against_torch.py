"""The loop against one written by hand with torch's own optimizers, schedulers, clipping and smoothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler

from explorer.interop.torch_module import build
from explorer.learning.batches import order
from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.settings import Optimizer, Schedule, TrainSettings, changed
from explorer.learning.training_events import TrainBatch, TrainEpoch
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Flatten, ReLU
from explorer.network.shorthand import conv, linear

Made = Callable[[list[nn.Parameter]], torch.optim.Optimizer]
EPOCHS, BATCH, BATCHES = 2, 48, 7
"""320 pictures: seven batches, the last of 32."""


def network() -> Network:
    """Nothing in it is drawn at random while it learns."""
    b = Builder("Plain")
    b.input(1, 28, 28)
    b.add(conv(6, 5, stride=3), name="conv")
    b.add(BatchNorm(), name="norm")
    b.add(ReLU(), name="relu")
    b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    return b.network()


OPTIMIZERS: list[tuple[dict[str, Any], Made]] = [
    ({"optimizer": Optimizer.SGD, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0},
     lambda w: torch.optim.SGD(w, 0.02)),
    ({"optimizer": Optimizer.SGD, "momentum": 0.8, "nesterov": False, "weight_decay": 1e-3},
     lambda w: torch.optim.SGD(w, 0.02, momentum=0.8, weight_decay=1e-3)),
    ({"optimizer": Optimizer.SGD, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4},
     lambda w: torch.optim.SGD(w, 0.02, momentum=0.9, weight_decay=5e-4, nesterov=True)),
    ({"optimizer": Optimizer.ADAM, "lr": 2e-3, "weight_decay": 1e-3},
     lambda w: torch.optim.Adam(w, 2e-3, weight_decay=1e-3)),
    ({"optimizer": Optimizer.ADAMW, "lr": 2e-3, "weight_decay": 0.1},
     lambda w: torch.optim.AdamW(w, 2e-3, weight_decay=0.1)),
    ({"optimizer": Optimizer.RMSPROP, "lr": 2e-3, "momentum": 0.5, "weight_decay": 1e-3},
     lambda w: torch.optim.RMSprop(w, 2e-3, momentum=0.5, weight_decay=1e-3)),
]  # fmt: skip
TOTAL = EPOCHS * BATCHES
SCHEDULES: list[tuple[dict[str, Any], Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]]] = [
    ({"schedule": Schedule.CONSTANT}, lambda o: lr_scheduler.ConstantLR(o, 1.0)),
    ({"schedule": Schedule.STEP, "step_epochs": 1, "step_factor": 0.3},
     lambda o: lr_scheduler.StepLR(o, BATCHES, 0.3)),
    ({"schedule": Schedule.COSINE}, lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL)),
    ({"schedule": Schedule.ONE_CYCLE},
     lambda o: lr_scheduler.OneCycleLR(o, 0.02, total_steps=TOTAL, cycle_momentum=False)),
]  # fmt: skip


def by_hand(
    data: DataSet,
    settings: TrainSettings,
    made: Made,
    scheduled: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler],
) -> tuple[list[float], list[float]]:
    """The losses of all batches, and the validation loss after each epoch."""
    module = build(network(), seed=settings.seed)
    mean, deviation = data.scale[0][0], data.scale[1][0]

    def ready(pictures: Any) -> torch.Tensor:
        return (torch.from_numpy(pictures.copy()).float() / 255 - mean) / deviation

    optimizer = made(list(module.parameters()))
    scheduler = scheduled(optimizer)
    losses, held = [], []
    for epoch in range(1, EPOCHS + 1):
        module.train()
        for indices in order(len(data.train), BATCH, settings.seed, epoch):
            labels = torch.from_numpy(data.train.labels[indices])
            scores = module(ready(data.train.pictures[indices]))
            loss = F.cross_entropy(scores, labels, label_smoothing=settings.label_smoothing)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            if settings.clip:
                nn.utils.clip_grad_norm_(module.parameters(), settings.clip)
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        module.eval()
        with torch.no_grad():
            scores = module(ready(data.validation.pictures))
        held.append(F.cross_entropy(scores, torch.from_numpy(data.validation.labels)).item())
    return losses, held


def check(
    data: DataSet,
    way: dict[str, Any],
    made: Made,
    scheduled: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler],
) -> None:
    usual = TrainSettings(epochs=EPOCHS, batch_size=BATCH, threads=1, seed=7, device="cpu", lr=0.02)
    settings = changed(usual, {"schedule": Schedule.CONSTANT, **way})
    events = list(train(network(), data, settings))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    losses, held = by_hand(data, settings, made, scheduled)
    torch.set_num_threads(before)
    assert [event.loss for event in events if isinstance(event, TrainBatch)] == pytest.approx(
        losses, rel=2e-4
    )
    assert [event.val_loss for event in events if isinstance(event, TrainEpoch)] == pytest.approx(
        held, rel=1e-3
    )


@pytest.mark.parametrize(
    ("way", "made"),
    OPTIMIZERS,
    ids=lambda one: "-".join(map(str, one.values())) if isinstance(one, dict) else "",
)
def test_optimizers(way: dict[str, Any], made: Made, data: DataSet) -> None:
    check(data, way, made, SCHEDULES[0][1])


@pytest.mark.parametrize(("way", "scheduled"), SCHEDULES, ids=[way["schedule"].value for way, _ in SCHEDULES])
def test_schedules(
    way: dict[str, Any],
    scheduled: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler],
    data: DataSet,
) -> None:
    check(data, {**OPTIMIZERS[2][0], **way}, OPTIMIZERS[2][1], scheduled)


@pytest.mark.parametrize(
    "way", [{"clip": 0.3}, {"label_smoothing": 0.2}, {"clip": 0.5, "label_smoothing": 0.1}], ids=str
)
def test_clipping_and_smoothing(way: dict[str, Any], data: DataSet) -> None:
    check(data, {**OPTIMIZERS[2][0], **way}, OPTIMIZERS[2][1], SCHEDULES[0][1])
