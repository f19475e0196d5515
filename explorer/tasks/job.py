"""The contract of all slow work: `run(context)`, typed events through two kinds of channel, and a stop token.

*Latest wins* (progress, frames): what was not yet delivered is replaced by the next one of its type.
*Lossless* (metrics): every event arrives, in order, in batches.
Progress is delivered at most ten times a second.
Nothing here knows Qt: `inline`, `qt` and `process` are three ways to run the same Job.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

Result_co = TypeVar("Result_co", covariant=True)

PROGRESS_INTERVAL = 0.1
"""Seconds between two deliveries of progress: ten a second are smooth, more only cost."""


class Stopped(Exception):
    """Raised inside a Job at the point where it noticed that it should stop."""


class State(StrEnum):
    """What a started Job is doing. The last three are final."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def final(self) -> bool:
        return self in (State.DONE, State.FAILED, State.STOPPED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a Job is: a share in [0, 1], or None where nobody can tell, and a few words."""

    fraction: float | None
    message: str = ""


class StopToken:
    """Set once by whoever wants the Job to end, read by the Job. Safe from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def stop(self) -> None:
        self._event.set()

    @property
    def stopped(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleeps, but wakes at once when stopped. True if it was."""
        return self._event.wait(seconds)


class Mailbox:
    """Carries events from the Job's thread to the receiver's; calls `wake` when there is something new."""

    def __init__(self, wake: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._wake = wake
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: dict[type, Any] = {}
        self._queue: list[Any] = []
        self._woken = False
        self._progress_due = float("-inf")

    def put_latest(self, event: Any) -> None:
        """Replaces the undelivered event of the same type, if there is one."""
        with self._lock:
            self._latest[type(event)] = event
            wake = self._rouse()
        if wake:
            self._wake()

    def put(self, event: Any) -> None:
        """Adds an event that must arrive."""
        with self._lock:
            self._queue.append(event)
            wake = self._rouse()
        if wake:
            self._wake()

    def _rouse(self) -> bool:
        first, self._woken = not self._woken, True
        return first

    def drain(self, everything: bool = False) -> tuple[list[Any], float | None]:
        """The events that are due, lossless first, and the seconds until the next look (None: when woken).

        `everything` also takes progress that came too soon after the last one: used when the Job has ended.
        """
        with self._lock:
            self._woken = False
            queue, self._queue = self._queue, []
            now = self._clock()
            wait: float | None = None
            if Progress in self._latest and now < self._progress_due and not everything:
                held = self._latest.pop(Progress)
                events = [*queue, *self._latest.values()]
                self._latest = {Progress: held}
                self._woken = True  # the receiver's own timer is coming: no need to wake it
                wait = self._progress_due - now
            else:
                if Progress in self._latest:
                    self._progress_due = now + PROGRESS_INTERVAL
                events = [*queue, *self._latest.values()]
                self._latest = {}
        return events, wait


class Context:
    """What a Job sees of the world while it runs. All of it may be called from the Job's own threads."""

    def __init__(self, mailbox: Mailbox, token: StopToken) -> None:
        self._mailbox = mailbox
        self.token = token

    def progress(self, fraction: float | None, message: str = "") -> None:
        """Says how far the work is, and is the place to stop: raises `Stopped` once it has been asked to."""
        self.check()
        if fraction is not None:
            fraction = min(1.0, max(0.0, fraction))
        self._mailbox.put_latest(Progress(fraction, message))

    def show(self, event: Any) -> None:
        """Sends a frame: only the latest event of its type will be seen."""
        self._mailbox.put_latest(event)

    def record(self, event: Any) -> None:
        """Sends a metric: it arrives, after those sent before it."""
        self._mailbox.put(event)

    @property
    def stopping(self) -> bool:
        return self.token.stopped

    def check(self) -> None:
        """Raises `Stopped` if the Job has been asked to stop; call it at least once a batch."""
        if self.token.stopped:
            raise Stopped


class Job(Protocol[Result_co]):
    """Slow work that reads immutable snapshots, changes nothing that is shared, and returns its result."""

    @property
    def title(self) -> str:
        """A few words for the status line: "Running resnet34 on cat.jpg"."""

    def run(self, context: Context) -> Result_co:
        """Does the work; raises `Stopped` where it stopped, `UserError` where the input is at fault."""


@dataclass(frozen=True)
class Work:
    """A Job made of a title and a function of the context."""

    title: str
    function: Callable[[Context], Any]

    def run(self, context: Context) -> Any:
        return self.function(context)
