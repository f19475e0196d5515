"""The report on an import: what is what, and every part that stayed opaque."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.interop.import_report import ImportReport, OpaquePart
from explorer.network import numerals
from explorer.ui.shell.sheets import Sheet
from explorer.ui.widgets.labels import Heading, Label

MOST_PARTS = 200


class ImportSheet(Sheet):
    """Sentences on the whole, then a table of the opaque parts, those with the most work first."""

    def __init__(self, window: QWidget, name: str, report: ImportReport) -> None:
        super().__init__(window, 760, f"How “{name}” was imported")
        for line in report.lines():
            label = Label(line)
            label.setWordWrap(True)
            self.body.column.addWidget(label)
        if report.opaque:
            self.body.column.addSpacing(8)
            self.body.column.addWidget(Heading("Opaque parts"))
            self.body.column.addWidget(_table(report.opaque))
        self.body.column.addStretch(1)


def _table(parts: tuple[OpaquePart, ...]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    for column, heading in enumerate(("Part", "Why", "Parameters", "MACs")):
        grid.addWidget(Label(heading, "label"), 0, column)
    ordered = sorted(parts, key=lambda part: -part.macs)
    for row, part in enumerate(ordered[:MOST_PARTS], start=1):
        why = Label(part.why, "muted")
        why.setWordWrap(True)
        where = Label(part.path)
        where.setWordWrap(True)
        grid.addWidget(where, row, 0)
        grid.addWidget(why, row, 1)
        for column, count in ((2, part.parameters), (3, part.macs)):
            grid.addWidget(Label(numerals.compact(count) if count else "–", "number"), row, column)
    if len(ordered) > MOST_PARTS:
        grid.addWidget(Label(f"and {len(ordered) - MOST_PARTS} more", "muted"), MOST_PARTS + 1, 0)
    return table
