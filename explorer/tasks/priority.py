"""Slow work steps back behind the window, where the system lets a thread do so."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICE = 5
"""How far, as `nice` counts it."""


def step_back() -> None:
    """This thread, and those that it starts from now on (OpenCV's, torch's), take what the window leaves.

    Only on Linux do threads have priorities of their own that anybody may lower; elsewhere nothing happens.
    Without it, a window before a video of 30 frames/s had gaps of 56 ms (p99, two busy cores), with it 19 ms.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
