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
    """All of them to their ends; a pause, a step or a stop is one of all.

    The figures of an epoch come with its last batch. One that fails ends alone.
    """
    if len(trainings) == 1:
        yield from (Lap(contender=0, event=event) for event in trainings[0](control))
        return
    own = Control()
    own.obey(lambda: control.stopped)
    running = {number: train(own) for number, train in enumerate(trainings)}
    yield from _round(running, Started)
    while running:
        control.turn()
        yield from _round(running, None if control.stopped else TrainBatch)


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
