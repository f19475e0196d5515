"""A block in the inspector: its name and kind, what it comes to, how often it is repeated."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.operations.blocks import MOST_COPIES
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import NumberField
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.assumptions import Assumptions
from explorer.ui.workspaces.build.inspector import editing
from explorer.ui.workspaces.build.inspector.form import LABEL_WIDTH
from explorer.ui.workspaces.build.inspector.header import Header
from explorer.ui.workspaces.build.inspector.repeat_bar import RepeatBar
from explorer.ui.workspaces.build.inspector.section import Fact, FactsWell, Section
from explorer.ui.workspaces.build.problem_card import ProblemCards
from explorer.ui.workspaces.build.problem_feed import ProblemFeed
from explorer.ui.workspaces.build.table_rows import Sum, block_sums

MOST_CARDS = 4


class BlockPage(QWidget):
    """Follows one block; what it asks for is done by the inspector's owner."""

    detaching = Signal(str)
    repeating = Signal(str, int)
    folding = Signal(str, bool)
    ungrouping = Signal(str)
    saving = Signal()

    def __init__(self, assumptions: Assumptions, feed: ProblemFeed) -> None:
        super().__init__()
        self._assumptions = assumptions
        self._feed = feed
        self._tab: OpenNetwork | None = None
        self._block = ""
        self.header = Header()
        self.repeat = RepeatBar()
        self.problems = ProblemCards()
        self.totals = FactsWell("Totals of the block")
        self.copies = NumberField(1, 1, MOST_COPIES, name="Copies of the block")
        self.fold = Button("Fold", symbol="fold")
        self.ungroup = Button("Ungroup")
        self.save = Button("Save as block", symbol="save")
        self._lay_out()
        self.header.renamed.connect(self._rename)
        self.repeat.detaching.connect(self.detaching)
        self.copies.settled.connect(lambda count: self.repeating.emit(self._block, int(count)))
        self.fold.clicked.connect(self._fold)
        self.ungroup.clicked.connect(lambda: self.ungrouping.emit(self._block))
        self.save.clicked.connect(self.saving)

    def _lay_out(self) -> None:
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(12))
        column.addWidget(self.header)
        column.addWidget(self.repeat)
        column.addWidget(self.problems)
        totals = Section("The block together")
        totals.column.addWidget(self.totals)
        column.addWidget(totals)
        times = QGridLayout()
        times.setColumnMinimumWidth(0, px(LABEL_WIDTH))
        times.addWidget(Label("Repeat ×", "muted"), 0, 0)
        self.copies.setToolTip("How many copies stand one after the other; editing one edits all")
        times.addWidget(self.copies, 0, 1)
        column.addLayout(times)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        for button in (self.fold, self.ungroup):
            row.addWidget(button, 1)
        column.addLayout(row)
        column.addWidget(self.save)
        column.addStretch(1)

    def show_block(self, tab: OpenNetwork, block: str) -> None:
        """Show a block as it is now."""
        if block != self._block:
            self.header.complain("")
        self._tab, self._block = tab, block
        network = tab.document.network
        found = network.blocks[block]
        self.header.show_entry("", found.name, found.kind or "block")
        self.repeat.show_block(network, block)
        if not (self.copies.hasFocus() and self.copies.isModified()):
            self.copies.set_value(len(_beside(network, block)))
        self.fold.setText("Unfold" if found.folded else "Fold")
        self.totals.show_facts(self._facts(network, tab.document.inference))
        self.show_problems()

    def show_problems(self) -> None:
        """Show what the feed says of the layers in the block."""
        if self._tab is None or self._block not in self._tab.document.network.blocks:
            return
        network = self._tab.document.network
        found = [
            (problem, network.path(node))
            for node in network.nodes_within(self._block)
            for problem in self._feed.at(node)
            if node in network.nodes
        ]
        self.problems.show_problems(found[:MOST_CARDS])

    def _facts(self, network: Network, inference: Inference) -> list[Fact]:
        total = block_sums(network, inference).get(self._block, Sum())
        result = inference.results.get(total.last)
        output = numerals.shape(result.output) if result is not None and result.output is not None else "?"
        inside = network.nodes_within(self._block)
        batch = self._assumptions.batch
        size = sum(inference.results[node].activation_bytes for node in inside) * batch
        share = numerals.share(total.parameters, inference.totals.parameters)
        least = "" if total.exact else "≥ "
        return [
            ("Layers", numerals.grouped(total.layers), ""),
            ("Output", output, ""),
            ("Parameters", least + numerals.grouped(total.parameters), ""),
            ("Share of all", share, "of the parameters of the network"),
            ("MACs", numerals.compact(total.macs, total.exact), least + numerals.grouped(total.macs)),
            (f"Outputs at batch {batch}", least + numerals.memory(size), f"{numerals.grouped(size)} bytes"),
        ]

    def _rename(self, name: str) -> None:
        if self._tab is not None:
            self.header.complain(editing.try_to_rename(self._tab.document, self._block, name))

    def _fold(self) -> None:
        if self._tab is not None:
            self.folding.emit(self._block, not self._tab.document.network.blocks[self._block].folded)


def _beside(network: Network, block: str) -> list[str]:
    """The copies of a block that lie in the same place."""
    parent = network.blocks[block].parent
    return [copy for copy in network.copies_of(block) if network.blocks[copy].parent == parent]
