"""Jobs beside a window: threads, order of events, the error route, stopping and closing."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QThread
from PySide6.QtWidgets import QApplication

from explorer.network.errors import UserError
from explorer.tasks import qt
from explorer.tasks.job import Context, Progress, State, Work
from explorer.tasks.process import ProcessJob
from explorer.tasks.qt import GarbageGuard, Handle, Runner
from tests.tasks.test_process import spin

pytestmark = pytest.mark.usefixtures("qapp")


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Runs the event loop until the condition holds; fails if it never does."""
    deadline = QDeadlineTimer(int(seconds * 1000))
    while not condition():
        assert not deadline.hasExpired(), "it never happened"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    assert runner.close(10)


def test_events_in_order_then_the_result_all_in_the_window_thread(runner: Runner) -> None:
    seen: list[Any] = []
    threads: set[QThread] = set()
    worker_threads: list[int] = []

    def work(context: Context) -> str:
        worker_threads.append(threading.get_ident())
        for number in range(1000):
            context.record(number)
        context.progress(1.0, "all")
        return "result"

    def receive(event: Any) -> None:
        threads.add(QThread.currentThread())
        seen.append(event)

    handle = runner.start(Work("Counting", work), on_event=receive, on_done=receive)
    assert runner.running == (handle,)
    until(lambda: handle.state.final)
    assert [event for event in seen if isinstance(event, int)] == list(range(1000))
    assert seen[-1] == "result"
    assert handle.state is State.DONE
    assert handle.result == "result"
    assert handle.progress == Progress(1.0, "all")
    assert threads == {QApplication.instance().thread()}  # type: ignore[union-attr]
    assert worker_threads != [threading.get_ident()]
    assert not runner.running


def test_failures_take_one_route(runner: Runner) -> None:
    failed: list[Handle] = []
    own: list[BaseException] = []
    runner.failed.connect(failed.append)

    def work(context: Context) -> None:
        context.record("before")
        raise ValueError("broken")

    events: list[Any] = []
    handle = runner.start(Work("Breaking", work), on_event=events.append, on_error=own.append)
    until(lambda: bool(failed))
    assert failed == [handle]
    assert handle.state is State.FAILED
    assert str(handle.error) == "broken"
    assert own == [handle.error]
    assert events == ["before"]


def test_what_is_said_by_who_asked_is_not_said_again(runner: Runner) -> None:
    failed: list[Handle] = []
    own: list[BaseException] = []
    runner.failed.connect(failed.append)

    def work(context: Context) -> None:
        raise UserError("there is no such file")

    runner.start(Work("Reading", work), on_error=own.append)
    until(lambda: bool(own) and not runner.running)
    assert failed == []
    alone = runner.start(Work("Reading", work))
    until(lambda: bool(failed))
    assert failed == [alone]


def test_stop_is_acknowledged_at_once_and_obeyed_at_the_next_batch(runner: Runner) -> None:
    states: list[State] = []
    done: list[Any] = []
    begun = threading.Event()

    def work(context: Context) -> None:
        begun.set()
        while True:
            context.check()
            context.token.wait(0.01)

    handle = runner.start(Work("Looping", work), on_done=done.append)
    handle.changed.connect(lambda: states.append(handle.state))
    until(begun.is_set)
    handle.stop()
    assert handle.state is State.STOPPING
    handle.stop()
    until(lambda: handle.state.final)
    assert states == [State.STOPPING, State.STOPPED]
    assert done == []


def test_a_job_may_return_what_it_has_after_a_stop(runner: Runner) -> None:
    def work(context: Context) -> int:
        batches = 0
        while not context.stopping:
            batches += 1
            context.token.wait(0.01)
        return batches

    done: list[int] = []
    handle = runner.start(Work("Training", work), on_done=done.append)
    handle.stop()
    until(lambda: handle.state.final)
    assert handle.state is State.DONE
    assert done == [handle.result]


def test_a_killable_process_ends_when_stopped(runner: Runner) -> None:
    events: list[Any] = []
    handle = runner.start(ProcessJob("Spinning", spin), on_event=events.append)
    until(lambda: bool(events))
    handle.stop()
    until(lambda: handle.state.final)
    assert handle.state is State.STOPPED


def test_a_fault_in_a_receiver_costs_no_event(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[Any] = []
    monkeypatch.setattr(sys, "excepthook", lambda *fault: faults.append(fault))
    seen: list[Any] = []

    def receive(event: Any) -> None:
        seen.append(event)
        if event == 1:
            raise RuntimeError("a fault of the view")

    def work(context: Context) -> None:
        for number in range(3):
            context.record(number)

    handle = runner.start(Work("Counting", work), on_event=receive)
    until(lambda: handle.state.final)
    assert seen == [0, 1, 2]
    assert [str(fault[1]) for fault in faults] == ["a fault of the view"]


def give(number: int, context: Context) -> int:
    return number


def test_twenty_jobs_at_once_leave_nothing_behind(runner: Runner) -> None:
    done: list[int] = []
    for number in range(20):
        runner.start(Work(f"Job {number}", partial(give, number)), on_done=done.append)
    until(lambda: not runner.running)
    assert sorted(done) == list(range(20))


def test_closing_stops_all_and_no_callback_comes_after(runner: Runner) -> None:
    late: list[Any] = []

    def work(context: Context) -> str:
        while not context.stopping:
            context.record("tick")
            context.token.wait(0.001)
        return "late"

    closing = Runner()
    closing.failed.connect(late.append)
    closing.start(Work("Ticking", work), on_done=late.append)
    closing.start(Work("Breaking", lambda context: context.token.wait(5) and 1 / 0), on_error=late.append)
    assert closing.close(10)
    QCoreApplication.processEvents()
    assert late == []
    assert not closing.running
    with pytest.raises(RuntimeError):
        closing.start(Work("Too late", work))


def test_a_job_that_ignores_the_stop_is_told_of_and_kept() -> None:
    release = threading.Event()
    closing = Runner()
    handle = closing.start(Work("Deaf", lambda context: release.wait(30)))
    assert not closing.close(0.05)
    assert handle in qt._stranded
    release.set()
    assert handle._wait(10)
    qt._stranded.remove(handle)


def test_the_runner_tells_of_every_change(runner: Runner) -> None:
    changes: list[int] = []
    runner.changed.connect(lambda: changes.append(len(runner.running)))
    handle = runner.start(Work("Short", lambda context: None))
    until(lambda: handle.state.final and not runner.running)
    assert changes[0] == 1
    assert changes[-1] == 0


def test_the_guard_collects_in_this_thread_and_gives_back() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.me = self

    gc.enable()
    guard = GarbageGuard(interval=60_000, idle_ticks=1)
    try:
        assert not gc.isenabled()
        gc.collect()
        assert guard.collect() == -1
        keep = [Cycle() for _ in range(gc.get_threshold()[0] + 100)]
        assert guard.collect() == 0
        assert len(keep) > 0
        for _ in range(gc.get_threshold()[1] + 1):
            gc.collect(0)
        assert guard.collect() == 1
        for _ in range(gc.get_threshold()[2] + 1):
            gc.collect(1)
        guard.busy()
        assert guard.collect() == 2
    finally:
        guard.release()
    assert gc.isenabled()
    gc.disable()
