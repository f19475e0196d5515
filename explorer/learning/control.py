"""Starting, pausing, stepping and stopping a training from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

POLL = 0.05
"""Seconds between two looks at a stop token while paused."""


class Control:
    """Held by whoever watches, asked by the training before each batch. Safe from any thread."""

    def __init__(self, paused: bool = False) -> None:
        self._moved = threading.Condition()
        self._paused = paused
        self._steps = 0
        self._stopped = False
        self._also: Callable[[], bool] = lambda: False

    def obey(self, stopped: Callable[[], bool]) -> None:
        """Also end once `stopped()` is true: a Job's own wish to stop."""
        self._also = stopped

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def stopped(self) -> bool:
        return self._stopped or self._also()

    def pause(self) -> None:
        """Wait before the next batch."""
        with self._moved:
            self._paused, self._steps = True, 0

    def go(self) -> None:
        """Go on after a pause."""
        with self._moved:
            self._paused = False
            self._moved.notify_all()

    def step(self) -> None:
        """One more batch, and pause before the next."""
        with self._moved:
            self._paused = True
            self._steps += 1
            self._moved.notify_all()

    def stop(self) -> None:
        """End before the next batch, also out of a pause."""
        with self._moved:
            self._stopped = True
            self._moved.notify_all()

    def turn(self) -> bool:
        """Called before each batch: waits while paused. False: end here."""
        with self._moved:
            while self._paused and not self._steps and not self.stopped:
                self._moved.wait(POLL)
            if self.stopped:
                return False
            if self._paused:
                self._steps -= 1
            return True
