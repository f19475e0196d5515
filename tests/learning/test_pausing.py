"""A pause holds before the next batch, a step is exactly one, a stop learns no more: wherever it comes.

A training runs on a thread of its own. `standing` says that it waits, and then it can learn nothing: so no
test has to guess how long to look.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.learning import learner
from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.events import Done, Event
from explorer.learning.features import Tail
from explorer.learning.learner import Learner
from explorer.learning.loop import train
from explorer.learning.objective import Objective
from explorer.learning.race import Lap, race
from explorer.learning.runs import RunStore
from explorer.learning.settings import TrainSettings, changed
from explorer.learning.training_events import Started, TrainBatch, TrainEpoch
from explorer.network.graph import Network

PATIENCE = 60.0


class Watched:
    """A training, or a race, on a thread; `begun` counts the batches that were begun."""

    def __init__(self, events: Callable[[Control], Iterator[Event]], control: Control) -> None:
        self.control = control
        self.begun = 0
        self.told: list[Event] = []
        self._events = events
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for event in self._events(self.control):
            self.told.append(event.event if isinstance(event, Lap) else event)

    def start(self) -> None:
        self._thread.start()

    def wait(self, found: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not found():
            assert time.monotonic() < end, "waited in vain"
            assert self._thread.is_alive(), "it ended"
            time.sleep(0.002)

    def stands(self) -> int:
        """Wait until it waits; how many batches were begun until then."""
        self.wait(lambda: self.control.standing)
        return self.begun

    def step(self) -> int:
        """One step; how many batches were begun when it waits again."""
        before = self.begun
        self.control.step()
        self.wait(lambda: self.begun > before and self.control.standing)
        return self.begun

    def end(self) -> None:
        self.control.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def watch(
    network: Network, data: DataSet, settings: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Watched]]:
    """Makes a watched training, of several networks if asked for. Ended with the test."""
    made: list[Watched] = []
    real = Learner.step

    def build(settings: TrainSettings = settings, contenders: int = 1, paused: bool = False) -> Watched:
        def events(control: Control) -> Iterator[Event]:
            ways = [lambda own: train(network, data, settings, control=own)] * contenders
            return race(ways, control)

        found = Watched(events, Control(paused))

        def step(*given: object) -> object:
            found.begun += 1
            return real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(Learner, "step", step)
        made.append(found)
        return found

    yield build
    for one in made:
        if one._thread.is_alive():
            one.end()


def epochs(told: list[Event]) -> int:
    return sum(isinstance(event, TrainEpoch) for event in told)


def batches(told: list[Event]) -> int:
    return sum(isinstance(event, TrainBatch) for event in told)


def test_a_pause_within_a_batch_lets_only_that_one_end(
    watch: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = watch()
    counted = Learner.step

    def step(*given: object) -> object:
        if watched.begun == 4:  # the fifth is under way
            watched.control.pause()
        return counted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Learner, "step", step)
    watched.start()
    assert watched.stands() == 5
    assert watched.step() == 6
    assert watched.step() == 7
    watched.control.go()
    watched.wait(lambda: watched.begun > 9)
    watched.end()
    assert batches(watched.told) == watched.begun  # what was begun was learned and told, to the last one
    assert isinstance(watched.told[-1], Done)


def test_a_pause_before_the_first_batch(watch: Callable[..., Watched]) -> None:
    watched = watch(paused=True)
    watched.start()
    assert watched.stands() == 0
    assert isinstance(watched.told[0], Started)
    assert watched.step() == 1
    watched.end()
    assert watched.begun == 1


def test_a_pause_holds_judging_and_a_step_ends_it_and_learns_one_batch(
    watch: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, asked = watch(), []
    monkeypatch.setattr(learner, "at_once", lambda network, batch_size: 10)  # ten times over 100 pictures
    real = Objective.scores

    def scores(self: Objective, module: object, *rest: object) -> object:
        if not module.training:  # type: ignore[attr-defined]
            asked.append(watched.begun)
            if len(asked) == 3:
                watched.control.pause()
        return real(self, module, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Objective, "scores", scores)
    watched.start()
    assert watched.stands() == 7
    assert len(asked) == 3
    assert epochs(watched.told) == 0
    assert watched.step() == 8
    assert len(asked) == 10
    assert epochs(watched.told) == 1
    watched.end()
    assert watched.begun == 8


def test_a_pause_within_judging_is_no_part_of_the_time_left(
    network: Network, data: DataSet, settings: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock of its own, where a look at it takes a millisecond and a pause a thousand seconds."""
    now = [0.0]

    def clock() -> float:
        now[0] += 1e-3
        return now[0]

    class Slow(Control):
        def rest(self) -> bool:
            now[0] += 1e3
            return super().rest()

    monkeypatch.setattr(time, "perf_counter", clock)
    told = [one for one in train(network, data, settings, control=Slow()) if isinstance(one, TrainBatch)]
    assert now[0] > 1e3
    assert 0 < max(one.seconds_left for one in told) < 10


