"""All that is written into the gallery, beside the window and in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from PySide6.QtCore import QObject

from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle
from explorer.ui.workspaces.faces.model import FacesModel

Done = Callable[[Any], object]
Failed = Callable[[Exception], bool | None]
"""True where it has told the person itself."""


@dataclass(frozen=True, eq=False)
class _Outcome:
    number: int
    value: Any
    error: Exception | None = None


class Clerk(QObject):
    """One Job at a time does all that waits. Each piece of work is one transaction of the gallery.

    What was asked for is done even when the window closes meanwhile: a stop does not cut the queue. Where
    there is no more time for it, the gallery is as it was before that piece.
    """

    def __init__(self, model: FacesModel) -> None:
        super().__init__(model)
        self.model = model
        self._numbers = count(1)
        self._asked: dict[int, tuple[Done | None, Failed | None]] = {}
        self._lock = threading.Lock()
        self._queue: deque[tuple[int, Callable[[], Any]]] = deque()
        self._handle: Handle | None = None

    @property
    def waiting(self) -> int:
        """How much has been asked for and not been answered."""
        return len(self._asked)

    def put(
        self, title: str, work: Callable[[], Any], done: Done | None = None, failed: Failed | None = None
    ) -> None:
        """Do `work` after all that was asked for before; one of the two then comes in the window's thread.

        The model knows of the change by then. An error goes to the message line, unless `failed` has told it.
        """
        number = next(self._numbers)
        self._asked[number] = (done, failed)
        with self._lock:
            self._queue.append((number, work))
        if self._handle is None:
            self._start(title)

    def _start(self, title: str) -> None:
        runner = self.model.surroundings.runner
        self._handle = runner.start(Work(title, self._drain), on_event=self._answered)
        self._handle.ended.connect(self._ended)

    def _drain(self, context: Context) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    return
                number, work = self._queue.popleft()
            try:
                context.record(_Outcome(number, work()))
            except Exception as error:  # told to who asked; the next piece does not depend on it
                context.record(_Outcome(number, None, error))

    def _answered(self, event: object) -> None:
        if not isinstance(event, _Outcome):
            return
        done, failed = self._asked.pop(event.number)
        self.model.catch_up()
        if event.error is not None:
            if failed is None or not failed(event.error):
                self.model.surroundings.messages.error(event.error)
        elif done is not None:
            done(event.value)

    def _ended(self) -> None:
        """What came just as the Job ended begins another."""
        self._handle = None
        with self._lock:
            more = bool(self._queue)
        if more:
            self._start("Writing to the gallery")
