"""Runs Jobs beside the window: each on a QThread, its events delivered in the window's thread."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot
from PySide6.QtGui import QCursor, QGuiApplication

from explorer.network.errors import UserError
from explorer.tasks.job import Context, Job, Mailbox, Progress, State, Stopped, StopToken

Callback = Callable[[Any], None]

_stranded: list[Handle] = []
"""Jobs that outlived the window: kept, as Qt aborts when a running QThread is destroyed."""


class _Worker(QObject):
    """Lives in the Job's thread and calls it."""

    woken = Signal()

    def __init__(self, job: Job[Any]) -> None:
        super().__init__()
        self.token = StopToken()
        self.mailbox = Mailbox(self.woken.emit)
        self.outcome: tuple[State, Any] = (State.STOPPED, None)
        self._job = job

    @Slot()
    def run(self) -> None:
        try:
            self.outcome = (State.DONE, self._job.run(Context(self.mailbox, self.token)))
        except Stopped:
            self.outcome = (State.STOPPED, None)
        except BaseException as error:
            self.outcome = (State.FAILED, error)
        QThread.currentThread().quit()


class Handle(QObject):
    """One started Job, as the window sees it. Signals are emitted in the window's thread."""

    changed = Signal()
    """The state or the progress is another."""
    ended = Signal()
    """The state is final, and the callbacks have been called."""

    def __init__(
        self, job: Job[Any], callbacks: tuple[Callback | None, Callback | None, Callback | None]
    ) -> None:
        super().__init__()
        self.title = job.title
        self.state = State.RUNNING
        self.progress = Progress(None)
        self.result: Any = None
        self.error: BaseException | None = None
        self._on_event, self._on_done, self._on_error = callbacks
        self.told = False
        """Whether who started it tells what went wrong."""
        self._silent = False
        self._worker: _Worker | None = _Worker(job)
        self._thread = QThread()
        self._thread.setObjectName("job")
        self._worker.moveToThread(self._thread)
        self._thread.started.connect(self._worker.run)
        self._worker.woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread.finished.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._deliver)

    def stop(self) -> None:
        """Asks the Job to end. The state says so at once; the Job obeys at its next batch."""
        if self._worker is not None and self.state is State.RUNNING:
            self._worker.token.stop()
            self.state = State.STOPPING
            self.changed.emit()

    def _start(self) -> None:
        self._thread.start()

    def _wait(self, seconds: float) -> bool:
        return self._thread.wait(max(0, round(seconds * 1000)))

    @Slot()
    def _deliver(self, everything: bool = False) -> None:
        if self._worker is None:
            return
        events, wait = self._worker.mailbox.drain(everything)
        for event in events:
            if isinstance(event, Progress):
                self.progress = event
                self.changed.emit()
            self._call(self._on_event, event)
        if wait is not None:
            self._later.start(max(1, round(wait * 1000)))

    @Slot()
    def _finish(self) -> None:
        if self._worker is None:
            return
        self._thread.wait()
        self._deliver(everything=True)
        self._later.stop()
        state, value = self._worker.outcome
        self._worker = None
        self.state = state
        if state is State.DONE:
            self.result = value
            self._call(self._on_done, value)
        elif state is State.FAILED:
            self.error = value
            self.told = self._on_error is not None and isinstance(value, UserError)
            self._call(self._on_error, value)
        self._on_event = self._on_done = self._on_error = None
        self.changed.emit()
        self.ended.emit()

    def _call(self, callback: Callback | None, value: Any) -> None:
        """A fault in one receiver must not cost the others their events: it takes the route of all faults."""
        if callback is None or self._silent:
            return
        try:
            callback(value)
        except Exception:
            sys.excepthook(*sys.exc_info())


