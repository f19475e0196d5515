"""Pause, step and stop in the open window while ResNet-20 trains: seen at once, done at the next batch.

A click is put into the window's queue from another thread, as the window system does it, so that what keeps
the window busy counts. Seen is the moment at which the bar has been painted with its new words; done is the
moment at which the training itself waits, has learned its one batch, or has ended with its checkpoint.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.benchmarks.desk import open_window
from tests.benchmarks.faces_window import pause
from tests.benchmarks.measure import PAIRS, Figure

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from explorer.ui.widgets.buttons import Button
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

SEEN = 0.2
SLACK = 0.2
"""Seconds beside a batch: to save a checkpoint, and for threads of a busy machine to take their turns."""
LEAST_MS = 5.0


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Each of them so many times, at moments spread over the batches."""
    from explorer.tasks.priority import short_turns
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

    with open_window() as window, short_turns():
        window.show_workspace("train")
        train = window.workspaces["train"]
        assert isinstance(train, TrainWorkspace)
        yield from _Clicks(train).figures(pairs)


class _Clicks:
    def __init__(self, train: TrainWorkspace) -> None:
        self._train = train
        self._batches: list[float] = []

    def figures(self, pairs: int) -> Iterator[Figure]:
        from explorer.learning.experiments.networks import resnet20

        self._train.surroundings.session.open(resnet20())
        self._wait(lambda: self._train.startable)
        found: dict[str, list[tuple[float, float]]] = {"pause": [], "step": [], "stop": []}
        bar = self._train.transport
        for number in range(pairs):
            self._begin()
            pause(0.3 + 0.037 * number)
            found["pause"].append(self._clicked(bar.main, "Paus", self._standing))
            pause(0.3)
            found["step"].append(self._step())
            bar.main.click()
            pause(0.3 + 0.041 * number)
            found["stop"].append(self._clicked(bar.stop, "Stopping", lambda: not self._train.run.running))
        batch = statistics.median(self._batches)
        for name, times in found.items():
            yield self._figure(f"train-{name}-seen", [one for one, _ in times], SEEN, SEEN, f"≤ {SEEN:g} s")
            goal = f"≤ a batch + {SLACK:g} s"
            yield self._figure(f"train-{name}", [one for _, one in times], batch, batch + SLACK, goal)

    def _step(self) -> tuple[float, float]:
        learned = self._learned()
        times = self._clicked(self._train.transport.step, "Pausing", lambda: self._learned() > learned)
        pause(0.3)
        if self._learned() != learned + 1 or not self._standing():
            raise RuntimeError("A step was not one batch.")
        return times

    def _figure(self, name: str, times: list[float], peer: float, most: float, goal: str) -> Figure:
        middle = statistics.median(times)
        spread = min(times) / peer, max(times) / peer
        note = f"{len(times)} times, the longest {1000 * max(times):.0f} ms; ResNet-20, batches of 64"
        return Figure(name, middle, peer, middle / peer, goal, middle <= most, spread, note)

    def _begin(self) -> None:
        self._train.toggle()
        self._wait(lambda: self._learned() > 0)
        pause(1.0)
        state = self._train.run.state
        assert state is not None
        assert state.batch is not None
        self._batches.append(state.batch.ms / 1000)

    def _learned(self) -> int:
        state = self._train.run.state
        return state.batch.step if state is not None and state.batch is not None else 0

    def _standing(self) -> bool:
        return self._train.run.control.standing

    def _clicked(self, button: Button, words: str, done: Callable[[], bool]) -> tuple[float, float]:
        """Seconds from a click until it is seen, and until it is done. Asked from a thread of its own."""
        seen, ended = threading.Event(), threading.Event()
        times = [0.0, 0.0]
        bar = self._train.transport
        watch = _painted(bar, lambda: bar.words().startswith(words), seen, times)

        def person() -> None:
            began = time.perf_counter()
            _press(button)
            while not done():
                time.sleep(LEAST_MS / 5000)
            times[1] = time.perf_counter()
            seen.wait(20)
            times[:] = [one - began for one in times]
            ended.set()

        threading.Thread(target=person).start()
        self._wait(ended.is_set)
        bar.removeEventFilter(watch)
        return times[0], times[1]

    def _wait(self, found: Callable[[], bool]) -> None:
        from tests.ui.workspaces.build.waiting import wait_for

        wait_for(found, 60_000)


def _painted(bar: QObject, shown: Callable[[], bool], seen: threading.Event, times: list[float]) -> QObject:
    """Watches a bar until it has been painted while `shown`."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and shown() and not seen.is_set():
                QTimer.singleShot(0, self.note)
            return False

        def note(self) -> None:
            if not seen.is_set():
                times[0] = time.perf_counter()
                seen.set()

    watch = Watch(bar)
    bar.installEventFilter(watch)
    return watch


def _press(button: Button) -> None:
    """As the window system has it: into the queue, from outside the window's thread."""
    from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent

    at = QPointF(button.width() / 2, button.height() / 2)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
        event = QMouseEvent(kind, at, at, left, held, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.postEvent(button, event)
