"""Pausing, stepping and stopping a training from another thread."""

from __future__ import annotations

import threading

from explorer.learning.control import Control
from explorer.learning.events import Batch, Event, Failed
from explorer.learning.job import TrainingJob, leaving_a_core
from explorer.tasks.inline import run_inline
from explorer.tasks.job import StopToken


def test_a_turn_is_given_until_stopped() -> None:
    control = Control()
    assert control.turn()
    control.stop()
    assert not control.turn()


def test_a_step_is_one_turn_and_a_stop_ends_a_pause() -> None:
    control = Control(paused=True)
    control.step()
    assert control.turn()
    given: list[bool] = []
    waiting = threading.Thread(target=lambda: given.append(control.turn()))
    waiting.start()
    assert not given  # it waits for a second step, a go or a stop
    control.stop()
    waiting.join(5)
    assert given == [False]


def test_going_on_after_a_pause() -> None:
    control = Control()
    control.pause()
    assert control.paused
    control.go()
    assert control.turn()
    assert not control.paused


def test_a_stop_of_the_job_ends_the_training_and_what_was_told_arrives() -> None:
    token = StopToken()
    told: list[Event] = []

    def events(control: Control) -> object:
        batch = 0
        while control.turn():
            batch += 1
            yield Batch(epoch=1, batch=batch, batches=9, loss=0.5, pictures=4, ms=1.0)
            if batch == 3:
                token.stop()

    run_inline(TrainingJob("Test", events, Control()), told.append, token=token)  # type: ignore[arg-type]
    assert [event.batch for event in told if isinstance(event, Batch)] == [1, 2, 3]


def test_a_core_is_left_and_given_back() -> None:
    import os

    import torch

    before = torch.get_num_threads()
    with leaving_a_core():
        assert torch.get_num_threads() <= max(1, (os.cpu_count() or 2) - 1)
    assert torch.get_num_threads() == before


def test_lines_are_json_even_where_numbers_are_none() -> None:
    import json

    line = Batch(epoch=1, batch=2, batches=3, loss=float("nan"), pictures=4, ms=1.5).line()
    assert line == {
        "event": "batch", "epoch": 1, "batch": 2, "batches": 3, "loss": None, "pictures": 4, "ms": 1.5,
    }  # fmt: skip
    json.dumps(line, allow_nan=False)
    assert Failed(message="m", epoch=1, batch=2).line()["event"] == "error"
