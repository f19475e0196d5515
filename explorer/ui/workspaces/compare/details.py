"""At the right: the chosen row, setting by setting, and what was published of both networks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.diff import Part, Row
from explorer.network.diff.written import SIGNS, change, spell
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import Line, ScrollPanel
from explorer.zoo.ledger import Difference

HINT = "Choose a row to see both sides of it."


class Details(ScrollPanel):
    """Shows one row of the comparison, and the ledger of the networks that have one."""

    def __init__(self) -> None:
        super().__init__("panel", 16, 8)
        self._row: Row | None = None
        self._names = ("A", "B")
        self._published: tuple[Difference, ...] = ()
        self._content = QWidget()
        self.column.addWidget(self._content)
        self.column.addStretch(1)
        theme().changed.connect(self._fill)
        self._fill()

    def show_row(self, row: Row | None, names: tuple[str, str]) -> None:
        """Show a row of a comparison of networks of these names."""
        if row is not self._row or names != self._names:
            self._row, self._names = row, names
            self._fill()

    def show_published(self, published: Sequence[Difference]) -> None:
        """Show what was published of both networks."""
        if tuple(published) != self._published:
            self._published = tuple(published)
            self._fill()

    def _fill(self) -> None:
        old = self._content
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        if self._row is None:
            column.addWidget(_wrapped(HINT, "muted"))
        else:
            self._fill_row(column, self._row)
        if self._published:
            column.addSpacing(8)
            column.addWidget(Line())
            column.addWidget(Heading("Published against ours"))
            for one in self._published:
                column.addLayout(_difference(one))
        self.column.replaceWidget(old, self._content)
        old.hide()
        old.deleteLater()

    def _fill_row(self, column: QVBoxLayout, row: Row) -> None:
        column.addWidget(_wrapped(row.part.name, "heading"))
        column.addWidget(_wrapped(f"{SIGNS[row.status]} {row.status}", "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        lines: list[tuple[str, str]] = []
        for part, name in zip((row.a, row.b), self._names, strict=True):
            if part is not None:
                lines += [(name, part.path), ("", _kind(part)), ("", _numbers(part))]
        if not row.is_block:
            if row.weights:
                lines.append(("Weights", row.weights))
            lines += [("Changed" if n == 0 else "", spell(delta)) for n, delta in enumerate(row.deltas)]
        else:
            lines += [
                (what, change(*values) or "the same")
                for what, values in (("Parameters", row.parameters), ("MACs", row.macs))
            ]
        for place, (name, text) in enumerate(lines):
            label = _wrapped(name, "label")
            label.setMaximumWidth(theme().tokens.px(96))
            grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_wrapped(text, "value"), place, 1)
        column.addLayout(grid)


def _kind(part: Part) -> str:
    if part.layer is None:
        return f"{part.kind or 'block'}, {len(part.leaves)} layers"
    return f"{part.layer.title}  {part.layer.summary()}".rstrip()


def _numbers(part: Part) -> str:
    output = numerals.shape(part.output) if part.output else "size unknown"
    counted = f"{numerals.grouped(part.parameters)} parameters, {numerals.compact(part.macs)} MACs"
    return f"{output}\n{counted}" if part.parameters or part.macs else output


def _difference(one: Difference) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    doubt = " (not checked in the source)" if not one.confirmed else ""
    column.addWidget(_wrapped(one.what, "strong"))
    column.addWidget(_wrapped(f"{one.by}: {one.published}{doubt}", "value"))
    column.addWidget(_wrapped(f"here: {one.ours}", "value"))
    column.addWidget(_wrapped(one.why, "note"))
    column.addSpacing(6)
    return column


def _wrapped(text: str, role: str) -> Label:
    label = Label(text, role)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
