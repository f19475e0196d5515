"""Several trainings side by side: they take turns, a batch each, so that their curves grow together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from explorer.learning.control import Control
from explorer.learning.events import Event
from explorer.learning.training_events import Started, TrainBatch, TrainEpoch

Train = Callable[[Control], Iterator[Event]]
"""Makes the events of one training, which asks the control before each batch."""


@dataclass(frozen=True, kw_only=True)
class Lap(Event):
    """What one of the contenders, by its number, told. Never printed."""

    contender: int
    event: Event


def race(trainings: Sequence[Train], control: Control) -> Iterator[Lap]:
    """All of them to their ends; a step is a batch of each, a pause or a stop is one of all.

    The figures of an epoch come with its last batch. One that fails ends alone.
    """
    if len(trainings) == 1:
        yield from (Lap(contender=0, event=event) for event in trainings[0](control))
        return
    turns = _Turns(control)
    running = {number: train(_Own(turns, number)) for number, train in enumerate(trainings)}
    yield from _round(running, Started)
    while running:
        turns.running = set(running)
        yield from _round(running, None if control.stopped else TrainBatch)


class _Turns:
    """Who of the contenders may still learn a batch by the newest step."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.running: set[int] = set()
        self._granted: set[int] = set()

    def turn(self, number: int) -> bool:
        if number in self._granted and self.control.paused and not self.control.stopped:
            self._granted.remove(number)
            return True
        given = self.control.turn()
        self._granted = self.running - {number} if self.control.paused else set()
        return given


class _Own(Control):
    """What one contender asks; it is held by the control of all."""

    def __init__(self, turns: _Turns, number: int) -> None:
        super().__init__()
        self._turns, self._number = turns, number
        self.obey(lambda: turns.control.stopped)

    def turn(self) -> bool:
        return self._turns.turn(self._number)

    def rest(self) -> bool:
        return self._turns.control.rest()


def _round(running: dict[int, Iterator[Event]], until: type[Event] | None) -> Iterator[Lap]:
    """Each goes on until it has told such an event, or to its end."""
    for number, events in list(running.items()):
        for event in events:
            yield Lap(contender=number, event=event)
            if isinstance(event, TrainBatch) and event.batch == event.batches and until is TrainBatch:
                continue  # its epoch is judged in the same turn
            if until is not None and isinstance(event, until | TrainEpoch):
                break
        else:
            del running[number]
