"""Turns: a batch each, with the figures of an epoch; one that fails or is done leaves the others running."""

from __future__ import annotations

from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.events import Done, Failed
from explorer.learning.loop import train
from explorer.learning.race import Train, race
from explorer.learning.settings import TrainSettings, changed
from explorer.learning.training_events import TrainBatch, TrainEpoch
from explorer.network.graph import Network


def test_contenders_take_turns_and_learn_what_they_learn_alone(
    network: Network, data: DataSet, settings: TrainSettings
) -> None:
    short, wild = changed(settings, {"epochs": 1}), changed(settings, {"lr": 100.0, "schedule": "constant"})
    ways = [settings, short, wild]

    def entry(way: TrainSettings) -> Train:
        return lambda control: train(network, data, way, control=control)

    laps = list(race([entry(way) for way in ways], Control()))
    order = [lap.contender for lap in laps if isinstance(lap.event, TrainBatch | TrainEpoch)]
    assert order[:6] == [0, 1, 2, 0, 1, 2]
    for number, way in enumerate(ways):
        told = [
            lap.event.loss for lap in laps if lap.contender == number and isinstance(lap.event, TrainBatch)
        ]
        alone = [event.loss for event in train(network, data, way) if isinstance(event, TrainBatch)]
        assert [str(loss) for loss in told] == [str(loss) for loss in alone]
    ends = {lap.contender: type(lap.event) for lap in laps if isinstance(lap.event, Done | Failed)}
    assert ends[0] is Done
    assert ends[1] is Done
    epoch = next(
        at for at, lap in enumerate(laps) if lap.contender == 0 and isinstance(lap.event, TrainEpoch)
    )
    assert laps[epoch - 1].contender == 0  # judged in the turn of its last batch


def test_a_stop_ends_all(network: Network, data: DataSet, settings: TrainSettings) -> None:
    control = Control()
    laps = []
    for lap in race([lambda c: train(network, data, settings, control=c)] * 2, control):
        laps.append(lap)
        if isinstance(lap.event, TrainBatch) and lap.event.step == 2:
            control.stop()
    ends = [lap.event for lap in laps if isinstance(lap.event, Done)]
    assert [end.stopped for end in ends] == [True, True]
    assert max(lap.event.step for lap in laps if isinstance(lap.event, TrainBatch)) <= 3
