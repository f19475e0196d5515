"""What is wrong, beside the card where it is wrong: one sentence, and the mends as buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from explorer.network.problems import Mend, Problem, Severity
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label

WIDTH = 320
MOST_MENDS = 3
_GAP = 28


class ProblemCard(QWidget):
    """Stays readable at any zoom. Pointing at a mend, or giving it the focus, asks for its preview."""

    chosen = Signal(object)
    previewed = Signal(object)

    def __init__(self, problem: Problem, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.problem = problem
        error = problem.severity is Severity.ERROR
        self._edge, self._wash = ("error", "error_wash") if error else ("warning", "warning_wash")
        self.setAccessibleName(f"Problem: {problem.message}")
        self.setFixedWidth(theme().tokens.px(WIDTH))
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

    def _button(self, mend: Mend) -> QPushButton:
        button = QPushButton(self)
        button.setAccessibleName(mend.title)
        button.setToolTip(mend.title)
        button.setFont(theme().font("value"))
        room = self.width() - 52
        button.setText(button.fontMetrics().elidedText(mend.title, Qt.TextElideMode.ElideRight, room))
        button.setStyleSheet("text-align: left;")
        button.clicked.connect(lambda: self.chosen.emit(mend))
        button.setProperty("mend", mend.title)
        button.installEventFilter(self)
        self._mends = {**getattr(self, "_mends", {}), button: mend}
        return button

    def _height(self) -> int:
        layout = self.layout()
        return layout.heightForWidth(self.width()) if layout is not None else 60

    def sizeHint(self) -> QSize:
        return QSize(self.width(), self._height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            mend = next((mend for button, mend in self._mends.items() if button is watched), None)
            self.previewed.emit(mend)
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
        """Go to the side of a card on the screen where the way to free ground is shorter."""
        parent = self.parentWidget()
        room = parent.rect().adjusted(8, 8, -8, -8) if parent is not None else QRect()
        size = self.size()
        gap = theme().tokens.px(_GAP)
        top = max(room.top(), min(node.top() - 4, room.bottom() - size.height()))
        left = QRect(QPoint(node.left() - gap - size.width(), top), size)
        right = QRect(QPoint(node.right() + gap, top), size)
        while hit := [other for other in taken if other.intersects(left)]:
            left.moveRight(min(other.left() for other in hit) - gap // 2)
        while hit := [other for other in taken if other.intersects(right)]:
            right.moveLeft(max(other.right() for other in hit) + gap // 2)
        near_left, near_right = node.left() - left.left(), right.right() - node.right()
        fits_left, fits_right = left.left() >= room.left(), right.right() <= room.right()
        best = left if (fits_left, -near_left) >= (fits_right, -near_right) else right
        if not (fits_left or fits_right):
            x = max(room.left(), min(node.left(), room.right() - size.width()))
            best = QRect(QPoint(x, min(node.bottom() + 10, room.bottom() - size.height())), size)
        self.setGeometry(best)
        return best
