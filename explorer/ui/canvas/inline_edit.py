"""A field that opens on the canvas itself: a new name, a number of copies."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class InlineEdit(QLineEdit):
    """Return takes what was typed, Escape and a click elsewhere leave it."""

    def __init__(
        self, parent: QWidget, where: QRect, text: str, name: str, done: Callable[[str], object]
    ) -> None:
        super().__init__(text, parent)
        self._done: Callable[[str], object] | None = done
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setToolTip(name)
        room = parent.rect().adjusted(4, 4, -4, -4)
        width = max(160, min(where.width(), 260))
        height = self.sizeHint().height()
        x = max(room.left(), min(where.left(), room.right() - width))
        y = max(room.top(), min(where.top(), room.bottom() - height))
        self.setGeometry(x, y, width, height)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # letters typed here are a name, not shortcuts
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(True)
        elif event.key() == Qt.Key.Key_Escape:
            self._finish(False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._finish(False)

    def _finish(self, take: bool) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        text = self.text()
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus(Qt.FocusReason.OtherFocusReason)
        if take:
            done(text)
        self.deleteLater()
