"""The figures of a training on the cards, and a line at the canvas's corner that says what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.session.training_marks import TrainingMarks
from explorer.ui.canvas.face import Facts
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.labels import Label

MARGIN = 12


class CardMarks:
    """Where the figures come from; `redraw` is called when there are newer ones."""

    def __init__(self, canvas: QWidget, redraw: Callable[[], object]) -> None:
        self._source: TrainingMarks | None = None
        self._redraw = redraw
        self.legend = MarksLegend(canvas)

    def follow(self, source: TrainingMarks) -> None:
        """From now on, of this session."""
        self._source = source
        source.changed.connect(self._redraw)
        self.legend.closing.connect(source.begin)

    def marked(self, facts: Facts) -> Facts:
        """The facts with the marks of the nodes that are as they were trained."""
        title, marks = ("", {}) if self._source is None else self._source.at(facts.network)
        self.legend.show_title(title)
        return facts if not marks and not facts.marks else replace(facts, marks=marks)


class MarksLegend(QWidget):
    """`closing` when a person takes the figures away."""

    closing = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = Label("", "note")
        close = IconButton("close", "Take the training's figures off the cards")
        close.clicked.connect(self.closing)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 4, 2)
        row.setSpacing(4)
        row.addWidget(self.words)
        row.addWidget(close)
        self.hide()

    def show_title(self, title: str) -> None:
        """Name the training, "" where nothing is marked."""
        self.setVisible(bool(title))
        if title:
            self.words.setText(f"∇ norm of the gradient, dead ReLU units: {title}")
            self.adjustSize()
            self.place()
            self.raise_()

    def place(self) -> None:
        """Keep to the lower left corner."""
        margin, parent = theme().tokens.px(MARGIN), self.parentWidget()
        if parent is not None:
            self.move(margin, parent.height() - self.height() - margin)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.line, 1))
        painter.setBrush(tokens.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
