"""A training as a Job: its events go out through the Job's channels, a core is left to the window."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from explorer.learning.control import Control
from explorer.learning.events import Event
from explorer.tasks.job import Context
from explorer.tasks.priority import step_back


@dataclass(frozen=True)
class TrainingJob:
    """Runs `events(control)` to its end. A stop ends it at the next batch; what it told stays true."""

    title: str
    events: Callable[[Control], Iterator[Event]]
    control: Control

    def run(self, context: Context) -> None:
        """Raises what the training raises: `UserError` where the input is at fault."""
        step_back()
        self.control.obey(lambda: context.stopping)
        with leaving_a_core():
            for event in self.events(self.control):
                if event.lossless:
                    context.record(event)
                else:
                    context.show(event)


@contextmanager
def leaving_a_core() -> Iterator[None]:
    """In this thread torch uses all cores but one, so that the window stays alive beside it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, (os.cpu_count() or 2) - 1)))
    try:
        yield
    finally:
        torch.set_num_threads(before)
