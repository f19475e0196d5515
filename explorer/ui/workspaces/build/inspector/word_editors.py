"""Editors whose values may be words: a word or numbers, and a line of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QLineEdit

from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice
from explorer.ui.workspaces.build.inspector.editors import MIXED, Editor


class WordOrNumbersEditor(Editor):
    """A word such as "same" (or "none", for a setting that may be absent), or numbers in their own editor."""

    NUMBERS = "number"

    def __init__(self, name: str, words: Sequence[tuple[str, Any]], numbers: Editor, start: Any) -> None:
        super().__init__()
        self._start = start
        self._words = tuple(value for _, value in words)
        self.choice = Choice([*words, (self.NUMBERS, self.NUMBERS)], name)
        self.choice.setFixedWidth(theme().tokens.px(108))
        self.choice.chosen.connect(self._choose)
        self.numbers = numbers
        self.numbers.changing.connect(self.changing)
        self.numbers.settled.connect(self.settled)
        self.numbers.complains.connect(self.complains)
        self.row.addWidget(self.choice)
        self.row.addWidget(self.numbers, 1)
        self.row.addStretch(0)
        self.setFocusProxy(self.choice)

    def show_value(self, value: Any) -> None:
        word = value in self._words
        self.choice.set_value(value if word else self.NUMBERS)
        self.numbers.setVisible(not word)
        if not word:
            self.numbers.show_value(value)

    def show_mixed(self) -> None:
        self.choice.setPlaceholderText(MIXED)
        self.choice.setCurrentIndex(-1)
        self.numbers.hide()

    def _choose(self, value: Any) -> None:
        numbers = value == self.NUMBERS
        if numbers:
            self.numbers.show_value(self._start)
        self.numbers.setVisible(numbers)
        self.changing.emit(self._start if numbers else value)
        self.settled.emit()


class TextEditor(Editor):
    """A line of text; what `read` refuses with ValueError is complained of."""

    def __init__(self, name: str, read: Callable[[str], Any], write: Callable[[Any], str]) -> None:
        super().__init__()
        self._read, self._write = read, write
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finish)
        self.row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)
        self._value: Any = None

    def show_value(self, value: Any) -> None:
        self._value = value
        if not self.line.hasFocus():
            self.line.setText(self._write(value))

    def show_mixed(self) -> None:
        self.line.setText("")
        self.line.setPlaceholderText(MIXED)

    def _typed(self, text: str) -> None:
        try:
            value = self._read(text)
        except ValueError as error:
            self.complains.emit(str(error))
            return
        self.complains.emit("")
        self.changing.emit(value)

    def _finish(self) -> None:
        self.complains.emit("")
        self.settled.emit()
        if self._value is not None:
            self.line.setText(self._write(self._value))
