"""Slow work steps back, and only the thread that asks for it."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from explorer.tasks.priority import NICE, TURN, short_turns, step_back


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


def test_the_main_thread_never_steps_back() -> None:
    if hasattr(os, "getpriority"):
        before = os.getpriority(os.PRIO_PROCESS, 0)
        step_back()
        assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_turns_are_short_while_a_window_is_open_and_no_longer() -> None:
    before = sys.getswitchinterval()
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(TURN)
    assert sys.getswitchinterval() == pytest.approx(before)
