"""Slow work steps back, and only the thread that asks for it."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from explorer.tasks.priority import NICE, step_back


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priorities of their own elsewhere")
def test_the_thread_steps_back_with_those_that_it_starts_and_no_other() -> None:
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    found: list[int] = []

    def look() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    def work() -> None:
        step_back()
        look()
        child = threading.Thread(target=look)
        child.start()
        child.join()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [NICE, NICE]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
