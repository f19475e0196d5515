"""One Job at a time, and the newest wish wins."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.tasks.job import Job
from explorer.tasks.qt import Handle, Runner

Callback = Callable[[Any], None]


class Newest(QObject):
    """Asked for something new, it stops what runs and begins when that has ended; what waited is forgotten.

    Nothing that was asked for before reaches its callbacks any more.
    """

    changed = Signal()
    """It has become busy or idle."""

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._running: Handle | None = None
        self._wanted: tuple[Job[Any], Callback, Callback | None, Callback | None] | None = None
        self._number = 0

    @property
    def busy(self) -> bool:
        return self._running is not None

    def ask(
        self,
        job: Job[Any],
        on_done: Callback,
        on_event: Callback | None = None,
        on_error: Callback | None = None,
    ) -> None:
        """Do this in place of whatever was asked for before."""
        self._number += 1
        self._wanted = job, on_done, on_event, on_error
        if self._running is not None:
            self._running.stop()
        else:
            self._begin()

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._number += 1
        self._wanted = None
        if self._running is not None:
            self._running.stop()

    def _begin(self) -> None:
        if self._wanted is None:
            return
        (job, on_done, on_event, on_error), self._wanted = self._wanted, None
        number = self._number
        handle = self._runner.start(
            job,
            on_event=partial(self._pass, number, on_event) if on_event is not None else None,
            on_done=partial(self._pass, number, on_done),
            on_error=partial(self._pass, number, on_error) if on_error is not None else None,
        )
        self._running = handle
        handle.ended.connect(self._ended)
        self.changed.emit()

    def _pass(self, number: int, callback: Callback, value: Any) -> None:
        if number == self._number:
            callback(value)

    def _ended(self) -> None:
        self._running = None
        self._begin()
        if self._running is None:
            self.changed.emit()
