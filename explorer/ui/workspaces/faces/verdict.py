"""The answer in large letters, with what it rests on in a few quiet words."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label

SYMBOLS = {"yes": "check", "no": "close", "looking": "eye"}


class VerdictLine(QWidget):
    """ "Yes, Grace Hopper", "No", "Looking…": a sign, the words, a colour. Never the colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._words, self._tone = "", "looking"
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def words(self) -> str:
        return self._words

    @property
    def tone(self) -> str:
        return self._tone

    def say(self, words: str, tone: str) -> None:
        """`tone` is yes, no or looking. Screen readers are told when the answer is another."""
        if (words, tone) == (self._words, self._tone):
            return
        self._words, self._tone = words, tone
        self.setAccessibleName(words)
        self.setToolTip(words)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(200), theme().tokens.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, px = theme().tokens, theme().tokens.px
        color = {"yes": tokens.ok, "no": tokens.error}.get(self._tone, tokens.text)
        painter = QPainter(self)
        side = px(26)
        box = QRect(0, (self.height() - side) // 2, side, side)
        paint_icon(painter, SYMBOLS[self._tone], box, color if self._tone != "looking" else tokens.muted)
        room = self.width() - px(34)
        font = theme().font("display")
        if QFontMetrics(font).horizontalAdvance(self._words) > room:
            font = theme().font("title")
        painter.setFont(font)
        painter.setPen(color)
        words = QFontMetrics(font).elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(px(34), 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, words)


class Verdict(QWidget):
    """The line and, below it, why."""

    def __init__(self) -> None:
        super().__init__()
        self.line = VerdictLine()
        self.why = Label("", "note")
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self.why)
        theme().changed.connect(self._fit)
        self._fit()

    def say(self, words: str, tone: str, why: str) -> None:
        """Show another answer."""
        self.line.say(words, tone)
        if self.why.text() != why:
            self.why.setText(why)

    def _fit(self) -> None:
        # Room for two lines, so that nothing below jumps when the words change.
        self.why.setFixedHeight(2 * QFontMetrics(theme().font("value")).lineSpacing() + 2)
