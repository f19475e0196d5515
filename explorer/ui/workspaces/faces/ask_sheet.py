"""A sheet that asks for a name or a passphrase, or just whether to go on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from explorer.ui.shell.overlay import Overlay
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label

Take = Callable[[str], object]
LEAST = 8
"""Letters of a new passphrase."""


class AskSheet(Overlay):
    """One question at a time; Enter takes the answer, Esc leaves."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, 440, "Question")
        inner = QVBoxLayout()
        inner.setContentsMargins(24, 20, 24, 20)
        inner.setSpacing(8)
        self.title, self.text = Label("", "heading"), Label("", "muted")
        self.fault = Label("", "error")
        self.first, self.second = QLineEdit(), QLineEdit()
        for label in (self.title, self.text, self.fault):
            label.setWordWrap(True)
        for widget in (self.title, self.text, self.first, self.second, self.fault):
            inner.addWidget(widget)
        self.cancel, self.go = Button("Cancel"), Button("", "primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.go)
        inner.addSpacing(8)
        inner.addLayout(row)
        self.column.addLayout(inner)
        self._take: Take | None = None
        self._new = False
        self.cancel.clicked.connect(self.close_sheet)
        self.go.clicked.connect(self.accept)
        for field in (self.first, self.second):
            field.returnPressed.connect(self.accept)
            field.textEdited.connect(lambda _: self._blame(""))

    def confirm(self, title: str, text: str, go: str, take: Take) -> None:
        """Whether to go on."""
        self._ask(title, text, go, take, fields=0)
        self.go.setFocus()

    def ask_name(self, title: str, text: str, go: str, before: str, take: Take) -> None:
        """A line of text."""
        self._ask(title, text, go, take, fields=1)
        self.first.setEchoMode(QLineEdit.EchoMode.Normal)
        self.first.setPlaceholderText("Name")
        self.first.setAccessibleName("Name")
        self.first.setText(before)
        self.first.selectAll()
        self.first.setFocus()

    def ask_passphrase(
        self, title: str, text: str, go: str, take: Take, new: bool = False, fault: str = ""
    ) -> None:
        """A passphrase; a new one is typed twice. `fault` says what was wrong with the one before."""
        self._ask(title, text, go, take, fields=2 if new else 1)
        self._new = new
        for field, words in ((self.first, "Passphrase"), (self.second, "The same again")):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setPlaceholderText(words)
            field.setAccessibleName(words)
        self._blame(fault)
        self.first.setFocus()

    def accept(self) -> None:
        """Take the answer, if it can be taken."""
        typed = self.first.text()
        if self._new and len(typed) < LEAST:
            self._blame(f"Use {LEAST} letters or more.")
        elif self._new and typed != self.second.text():
            self._blame("The two are not the same.")
        elif self.first.isVisibleTo(self) and not typed.strip():
            self._blame("Type it first.")
        else:
            take = self._take
            self.close_sheet()
            if take is not None:
                take(typed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter accepts wherever the keyboard is, but on Cancel; the lines tell it themselves."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif self.cancel.hasFocus():
            self.close_sheet()
        elif not (self.first.hasFocus() or self.second.hasFocus()):
            self.accept()

    def card_height(self, width: int) -> int:
        self.column.activate()
        return self.column.heightForWidth(width)

    def close_sheet(self) -> None:
        super().close_sheet()
        self.first.clear()
        self.second.clear()
        self._take = None

    def _ask(self, title: str, text: str, go: str, take: Take, fields: int) -> None:
        self._take, self._new = take, False
        self.card.setAccessibleName(title)
        self.title.setText(title)
        self.text.setText(text)
        self.go.setText(go)
        self.go.setAccessibleName(go)
        self.first.clear()
        self.second.clear()
        self.first.setVisible(fields > 0)
        self.second.setVisible(fields > 1)
        self._blame("")
        self.open()

    def _blame(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.setVisible(bool(words))
        self.place()
