"""Start, pause, step and stop, with how far the training is and how fast it goes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from explorer.learning.events import Done
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.workspaces.train.curves import duration
from explorer.ui.workspaces.train.data_view import calm
from explorer.ui.workspaces.train.training import TrainingRun

TIME_WIDTH = 110
"""Room for how long it still takes: kept also while nothing is told, so that no page's button jumps."""
CURVES, DATA, TRANSFER, EXPERIMENTS = "Curves", "Data", "Transfer", "Experiments"


class Transport(QWidget):
    """Follows a `TrainingRun`. `toggled` on Start, Pause or Go on; `stepping`, `stopping`; `turned(page)`."""

    toggled = Signal()
    stepping = Signal()
    stopping = Signal()
    turned = Signal(str)

    def __init__(self, run: TrainingRun) -> None:
        super().__init__()
        self._run = run
        self.main = Button("Start", "primary")
        self.step, self.stop = Button("Step"), Button("Stop")
        self.bar = QProgressBar()
        self.left = Label("", "strong")
        self.said = ElidedLabel("", "note")
        self.trouble = Label("", "error")
        self.trouble.setWordWrap(True)
        self.pages = QButtonGroup(self)
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._build()
        theme().changed.connect(self._arrange)
        run.changed.connect(self.refresh)
        run.told.connect(self.refresh)
        self.allow(False)

    def _build(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setMaximum(1000)
        self.bar.setMinimumWidth(1)  # where room is short it gives way: the status line has one, too
        kept = self.bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(kept)
        self.bar.setAccessibleName("How far the training is")
        self.step.setToolTip("One batch, then pause")
        self.stop.setToolTip("End before the next batch; what was reached is kept")
        self.main.clicked.connect(self.toggled)
        self.step.clicked.connect(self.stepping)
        self.stop.clicked.connect(self.stopping)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.main, self.step, self.stop):
            row.addWidget(widget)
        row.addSpacing(4)
        row.addWidget(self.bar, 1)
        row.addWidget(self.left)
        pages = QHBoxLayout()
        pages.setSpacing(8)
        for name in (CURVES, DATA, TRANSFER, EXPERIMENTS):
            page = Button(name, "quiet")
            page.setCheckable(True)
            page.clicked.connect(lambda _=False, name=name: self.turned.emit(name))
            self.pages.addButton(page)
            pages.addWidget(page)
        pages.addStretch(1)
        self._top.setSpacing(8)
        self._top.addLayout(row, 1)
        self._top.addLayout(pages)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._top)
        column.addWidget(self.said)
        column.addWidget(self.trouble)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The pages below the buttons where there is no room for both and for a time, shown or not."""
        px = theme().tokens.px
        buttons = (self.main, self.step, self.stop, *self.pages.buttons())
        wanted = sum(button.sizeHint().width() + 8 for button in buttons) + px(TIME_WIDTH)
        way = QBoxLayout.Direction.LeftToRight if wanted <= self.width() else QBoxLayout.Direction.TopToBottom
        self._top.setDirection(way)

    def show_page(self, name: str) -> None:
        """Mark the page that is on show."""
        self.pages.setExclusive(False)  # a page without a button leaves none of them down
        for button in self.pages.buttons():
            button.setChecked(button.text() == name)
        self.pages.setExclusive(True)

    def allow(self, start: bool, why: str = "") -> None:
        """Whether a training could be started, and if not, why."""
        self._startable, self._why = start, why
        self.refresh()

    def refresh(self) -> None:
        """Show what the run is doing."""
        run = self._run
        running, paused, stopping = run.running, run.paused, run.stopping
        self.main.setText("Go on" if paused else "Pause" if running else "Start")
        self.main.setAccessibleName(self.main.text())
        self.main.setEnabled(not stopping if running else self._startable)
        self.main.setToolTip("" if running or self._startable else self._why)
        self.step.setEnabled(paused or (not running and self._startable))
        self.stop.setEnabled(running and not stopping)
        state = run.state
        batch = state.batch if state is not None else None
        self.bar.setVisible(running)
        self.left.setVisible(running and batch is not None)
        if state is not None and batch is not None:
            self.bar.setValue(round(1000 * run.share))
            self.left.setText(f"{duration(run.seconds_left)} left")
        self.said.setText(self.words())
        failed = bool(run.trouble) and not running and self._startable
        self.trouble.setText(self.words() if failed else "")
        self.trouble.setVisible(failed)
        self.said.setVisible(not failed)

    def words(self) -> str:
        """What is going on, on one line."""
        run, state = self._run, self._run.state
        if run.stopping:
            return "Stopping before the next batch…"
        if self._why and not run.running:
            return self._why
        if run.trouble:
            return calm(run.trouble)
        if state is None:
            return self._why
        if run.running and state.batch is None:
            return "Paused before the first batch" if run.paused and state.started else "Getting ready…"
        batch = state.batch
        if run.running and batch is not None:
            place = f"epoch {batch.epoch} of {state.settings.epochs}"
            figures = f"batch {batch.batch:,} of {batch.batches:,} · loss {batch.loss:.3f}"
            before = ("Paused · " if run.control.standing else "Pausing · ") if run.paused else ""
            before += f"{state.network.name}, " if len(run.states) > 1 else ""
            pace = f"learning rate {batch.lr:.3g} · {batch.images_per_second:,.0f} pictures / s"
            return f"{before}{place}, {figures} · {pace}"
        if isinstance(state.ended, Done):
            how = "Stopped" if state.ended.stopped else "Done"
            alone = len(run.states) == 1
            shares = [
                f"{'' if alone else f'{one.network.name} '}{100 * one.epoch.val_accuracy:.1f} %"
                for one in run.states
                if one.epoch is not None
            ]
            judged = f" · {', '.join(shares)} of the validation pictures right" if shares else ""
            return f"{how} after {duration(state.ended.seconds)}{judged}"
        return self._why
