"""One problem as a card: a sentence, and its mends as buttons that show a ghost of what they would do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.network.problems import Mend, Problem, Severity
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.wrapping import WrappingButton

_SPOKEN = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.NOTE: "Note"}


class MendButton(WrappingButton):
    """`eyed(title)` while the pointer or the keyboard is on it, `eyed("")` when they leave."""

    eyed = Signal(str)

    def __init__(self, mend: Mend) -> None:
        super().__init__(mend.title)
        self.setStyleSheet("text-align: left;")
        self._title = mend.title

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self.eyed.emit(self._title)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self.eyed.emit("")
        return super().event(event)


class ProblemCard(QWidget):
    """`mended(problem, title)` when a mend was chosen, `eyed(problem, title)` while one is looked at
    ("" after that), `jumped` when the heading was clicked.
    """

    mended = Signal(object, str)
    eyed = Signal(object, str)
    jumped = Signal()

    def __init__(self, problem: Problem, where: str = "") -> None:
        super().__init__()
        self.problem = problem
        px = theme().tokens.px
        self.setAccessibleName(f"{_SPOKEN[problem.severity]}: {problem.message}")
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(8), px(12), px(8))
        column.setSpacing(px(4))
        if where:
            jump = Button(where, "link")
            jump.setAccessibleName(f"Show {where} on the canvas")
            jump.clicked.connect(self.jumped)
            column.addWidget(jump, 0, Qt.AlignmentFlag.AlignLeft)
        words = Label(problem.message.removeprefix(f"{where}: "))
        words.setWordWrap(True)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        column.addWidget(words)
        column.addSpacing(px(4))
        self.buttons: list[MendButton] = []
        for mend in problem.mends:
            button = MendButton(mend)
            button.eyed.connect(lambda title: self.eyed.emit(self.problem, title))
            button.clicked.connect(self._mend(mend))
            self.buttons.append(button)
            column.addWidget(button)

    def _mend(self, mend: Mend) -> Callable[[], Any]:
        return lambda: self.mended.emit(self.problem, mend.title)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        edge, ground = {
            Severity.ERROR: (tokens.error, tokens.error_wash),
            Severity.WARNING: (tokens.warning, tokens.warning_wash),
            Severity.NOTE: (tokens.line_strong, tokens.card),
        }[self.problem.severity]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        radius = tokens.px(8)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class ProblemCards(QWidget):
    """Cards below each other; kept as they are while the problems are the same."""

    mended = Signal(object, str)
    eyed = Signal(object, str)
    jumped = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[ProblemCard] = []
        self._shown: list[tuple[Problem, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().tokens.px(8))
        self.hide()

    def show_problems(self, problems: list[tuple[Problem, str]]) -> None:
        """Show these problems, each with the path it is at ("" for where it goes without saying)."""
        if problems == self._shown:
            return
        self._shown = list(problems)
        if self.cards:
            self.eyed.emit(None, "")
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for problem, where in problems:
            card = ProblemCard(problem, where)
            card.mended.connect(self.mended)
            card.eyed.connect(self.eyed)
            card.jumped.connect(self._jump(problem.node or ""))
            self.cards.append(card)
            self._column.addWidget(card)
        self.setVisible(bool(problems))

    def _jump(self, node: str) -> Callable[[], Any]:
        return lambda: self.jumped.emit(node)