class Runner(QObject):
    """Starts Jobs and knows those that run. One per window."""

    changed = Signal()
    """A Job was started, has ended, or has another state or progress."""
    failed = Signal(object)
    """A Job failed: its `Handle`, with `.title` and `.error`. The message line listens.

    Not where who started it takes errors and this is one for people (`UserError`): it is said once.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handles: list[Handle] = []
        self._closed = False

    @property
    def running(self) -> tuple[Handle, ...]:
        """The Jobs that have not ended, oldest first."""
        return tuple(self._handles)

    def start(
        self,
        job: Job[Any],
        on_event: Callback | None = None,
        on_done: Callback | None = None,
        on_error: Callback | None = None,
    ) -> Handle:
        """Starts a Job; the callbacks come in this thread.

        `on_done(result)` comes if the Job returned, be it early after a stop; neither it nor
        `on_error(exception)` comes if the Job raised `Stopped`. Who gives `on_error` shows what a `UserError`
        says; every other failure goes out on `failed`.
        """
        if self._closed:
            raise RuntimeError("the runner is closed")
        handle = Handle(job, (on_event, on_done, on_error))
        self._handles.append(handle)
        handle.changed.connect(self.changed)
        handle.ended.connect(self._ended)
        handle._start()
        self.changed.emit()
        return handle

    @Slot()
    def _ended(self) -> None:
        ended = [handle for handle in self._handles if handle.state.final]
        self._handles = [handle for handle in self._handles if not handle.state.final]
        for handle in ended:
            if handle.state is State.FAILED and not handle.told and not self._closed:
                self.failed.emit(handle)
        self.changed.emit()

    def close(self, timeout: float = 2.0) -> bool:
        """Stops all Jobs and waits up to `timeout` seconds; no callback comes after it. True if all ended."""
        self._closed = True
        for handle in self._handles:
            handle._silent = True
            handle.stop()
        deadline = time.monotonic() + timeout
        for handle in self.running:
            if handle._wait(deadline - time.monotonic()):
                handle._finish()
            else:
                _stranded.append(handle)
        return not self._handles


def let_go(timeout: float) -> bool:
    """Waits up to `timeout` seconds for Jobs that outlived their window. True if none runs any more.

    Until then the program must not end as usual: Qt aborts when a QThread is destroyed that still runs.
    """
    deadline = time.monotonic() + timeout
    while _stranded:
        if not _stranded[-1]._wait(deadline - time.monotonic()):
            return False
        _stranded.pop()
    return True


class GarbageGuard(QObject):
    """Collects garbage from the window's own thread only, and little by little.

    A cycle that holds a QObject and is collected on a Job's thread destroys the object there, which may
    crash. So automatic collection is off while the guard lives: a timer collects the young generations, and
    all of them (tens of milliseconds, 200 with torch loaded) only while nobody touches the mouse.
    """

    def __init__(self, parent: QObject | None = None, interval: int = 500, idle_ticks: int = 10) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._idle_ticks = idle_ticks
        self._still = 0
        self._cursor = QCursor.pos()
        self._timer = QTimer(self, interval=interval)
        self._timer.timeout.connect(self.collect)
        gc.disable()
        self._timer.start()

    @Slot()
    def collect(self) -> int:
        """One tick. Returns the generation that was collected, -1 for none."""
        position = QCursor.pos()
        resting = position == self._cursor and QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton
        self._still = self._still + 1 if resting else 0
        self._cursor = position
        young, middle, old = gc.get_count()
        limits = gc.get_threshold()
        if old > limits[2] and self._still >= self._idle_ticks:
            generation = 2
        elif middle > limits[1]:
            generation = 1
        elif young > limits[0]:
            generation = 0
        else:
            return -1
        gc.collect(generation)
        return generation

    def busy(self) -> None:
        """Somebody is typing: puts a full collection off."""
        self._still = 0

    @staticmethod
    def settle() -> None:
        """After heavy imports: moves all that lives now out of the collector's sight."""
        gc.freeze()

    def release(self) -> None:
        """Gives the collector back its own pace."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()
