"""Runs a Job in the calling thread: what the command line does. Progress goes to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

from explorer.tasks.job import PROGRESS_INTERVAL, Context, Job, Mailbox, Progress, StopToken

Result = TypeVar("Result")


def run_inline(
    job: Job[Result],
    on_event: Callable[[Any], None] | None = None,
    stream: TextIO | None = None,
    token: StopToken | None = None,
) -> Result:
    """The Job's result. Every event but progress goes to `on_event`; progress is drawn on `stream`.

    `stream` is standard error by default. What the Job raises comes through, Ctrl-C included.
    """
    meter = _Meter(sys.stderr if stream is None else stream, job.title)
    try:
        return job.run(Context(_Direct(meter, on_event), token or StopToken()))
    finally:
        meter.close()


class _Direct(Mailbox):
    """Delivers at once, in the Job's own thread."""

    def __init__(self, meter: _Meter, on_event: Callable[[Any], None] | None) -> None:
        super().__init__(lambda: None)
        self._meter = meter
        self._on_event = on_event

    def put_latest(self, event: Any) -> None:
        if isinstance(event, Progress):
            self._meter.draw(event)
        else:
            self.put(event)

    def put(self, event: Any) -> None:
        if self._on_event is not None:
            self._on_event(event)


class _Meter:
    """One line that is redrawn on a terminal; elsewhere a line for each new message."""

    def __init__(self, stream: TextIO | None, title: str) -> None:
        self._stream = stream
        self._title = title
        self._terminal = stream is not None and stream.isatty()
        self._due = float("-inf")
        self._drawn = False
        self._message = ""

    def draw(self, progress: Progress) -> None:
        if self._stream is None:
            return
        if self._terminal:
            self._redraw(progress)
        elif progress.message and progress.message != self._message:
            self._stream.write(f"{self._title}: {progress.message}\n")
        self._message = progress.message

    def _redraw(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._due or self._stream is None:
            return
        self._due = now + PROGRESS_INTERVAL
        share = "" if progress.fraction is None else f" {progress.fraction:4.0%}"
        message = f"  {progress.message}" if progress.message else ""
        self._stream.write(f"\r\x1b[K{self._title}{share}{message}")
        self._stream.flush()
        self._drawn = True

    def close(self) -> None:
        """Takes the line away again: the result is what stays."""
        if self._drawn and self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
