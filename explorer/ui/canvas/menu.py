"""What a right click offers, by what lies under it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from explorer.network import operations
from explorer.network.layer import Family
from explorer.network.layers import LAYERS
from explorer.network.operations import Change
from explorer.ui.canvas import folding
from explorer.ui.canvas.hits import Hit, Target
from explorer.ui.canvas.item_mime import Item
from explorer.ui.icons import icon
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.canvas.canvas import Canvas

_FAMILY_TITLES = {
    Family.BOUNDARY: "Input and output",
    Family.CONVOLUTION: "Convolution",
    Family.POOLING: "Pooling",
    Family.DENSE: "Dense",
    Family.NORMALIZATION: "Normalization",
    Family.ACTIVATION: "Activation",
    Family.REGULARIZE: "Regularization",
    Family.MERGE: "Merge",
    Family.RESHAPE: "Shape",
}
_COUNTS = (2, 3, 4, 6, 8, 12, 16)


def menu_for(canvas: Canvas, hit: Hit) -> QMenu:
    """The menu at a place. What was clicked is selected by now."""
    made = _Menu(canvas)
    if hit.target in (Target.WIRE, Target.WIRE_START, Target.WIRE_END):
        made.of_wire(hit.key)
    elif canvas.selection_empty:
        made.of_ground(hit)
    else:
        made.of_selection()
    return made.menu


class _Menu:
    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.menu = QMenu(canvas)

    def add(
        self, text: str, run: Callable[[], object], symbol: str = "", shortcut: str = "",
        enabled: bool = True,
        to: QMenu | None = None,
    ) -> QAction:  # fmt: skip
        action = QAction(text, self.menu)
        if symbol:
            action.setIcon(icon(symbol, theme().tokens.muted))
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            action.setShortcutVisibleInContextMenu(True)
        action.setEnabled(enabled)
        action.triggered.connect(lambda: run())
        (to or self.menu).addAction(action)
        return action

    def of_wire(self, key: str) -> None:
        """A wire: something goes in, or it goes."""
        canvas = self.canvas
        wire = canvas.view.canvas_scene.wires[key].wire
        self._layers("Insert layer", lambda item: canvas.insert_on(wire.links[0], item))
        self.menu.addSeparator()
        self.add("Remove this link", lambda: canvas.remove_links(wire.links), "unlink", "Del")

    def of_ground(self, hit: Hit) -> None:
        """The canvas, or the inside of a block."""
        canvas = self.canvas
        self._layers("Add layer", lambda item: canvas.add_here(item, hit))
        self.add("Paste", canvas.paste, "paste", "Ctrl+V", canvas.can_paste)
        self.menu.addSeparator()
        self.add("Select all", canvas.select_all, "select-all", "Ctrl+A")
        self.add("Fit on the screen", canvas.fit, "fit", "F")
        self.add("Tidy", canvas.tidy, "tidy")
        self.add("Transform…", canvas.transforming.emit, "tools", "Ctrl+Shift+T")
        if canvas.network is not None and canvas.network.blocks:
            self.add("Fold all blocks", canvas.fold_all, "fold")
            self.add("Unfold all blocks", canvas.expand_all, "unfold")

    def of_selection(self) -> None:
        """Cards and blocks."""
        canvas = self.canvas
        blocks = canvas.selected_blocks
        one = canvas.selected_count == 1
        if one:
            self._layers("Insert layer after", canvas.insert)
        if blocks:
            self._blocks(blocks)
        self.menu.addSeparator()
        if one:
            self.add("Rename", canvas.rename, "rename", "F2")
        self.add("Cut", canvas.cut, "cut", "Ctrl+X")
        self.add("Copy", canvas.copy, "copy", "Ctrl+C")
        self.add("Paste after", canvas.paste, "paste", "Ctrl+V", canvas.can_paste)
        self.add("Duplicate", canvas.duplicate, "duplicate", "Ctrl+D")
        self.menu.addSeparator()
        self.add("Group as block", canvas.group, "block", "Ctrl+G")
        self.add("Save as block in the library", canvas.save_block, "save")
        training = canvas.selection_training_only
        action = self.add("Only in training", lambda: canvas.set_training_only(not training))
        if training:
            action.setIcon(icon("check", theme().tokens.accent))
        if canvas.selected_rider is not None:
            self.add("Undock: a card of its own", canvas.undock)
        if canvas.selected_count > 1:
            self.add("Connect first to last", canvas.connect_selected, "link", "Ctrl+J")
            self.add("Disconnect", canvas.disconnect_selected, "unlink", "Ctrl+Shift+J")
        if canvas.selection_pinned:
            self.add("Let the layout place it", canvas.unpin, "tidy")
        self.add("Transform…", canvas.transforming.emit, "tools", "Ctrl+Shift+T")
        self.menu.addSeparator()
        self.add("Delete", canvas.delete, "delete", "Del")

    def _blocks(self, blocks: tuple[str, ...]) -> None:
        canvas, network = self.canvas, self.canvas.network
        assert network is not None
        folded = all(network.blocks[block].folded for block in blocks)
        word, symbol = ("Unfold", "unfold") if folded else ("Fold", "fold")
        self.add(word, canvas.activate_blocks, symbol, "Return")
        if len(blocks) != 1:
            return
        block = blocks[0]
        copies = folding.copies_beside(network, block)
        if len(copies) > 1:
            views = self.menu.addMenu(icon("repeat", theme().tokens.muted), f"Show the {len(copies)} copies")
            self.add("As one card", self._change(folding.as_one_card, block), to=views)
            self.add("Body once", self._change(folding.body_once, block), to=views)
            self.add("Every copy", self._change(folding.every_copy, block), to=views)
        repeats = self.menu.addMenu(icon("repeat", theme().tokens.muted), "Repeat")
        for count in _COUNTS:
            self.add(f"×{count}", partial(canvas.repeat, block, count), to=repeats)
        repeats.addSeparator()
        self.add("Other number…", lambda: canvas.ask_repeat(block), to=repeats)
        if network.blocks[block].group is not None:
            self.add("Detach from the repeat", self._change(operations.detach, block), "unlink")
        self.add("Ungroup", canvas.ungroup, shortcut="Ctrl+Shift+G")

    def _change(self, make: Callable[..., Change], block: str) -> Callable[[], object]:
        def run() -> None:
            editor = self.canvas.editor
            if editor is not None:
                editor.do(lambda: make(editor.network, block))

        return run

    def _layers(self, title: str, chosen: Callable[[Item], object]) -> None:
        menu = self.menu.addMenu(icon("plus", theme().tokens.muted), title)
        families: dict[Family, QMenu] = {}
        for layer in LAYERS:
            if layer.family not in families:
                families[layer.family] = menu.addMenu(_FAMILY_TITLES[layer.family])
            item = Item("layer", layer.__name__)
            self.add(layer.title, partial(chosen, item), to=families[layer.family])
