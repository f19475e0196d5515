"""Starting, pausing, stepping and stopping a training from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

POLL = 0.05
"""Seconds between two looks at a stop token while paused."""


class Control:
    """Held by whoever watches, asked by the training before each batch. Safe from any thread."""

    def __init__(self, paused: bool = False, stands: Callable[[], None] = lambda: None) -> None:
        """`stands()` is called in the training's thread each time it begins to wait."""
        self._stands = stands
        self._moved = threading.Condition()
        self._paused = paused
        self._hold = False
        """Whether the newest pause has not yet been met by the training."""
        self._standing = False
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
    def standing(self) -> bool:
        """Whether the training waits here: nothing is learned or judged."""
        return self._standing

    @property
    def stopped(self) -> bool:
        return self._stopped or self._also()

    def pause(self) -> None:
        """Wait before the next batch."""
        with self._moved:
            self._paused, self._hold, self._steps = True, True, 0

    def go(self) -> None:
        """Go on after a pause."""
        with self._moved:
            self._paused = self._hold = self._standing = False
            self._moved.notify_all()

    def step(self) -> None:
        """One more batch, and pause before the next."""
        with self._moved:
            self._paused, self._hold, self._standing = True, False, False
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
            self._wait(lambda: self._paused and not self._steps)
            if self.stopped:
                return False
            if self._paused:
                self._steps -= 1
            return True

    def rest(self) -> bool:
        """Called within what goes on between two batches: waits out a pause. False: end here.

        A batch that was stepped to is judged to its end: only a pause that came since then holds.
        """
        with self._moved:
            self._wait(lambda: self._hold)
            return not self.stopped

    def _wait(self, held: Callable[[], bool]) -> None:
        while held() and not self.stopped:
            if not self._standing:
                self._standing = True
                self._stands()
            self._moved.wait(POLL)
        self._standing = False
