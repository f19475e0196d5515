"""What is selected on the canvas, and how a person goes from card to card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.network.graph import Network
from explorer.ui.canvas.hits import Hit
from explorer.ui.canvas.outline import Kind, Wire, block_key
from explorer.ui.canvas.walking import Way, step

if TYPE_CHECKING:
    from explorer.session.selection import Selection
    from explorer.ui.canvas.editor import Editor
    from explorer.ui.canvas.view import CanvasView


class Selecting:
    """The part of the commands that only looks and selects."""

    editor: Editor | None
    view: CanvasView
    _cursor: str | None = None

    def show_layer(self, node: str) -> None:
        """Bring the settings of a layer to the front."""

    def open_menu(self, hit: Hit | None) -> None:
        """Open the menu at a place, or at the selection."""

    @property
    def network(self) -> Network | None:
        """The open network."""
        return self.editor.network if self.editor is not None else None

    @property
    def selection(self) -> Selection | None:
        """What is selected in it."""
        return self.editor.tab.selection if self.editor is not None else None

    @property
    def selection_empty(self) -> bool:
        """Whether no card and no block is selected."""
        return self.selected_count == 0

    @property
    def selected_count(self) -> int:
        """How many cards and blocks are selected."""
        selection = self.selection
        return len(selection.nodes) + len(selection.blocks) if selection is not None else 0

    @property
    def selected_blocks(self) -> tuple[str, ...]:
        """The selected blocks."""
        return tuple(self.selection.blocks) if self.selection is not None else ()

    @property
    def current(self) -> str | None:
        """The key of the one card that is selected."""
        selection, editor = self.selection, self.editor
        if selection is None or editor is None or self.selected_count != 1:
            return None
        for block in selection.blocks:
            return block_key(block) if block_key(block) in editor.outline.cards else None
        return editor.outline.card_of.get(next(iter(selection.nodes)))

    @property
    def selection_training_only(self) -> bool:
        """Whether all that is selected is used in training alone."""
        if self.editor is None:
            return False
        nodes, _ = self.editor.chosen()
        return bool(nodes) and all(self.editor.network.nodes[node].training_only for node in nodes)

    @property
    def selection_pinned(self) -> bool:
        """Whether anything selected stands where a person put it."""
        return bool(self._pinned())

    def _pinned(self) -> list[str]:
        if self.editor is None:
            return []
        nodes, blocks = self.editor.chosen()
        inside = [node for block in blocks for node in self.editor.network.nodes_within(block)]
        return [node for node in (*nodes, *inside) if self.editor.network.nodes[node].position is not None]

    def select_all(self) -> None:
        """Select everything."""
        if self.editor is not None:
            self.editor.select_all()

    def select_card(self, key: str, extend: bool = False) -> None:
        """Select one card, alone or beside what is selected."""
        editor, selection = self.editor, self.selection
        if editor is None or selection is None:
            return
        card = editor.outline.cards[key]
        self._cursor = key
        nodes, blocks = (selection.nodes, selection.blocks) if extend else (frozenset(), frozenset())
        if card.kind is Kind.BLOCK and card.block is not None:
            selection.set(nodes, blocks | {card.block})
        else:
            selection.set(nodes | {card.head}, blocks)
        self.view.ensure_seen(editor.placement.bodies[key])

    @property
    def current_wire(self) -> Wire | None:
        """The one wire that is selected, with nothing beside it."""
        selection, editor = self.selection, self.editor
        if selection is None or editor is None or self.selected_count or not selection.links:
            return None
        return next(
            (wire for wire in editor.outline.wires.values() if frozenset(wire.links) == selection.links), None
        )

    def select_link(self, step: int = 1) -> None:
        """Select a wire at the selected card; again, the next one there, those that arrive first."""
        editor, selection, wire = self.editor, self.selection, self.current_wire
        if editor is None or selection is None:
            return
        card = self.current
        if wire is not None:
            card = self._cursor if self._cursor in (wire.source, wire.target) else wire.source
        if card is None or card not in editor.outline.cards:
            editor.refused.emit("Select a layer first: this goes through the links at it.")
            return
        self._cursor = card
        wires = (*editor.outline.into[card], *editor.outline.out_of[card])
        if wires:
            at = (wires.index(wire) + step) % len(wires) if wire in wires else 0
            selection.set(links=wires[at].links)

    def _walk_from(self, wire: Wire, way: Way) -> None:
        if way in ("up", "down"):
            self.select_card(wire.source if way == "up" else wire.target)
        else:
            self.select_link(1 if way == "right" else -1)

    def walk(self, way: Way, extend: bool = False) -> None:
        """Select the next card in a direction; from a wire, the card at that end of it."""
        editor, wire = self.editor, self.current_wire
        if editor is None:
            return
        if wire is not None:
            self._walk_from(wire, way)
            return
        here = self._cursor if extend and self._cursor in editor.outline.cards else self.current
        found = step(editor.outline, editor.placement, here, way)
        if found is not None:
            self.select_card(found, extend)

    def escape(self) -> None:
        """Let go of the selection."""
        if self.selection is not None:
            self.selection.clear()

    def activate(self) -> None:
        """Fold or unfold the selected blocks, go to the settings of the layer, or offer what a link can."""
        if self.selected_blocks:
            self.activate_blocks()
        elif self.current_wire is not None:
            self.menu_at_selection()
        elif self.selection is not None and len(self.selection.nodes) == 1:
            self.show_layer(next(iter(self.selection.nodes)))

    def activate_blocks(self) -> None:
        """Fold or unfold the selected blocks."""
        if self.editor is not None:
            self.editor.toggle_fold(self.selected_blocks)

    def menu_at_selection(self) -> None:
        """The menu, without a mouse."""
        self.open_menu(None)

    def fit(self) -> None:
        """All of the network on the screen."""
        self.view.fit()

    def zoom_in(self) -> None:
        """Larger."""
        self.view.zoom_by(1.25)

    def zoom_out(self) -> None:
        """Smaller."""
        self.view.zoom_by(1 / 1.25)

    def zoom_reset(self) -> None:
        """100 %."""
        self.view.zoom_to(self.view.base)
