"""The network itself in the inspector, while nothing is selected: name, notes, inputs, totals, problems."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from explorer.network import numerals, operations
from explorer.network.edits import set_property
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import Input, fields_of
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.inspector.editors import TupleEditor
from explorer.ui.workspaces.build.inspector.header import Header
from explorer.ui.workspaces.build.inspector.make_editor import make_editor
from explorer.ui.workspaces.build.inspector.section import FactsWell, Section
from explorer.ui.workspaces.build.problem_card import ProblemCards
from explorer.ui.workspaces.build.problem_feed import ProblemFeed

MOST_CARDS = 6
"""So many problems are shown as cards; the list in the status line has all."""
LEAST_NOTES, MOST_NOTES = 88, 560


class NetworkPage(QWidget):
    """Follows the open network."""

    jumping = Signal(str)

    def __init__(self, feed: ProblemFeed) -> None:
        super().__init__()
        self._feed = feed
        self._tab: OpenNetwork | None = None
        self.header = Header()
        self.problems = ProblemCards()
        self.totals = FactsWell("Totals of the network")
        self.notes = QPlainTextEdit()
        self.notes.setAccessibleName("Notes")
        self.notes.setPlaceholderText("Notes: where it comes from, what it is for")
        self.notes.setTabChangesFocus(True)
        self.notes.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit_notes())
        self._fit_notes()
        self.notes.installEventFilter(self)
        self.notes.textChanged.connect(self._keep_notes)
        self._showing = False
        self.inputs: dict[str, TupleEditor] = {}
        self._more = Label("", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().tokens.px(12))
        column.addWidget(self.header)
        column.addWidget(self.problems)
        column.addWidget(self._more)
        self._inputs = Section("Input: channels, height, width")
        column.addWidget(self._inputs)
        totals = Section("Totals")
        totals.column.addWidget(self.totals)
        column.addWidget(totals)
        notes = Section("Notes")
        notes.column.addWidget(self.notes)
        column.addWidget(notes)
        column.addStretch(1)
        self.header.renamed.connect(self._rename)
        self.problems.jumped.connect(self.jumping)

    def show_network(self, tab: OpenNetwork) -> None:
        """Show the network as it is now."""
        self._tab = tab
        network, totals = tab.document.network, tab.document.inference.totals
        self.header.show_entry("", network.name, "network")
        if self.notes.toPlainText() != network.notes:
            self._showing = True
            self.notes.setPlainText(network.notes)
            self._showing = False
        self._show_inputs()
        exact = "" if totals.exact else "at least "
        flops = numerals.compact(2 * totals.macs, totals.exact)
        self.totals.show_facts([
            ("Layers", numerals.grouped(len(network.nodes)), ""),
            ("Parameters", exact + numerals.grouped(totals.parameters), "shared ones once"),
            ("MACs", numerals.compact(totals.macs, totals.exact), exact + numerals.grouped(totals.macs)),
            ("FLOPs, two to a MAC", flops, exact + numerals.grouped(2 * totals.macs)),
            ("Weights, float32", numerals.memory(totals.parameter_bytes),
             f"{numerals.grouped(totals.parameter_bytes)} bytes"),
            ("Outputs of one image", numerals.memory(totals.activation_bytes),
             f"{numerals.grouped(totals.activation_bytes)} bytes"),
        ])  # fmt: skip
        self.show_problems()

    def show_problems(self) -> None:
        """Show what the feed says, the first of it as cards."""
        if self._tab is None:
            return
        network = self._tab.document.network
        found = [(problem, _where(network, problem.node)) for problem in self._feed.problems]
        self.problems.show_problems(found[:MOST_CARDS])
        self._more.setVisible(len(found) > MOST_CARDS)
        self._more.setText(f"and {len(found) - MOST_CARDS:,} more")

    def _fit_notes(self) -> None:
        """As high as the notes are long, within reason; longer ones scroll."""
        px = theme().tokens.px
        lines = self.notes.document().documentLayout().documentSize().height()  # of a plain text: lines
        wanted = round(lines * self.notes.fontMetrics().lineSpacing()) + px(24)
        self.notes.setFixedHeight(max(px(LEAST_NOTES), min(px(MOST_NOTES), wanted)))

    def _show_inputs(self) -> None:
        assert self._tab is not None
        network = self._tab.document.network
        inputs = {node.id: node.layer for node in network.nodes.values() if isinstance(node.layer, Input)}
        for gone in [node for node in self.inputs if node not in inputs]:
            editor = self.inputs.pop(gone)
            editor.hide()
            editor.deleteLater()
        for node, layer in inputs.items():
            if node not in self.inputs:
                self.inputs[node] = self._input_editor(node)
            self.inputs[node].show_value(layer.shape)
        self._inputs.setVisible(bool(inputs))

    def _input_editor(self, node: str) -> TupleEditor:
        made = make_editor(fields_of(Input)[0])
        assert isinstance(made, TupleEditor)
        made.changing.connect(lambda shape: self._reshape(node, shape))
        made.settled.connect(self._seal)
        self._inputs.column.addWidget(made)
        return made

    def _reshape(self, node: str, shape: tuple[int, ...]) -> None:
        if self._tab is None:
            return
        document = self._tab.document
        try:
            change = operations.set_input_shape(document.network, node, shape)
        except UserError:
            return  # the field has already said what is allowed
        document.apply(change.title, change.edits, merge_key=f"inspector:{node}:shape")

    def _seal(self) -> None:
        if self._tab is not None:
            self._tab.document.seal()

    def _rename(self, name: str) -> None:
        if self._tab is None:
            return
        document = self._tab.document
        try:
            change = operations.rename_network(document.network, name)
        except UserError as error:
            self.header.complain(str(error))
            return
        document.apply(change.title, change.edits)

    def _keep_notes(self) -> None:
        if self._tab is None or self._showing:
            return
        document = self._tab.document
        edit = set_property(document.network, "notes", self.notes.toPlainText())
        document.apply("Edit the notes", [edit], merge_key="inspector:notes")

    def eventFilter(self, watched: QObject, event: Any) -> bool:
        if event.type() == QEvent.Type.Resize:
            QTimer.singleShot(
                0, self, self._fit_notes
            )  # broken into other lines, which the document doesn't tell
        if watched is self.notes and event.type() == QEvent.Type.FocusOut:
            self._seal()
        return False


def _where(network: Network, node: str | None) -> str:
    return network.path(node) if node is not None and node in network.nodes else ""
