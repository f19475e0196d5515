"""One layer in the inspector: problems, settings, and how its numbers come about."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Switch
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.assumptions import Assumptions
from explorer.ui.workspaces.build.inspector import editing, words
from explorer.ui.workspaces.build.inspector.form import FieldsForm
from explorer.ui.workspaces.build.inspector.header import Header
from explorer.ui.workspaces.build.inspector.maps import MapsView
from explorer.ui.workspaces.build.inspector.repeat_bar import RepeatBar
from explorer.ui.workspaces.build.inspector.section import CodeWell, Section, Well
from explorer.ui.workspaces.build.problem_card import ProblemCards
from explorer.ui.workspaces.build.problem_feed import ProblemFeed
from explorer.ui.workspaces.build.run_results import RunResults


class NodePage(QWidget):
    """Follows one node; the inspector tells it when to look again."""

    detaching = Signal(str)

    def __init__(self, assumptions: Assumptions, feed: ProblemFeed) -> None:
        super().__init__()
        self._assumptions = assumptions
        self._feed = feed
        self._tab: OpenNetwork | None = None
        self._node = ""
        self._run: RunResults | None = None
        self.header = Header()
        self.repeat = RepeatBar()
        self.problems = ProblemCards()
        self.form = FieldsForm()
        self.training_only = Switch("Only in training", "Only in training")
        self.training_only.setToolTip("Counted in the parameters, left out of the MACs and of running")
        self.derivation = Well("Output size")
        self.counts = Well("Counts")
        self.field = Well("Receptive field")
        self.torch = CodeWell("PyTorch line")
        self.measured = Well("Activations")
        self.maps = MapsView()
        self._output = Label("", "figure")
        # Of a fixed size, so that a new text does not lay the page out again.
        self._output.setFixedSize(theme().tokens.px(220), theme().tokens.px(18))
        self._output.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lay_out()
        self.header.renamed.connect(self._rename)
        self.repeat.detaching.connect(self.detaching)
        self.form.changing.connect(self._change)
        self.form.settled.connect(self._seal)
        self.training_only.clicked.connect(self._mark)

    def _lay_out(self) -> None:
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(12))
        column.addWidget(self.header)
        column.addWidget(self.repeat)
        column.addWidget(self.problems)
        self._fields = Section("Fields")
        self._fields.column.addWidget(self.form)
        self._sizes = Section("Output size")
        self._sizes.head.addWidget(self._output, 0, Qt.AlignmentFlag.AlignRight)
        self._sizes.column.addWidget(self.derivation)
        self._counts = Section("Counts")
        self._counts.column.addWidget(self.counts)
        self._field = Section("Receptive field")
        self._field.column.addWidget(self.field)
        self._torch = Section("PyTorch")
        self._torch.column.addWidget(self.torch)
        self._measured = Section("On the picture")
        self._measured.column.addWidget(self.measured)
        self._measured.column.addWidget(self.maps)
        for section in (
            self._fields, self._sizes, self._measured, self._counts, self._field, self._torch
        ):  # fmt: skip
            column.addWidget(section)
        column.addWidget(self.training_only)
        column.addStretch(1)

    def show_node(self, tab: OpenNetwork, node: str, run: RunResults | None) -> None:
        """Show a node as it is now."""
        if node != self._node:
            self.header.complain("")
        self._tab, self._node, self._run = tab, node, run
        network = tab.document.network
        found = network.nodes[node]
        self.header.show_entry(found.layer.family.value, found.name, found.layer.title)
        self.repeat.show_node(network, node)
        self.form.show_layers([found.layer], editing.remarks(tab.document, node))
        self.training_only.setChecked(found.training_only)
        self._fields.heading.setVisible(bool(self.form.editors))
        self.show_problems()
        self._show_numbers(network)

    def show_problems(self) -> None:
        """Show what the feed says of the node."""
        self.problems.show_problems([(problem, "") for problem in self._feed.at(self._node)])

    def _show_numbers(self, network: Network) -> None:
        assert self._tab is not None
        inference = self._tab.document.inference
        result = inference.results[self._node]
        layer = network.nodes[self._node].layer
        inputs = inference.input_shapes(self._node) if result.known else None
        derivation = words.derivation_of(layer, inputs)
        self._output.setText(words.shape_words(result.outputs))
        self._output.setToolTip(self._values(result.output))
        if derivation is None or inputs is None:
            reason = "this" if result.refusal else "a layer before it"
            self.derivation.show_lines([[(f"Unknown until {reason} is mended.", "muted")]])
            for section in (self._counts, self._field, self._torch):
                section.hide()
        else:
            self.derivation.show_lines(words.size_lines(layer, derivation))
            owner = "" if inference.owns_weights(self._node) else network.path(network.sharers(self._node)[0])
            self.counts.show_lines(words.count_lines(result, derivation, self._assumptions.batch, owner))
            lines = words.field_lines(result.field) if layer.arity[1] != 0 else []
            self.field.show_lines(lines)
            self.torch.show_line(layer.torch_line(*inputs))
            self._counts.setVisible(layer.arity[1] != 0)
            self._field.setVisible(bool(lines))
            self._torch.setVisible(layer.arity[1] != 0)
        self._show_run(network)

    def _values(self, shape: tuple[int, ...] | None) -> str:
        if shape is None:
            return ""
        total = 1
        for size in shape:
            total *= size
        return f"{numerals.grouped(total)} values"

    def _show_run(self, network: Network) -> None:
        assert self._tab is not None
        found = self._run.at(self._node, network, self._tab.document.inference) if self._run else None
        self._measured.setVisible(found is not None)
        if found is not None:
            self.measured.show_lines(words.statistics_lines(found))
            self.maps.show_maps(found.maps)

    def _change(self, name: str, value: Any) -> None:
        if self._tab is None:
            return
        try:
            editing.set_field(self._tab.document, [self._node], name, value)
        except UserError as error:
            self.form.complain(name, str(error))

    def _seal(self) -> None:
        if self._tab is not None:
            self._tab.document.seal()

    def _rename(self, name: str) -> None:
        if self._tab is not None:
            self.header.complain(editing.try_to_rename(self._tab.document, self._node, name))

    def _mark(self, on: bool) -> None:
        if self._tab is not None:
            editing.set_training_only(self._tab.document, self._node, on)
