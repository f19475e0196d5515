"""The lecture's experiments as cards: what is compared, and a button that starts it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.learning.experiments.presets import PRESETS, Preset
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.folding import FoldingRow
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import ScrollPanel

WIDTH = 270
"""Of a card, in pixels of the design: as many stand side by side as have room."""


class ExperimentsPage(ScrollPanel):
    """`chosen(preset)` when one is to be started, `racing()` when the open networks are to run together."""

    chosen = Signal(object)
    racing = Signal()

    def __init__(self) -> None:
        super().__init__("window", 0, 8)
        self.cards = [ExperimentCard(preset, self.chosen.emit) for preset in PRESETS]
        self.race = Button("Race the open networks")
        self.race.clicked.connect(self.racing)
        self.why_not = Label("", "note")
        about = Label(
            "Each opens its networks, takes its data and settings, and trains them side by side.", "note"
        )
        about.setWordWrap(True)
        self.why_not.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self._across = 0
        self.column.addWidget(Label("Experiments of the lecture", "heading"))
        self.column.addWidget(about)
        self.column.addLayout(self._grid)
        self.column.addSpacing(8)
        self.column.addWidget(FoldingRow(self.race, self.why_not, wide=self.why_not))
        self.column.addStretch(1)
        self._arrange(2)

    def allow(self, idle: bool, race: str) -> None:
        """Whether something can be started; `race` says why the open networks can't race, "" if they can."""
        for card in self.cards:
            card.button.setEnabled(idle)
        self.race.setEnabled(idle and not race)
        self.why_not.setText(race)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(max(1, self.width() // theme().tokens.px(WIDTH)))

    def _arrange(self, across: int) -> None:
        if across == self._across:
            return
        self._across = across
        for at, card in enumerate(self.cards):
            self._grid.addWidget(card, at // across, at % across)
        for column in range(len(self.cards)):
            self._grid.setColumnStretch(column, 1 if column < across else 0)


class ExperimentCard(QWidget):
    """A title, what to look for, and Start."""

    def __init__(self, preset: Preset, start: Callable[[Preset], object]) -> None:
        super().__init__()
        self.preset = preset
        self.button = Button("Start")
        self.button.setAccessibleName(f"Start: {preset.title}")
        self.button.clicked.connect(lambda: start(preset))
        title, question = Label(preset.title, "strong"), Label(preset.question, "muted")
        for label in (title, question):
            label.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(question)
        column.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.line, 1))
        painter.setBrush(tokens.card)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
