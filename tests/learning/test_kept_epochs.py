"""The weights after each epoch: all while they are few, then spread evenly, the newest always there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.learning import kept_epochs
from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.runs import RunStore
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import Started, TrainEpoch
from explorer.network.errors import UserError
from explorer.network.graph import Network


def test_each_epoch_can_be_gone_back_to(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    store = RunStore(tmp_path)
    events = list(train(network, data, settings, store=store))
    (run,) = [event.run for event in events if isinstance(event, Started)]
    assert store.epochs(run) == (1, 2, 3)
    told = [event for event in events if isinstance(event, TrainEpoch)]
    for epoch, event in enumerate(told, 1):
        kept = store.at_epoch(run, epoch)
        assert kept.about.val_accuracy == event.val_accuracy
        assert not kept.optimizer
        assert event.first_filters is not None
        assert torch.equal(kept.weights["conv.weight"], torch.from_numpy(event.first_filters))
    with pytest.raises(UserError, match="cannot be read"):
        store.at_epoch(run, 4)
    store.delete(run)
    assert not (tmp_path / run).exists()


def test_within_the_limit_they_are_spread_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_epochs, "MOST_BYTES", 80)
    for epoch in range(1, 30):
        kept_epochs.keep(tmp_path, epoch, b"x" * 10)
        assert kept_epochs.kept(tmp_path)[-1] == epoch
        assert len(kept_epochs.kept(tmp_path)) <= 8
    assert kept_epochs.kept(tmp_path) == (4, 8, 12, 16, 20, 24, 28, 29)
    kept_epochs.keep(tmp_path, 14, b"x" * 10)  # resumed from there: what came later is no more
    assert kept_epochs.kept(tmp_path) == (4, 8, 12, 14)
    kept_epochs.keep(tmp_path, 15, b"x" * 81)
    assert kept_epochs.kept(tmp_path) == (4, 8, 12, 14)
