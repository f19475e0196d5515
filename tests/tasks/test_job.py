"""The two kinds of channel, and the stop token."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.tasks.job import PROGRESS_INTERVAL, Context, Mailbox, Progress, State, Stopped, StopToken


@dataclass(frozen=True)
class Frame:
    number: int


@dataclass(frozen=True)
class Metric:
    number: int


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_latest_wins_by_type_and_metrics_all_arrive_in_order() -> None:
    mailbox = Mailbox(lambda: None)
    for number in range(5):
        mailbox.put_latest(Frame(number))
        mailbox.put(Metric(number))
        mailbox.put_latest(Progress(number / 5))
    events, wait = mailbox.drain()
    assert events == [*map(Metric, range(5)), Frame(4), Progress(0.8)]
    assert wait is None
    assert mailbox.drain() == ([], None)


def test_the_receiver_is_woken_once_for_many_events() -> None:
    woken: list[int] = []
    mailbox = Mailbox(lambda: woken.append(1))
    for number in range(100):
        mailbox.put(Metric(number))
    assert len(woken) == 1
    mailbox.drain()
    mailbox.put(Metric(100))
    assert len(woken) == 2


def test_progress_is_held_back_until_its_time_and_frames_are_not() -> None:
    clock = Clock()
    mailbox = Mailbox(lambda: None, clock)
    mailbox.put_latest(Progress(0.1))
    assert mailbox.drain() == ([Progress(0.1)], None)
    clock.now += PROGRESS_INTERVAL / 2
    mailbox.put_latest(Progress(0.2))
    mailbox.put_latest(Frame(1))
    events, wait = mailbox.drain()
    assert events == [Frame(1)]
    assert wait == pytest.approx(PROGRESS_INTERVAL / 2)
    mailbox.put_latest(Progress(0.3))
    clock.now += PROGRESS_INTERVAL
    assert mailbox.drain() == ([Progress(0.3)], None)


def test_at_the_end_everything_is_delivered() -> None:
    mailbox = Mailbox(lambda: None, Clock())
    mailbox.put_latest(Progress(0.1))
    mailbox.drain()
    mailbox.put_latest(Progress(1.0))
    assert mailbox.drain(everything=True)[0] == [Progress(1.0)]


@given(st.lists(st.one_of(st.just("metric"), st.just("frame"), st.just("progress"), st.floats(0, 0.2))))
def test_no_metric_is_lost_and_progress_keeps_its_rate(actions: list[str | float]) -> None:
    clock = Clock()
    mailbox = Mailbox(lambda: None, clock)
    sent: list[int] = []
    received: list[int] = []
    at: list[float] = []
    for number, action in enumerate(actions):
        match action:
            case "metric":
                sent.append(number)
                mailbox.put(Metric(number))
            case "frame":
                mailbox.put_latest(Frame(number))
            case "progress":
                mailbox.put_latest(Progress(0.5))
            case float():
                clock.now += action
                events, _ = mailbox.drain()
                received += [event.number for event in events if isinstance(event, Metric)]
                at += [clock.now for event in events if isinstance(event, Progress)]
    events, _ = mailbox.drain(everything=True)
    received += [event.number for event in events if isinstance(event, Metric)]
    assert received == sent
    assert all(later - earlier >= PROGRESS_INTERVAL * 0.999 for earlier, later in pairwise(at))


def test_a_stopped_job_leaves_at_its_next_word() -> None:
    token = StopToken()
    context = Context(Mailbox(lambda: None), token)
    context.check()
    context.progress(0.5)
    token.stop()
    assert context.stopping
    assert token.wait(60)
    with pytest.raises(Stopped):
        context.check()
    with pytest.raises(Stopped):
        context.progress(0.6)


def test_progress_stays_between_nothing_and_all() -> None:
    mailbox = Mailbox(lambda: None)
    context = Context(mailbox, StopToken())
    context.progress(1.2, "almost")
    assert mailbox.drain()[0] == [Progress(1.0, "almost")]


def test_final_states() -> None:
    assert [state for state in State if state.final] == [State.DONE, State.FAILED, State.STOPPED]
