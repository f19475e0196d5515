"""What became of loaded weights: what has its place now, and what did not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.network.numerals import grouped
from explorer.ui.shell.sheets import Sheet
from explorer.ui.widgets.labels import Heading, Label

if TYPE_CHECKING:
    from explorer.interop.weights import Report

MOST_LINES = 60


class WeightsReport(Sheet):
    """Opened where not everything fitted."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, 560, "Loaded weights")
        self._content: QWidget | None = None

    def show_report(self, network: str, name: str, report: Report) -> None:
        """Say what did not fit."""
        if self._content is not None:
            self._content.deleteLater()
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        whole = len(report.fitted) + len(report.missing) + len(report.misshapen)
        count = f"{grouped(len(report.fitted))} of {network}'s {grouped(whole)} tensors come from {name} now."
        undone = "One undo takes them out again."
        rest = "" if report.complete else " The layers named below stay random, and no classes are named."
        column.addWidget(_words(f"{count}{rest} {undone}", "body"))
        shapes = [
            f"{where}: {_spell(ours)} here, {_spell(theirs)} in the file"
            for where, ours, theirs in report.misshapen
        ]
        _section(column, "Of another shape", shapes)
        _section(column, "Not in the file", report.missing)
        _section(column, "In the file, but no layer asks for it", report.unused)
        column.addStretch(1)
        self.body.column.addWidget(self._content)
        self.open()


def _section(column: QVBoxLayout, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    column.addWidget(Heading(f"{title} ({grouped(len(lines))})"))
    shown = list(lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        shown.append(f"and {grouped(len(lines) - MOST_LINES)} more")
    column.addWidget(_words("\n".join(shown), "note"))


def _words(text: str, role: str) -> Label:
    label = Label(text, role)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _spell(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "one number"
