"""Runs one training beside the window and tells how it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.learning.control import Control
from explorer.learning.events import Done, Event, Failed
from explorer.learning.job import TrainingJob
from explorer.learning.race import Lap, race
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import Started, TrainBatch, TrainEpoch, TrainPulse
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.tasks.job import Context, Progress, State, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.workspaces.train.curves import Lane, by_depth, duration

PACE = 200
"""Milliseconds between two looks at what was told: five a second."""


@dataclass
class Told:
    """One run as far as it was told, in the window's thread."""

    network: Network
    settings: TrainSettings
    lane: Lane
    started: Started | None = None
    batch: TrainBatch | None = None
    epoch: TrainEpoch | None = None
    ended: Done | Failed | None = None
    pulse: TrainPulse | None = None
    classes: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """How far it is, from 0 to 1."""
        if self.batch is None:
            return 0.0
        return min(1.0, self.batch.step / max(1, self.batch.batches * self.settings.epochs))

    def take(self, event: Event) -> None:
        """Add what an event tells."""
        if isinstance(event, Started):
            self.started, self.classes = event, event.classes
            self.lane.batches = max(1, event.batches)
            self.lane.cut(event.step)
        elif isinstance(event, TrainBatch):
            self.batch = event
            self.lane.add_batch(event.step, event.loss, event.accuracy, event.lr)
        elif isinstance(event, TrainPulse):
            self.pulse = event
        elif isinstance(event, TrainEpoch):
            self.epoch, self.pulse = event, None
            norms = by_depth(self.network, event.gradient_norms)
            self.lane.add_epoch(float(event.epoch), event.val_loss, event.val_accuracy, norms)
        elif isinstance(event, Done | Failed):
            self.ended = event


WRONG = "Something went wrong; see the log."
"""Of what is no fault of the person's; the message line has told of it, too."""


@dataclass(frozen=True)
class Plan:
    """All that a run needs: a frozen network, and what makes its events."""

    title: str
    network: Network
    settings: TrainSettings
    train: Callable[[Context, Control], Iterator[Event]]
    lane: Lane


class TrainingRun(QObject):
    """One training at a time, or several that race. Signals come in the window's thread."""

    changed = Signal()
    """Running, paused or over is another."""
    told = Signal()
    """There is more to show; at most every `PACE` milliseconds."""
    ended = Signal()
    """The training is over, one way or another."""
    _stood = Signal()

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._handle: Handle | None = None
        self._control = Control()
        self.states: list[Told] = []
        """What was told of each contender."""
        self.trouble = ""
        self._later = QTimer(self, singleShot=True, interval=PACE)
        self._later.timeout.connect(self.told)
        self._stood.connect(self.changed)

    @property
    def state(self) -> Told | None:
        """The first one that is still running, or the last of all."""
        going = (state for state in self.states if state.ended is None)
        return next(going, self.states[-1] if self.states else None)

    @property
    def share(self) -> float:
        """How far all of them are, from 0 to 1."""
        return sum(state.share for state in self.states) / max(1, len(self.states))

    @property
    def seconds_left(self) -> float:
        """Until all of them are done."""
        going = (state.batch for state in self.states if state.ended is None)
        return sum(batch.seconds_left for batch in going if batch is not None)

    @property
    def running(self) -> bool:
        """Whether one is under way, be it paused or stopping."""
        return self._handle is not None

    @property
    def stopping(self) -> bool:
        return self._handle is not None and self._control.stopped

    @property
    def control(self) -> Control:
        """What the newest run asks before each batch."""
        return self._control

    @property
    def paused(self) -> bool:
        return self.running and self._control.paused and not self.stopping

    def start(self, plans: Sequence[Plan], paused: bool = False) -> None:
        """Begin; several take turns. `paused` waits before the first batch."""
        if self.running or not plans:
            return
        self.trouble = ""
        self.states = [Told(plan.network, plan.settings, plan.lane) for plan in plans]
        title = plans[0].title if len(plans) == 1 else f"Racing {len(plans)} networks"
        self._control = Control(paused, self._stood.emit)
        control = self._control

        def work(context: Context) -> None:
            def events(control: Control) -> Iterator[Event]:
                newest: dict[int, TrainBatch] = {}
                for lap in race([partial(plan.train, context) for plan in plans], control):
                    if isinstance(lap.event, TrainBatch):
                        newest[lap.contender] = lap.event
                        context.show(_progress(title, plans, newest))
                    yield lap

            TrainingJob(title, events, control).run(context)

        self._handle = self._runner.start(Work(title, work), self._event, None, self._failed)
        self._handle.changed.connect(self._follow)
        self._handle.ended.connect(self._ended)
        self.changed.emit()

    def pause(self) -> None:
        """Wait before the next batch."""
        self._control.pause()
        self.changed.emit()

    def go(self) -> None:
        """Go on after a pause."""
        self._control.go()
        self.changed.emit()

    def step(self) -> None:
        """One more batch, and wait."""
        self._control.step()
        self.changed.emit()

    def stop(self) -> None:
        """End before the next batch; what was reached is kept."""
        if self._handle is not None:
            self._control.stop()
            self._handle.stop()
            self.changed.emit()

    def _event(self, event: object) -> None:
        if isinstance(event, Lap):
            state, told = self.states[event.contender], event.event
            first = state.batch is None and isinstance(told, TrainBatch)
            state.take(told)
            if first or isinstance(told, Started):
                self.changed.emit()
            if not self._later.isActive():
                self._later.start()

    def _failed(self, error: BaseException) -> None:
        self.trouble = str(error) if isinstance(error, UserError) else WRONG

    def _follow(self) -> None:
        # The stop button of the status line asks the Job alone.
        if self._handle is not None and self._handle.state is State.STOPPING and not self._control.stopped:
            self._control.stop()
            self.changed.emit()

    def _ended(self) -> None:
        self._handle = None
        self._later.stop()
        failed = [state.ended for state in self.states if isinstance(state.ended, Failed)]
        if failed:
            self.trouble = failed[0].message
        self.told.emit()
        self.changed.emit()
        self.ended.emit()


def _progress(title: str, plans: Sequence[Plan], newest: dict[int, TrainBatch]) -> Progress:
    shares = [
        batch.step / max(1, batch.batches * plans[number].settings.epochs) for number, batch in newest.items()
    ]
    left = sum(batch.seconds_left for batch in newest.values())
    return Progress(min(1.0, sum(shares) / len(plans)), f"{title}, {duration(left)} left")
