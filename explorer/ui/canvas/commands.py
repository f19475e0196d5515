"""The commands of the canvas, for keys, menus and actions alike; each acts on what is selected."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from explorer.network import operations
from explorer.network.graph import Network
from explorer.network.operations import Change
from explorer.ui.canvas import folding, library_item
from explorer.ui.canvas.chooser import LayerChooser
from explorer.ui.canvas.hits import Hit
from explorer.ui.canvas.inline_edit import InlineEdit
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.metrics import CARD_WIDTH, HEAD_HEIGHT, rider_top, snapped
from explorer.ui.canvas.outline import block_key
from explorer.ui.canvas.placement import Area
from explorer.ui.canvas.ports import Port
from explorer.ui.canvas.selecting import Selecting


class Commands(Selecting):
    """What a person can do. The canvas is one of these; it adds what shows it."""

    def show_block_saved(self, fragment: object) -> None:
        """Hand a block to whoever keeps the library."""

    def _do(self, make: Callable[[Network], Change]) -> None:
        editor = self.editor
        if editor is not None:
            editor.do(lambda: make(editor.network))

    def undo(self) -> None:
        """Take back the last step."""
        if self.editor is not None:
            self.editor.document.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self.editor is not None:
            self.editor.document.redo()

    def delete(self) -> None:
        """Remove what is selected; the chain heals."""
        if self.editor is not None and self.selection is not None and not self.selection.empty:
            self.editor.delete()

    def remove_links(self, links: tuple[str, ...]) -> None:
        """Remove links."""
        editor = self.editor
        if editor is not None:
            fresh = editor.document.fresh_id
            editor.do(lambda: operations.delete(editor.network, fresh, links=links))

    def copy(self) -> None:
        """Put what is selected on the clipboard, as text."""
        text = self.editor.copied() if self.editor is not None else ""
        if text:
            QGuiApplication.clipboard().setText(text)

    def cut(self) -> None:
        """Copy, then delete."""
        if not self.selection_empty:
            self.copy()
            self.delete()

    @property
    def can_paste(self) -> bool:
        """Whether the clipboard seems to hold a piece of a network."""
        return self.editor is not None and "convnet-fragment" in QGuiApplication.clipboard().text()[:4000]

    def paste(self) -> None:
        """Insert what the clipboard holds behind the selection, else in the middle of the screen."""
        if self.editor is not None:
            self.editor.paste(QGuiApplication.clipboard().text())

    def duplicate(self) -> None:
        """A copy of what is selected."""
        if self.editor is not None and not self.selection_empty:
            self.editor.duplicate()

    def group(self) -> None:
        """Make a block of what is selected, and ask for its name."""
        if self.editor is not None and not self.selection_empty:
            self.editor.group()
            self.rename()

    def save_block(self) -> None:
        """Keep what is selected in the library."""
        fragment = self.editor.fragment() if self.editor is not None else None
        if fragment is not None:
            self.show_block_saved(fragment)

    def set_training_only(self, flag: bool) -> None:
        """Mark what is selected as used in training alone."""
        if self.editor is not None:
            self.editor.set_training_only(flag)

    def unpin(self) -> None:
        """Let the layout place what is selected."""
        places = dict.fromkeys(self._pinned())
        self._do(lambda network: operations.move(network, places))

    def connect_selected(self) -> None:
        """Link the first of the selected cards to the last."""
        if self.editor is not None:
            self.editor.connect_selected()

    def disconnect_selected(self) -> None:
        """Remove the links from the first of the selected cards to the last."""
        if self.editor is not None:
            self.editor.disconnect_selected()

    @property
    def selected_rider(self) -> str | None:
        """The one selected node, if it is docked under another."""
        selection, key = self.selection, self.current
        if self.editor is None or selection is None or key is None or len(selection.nodes) != 1:
            return None
        node = next(iter(selection.nodes))
        return node if node in self.editor.outline.cards[key].riders else None

    def undock(self) -> None:
        """Take the selected rider out from under its layer, to the right of it."""
        rider, key = self.selected_rider, self.current
        if self.editor is not None and rider is not None and key is not None:
            body = self.editor.placement.bodies[key]
            at = snapped(body.right + 80), snapped(body.bottom - HEAD_HEIGHT)
            self.editor.detach_rider(rider, at)

    def ungroup(self) -> None:
        """Dissolve the selected block."""
        if len(self.selected_blocks) == 1:
            block = self.selected_blocks[0]
            self._do(lambda network: operations.ungroup(network, block))

    def ask_repeat_selected(self) -> None:
        """Type how often the selected block occurs."""
        if len(self.selected_blocks) == 1:
            self.ask_repeat(self.selected_blocks[0])

    def repeat(self, block: str, count: int) -> None:
        """Make a block occur `count` times."""
        editor = self.editor
        if editor is not None:
            editor.do(lambda: operations.repeat(editor.network, editor.document.fresh_id, block, count))

    def insert(self, item: Item) -> None:
        """Put an item of the library behind the selection."""
        if self.editor is not None:
            self.editor.insert(item)

    def insert_on(self, link: str, item: Item) -> None:
        """Put an item of the library into a link."""
        editor = self.editor
        if editor is None:
            return
        source = editor.network.links[link].source
        shape = editor.document.inference.results[source].output

        def made() -> Change:
            content = library_item.content_of(item, shape, editor.saved_blocks)
            return library_item.inserted_on(editor.network, editor.document.fresh_id, link, content)

        editor.do(made)

    def grow(self, port: Port, at: QPointF) -> None:
        """Ask for a layer, to be linked to a port and put down at a point of the scene."""
        editor = self.editor
        if editor is not None:
            place = snapped(at.x() - CARD_WIDTH / 2), snapped(at.y() - (0 if port.output else HEAD_HEIGHT))
            LayerChooser(
                self.view.viewport(),
                self.view.mapFromScene(at),
                lambda item: editor.grow(port, item, place),
                sources=not port.output,
            )

    def add_here(self, item: Item, hit: Hit) -> None:
        """Put an item of the library down where the menu was opened."""
        editor = self.editor
        if editor is None:
            return
        middle = self.view.menu_point
        at = snapped(middle.x() - CARD_WIDTH / 2), snapped(middle.y() - 28)
        free = None if hit.block or not editor.network.nodes else at

        def made() -> Change:
            content = library_item.content_of(item, None, editor.saved_blocks)
            return library_item.put_down(editor.network, editor.document.fresh_id, content, hit.block, free)

        editor.do(made)

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected cards a step; a run of steps is undone at once."""
        editor, selection = self.editor, self.selection
        if editor is None or selection is None:
            return
        places = {}
        for key, card in editor.outline.cards.items():
            if card.block in selection.blocks if card.block else card.head in selection.nodes:
                body = editor.placement.bodies[key]
                places[key] = (body.x + dx, body.y + dy)
        editor.move(places, merge_key="nudge")

    def tidy(self) -> None:
        """Let the layout place everything again."""
        if self.editor is not None:
            self.editor.tidy()

    def fold_all(self) -> None:
        """Fold every block."""
        self._do(folding.all_folded)

    def expand_all(self) -> None:
        """Unfold every block."""
        self._do(folding.all_unfolded)

    def rename(self) -> None:
        """Type a new name for the selected layer or block."""
        editor, selection = self.editor, self.selection
        if editor is None or selection is None or self.selected_count != 1:
            return
        entry = next(iter(selection.blocks or selection.nodes))
        found = editor.network.blocks.get(entry) if selection.blocks else editor.network.nodes.get(entry)
        if found is None:
            return
        self._ask(
            entry, found.name, "New name",
            lambda text: editor.do(lambda: operations.rename(editor.network, entry, text)),
        )  # fmt: skip

    def ask_repeat(self, block: str) -> None:
        """Type how often a block occurs."""
        network = self.network
        if network is not None:
            count = len(folding.copies_beside(network, block))
            self._ask(block, str(count), "Number of copies", lambda text: self._repeat_typed(block, text))

    def _repeat_typed(self, block: str, text: str) -> None:
        if text.strip().isdigit():
            self.repeat(block, int(text))
        elif self.editor is not None:
            self.editor.refused.emit("The number of copies is a whole number, such as 3.")

    def _ask(self, entry: str, text: str, name: str, done: Callable[[str], object]) -> None:
        scene = self.view.canvas_scene
        for key in (entry, block_key(entry), f"#{entry}", self.view.card_of(entry)):
            area = scene.area_of(key)
            if area is not None:
                card = scene.nodes[key].card if key in scene.nodes else None
                down = rider_top(card.riders.index(entry)) - 4 if card and entry in card.riders else 0.0
                line = Area(area.x, area.y + down, area.width, min(area.height - down, 60))
                self.view.ensure_seen(line)
                InlineEdit(self.view.viewport(), self.view.on_screen(line), text, name, done)
                return
