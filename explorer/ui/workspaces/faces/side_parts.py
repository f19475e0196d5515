"""What stands below the answer: figures in a quiet box, and what could be better."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.faces.pipeline import Reading
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Panel

Fact = tuple[str, str, str]
"""Quiet words, the number, and the exact story as a tooltip."""


class Facts(Panel):
    """A few numbers, one a row."""

    def __init__(self) -> None:
        super().__init__("well", margins=12, spacing=0)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self.column.addLayout(self._grid)
        self._rows: list[tuple[Label, Label]] = []

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these, in place of those before."""
        while len(self._rows) < len(facts):
            words, number = Label("", "note"), Label("", "figure")
            words.setWordWrap(True)
            row = len(self._rows)
            self._grid.addWidget(words, row, 0)
            self._grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            self._rows.append((words, number))
        for index, (words, number) in enumerate(self._rows):
            shown = index < len(facts)
            words.setVisible(shown)
            number.setVisible(shown)
            if shown:
                text, value, story = facts[index]
                if words.text() != text:
                    words.setText(text)
                if number.text() != value:
                    number.setText(value)
                words.setToolTip(story)
                number.setToolTip(story)


class SignedWords(QWidget):
    """What could be better, the worst first, each sentence with a sign; nothing when all is well."""

    MOST = 4

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[QWidget, Label]] = []
        self.words: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for _ in range(self.MOST):
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            label = Label("", "value")
            label.setWordWrap(True)
            row.addWidget(Sign("problem", "warning"), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label, 1)
            holder.hide()
            column.addWidget(holder)
            self._rows.append((holder, label))
        self.hide()

    def show_words(self, words: Sequence[str]) -> None:
        """Show the first few."""
        shown = tuple(str(one) for one in words[: self.MOST])
        if shown == self.words:
            return
        self.words = shown
        for index, (holder, label) in enumerate(self._rows):
            text = shown[index] if index < len(shown) else ""
            label.setText(text)
            holder.setVisible(bool(text))
        self.setVisible(bool(shown))


class Sign(QWidget):
    """A small icon in a colour of the theme; it takes no click."""

    def __init__(self, symbol: str, color: str = "muted", side: int = 16) -> None:
        super().__init__()
        self._symbol, self._color, self._side = symbol, color, side
        self.setFixedSize(self.sizeHint())
        theme().changed.connect(lambda: self.setFixedSize(self.sizeHint()))

    def show_sign(self, symbol: str, color: str) -> None:
        """Another icon."""
        if (symbol, color) != (self._symbol, self._color):
            self._symbol, self._color = symbol, color
            self.update()

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(self._side)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRect(0, 0, self.width(), self.height())
        paint_icon(QPainter(self), self._symbol, box, getattr(theme().tokens, self._color))


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Controls in a row, from the left."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def column_of(*widgets: QWidget) -> QWidget:
    """A heading and what belongs to it, close together."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget)
    return holder


def quality_words(reading: Reading) -> str:
    """How good a face is, on one line: the first hint, or what is right about it."""
    if reading.hints:
        return str(reading.hints[0])
    return f"frontal · sharp · well lit · {reading.quality.size:.0f} px"


def likelihood(probability: float) -> str:
    """A calibrated probability, without more digits than it has: "Over 99.9 %"."""
    if probability >= 0.999:
        return "Over 99.9 %"
    return "Under 0.1 %" if probability < 0.001 else f"{100 * probability:.1f} %"


def percent(share: float) -> str:
    """A share with two digits that count: 0.025 %, 1.5 %."""
    value = 100 * share
    if value >= 10:
        return f"{value:.0f} %"
    if value >= 1:
        return f"{value:.1f} %"
    return f"{value:.2f} %" if value >= 0.1 else f"{value:.2g} %"