def test_the_last_batch_of_an_epoch_that_was_stepped_to_is_judged(watch: Callable[..., Watched]) -> None:
    watched = watch(paused=True)
    watched.start()
    for count in range(1, 8):
        assert watched.step() == count
    assert epochs(watched.told) == 1
    watched.end()


def test_a_stop_within_judging_ends_there(
    watch: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, asked = watch(), []
    monkeypatch.setattr(learner, "at_once", lambda network, batch_size: 10)
    real = Objective.scores

    def scores(self: Objective, module: object, *rest: object) -> object:
        if not module.training:  # type: ignore[attr-defined]
            asked.append(watched.begun)
            watched.control.stop()
        return real(self, module, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Objective, "scores", scores)
    watched.start()
    watched._thread.join(PATIENCE)
    assert (watched.begun, len(asked), epochs(watched.told)) == (7, 1, 0)
    assert isinstance(watched.told[-1], Done)
    assert watched.told[-1].stopped


@pytest.mark.parametrize("ending", ["go", "stop"])
def test_a_pause_while_features_are_worked_out(
    ending: str, watch: Callable[..., Watched], settings: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, rows = watch(changed(settings, {"freeze": ("conv", "norm"), "epochs": 1})), []
    monkeypatch.setattr(learner, "at_once", lambda network, batch_size: 64)  # 5 times, and twice to judge
    real = Tail.rows

    def worked_out(self: Tail, pictures: object) -> object:
        rows.append(len(watched.told))
        if len(rows) == 2:
            watched.control.pause()
        return real(self, pictures)  # type: ignore[arg-type]

    monkeypatch.setattr(Tail, "rows", worked_out)
    watched.start()
    assert watched.stands() == 0
    assert len(rows) == 2
    if ending == "go":
        watched.control.go()
        watched._thread.join(PATIENCE)
        assert (len(rows), watched.begun) == (7, 7)
    else:
        watched.end()
        assert (len(rows), watched.begun) == (2, 0)
    assert isinstance(watched.told[-1], Done)
    assert watched.told[-1].stopped == (ending == "stop")


def test_a_pause_of_a_race_holds_before_the_next_batch_of_any(
    watch: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = watch(contenders=3)
    counted = Learner.step

    def step(*given: object) -> object:
        if watched.begun == 3:  # the second batch of the first of three is under way
            watched.control.pause()
        return counted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Learner, "step", step)
    watched.start()
    assert watched.stands() == 4
    watched.control.step()  # a batch of each, wherever the pause caught them
    watched.wait(lambda: watched.begun == 7 and watched.control.standing)
    assert watched.begun == 7
    watched.end()
    assert watched.begun == 7
    steps = [event.step for event in watched.told if isinstance(event, TrainBatch)]
    assert steps == [1, 1, 1, 2, 2, 2, 3]
    assert sum(isinstance(event, Done) and event.stopped for event in watched.told) == 3


def test_a_step_of_a_race_where_one_has_ended(
    network: Network, data: DataSet, settings: TrainSettings
) -> None:
    """The grant of one that ends is nobody else's."""
    control, told = Control(), []
    short = changed(settings, {"epochs": 1})
    ways = [
        lambda own: train(network, data, short, control=own),
        lambda own: train(network, data, settings, control=own),
    ]
    for lap in race(ways, control):
        told.append((lap.contender, type(lap.event)))
        if isinstance(lap.event, TrainBatch) and lap.event.step == 7:
            control.pause()
            control.step()
        elif isinstance(lap.event, TrainBatch | TrainEpoch):
            control.go()
    assert told.count((0, Done)) == told.count((1, Done)) == 1
    assert told.count((1, TrainBatch)) == 21


def test_a_stop_while_paused_keeps_a_checkpoint_that_goes_on_as_if_unbroken(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    whole = [e.loss for e in train(network, data, settings) if isinstance(e, TrainBatch)]
    store, control = RunStore(tmp_path), Control(paused=True)
    watched = Watched(lambda own: train(network, data, settings, store=store, control=own), control)
    watched.start()
    watched.stands()
    watched.control.step()
    watched.wait(lambda: batches(watched.told) == 1 and control.standing)
    watched.end()
    (run,) = store.runs()
    rest = train(network, data, settings, store=store, resume=run.id)
    assert [e.loss for e in rest if isinstance(e, TrainBatch)] == whole[1:]
