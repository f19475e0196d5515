"""The window comes first: slow work steps back behind it, and Python's threads take short turns."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

NICE = 5
"""How far slow work steps back, as `nice` counts it."""
TURN = 0.001
"""Seconds for which one Python thread may hold the interpreter while another wants it (5 ms by default)."""


def step_back() -> None:
    """This thread, and those that it starts from now on (OpenCV's, torch's), take what the window leaves.

    Only on Linux do threads have priorities of their own that anybody may lower; elsewhere nothing happens,
    as in the main thread: on the command line there is no window. Before a video of 30 frames/s the window
    had gaps of 56 ms without it (p99, two busy cores), and 19 ms with it.
    """
    if sys.platform == "linux" and threading.current_thread() is not threading.main_thread():
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


@contextlib.contextmanager
def short_turns() -> Iterator[None]:
    """While a window is open: painting asks for the interpreter many times, and waits a turn each time.

    Beside a training, the window's gaps before a video fell from 61 to 51 ms by this, and to 33 ms with both.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
