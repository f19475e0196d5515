"""The range test: rates grow until the loss runs away, and what is advised lies below."""

from __future__ import annotations

import math

import pytest

from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.rate_events import RateFound, RateTried
from explorer.learning.rate_finder import HIGHEST, LOWEST, find_rate
from explorer.learning.settings import TrainSettings, changed
from explorer.learning.training_events import TrainEpoch
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import Flatten, Scale
from explorer.network.shorthand import linear


def test_the_rate_that_is_advised_learns_well(
    network: Network, data: DataSet, settings: TrainSettings
) -> None:
    events = list(find_rate(network, data, settings))
    tried = [event for event in events if isinstance(event, RateTried)]
    rates = [event.lr for event in tried]
    assert rates == sorted(rates)
    assert rates[0] == LOWEST
    assert rates[-1] <= HIGHEST * 1.0001
    assert all(math.isfinite(event.loss) for event in tried)
    found = events[-1]
    assert isinstance(found, RateFound)
    assert found.lr < found.least_at
    assert 1e-3 <= found.lr <= 1.0
    few = changed(settings, {"epochs": 2})

    def reached(rate: float) -> float:
        events = train(network, data, changed(few, {"lr": rate}))
        return [event.loss for event in events if isinstance(event, TrainEpoch)][-1]

    assert reached(found.lr) < reached(found.lr / 100)


def test_a_stop_ends_it_without_advice(network: Network, data: DataSet, settings: TrainSettings) -> None:
    control, events = Control(), []
    for event in find_rate(network, data, settings, control):
        events.append(event)
        if len(events) == 3:
            control.stop()
    assert [type(event) for event in events] == [RateTried] * 3
    assert list(find_rate(network, data, settings))[:3] == events


def test_a_network_that_cannot_learn_says_so(data: DataSet, settings: TrainSettings) -> None:
    b = Builder("Deaf")
    b.input(1, 28, 28)
    b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    b.add(Scale(0.0), name="nothing")
    with pytest.raises(UserError, match="no rate made the loss of Deaf smaller"):
        list(find_rate(b.network(), data, settings))
