"""Jobs in the calling thread, as the command line runs them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from explorer.tasks.inline import run_inline
from explorer.tasks.job import Context, Stopped, StopToken, Work


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def count(context: Context) -> int:
    for number in range(3):
        context.record(number)
        context.progress(number / 3, f"step {number}")
    context.show("frame")
    return 3


def test_the_result_the_events_and_the_progress_lines() -> None:
    events: list[Any] = []
    stream = io.StringIO()
    assert run_inline(Work("Counting", count), events.append, stream) == 3
    assert events == [0, 1, 2, "frame"]
    assert stream.getvalue().splitlines() == [f"Counting: step {number}" for number in range(3)]


def test_a_terminal_gets_one_line_that_is_taken_away_again() -> None:
    stream = Terminal()
    run_inline(Work("Counting", count), stream=stream)
    text = stream.getvalue()
    assert "\n" not in text
    assert "Counting" in text
    assert text.endswith("\r\x1b[K")


def test_what_the_job_raises_comes_through() -> None:
    def fail(context: Context) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_inline(Work("Failing", fail), stream=io.StringIO())


def test_a_token_stops_it() -> None:
    token = StopToken()
    token.stop()
    with pytest.raises(Stopped):
        run_inline(Work("Counting", count), stream=io.StringIO(), token=token)
