"""Ctrl-C ends a training at the next batch, so that what it has reached is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from explorer.learning.control import Control

INTERRUPTED = 130


@contextmanager
def stopping(control: Control) -> Iterator[None]:
    """The first Ctrl-C stops at the next batch; a second one ends the program at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        control.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
