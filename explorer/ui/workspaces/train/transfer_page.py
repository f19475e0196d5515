"""Transfer learning: weights to begin with, a head for the classes, and which layers keep what they have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from explorer.learning.freezing import frozen, learnable, settled
from explorer.learning.matching import Mismatch
from explorer.learning.settings import TrainSettings
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.numerals import grouped
from explorer.network.problems import Mend
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.folding import FoldingRow
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.train.check_rows import CheckRows
from explorer.ui.workspaces.train.data_view import MismatchCard

ROLE = Qt.ItemDataRole.UserRole


class TransferPage(ScrollPanel):
    """`freezing(paths)` when others are to be frozen, `loading(name)` for weights, `mending(mend)`."""

    freezing = Signal(object)
    loading = Signal(str)
    mending = Signal(object)

    def __init__(self) -> None:
        super().__init__("window", 0, 8)
        self._network: Network | None = None
        self._telling = True
        self.weights = Label("", "muted")
        self.weights.setWordWrap(True)
        self.shipped = Button("Weights that ship")
        self.file = Button("From a file…", "", "open")
        self.torchvision = Button("From torchvision", "", "download")
        self.torchvision.setToolTip("Fetches them unless they are here already")
        self.head_note = Label("", "muted")
        self._cards = QVBoxLayout()
        self.cards: list[MismatchCard] = []
        self.layers = CheckRows("Layers that keep their weights")
        self.layers.itemChanged.connect(lambda _: self._tell())
        self.all_but_last, self.none = Button("Freeze all but the last"), Button("Freeze none")
        self.count = Label("", "note")
        self.count.setWordWrap(True)
        self._build()

    def _build(self) -> None:
        for button, name in ((self.shipped, "shipped"), (self.file, ""), (self.torchvision, "torchvision")):
            button.clicked.connect(lambda _=False, name=name: self.loading.emit(name))
        self.all_but_last.clicked.connect(lambda: self._freeze(self._paths()[:-1]))
        self.none.clicked.connect(lambda: self._freeze([]))
        self.column.addWidget(Label("Transfer learning", "heading"))
        self.column.addWidget(Heading("Begin with trained weights"))
        self.column.addWidget(self.weights)
        self.column.addWidget(FoldingRow(self.shipped, self.file, self.torchvision))
        self.column.addWidget(Heading("A head for the classes"))
        self.column.addWidget(self.head_note)
        self.column.addLayout(self._cards)
        self.column.addWidget(Heading("Frozen layers"))
        self.column.addWidget(FoldingRow(self.all_but_last, self.none))
        self.column.addWidget(self.layers)
        self.column.addWidget(self.count)
        self.column.addStretch(1)

    def show_state(
        self, network: Network | None, settings: TrainSettings, mismatches: Sequence[Mismatch], ships: bool
    ) -> None:
        """The open network, which of its layers the settings freeze, and whether weights ship for it."""
        self._network = network
        self.setEnabled(network is not None)
        self.shipped.setEnabled(ships)
        self.shipped.setToolTip("" if ships else "None ship for this network")
        self._show_weights()
        self._show_head(mismatches)
        self._show_layers(settings.freeze)

    def _show_weights(self) -> None:
        network = self._network
        if network is None:
            self.weights.setText("Open a network first.")
            return
        nodes = learnable(network)
        have = sum(bool(network.nodes[node].tensors) for node in nodes)
        source = network.trained.source if network.trained is not None else "trained elsewhere"
        if not have:
            self.weights.setText(f"All {len(nodes)} layers with weights begin at random.")
        elif have < len(nodes):
            self.weights.setText(
                f"{have} of {len(nodes)} layers have weights ({source}); the rest begins at random."
            )
        else:
            self.weights.setText(f"All {have} layers have weights: {source}.")

    def _show_head(self, mismatches: Sequence[Mismatch]) -> None:
        wrong = [one for one in mismatches if one.code == "head"]
        self.head_note.setText("" if wrong else "The network has an output a class.")
        self.head_note.setVisible(not wrong)
        if [card.mismatch for card in self.cards] == wrong:
            return
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [MismatchCard(one, self._mend) for one in wrong]
        for card in self.cards:
            self._cards.addWidget(card)

    def _mend(self, mend: Mend) -> None:
        self.mending.emit(mend)

    def _show_layers(self, patterns: Sequence[str]) -> None:
        network = self._network
        self._telling = False
        if network is None:
            self.layers.clear()
            self.count.setText("")
            self._telling = True
            return
        try:
            chosen = frozen(network, patterns)
            trouble = ""
        except UserError as error:
            chosen, trouble = frozenset[str](), str(error)
        nodes = learnable(network)
        if [self.layers.item(at).data(ROLE) for at in range(self.layers.count())] != list(nodes):
            self.layers.clear()
            for node in nodes:
                self.layers.add(_title(network, node), node)
            self.layers.fit()
        for at, node in enumerate(nodes):
            state = Qt.CheckState.Checked if node in chosen else Qt.CheckState.Unchecked
            self.layers.item(at).setCheckState(state)
        self._telling = True
        self.count.setText(trouble or _story(network, chosen))

    def _paths(self) -> list[str]:
        assert self._network is not None
        return [self._network.path(node) for node in learnable(self._network)]

    def _freeze(self, paths: Sequence[str]) -> None:
        self.freezing.emit(tuple(paths))

    def _tell(self) -> None:
        if not self._telling or self._network is None:
            return
        items = [self.layers.item(at) for at in range(self.layers.count())]
        nodes = [item.data(ROLE) for item in items if item.checkState() is Qt.CheckState.Checked]
        self._freeze([self._network.path(node) for node in nodes])


def _title(network: Network, node: str) -> str:
    layer = network.nodes[node].layer
    parameters = infer(network).results[node].parameters
    return f"{network.path(node)}   {layer.title}, {grouped(parameters)} parameters"


def _story(network: Network, chosen: frozenset[str]) -> str:
    """How much learns, and what that saves."""
    results = infer(network).results
    nodes = learnable(network)
    learning = sum(results[node].parameters for node in nodes if node not in chosen)
    whole = sum(results[node].parameters for node in nodes)
    if not chosen:
        return f"All {grouped(whole)} parameters learn."
    words = f"{grouped(learning)} of {grouped(whole)} parameters learn."
    kept = settled(network, chosen)
    if kept:
        words += f" The first {len(kept)} layers run once a picture, unless pictures are changed at random."
    return words
