"""The one line at the bottom: the workspace's figures, what runs with a stop button, and the problems."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from explorer.tasks.job import State
from explorer.tasks.qt import Runner
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.workspace import Figure, Status

HEIGHT = 28


class StatusBar(QFrame):
    """Shows a `Status` and the running Jobs."""

    problems_clicked = Signal()

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self.setAccessibleName("Status")
        self._status = Status()
        self._row = QHBoxLayout(self)
        self._left = _Figures()
        self._right = _Figures()
        self.jobs = JobStrip(runner)
        self.problems = Button("", "link")
        self.problems.clicked.connect(self.problems_clicked)
        self._row.addWidget(self._left)
        self._row.addStretch(1)
        for widget in (self.jobs, self._right, self.problems):
            self._row.addWidget(widget)
        theme().changed.connect(self._fit)
        self._fit()
        self.show_status(Status())

    def show_status(self, status: Status) -> None:
        """Show what a workspace says of itself."""
        self._status = status
        self._left.show_figures(status.left)
        self._right.show_figures(status.right)
        count = status.problems
        self.problems.setVisible(count > 0)
        self.problems.setText("1 problem" if count == 1 else f"{count:,} problems")
        self.problems.setAccessibleName(f"{self.problems.text()}, show")
        self.problems.setToolTip("Show the problems")

    def _fit(self) -> None:
        tokens = theme().tokens
        px = tokens.px
        self.setFixedHeight(px(HEIGHT))
        self._row.setContentsMargins(px(12), 0, px(12), 0)
        self._row.setSpacing(px(16))
        self.problems.setStyleSheet(
            f"QPushButton {{ color: {tokens.error.name()}; font-size: {px(12)}px; padding: 0 {px(4)}px; "
            f"min-height: {px(18)}px; font-weight: 600; }}"
        )


class _Figures(QWidget):
    """Numbers in a row, each strong with its quiet word."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Figure, ...] = ()
        self._pairs: list[tuple[QWidget, Label, Label]] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme().tokens.px(20))

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Set the texts, making and hiding labels as needed."""
        if figures == self._shown:
            return
        self._shown = figures
        while len(self._pairs) < len(figures):
            self._pairs.append(self._pair())
        for index, (holder, first, second) in enumerate(self._pairs):
            visible = index < len(figures)
            holder.setVisible(visible)
            if not visible:
                continue
            figure = figures[index]
            value, label = (second, first) if figure.before else (first, second)
            value.setText(figure.value)
            label.setText(figure.label)
            value.setVisible(bool(figure.value))
            label.setVisible(bool(figure.label))
            value.set_role("figure")
            label.set_role("note")
            holder.setToolTip(figure.exact)

    def _pair(self) -> tuple[QWidget, Label, Label]:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().tokens.px(4))
        first, second = Label("", "figure"), Label("", "note")
        row.addWidget(first)
        row.addWidget(second)
        self._row.addWidget(holder)
        return holder, first, second


class JobStrip(QWidget):
    """The oldest running Job with its progress and a stop button, and how many wait behind it."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.title = ElidedLabel("", "note")
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(96)
        self.bar.setAccessibleName("Progress")
        self.stop = IconButton("stop", "Stop")
        self.stop.clicked.connect(self._stop)
        row.addWidget(self.title)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.stop)
        runner.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        running = self._runner.running
        self.setVisible(bool(running))
        if not running:
            return
        first = running[0]
        words = first.progress.message or first.title
        if first.state is State.STOPPING:
            words = f"Stopping: {first.title}"
        if len(running) > 1:
            words += f" (and {len(running) - 1} more)"
        self.title.setText(words)
        if first.progress.fraction is None:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(first.progress.fraction * 1000))
        self.stop.setEnabled(first.state is State.RUNNING)

    def _stop(self) -> None:
        for handle in self._runner.running[:1]:
            handle.stop()
