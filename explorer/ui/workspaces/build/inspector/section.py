"""The parts that the inspector is made of: a quiet heading over a field of words and numbers."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.labels import Label


class Section(QWidget):
    """A heading and what stands under it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme().tokens.px(4))
        self.head = QHBoxLayout()
        self.head.setSpacing(theme().tokens.px(4))
        self.heading = Label(title, "label")
        self.head.addWidget(self.heading, 1)
        self.column.addLayout(self.head)


Part = tuple[str, str]
"""A piece of text and how it is written: "" plain, "muted", "strong"."""


class Well(QFrame):
    """Lines of text on a recessed ground, made of plain, muted and strong pieces; they can be selected."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("ground", "well")
        self._lines: tuple[tuple[Part, ...], ...] = ()
        self._text = QLabel()
        self._text.setAccessibleName(name)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._text.setProperty("role", "value")
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(8), px(12), px(8))
        column.addWidget(self._text)
        theme().changed.connect(self._draw)

    def show_lines(self, lines: Sequence[Sequence[Part]]) -> None:
        """Show these lines."""
        shown = tuple(tuple(line) for line in lines if line)
        if shown != self._lines:
            self._lines = shown
            self._draw()

    def plain_text(self) -> str:
        """What is written, without how."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def _draw(self) -> None:
        tokens = theme().tokens
        styles = {
            "": "",
            "muted": f"color:{tokens.muted.name()}",
            "strong": "font-weight:600",
            "error": f"color:{tokens.error.name()}",
        }
        lines = [
            "".join(f'<span style="{styles[style]}">{html.escape(text)}</span>' for text, style in line)
            for line in self._lines
        ]
        self._text.setText('<div style="line-height:140%">' + "<br>".join(lines) + "</div>")


class CodeWell(QFrame):
    """A line of Python with a button that copies it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("ground", "well")
        self.code = QLabel()
        self.code.setAccessibleName(name)
        self.code.setTextFormat(Qt.TextFormat.PlainText)
        self.code.setWordWrap(True)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.code.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._line = ""
        copy = IconButton("copy", f"Copy the {name}")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._line))
        px = theme().tokens.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(6), px(4), px(6))
        row.setSpacing(px(4))
        row.addWidget(self.code, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def line(self) -> str:
        return self._line

    def show_line(self, line: str) -> None:
        """Show this line; it wraps at commas."""
        if line != self._line:
            self._line = line
            self.code.setText(line)

    def _restyle(self) -> None:
        self.code.setFont(theme().font("label", mono=True))
