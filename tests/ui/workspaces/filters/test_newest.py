"""One Job at a time, the newest wish wins, and nothing old reaches anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Runner
from explorer.ui.workspaces.filters.inside.jobs import Subjects
from explorer.ui.workspaces.filters.newest import Newest
from explorer.zoo import catalogue

Until = Callable[..., bool]


@pytest.fixture
def runner(qapp: Any) -> Iterator[Runner]:
    made = Runner()
    yield made
    assert made.close(10)


def slow(name: str, log: list[str], go: threading.Event) -> Work:
    def work(context: Context) -> str:
        log.append(f"{name} begins")
        context.show(name)
        while not go.wait(0.005):
            context.check()
        return name

    return Work(name, work)


def test_what_waits_is_replaced_and_what_runs_is_stopped(runner: Runner, until: Until) -> None:
    newest, go = Newest(runner), threading.Event()
    log: list[str] = []
    done: list[str] = []
    shown: list[str] = []
    newest.ask(slow("first", log, go), done.append, shown.append)
    assert until(lambda: shown == ["first"])
    for name in ("second", "third", "fourth"):
        newest.ask(slow(name, log, go), done.append, shown.append)
    assert until(lambda: shown == ["first", "fourth"])
    assert len(runner.running) == 1
    go.set()
    assert until(lambda: not newest.busy)
    assert done == ["fourth"]
    assert log == ["first begins", "fourth begins"]


def test_stopped_nothing_comes(runner: Runner, until: Until) -> None:
    newest, go = Newest(runner), threading.Event()
    done: list[str] = []
    newest.ask(slow("first", [], go), done.append)
    newest.ask(slow("second", [], go), done.append)
    newest.stop()
    go.set()
    assert until(lambda: not newest.busy)
    assert not done


def test_a_fault_is_told_once_and_the_next_wish_is_served(runner: Runner, until: Until) -> None:
    newest = Newest(runner)
    faults: list[BaseException] = []
    done: list[int] = []

    def fail(context: Context) -> None:
        raise UserError("it cannot be")

    newest.ask(Work("failing", fail), done.append, on_error=faults.append)
    assert until(lambda: len(faults) == 1 and not newest.busy)
    newest.ask(Work("fine", lambda context: 3), done.append)
    assert until(lambda: done == [3])


def test_networks_are_held_ready_as_far_as_there_is_room() -> None:
    subjects = Subjects(most_bytes=400_000)
    lenet, dense = (catalogue.find(name).build() for name in ("lenet5", "fully-connected"))
    first = subjects.get(lenet, infer(lenet))
    assert subjects.get(lenet, infer(lenet)) is first
    subjects.get(dense, infer(dense))  # 247 kB each: only one has room
    assert subjects.get(lenet, infer(lenet)) is not first
