"""The questions of an operation as fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.network.inference import Inference
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice, NumberField, Switch
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.transform.operations import Operation, Question


class Form(QWidget):
    """`changed` when a value or the scope is another. The scope is asked for where there is a choice."""

    changed = Signal()

    def __init__(self, operation: Operation, inference: Inference, selected: int, scoped: bool) -> None:
        """`selected` is how many layers and blocks are; `scoped` whether to begin with them alone."""
        super().__init__()
        self._read: dict[str, Callable[[], Any]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self.scope: Choice | None = None
        self.fields: dict[str, QWidget] = {}
        if operation.scoped and selected:
            what = "What is selected" if selected > 1 else "The selection"
            self.scope = Choice([(what, True), ("The whole network", False)], "On")
            self.scope.set_value(scoped)
            self.scope.chosen.connect(lambda _: self.changed.emit())
            self._add("On", self.scope)
        for question in operation.questions:
            self._ask(question, question.start(inference))

    @property
    def on_selection(self) -> bool:
        """Whether it is to work on what is selected alone."""
        return self.scope is not None and bool(self.scope.currentData())

    def values(self) -> dict[str, Any]:
        """The answers, by the questions' keys."""
        return {key: read() for key, read in self._read.items()}

    def _ask(self, question: Question, start: Any) -> None:
        if question.kind == "switch":
            switch = Switch(question.text)
            switch.setChecked(bool(start))
            switch.toggled.connect(lambda _: self.changed.emit())
            self._read[question.key] = switch.isChecked
            self._add("", switch)
            self.fields[question.key] = switch
            return
        if question.kind == "choice":
            choice = Choice(question.choices, question.text)
            choice.set_value(start)
            choice.chosen.connect(lambda _: self.changed.emit())
            self._read[question.key] = choice.currentData
            self._add(question.text, choice)
            self.fields[question.key] = choice
            return
        number = NumberField(
            start, question.least, question.most, decimals=question.decimals,
            step=0.05 if question.decimals else 1, name=question.text,
        )  # fmt: skip
        number.setMaximumWidth(theme().tokens.px(120))
        number.changing.connect(lambda _: self.changed.emit())
        self._read[question.key] = lambda: number.value
        self._add(question.text, number)
        self.fields[question.key] = number

    def _add(self, name: str, field: QWidget) -> None:
        row = self._grid.rowCount()
        if name:
            label = Label(name, "muted")
            label.setBuddy(field)
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
        narrow = Qt.AlignmentFlag.AlignLeft if isinstance(field, NumberField) else Qt.AlignmentFlag(0)
        self._grid.addWidget(field, row, 1, narrow)
