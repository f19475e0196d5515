"""The one route by which errors and notices reach the person: calm cards at the bottom of the window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.network.errors import UserError
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.labels import Label

Kind = Literal["info", "ok", "warning", "error"]

LINGER_MS = 6000
AT_ONCE = 3
_SYMBOL = {"info": "info", "ok": "check", "warning": "problem", "error": "error"}
log = logging.getLogger("explorer")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say. Errors and messages with buttons stay until they are closed, others just go."""

    text: str
    kind: Kind = "info"
    details: str = ""
    buttons: tuple[tuple[str, Callable[[], object]], ...] = ()

    @property
    def stays(self) -> bool:
        """Whether it waits for the person."""
        return self.kind == "error" or bool(self.buttons)


class Messages(QObject):
    """Takes messages from anywhere, in any thread, and hands them to whoever shows them."""

    said = Signal(object)

    def say(self, text: str, kind: Kind = "info", details: str = "") -> None:
        """Say something without buttons."""
        self.said.emit(Message(text, kind, details))

    def ask(self, text: str, *buttons: tuple[str, Callable[[], object]], kind: Kind = "info") -> None:
        """Say something with one or two things to do about it; the first is the one suggested."""
        self.said.emit(Message(text, kind, "", buttons))

    def error(self, error: BaseException, doing: str = "") -> None:
        """An error of any kind: what a person can mend is said as it is, the rest goes to the log as well."""
        if isinstance(error, UserError):
            self.said.emit(Message(str(error), "error"))
            return
        log.error("%s failed", doing or "an action", exc_info=error)
        what = f"“{doing}” failed." if doing else "Something went wrong."
        details = f"{type(error).__name__}: {error}"
        self.said.emit(
            Message(f"{what} Your networks are unharmed; the details are in the log.", "error", details)
        )


class Toasts(QWidget):
    """Shows messages above the status line, the newest lowest, a few at once."""

    def __init__(self, messages: Messages, window: QWidget, bottom: int = 28) -> None:
        super().__init__(window)
        self._over = window
        self._bottom = bottom
        self._cards: list[Toast] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.hide()
        messages.said.connect(self.show_message)
        theme().changed.connect(self.place)

    @property
    def shown(self) -> tuple[Message, ...]:
        """What is on the screen now, oldest first."""
        return tuple(card.message for card in self._cards)

    def show_message(self, message: Message) -> None:
        """Show it, unless the same words are there already."""
        for card in list(self._cards):
            if card.message.text == message.text:
                self._drop(card)
        while len(self._cards) >= AT_ONCE:
            self._drop(self._cards[0])
        card = Toast(message, self)
        card.closed.connect(lambda: self._drop(card))
        self._cards.append(card)
        self._column.addWidget(card)
        self.place()  # first, or a card would for a moment lie under the pointer and think it is being read
        self.show()
        card.show()
        self.place()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message.text))

    def close_newest(self) -> bool:
        """Close the newest, for Esc; whether there was one."""
        if self._cards:
            self._drop(self._cards[-1])
            return True
        return False

    def place(self) -> None:
        """Take the place at the bottom, in the middle, as large as the cards."""
        px = theme().tokens.px
        room = self._over.rect()
        width = min(px(560), room.width() - px(32))
        self.setFixedWidth(width)
        self._column.activate()
        height = min(self._column.heightForWidth(width), room.height() - px(self._bottom + 60))
        bottom = room.bottom() - px(self._bottom) - px(12)
        self.setGeometry(QRect(QPoint((room.width() - width) // 2, bottom - height), self.size()))
        self.resize(width, height)
        self.raise_()

    def _drop(self, card: Toast) -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
            self.setVisible(bool(self._cards))
            self.place()

    # The window's events pass through here only while there is something to keep in place.
    def showEvent(self, event: QShowEvent) -> None:
        self._over.installEventFilter(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._over.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False


class Toast(QWidget):
    """One message as a card: a sign, the words, its buttons, and the details on request."""

    closed = Signal()

    def __init__(self, message: Message, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        px = theme().tokens.px
        self.setAccessibleName(message.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(44), px(8), px(8), px(8))
        column.setSpacing(px(8))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        words = Label(message.text)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(words, 1)
        close = IconButton("close", "Close this message")
        close.clicked.connect(self.closed)
        for text, run in message.buttons:
            button = Button(text, "primary" if (text, run) == message.buttons[0] else "")
            button.clicked.connect(self._do(run))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._details = QPlainTextEdit(message.details, self)
        if message.details:
            more = Button("Details", "quiet")
            more.clicked.connect(self._toggle_details)
            row.addWidget(more)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details")
        self._details.setFixedHeight(px(64))
        self._details.hide()
        column.addWidget(self._details)
        self._timer = QTimer(self, singleShot=True, interval=LINGER_MS)
        self._timer.timeout.connect(self.closed)
        if not message.stays:
            self._timer.start()

    def _do(self, run: Callable[[], object]) -> Callable[[], None]:
        def clicked() -> None:
            self.closed.emit()
            run()

        return clicked

    def _toggle_details(self) -> None:
        self._timer.stop()
        self._details.setVisible(not self._details.isVisible())
        parent = self.parentWidget()
        if isinstance(parent, Toasts):
            QTimer.singleShot(0, parent, parent.place)

    def enterEvent(self, event: object) -> None:
        self._timer.stop()

    def leaveEvent(self, event: object) -> None:
        if not self.message.stays and not self._details.isVisible():
            self._timer.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        edge, ground = {
            "info": (tokens.line_strong, tokens.card),
            "ok": (tokens.ok, tokens.card),
            "warning": (tokens.warning, tokens.warning_wash),
            "error": (tokens.error, tokens.error_wash),
        }[self.message.kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        sign = tokens.muted if self.message.kind == "info" else edge
        side = tokens.px(18)
        paint_icon(painter, _SYMBOL[self.message.kind], QRect(tokens.px(14), tokens.px(13), side, side), sign)
