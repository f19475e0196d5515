"""A sheet over the window: the window dims, a card stands in front, Esc or a click beside it closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from explorer.ui.theme import theme

TOP = 64
SHADOW = 14


class Overlay(QWidget):
    """Covers the window while it is open. Content goes into `.column`; the card is as tall as it asks."""

    closed = Signal()

    def __init__(self, window: QWidget, width: int, name: str) -> None:
        super().__init__(window)
        self._over = window
        self._width = width
        self._before: QWidget | None = None
        self.card = QFrame(self)
        self.card.setAccessibleName(name)
        self.column = QVBoxLayout(self.card)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self.place)
        self.hide()

    def open(self) -> None:
        """Show it, and remember who had the keyboard."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.place()
        self.show()
        self.raise_()
        self.setFocus()

    def close_sheet(self) -> None:
        """Hide it and give the keyboard back."""
        if self.isHidden():
            return
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None
        self.closed.emit()

    def place(self) -> None:
        """Cover the window and centre the card near its top."""
        px = theme().tokens.px
        room = self._over.rect()
        self.setGeometry(room)
        width = min(px(self._width), room.width() - 48)
        top = min(px(TOP), room.height() // 8)
        height = min(self.card_height(width), room.height() - top - px(32))
        self.card.setGeometry(QRect((room.width() - width) // 2, top, width, height))
        self.update()  # the shadow is painted here, around where the card was

    def card_height(self, width: int) -> int:
        """How tall the card would like to be at a width."""
        self.column.activate()
        wanted = self.column.heightForWidth(width) if self.column.hasHeightForWidth() else 0
        return max(wanted, self.column.sizeHint().height())

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_sheet()

    def focusNextPrevChild(self, next_one: bool) -> bool:
        # Tab stays on the sheet: what lies under it can't be seen properly, so it should not be reached.
        inside = [w for w in self.card.findChildren(QWidget) if w.isVisibleTo(self) and takes_tab(w)]
        if not inside:
            return True
        now = QApplication.focusWidget()
        at = inside.index(now) if now in inside else (-1 if next_one else 0)
        inside[(at + (1 if next_one else -1)) % len(inside)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 110 if tokens.dark else 46))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.card.geometry())
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(SHADOW, 0, -2):
            painter.setBrush(QColor(0, 0, 0, 7 if tokens.dark else 4))
            painter.drawRoundedRect(box.adjusted(-step, -step + 4, step, step + 4), 8 + step, 8 + step)
        painter.setPen(QPen(tokens.line_strong, 1))
        painter.setBrush(tokens.card)
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 8.5, 8.5)


def takes_tab(widget: QWidget) -> bool:
    """Whether Tab would stop at a widget."""
    return widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
