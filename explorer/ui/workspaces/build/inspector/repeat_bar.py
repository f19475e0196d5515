"""The line that says an edit reaches all copies of a repeat, and the way out of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from explorer.network.graph import Network
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label


class RepeatBar(QFrame):
    """`detaching(block)` when the copy is to be edited alone."""

    detaching = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "well")
        self._block = ""
        px = theme().tokens.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(4), px(4), px(4))
        self.words = Label("", "value")
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.detach = Button("Detach", "quiet")
        self.detach.setToolTip("Edit this copy alone from now on")
        self.detach.clicked.connect(lambda: self.detaching.emit(self._block))
        row.addWidget(self.words, 1)
        row.addWidget(self.detach)
        self.hide()

    def show_node(self, network: Network, node: str) -> None:
        """Show how many copies an edit of this node reaches."""
        around = [block for block in network.ancestors(network.nodes[node].block) if block.group is not None]
        copies = len(network.counterparts(node))
        self._show(around[0].id if around else "", around[0].name if around else "", copies)

    def show_block(self, network: Network, block: str) -> None:
        """Show how many copies a block has."""
        copies = len(network.copies_of(block))
        self._show(block if copies > 1 else "", network.blocks[block].name, copies)

    def _show(self, block: str, name: str, copies: int) -> None:
        self._block = block
        self.setVisible(copies > 1)
        self.words.setText(f"Applies to all ×{copies}")
        self.detach.setVisible(bool(block))
        self.detach.setAccessibleName(f"Detach {name} from its copies")
