"""One network of the two: which it is, how large, and what it says of the picture."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from explorer.network import numerals
from explorer.ui.widgets.bars import Bar, LayerBars
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Badge, Label
from explorer.ui.widgets.panels import Panel
from explorer.ui.workspaces.filters.invariance.contenders import Contender, counted
from explorer.ui.workspaces.filters.invariance.jobs import Answer


class NetworkColumn(Panel):
    """`chosen(key)` with another network."""

    chosen = Signal(object)

    def __init__(self, name: str, color: str) -> None:
        super().__init__("card", 12, 6)
        self._color = color
        self._shown: Contender | None = None
        self.saved = ""
        """What one of its convolutions saves."""
        self.choice = Choice((), name)
        self.choice.chosen.connect(self.chosen)
        self.count = Label("", "strong")
        self.badge = Badge("random weights", "warning")
        row = QHBoxLayout()
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.badge)
        self.bars = LayerBars(f"Classes, {name.lower()}")
        self.note = Label("", "note")
        self.note.setWordWrap(True)
        self.column.addWidget(self.choice)
        self.column.addLayout(row)
        self.column.addWidget(self.bars)
        self.column.addWidget(self.note)
        self.column.addStretch(1)
        self.badge.hide()

    def show_choices(self, choices: tuple[Contender, ...], chosen: Contender) -> None:
        """The networks there are, and this one."""
        wanted = [(one.title, one.key) for one in choices]
        if wanted != [
            (self.choice.itemText(at), self.choice.itemData(at)) for at in range(self.choice.count())
        ]:
            self.choice.clear()
            for title, key in wanted:
                self.choice.addItem(title, key)
        self.choice.set_value(chosen.key)
        known = self._shown
        if known is None or known.key != chosen.key or known.network is not chosen.network:
            self._shown = chosen
            count, self.saved = counted(chosen)
            self.count.setText(f"{numerals.grouped(count)} parameters")

    def show_answer(self, answer: Answer | None, fault: str = "") -> None:
        """What it says, or that it is still thinking."""
        self.badge.setVisible(answer is not None and answer.random)
        found = answer.classes if answer is not None else None
        self.bars.show_bars(
            [
                Bar(one.name, one.probability, numerals.share(one.probability, 1), self._color, one.name)
                for one in found or ()
            ]
        )
        self.bars.setVisible(bool(found))
        if answer is None:
            self.note.setText(fault or "Working it out …")
        elif answer.random:
            self.note.setText("No classes: some weights are random.")
        elif found is None:
            self.note.setText("No class names: the network does not say what it was trained on.")
        else:
            far = numerals.share(answer.distance, 1)
            self.note.setText(f"Features {far} away from the plain picture's.")
