"""What is wrong, beside the card where it is wrong: one sentence, and the mends as buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.network.problems import Mend, Problem, Severity
from explorer.ui.canvas.metrics import CARD_WIDTH
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.wrapping import WrappingButton

WIDTH, LEAST_WIDTH = 320, 204
"""As wide as there is room beside a card in the middle, within these."""
MOST_MENDS = 3
_GAP = 28
MOST_COVERED = 0.06
"""The share of a problem's card that may lie on other cards while its words can be read elsewhere too."""
COVERED_PER_PIXEL = 20
"""Square pixels of cards that may be covered for being a pixel nearer."""


class ProblemCard(QWidget):
    """Stays readable at any zoom. Pointing at a mend, or giving it the focus, asks for its preview."""

    chosen = Signal(object)
    previewed = Signal(object)

    def __init__(self, problem: Problem, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.problem = problem
        error = problem.severity is Severity.ERROR
        self._edge, self._wash = ("error", "error_wash") if error else ("warning", "warning_wash")
        self._mends: dict[QObject, Mend] = {}
        self.setAccessibleName(f"Problem: {problem.message}")
        side = (parent.width() - theme().tokens.px(CARD_WIDTH)) // 2 - theme().tokens.px(_GAP) - 8
        self.setFixedWidth(max(theme().tokens.px(LEAST_WIDTH), min(theme().tokens.px(WIDTH), side)))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        title = Label(name, "error" if error else "strong", self)
        title.setFont(theme().font("body", strong=True))
        column.addWidget(title)
        text = problem.message.removeprefix(f"{name}: ")
        sentence = Label(text[:1].upper() + text[1:], "value", self)
        sentence.setWordWrap(True)
        column.addWidget(sentence)
        mends = problem.mends[:MOST_MENDS]
        for mend in mends:
            column.addWidget(self._button(mend))
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.resize(self.width(), self._height())

    def _button(self, mend: Mend) -> WrappingButton:
        button = WrappingButton(mend.title, self)
        button.setStyleSheet("text-align: left;")
        button.setFont(theme().font("value"))
        button.clicked.connect(lambda: self.chosen.emit(mend))
        button.installEventFilter(self)
        self._mends[button] = mend
        return button

    def _height(self) -> int:
        layout = self.layout()
        return layout.heightForWidth(self.width()) if layout is not None else 60

    def sizeHint(self) -> QSize:
        return QSize(self.width(), self._height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self.previewed.emit(self._mends.get(watched))
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self.previewed.emit(None)
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(getattr(tokens, self._edge), 1))
        painter.setBrush(getattr(tokens, self._wash))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def stand_beside(self, node: QRect, taken: list[QRect]) -> QRect:
        """Go near a card on the screen, to where the least of the network is covered."""
        parent = self.parentWidget()
        room = parent.rect().adjusted(8, 8, -8, -8) if parent is not None else QRect()
        best = min(self._places(node, taken, room), key=lambda place: _harm(place, node, taken))
        self.setGeometry(best)
        return best

    def _places(self, node: QRect, taken: list[QRect], room: QRect) -> list[QRect]:
        """Beside the card, under and above it, past what stands there, and the corners; all inside `room`."""
        size, gap = self.size(), theme().tokens.px(_GAP)
        tops = [node.top() - 4, node.bottom() + gap // 2, node.top() - gap // 2 - size.height()]
        lefts = [node.right() + gap, node.left() - gap - size.width(), node.left()]
        for other in taken:
            if other.top() <= node.bottom() + size.height() and node.top() - size.height() <= other.bottom():
                lefts += [other.right() + gap, other.left() - gap - size.width()]
        lefts += [room.left(), room.right() - size.width()]
        tops += [room.top(), room.bottom() - size.height()]

        def inside(x: int, y: int) -> QPoint:
            return QPoint(
                max(room.left(), min(x, room.right() - size.width())),
                max(room.top(), min(y, room.bottom() - size.height())),
            )

        return [QRect(inside(x, y), size) for y in tops for x in lefts]


def covered(place: QRect, taken: list[QRect]) -> float:
    """The share of `place` that would lie on what is `taken`."""
    shared = (place.intersected(other) for other in taken)
    return sum(max(both.width(), 0) * max(both.height(), 0) for both in shared) / max(
        place.width() * place.height(), 1
    )


def _harm(place: QRect, node: QRect, taken: list[QRect]) -> tuple[bool, int]:
    """Whether it covers too much; how much, and how far it is off its own card: far off it tells in vain."""
    area = 0
    for other in taken:
        both = place.intersected(other)
        area += max(both.width(), 0) * max(both.height(), 0) * (4 if other == node else 1)
    apart = (place.center() - node.center()).manhattanLength()
    return covered(place, taken) > MOST_COVERED, area // COVERED_PER_PIXEL + apart
