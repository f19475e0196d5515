"""A short question with buttons: what holds the window, so it is asked only where something would be lost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label


class Question(QDialog):
    """A short question with buttons; the last one is the default. `more` stands between text and buttons."""

    def __init__(
        self,
        window: QWidget,
        title: str,
        text: str,
        buttons: Sequence[tuple[str, str]],
        more: QWidget | None = None,
    ) -> None:
        super().__init__(window)
        px = theme().tokens.px
        self._over = window.window()
        self.setWindowTitle(title)
        self._chosen = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(20), px(24), px(20))
        column.setSpacing(px(8))
        heading = Label(title, "heading")
        heading.setWordWrap(True)
        column.addWidget(heading)
        body = Label(text, "muted")
        body.setWordWrap(True)
        column.addWidget(body)
        if more is not None:
            column.addSpacing(px(4))
            column.addWidget(more)
        column.addSpacing(px(12))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addStretch(1)
        for words, kind in buttons:
            button = Button(words, kind)
            button.setAutoDefault(kind == "primary")
            button.setDefault(kind == "primary")
            button.clicked.connect(lambda _=False, chosen=words: self._choose(chosen))
            row.addWidget(button)
        column.addLayout(row)
        self.setMinimumWidth(px(380))

    def ask(self) -> str:
        """The text of the button that was chosen, "" for none."""
        veil = _Veil(self._over)
        self.exec()
        veil.hide()
        veil.deleteLater()
        self.deleteLater()
        return self._chosen

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.card)
        painter.setPen(QPen(tokens.line_strong, 1))  # not every desktop frames a dialog
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _choose(self, words: str) -> None:
        self._chosen = words
        self.accept()


class _Veil(QWidget):
    """Dims the window while it waits for an answer."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, 110 if theme().tokens.dark else 46))
