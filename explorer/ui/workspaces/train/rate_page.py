"""The learning-rate range test as a page: the loss against the rate, and the rate that it advises."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.learning.control import Control
from explorer.learning.events import Event
from explorer.learning.job import TrainingJob
from explorer.learning.rate_events import RateFound, RateTried
from explorer.learning.settings import TrainSettings
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.tasks.job import Context, Progress, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.curves import Curve
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.train.data_view import calm

if TYPE_CHECKING:
    from explorer.learning.data_set import DataSet

PACE = 100
ABOUT = (
    "The rate grows a little with each batch. Where the loss falls the network learns; where it rises again "
    "the steps are too long. A tenth of the rate with the least loss is a good beginning."
)
DECADES = [(float(power), f"{10.0**power:g}") for power in range(-5, 2)]


class RatePage(QWidget):
    """`taking(rate)` when the advice is taken. One test at a time; nothing of it is kept."""

    taking = Signal(float)
    changed = Signal()

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._handle: Handle | None = None
        self._control = Control()
        self._tried: list[RateTried] = []
        self.found: RateFound | None = None
        self.plot = Plot("Loss against learning rate", "learning rate")
        self.words = Label("", "muted")
        self.take, self.stop_button = Button("Use it", "primary"), Button("Stop")
        self._later = QTimer(self, singleShot=True, interval=PACE)
        self._later.timeout.connect(self._draw)
        self._build()

    def _build(self) -> None:
        about = Label(ABOUT, "note")
        about.setWordWrap(True)
        self.words.setWordWrap(True)
        self.take.clicked.connect(self._take)
        self.stop_button.clicked.connect(self.stop)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.stop_button)
        row.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label("Find the learning rate", "heading"))
        column.addWidget(about)
        column.addWidget(self.plot, 1)
        column.addLayout(row)
        self._draw()

    @property
    def running(self) -> bool:
        """Whether a test is under way."""
        return self._handle is not None

    def start(self, network: Network, data: DataSet, settings: TrainSettings) -> None:
        """Begin a test of a frozen network."""
        if self.running:
            return
        self._tried, self.found, self._control = [], None, Control()
        control, title = self._control, f"Finding a rate for {network.name}"

        def work(context: Context) -> None:
            from explorer.learning.rate_finder import find_rate

            def events(control: Control) -> Iterator[Event]:
                for event in find_rate(network, data, settings, control):
                    if isinstance(event, RateTried):
                        context.show(Progress(event.share, title))
                    yield event

            TrainingJob(title, events, control).run(context)

        self._handle = self._runner.start(Work(title, work), self._event, None, self._failed)
        self._handle.ended.connect(self._ended)
        self.words.setText("Getting ready…")
        self._draw()
        self.changed.emit()

    def stop(self) -> None:
        """End before the next batch."""
        if self._handle is not None:
            self._control.stop()
            self._handle.stop()

    def _event(self, event: object) -> None:
        if isinstance(event, RateTried):
            self._tried.append(event)
        elif isinstance(event, RateFound):
            self.found = event
        if not self._later.isActive():
            self._later.start()

    def _failed(self, error: BaseException) -> None:
        known = isinstance(error, UserError)
        self.words.setText(calm(str(error)) if known else "Something went wrong; see the log.")

    def _ended(self) -> None:
        self._handle = None
        self._later.stop()
        if self.found is not None:
            self.words.setText(
                f"Advised: {self.found.lr:g}; the loss was least at {self.found.least_at:.2g}."
            )
        elif self._tried and self._control.stopped:
            self.words.setText("Stopped.")
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        places = [math.log10(one.lr) for one in self._tried]
        losses = [one.loss for one in self._tried]
        self.plot.show_curves([Curve("rate", places, losses, "accent")])
        high = min(max(losses, default=2.5), 2 * (losses[0] if losses else 2.5))
        low = min(losses, default=0.0)
        self.plot.set_range((-5.1, 1.1), (low - 0.05 * (high - low), high + 0.05 * (high - low)))
        self.plot.set_ticks(None, DECADES)
        self.plot.set_line("found", None if self.found is None else math.log10(self.found.lr), "dense")
        self.take.setVisible(self.found is not None)
        self.stop_button.setVisible(self.running)
        if self.found is not None:
            self.take.setText(f"Use {self.found.lr:g}")
        if self.running and self._tried:
            last = self._tried[-1]
            self.words.setText(f"Rate {last.lr:.2g}, loss {last.loss:.3f}")

    def _take(self) -> None:
        if self.found is not None:
            self.taking.emit(self.found.lr)
