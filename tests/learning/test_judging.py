"""Judging in portions: few pictures of a large network together; the same figures whatever the portion."""

from __future__ import annotations

import pytest

from explorer.learning import learner
from explorer.learning.data_set import DataSet
from explorer.learning.judging import MOST_AT_ONCE, ROOM, at_once
from explorer.learning.loop import train
from explorer.learning.settings import TrainSettings, changed
from explorer.learning.training_events import TrainEpoch
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.zoo import catalogue, lenet


def test_large_networks_take_few_pictures_and_never_fewer_than_a_batch() -> None:
    assert at_once(lenet.lenet5(), 16) == MOST_AT_ONCE
    vgg = catalogue.find("vgg16").build()
    few = at_once(vgg, 2)
    assert 1 <= few <= 16
    assert few * infer(vgg).totals.activation_bytes <= ROOM
    assert at_once(vgg, 64) == 64  # so many were learned from: there is room


@pytest.mark.parametrize("portion", [1, 7, 100])
def test_the_portion_changes_no_figure(
    portion: int, network: Network, data: DataSet, settings: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged() -> TrainEpoch:
        events = train(network, data, changed(settings, {"epochs": 1}))
        return next(event for event in events if isinstance(event, TrainEpoch))

    whole = judged()
    monkeypatch.setattr(learner, "at_once", lambda network, batch_size: portion)
    parted = judged()
    assert (parted.confusion == whole.confusion).all()
    assert parted.dead_share == whole.dead_share
    assert parted.val_loss == pytest.approx(whole.val_loss, rel=1e-5)
    assert [one.index for one in parted.worst] == [one.index for one in whole.worst]
