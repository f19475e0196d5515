"""The parts that the inspector is made of: a quiet heading over a field of words and numbers."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

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


Fact = tuple[str, str, str]
"""A name, its number, and the exact number for the tooltip."""
Part = tuple[str, str]
"""A piece of text and how it is written: "" plain, "muted", "strong"."""


class _TextFrame(QFrame):
    """A wrapping text on a recessed ground, placed by hand.

    In a layout every new text would lay the whole inspector out again; here that happens only when the
    number of lines changes, and dragging a number stays quick.
    """

    def __init__(self, name: str, format: Qt.TextFormat) -> None:
        super().__init__()
        self.setProperty("ground", "well")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.label = QLabel(self)
        self.label.setAccessibleName(name)
        self.label.setTextFormat(format)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def margins(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom around the text."""
        px = theme().tokens.px
        return px(12), px(8), px(12), px(8)

    def fit(self) -> None:
        """Be as tall as the text at this width."""
        left, top, right, bottom = self.margins()
        width = max(40, self.width() - left - right)
        height = self.label.heightForWidth(width)
        self.label.setGeometry(left, top, width, height)
        if self.minimumHeight() != height + top + bottom:
            self.setFixedHeight(height + top + bottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class Well(_TextFrame):
    """Lines of text on a recessed ground, made of plain, muted and strong pieces; they can be selected."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Qt.TextFormat.RichText)
        self._lines: tuple[tuple[Part, ...], ...] = ()
        self.label.setProperty("role", "value")
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
        self.label.setText('<div style="line-height:140%">' + "<br>".join(lines) + "</div>")
        self.fit()


class FactsWell(QFrame):
    """Names at the left and their numbers at the right, one to a line, on a recessed ground."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("ground", "well")
        self.setAccessibleName(name)
        px = theme().tokens.px
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(px(12), px(8), px(12), px(8))
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setColumnStretch(1, 1)
        self._pairs: list[tuple[Label, Label]] = []

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts; labels are made once and kept."""
        while len(self._pairs) < len(facts):
            name, value = Label("", "note"), Label("", "figure")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row = len(self._pairs)
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(value, row, 1)
            self._pairs.append((name, value))
        for place, (name, value) in enumerate(self._pairs):
            shown = place < len(facts)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                fact = facts[place]
                name.setText(fact[0])
                value.setText(fact[1])
                value.setToolTip(fact[2])
                value.setAccessibleName(f"{fact[0]}: {fact[1]}")

    def plain_text(self) -> str:
        """What is written, a fact to a line."""
        return "\n".join(
            f"{name.text()} {value.text()}" for name, value in self._pairs if name.isVisibleTo(self)
        )


class CodeWell(_TextFrame):
    """A line of Python with a button that copies it."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Qt.TextFormat.PlainText)
        self._line = ""
        self._copy = IconButton("copy", f"Copy the {name}", parent=self)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._line))
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def line(self) -> str:
        return self._line

    def show_line(self, line: str) -> None:
        """Show this line; it wraps at its commas."""
        if line != self._line:
            self._line = line
            self.label.setText(line)
            self.fit()

    def margins(self) -> tuple[int, int, int, int]:
        left, top, _, bottom = super().margins()
        return left, top, self._copy.sizeHint().width() + theme().tokens.px(8), bottom

    def fit(self) -> None:
        super().fit()
        px = theme().tokens.px
        self._copy.adjustSize()
        self._copy.move(self.width() - self._copy.width() - px(4), px(2))

    def _restyle(self) -> None:
        self.label.setFont(theme().font("label", mono=True))
        self.fit()
