"""Several layers in the inspector: the settings they share, edited together, and their sums."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.inspector import editing
from explorer.ui.workspaces.build.inspector.form import FieldsForm
from explorer.ui.workspaces.build.inspector.section import FactsWell, Section


class SeveralPage(QWidget):
    """Follows a selection of more than one thing; settings are those of its layers."""

    grouping = Signal()
    saving = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._tab: OpenNetwork | None = None
        self._nodes: tuple[str, ...] = ()
        self.title = Label("", "heading")
        self.kinds = Label("", "muted")
        self.kinds.setWordWrap(True)
        self.form = FieldsForm()
        self.totals = FactsWell("Totals of the selection")
        self.group = Button("Group as a block", symbol="block")
        self.save = Button("Save as block", symbol="save")
        self._none = Label("These layers have no setting in common.", "muted")
        self._none.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().tokens.px(12))
        column.addWidget(self.title)
        column.addWidget(self.kinds)
        self._fields = Section("Fields of all")
        self._fields.column.addWidget(self.form)
        self._fields.column.addWidget(self._none)
        totals = Section("Together")
        totals.column.addWidget(self.totals)
        for widget in (self._fields, totals, self.group, self.save):
            column.addWidget(widget)
        column.addStretch(1)
        self.form.changing.connect(self._change)
        self.form.settled.connect(self._seal)
        self.group.clicked.connect(self.grouping)
        self.save.clicked.connect(self.saving)

    def show_several(self, tab: OpenNetwork, nodes: tuple[str, ...], blocks: tuple[str, ...]) -> None:
        """Show what is selected as it is now."""
        network, inference = tab.document.network, tab.document.inference
        self._tab, self._nodes = tab, nodes
        layers = [network.nodes[node].layer for node in nodes]
        counted: dict[str, int] = {}
        for layer in layers:
            counted[layer.title] = counted.get(layer.title, 0) + 1
        if blocks:
            counted["block"] = len(blocks)
        self.title.setText(f"{len(nodes) + len(blocks):,} selected")
        self.kinds.setText(", ".join(f"{count} {title}" for title, count in counted.items()))
        self._fields.setVisible(bool(nodes))
        self.form.show_layers(layers, {})
        self._none.setVisible(not self.form.editors)
        inside = {*nodes, *(node for block in blocks for node in network.nodes_within(block))}
        own = [inference.results[node] for node in inside if inference.owns_weights(node)]
        macs = sum(inference.results[node].macs for node in inside if not network.nodes[node].training_only)
        parameters = sum(result.parameters for result in own)
        whole = inference.totals.parameters
        exact = all(inference.results[node].known for node in inside)
        self.totals.show_facts([
            ("Parameters", ("" if exact else "≥ ") + numerals.grouped(parameters), ""),
            ("Share of all", numerals.share(parameters, whole), "of the parameters of the network"),
            ("MACs", numerals.compact(macs, exact), numerals.grouped(macs)),
        ])  # fmt: skip

    def _change(self, name: str, value: Any) -> None:
        if self._tab is None:
            return
        try:
            editing.set_field(self._tab.document, self._nodes, name, value)
        except UserError as error:
            self.form.complain(name, str(error))

    def _seal(self) -> None:
        if self._tab is not None:
            self._tab.document.seal()
