"""What a person can do on the canvas, as commands on the open network. No Qt.

Every command is one undoable step. What is impossible is told in a sentence through `refused`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from explorer.interop.random_weights import without_values
from explorer.network import fragment as fragments
from explorer.network import operations
from explorer.network.edits import StaleEdit, apply, change
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.network.layer import Layer, Shape
from explorer.network.observe import Signal
from explorer.network.operations import Change
from explorer.network.operations.ends import block_ends
from explorer.session.session import OpenNetwork
from explorer.ui.canvas import folding, library_item
from explorer.ui.canvas.face import Facts
from explorer.ui.canvas.outline import Card, Kind, Outline, block_key
from explorer.ui.canvas.outliner import outline_of
from explorer.ui.canvas.placement import Area, Placement, place
from explorer.ui.canvas.ports import Port, entry_of

Point = tuple[float, float]


class Editor:
    """Commands on one open network, as its outline shows it."""

    def __init__(self, tab: OpenNetwork) -> None:
        self.tab = tab
        self.outline: Outline = Outline({}, {}, {}, {})
        self.refused: Signal[[str]] = Signal()
        #: Something was made and selected: who shows the network brings it into view.
        self.made: Signal[[]] = Signal()
        #: Placement of the outline; set beside it by whoever shows it.
        self.placement = Placement({}, {}, {})
        self.saved_blocks: library_item.SavedBlocks = library_item.no_saved_blocks

    @property
    def document(self) -> Document:
        return self.tab.document

    @property
    def network(self) -> Network:
        return self.tab.document.network

    def do(self, make: Callable[[], Change], merge_key: str | None = None, select: bool = True) -> bool:
        """Apply a change and select what it says; False, and a word to the person, if it cannot be done."""
        try:
            made = make()
            if made.edits:
                self.document.apply(made.title, made.edits, merge_key)
        except UserError as error:
            self.refused.emit(str(error))
            return False
        except StaleEdit:
            self.refused.emit("The network has changed since this was offered: look at it again.")
            return False
        if select:
            network = self.network
            self.tab.selection.set(
                (node for node in made.nodes if node in network.nodes),
                (block for block in made.blocks if block in network.blocks),
            )
            self.made.emit()
        return True

    def chosen(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The nodes and blocks that a command is about: with a card its riders, with ×N all its copies."""
        selection, network = self.tab.selection, self.network
        nodes = dict.fromkeys(node for node in network.nodes if node in selection.nodes)
        for node in tuple(nodes):
            card = self.outline.cards.get(node)
            if card is not None and card.kind is not Kind.BLOCK:
                nodes.update(dict.fromkeys(card.nodes))
        blocks: dict[str, None] = {}
        for block in selection.blocks:
            card = self.outline.cards.get(block_key(block))
            copies = (
                folding.copies_beside(network, block) if card is not None and card.copies > 1 else (block,)
            )
            blocks.update(dict.fromkeys(copies))
        return tuple(nodes), tuple(blocks)

    def delete(self) -> None:
        """Remove what is selected; the chain is healed, and what comes next is selected."""
        nodes, blocks = self.chosen()
        links = tuple(self.tab.selection.links)
        following = self._following(nodes, blocks)
        fresh = self.document.fresh_id
        if self.do(lambda: operations.delete(self.network, fresh, nodes, blocks, links)) and following:
            kept = [node for node in following if node in self.network.nodes]
            self.tab.selection.set(kept[:1])

    def _following(self, nodes: Iterable[str], blocks: Iterable[str]) -> list[str]:
        gone = {*nodes, *(node for block in blocks for node in self.network.nodes_within(block))}
        topology = self.network.topology
        after = [link.target for node in gone for link in topology.outgoing[node] if link.target not in gone]
        before = [link.source for node in gone for link in topology.incoming[node] if link.source not in gone]
        return [self.head_of(node) for node in (*after, *before)]

    def head_of(self, node: str) -> str:
        """The node that stands for a node's card."""
        card = self.outline.cards.get(self.outline.card_of.get(node, ""))
        return card.head if card is not None and card.kind is not Kind.BLOCK else node

    def duplicate(self) -> None:
        """A copy of what is selected, beside it."""
        nodes, blocks = self.chosen()
        self.do(lambda: operations.duplicate(self.network, self.document.fresh_id, nodes, blocks))

    def copied(self) -> str:
        """What is selected as text for the clipboard, "" if that is nothing."""
        nodes, blocks = self.chosen()
        if not nodes and not blocks:
            return ""
        return fragments.to_text(fragments.copy(self.network, nodes, blocks))

    def fragment(self) -> fragments.Fragment | None:
        """What is selected as a piece of network, to be kept in the library."""
        nodes, blocks = self.chosen()
        return fragments.copy(self.network, nodes, blocks) if nodes or blocks else None

    def paste(self, text: str, position: Point | None = None) -> bool:
        """Put a clipboard text into the network: behind the selected card, else at `position`.

        The text names weights and does not hold them; those that only another program has are told of.
        """
        after, before = self.anchor(), self.network.nodes

        def pasted() -> Change:
            piece = fragments.from_text(text)
            if after is not None and piece.entries and piece.exits and position is None:
                return operations.insert_fragment(self.network, self.document.fresh_id, piece, after=after)
            return operations.insert_fragment(self.network, self.document.fresh_id, piece, position=position)

        if not self.do(pasted):
            return False
        network = self.network
        lost = without_values(network, [node for node in network.nodes if node not in before])
        if lost:
            many = "1 layer is" if len(lost) == 1 else f"{len(lost)} layers are"
            self.refused.emit(
                f"{many} random: the clipboard carries no weights from another program. "
                "Save the network there and open it here to have them."
            )
        return True

    def anchor(self) -> str | None:
        """The node or block behind which something new goes: that of the one selected card, else nothing."""
        selection = self.tab.selection
        if len(selection.nodes) + len(selection.blocks) != 1:
            return None
        for block in selection.blocks:
            return self.behind(block)
        for node in selection.nodes:
            card = self.outline.cards.get(node)
            return card.last if card is not None else node
        return None

    def behind(self, block: str) -> str | None:
        """What something new behind a block goes after: the block, of copies drawn as one the last.

        Where several outputs leave it, that is its last node.
        """
        shown = self.outline.cards.get(block_key(block)) or self.outline.regions.get(block)
        if shown is not None and shown.copies > 1:
            block = folding.copies_beside(self.network, block)[-1]
        return block if block_ends(self.network, block)[1] is not None else self.last_of(None, block)

    def shape_behind(self, entry: str) -> Shape | None:
        """What a node, or a block with one output, gives to what comes after it; None while unknown."""
        port = block_ends(self.network, entry)[1] if entry in self.network.blocks else (entry, 0)
        outputs = self.document.inference.results[port[0]].outputs if port is not None else ()
        return outputs[port[1]] if port is not None and port[1] < len(outputs) else None

    def last_of(self, card: Card | None, block: str | None = None) -> str | None:
        """The node whose output leaves a card or block."""
        nodes = card.nodes if card is not None else tuple(self.network.nodes_within(block or ""))
        if card is not None and card.kind is not Kind.BLOCK:
            return card.last
        rank = self.network.topology.rank
        inside = set(nodes)
        outgoing = self.network.topology.outgoing
        ends = [n for n in nodes if all(link.target not in inside for link in outgoing[n])]
        return max(ends, key=rank.__getitem__, default=None)

    def end(self) -> str | None:
        """The last node that leads nowhere, or the block that ends with it, for what has no other place."""
        topology = self.network.topology
        ends = [node for node in topology.order if not topology.outgoing[node]]
        if not ends:
            return None
        found, block = ends[-1], self.network.nodes[ends[-1]].block
        while block is not None and block_ends(self.network, block)[1] == (ends[-1], 0):
            found, block = block, self.network.blocks[block].parent
        return found

    def insert(self, item: library_item.ItemLike) -> bool:
        """Put an item of the library behind the selection, or behind the network's end."""
        after = self.anchor() or self.end()

        def inserted() -> Change:
            fresh = self.document.fresh_id
            shape = self.shape_behind(after) if after is not None else None
            content = library_item.content_of(item, shape, self.saved_blocks)
            if after is None or (isinstance(content, Layer) and content.arity[1] == 0):
                return library_item.put_down(self.network, fresh, content, None, None)
            return library_item.inserted_after(self.network, fresh, after, content)

        return self.do(inserted)

    def select_all(self) -> None:
        """Everything that is shown."""
        cards = self.outline.cards.values()
        self.tab.selection.set(
            (card.head for card in cards if card.kind is not Kind.BLOCK),
            (card.block for card in cards if card.block is not None),
        )

    def toggle_fold(self, blocks: Iterable[str]) -> None:
        """Fold or unfold blocks."""
        blocks = tuple(blocks)
        if blocks:
            self.do(lambda: folding.toggled(self.network, blocks))

    def group(self) -> None:
        """Make a block of what is selected."""
        nodes, blocks = self.chosen()
        fresh = self.document.fresh_id
        self.do(lambda: operations.group_as_block(self.network, fresh, nodes, blocks, "block"))

    def set_training_only(self, flag: bool) -> None:
        """Mark what is selected as used in training alone, or not."""
        nodes, blocks = self.chosen()
        inside = [node for block in blocks for node in self.network.nodes_within(block)]
        self.do(lambda: operations.set_training_only(self.network, (*nodes, *inside), flag))

    def connect(self, source: Port, target: Port) -> bool:
        """Link an output to an input."""
        fresh = self.document.fresh_id
        return self.do(
            lambda: operations.connect(
                self.network, fresh, source.node, source.port, target.node, target.port
            )
        )

    def grow(self, port: Port, item: library_item.ItemLike, at: Point) -> bool:
        """Put a new layer down at `at`, linked to a port: behind an output, before an input."""

        def grown() -> Change:
            network, fresh = self.network, self.document.fresh_id
            node = network.nodes[port.node]
            shape = self.document.inference.results[port.node].output if port.output else None
            content = library_item.content_of(item, shape, self.saved_blocks)
            put = library_item.put_down(network, fresh, content, node.block, at)
            ends = [(port.node, port.port), (put.nodes[0], 0)]
            (source, out), (target, into) = ends if port.output else ends[::-1]
            linked = operations.connect(apply(network, put.edits), fresh, source, out, target, into)
            return Change(f"{put.title}, connected", (*put.edits, *linked.edits), put.nodes)

        return self.do(grown)

    def _first_and_last(self) -> tuple[Card, Card] | None:
        """Of the selected cards, the first and the last in the flow."""
        selection = self.tab.selection
        chosen = [
            card
            for card in self.outline.cards.values()
            if (card.block in selection.blocks if card.block else card.head in selection.nodes)
        ]
        return (chosen[0], chosen[-1]) if len(chosen) > 1 else None

    def connect_selected(self) -> None:
        """Link the first selected card to the last: a shortcut past what lies between."""
        ends = self._first_and_last()
        if ends is None:
            self.refused.emit("Select two layers to connect: the first is linked to the last.")
            return
        facts = Facts(self.network, self.document.inference, {})
        source, target = self.last_of(ends[0]), entry_of(ends[1], facts)
        if source is None or target is None:
            self.refused.emit("The last of the selected layers takes no input.")
            return
        self.connect(Port(0, 0, source, 0, True), target)

    def disconnect_selected(self) -> None:
        """Remove the links from the first selected card to the last."""
        ends = self._first_and_last()
        wires = self.outline.into[ends[1].key] if ends is not None else ()
        links = [link for wire in wires if ends and wire.source == ends[0].key for link in wire.links]
        if not links:
            self.refused.emit("No link leads from the first of the selected layers to the last.")
            return
        fresh = self.document.fresh_id
        self.do(lambda: operations.delete(self.network, fresh, links=links), select=False)

    def move(self, places: Mapping[str, Point], merge_key: str | None = None) -> bool:
        """Put cards (by key) somewhere; they stay there until the network is tidied."""
        positions: dict[str, Point | None] = {}
        for key, at in places.items():
            card = self.outline.cards[key]
            positions |= {card.head: at} if card.kind is not Kind.BLOCK else self._inside_at(card, at)
        if not positions:
            return False
        return self.do(lambda: operations.move(self.network, positions), merge_key, select=False)

    def _inside_at(self, card: Card, at: Point) -> dict[str, Point | None]:
        """Places for what is in a folded block, so that it lies there when it is unfolded."""
        network = self.network
        opened = [replace(network.blocks[b], folded=False) for b in self._shown_as(card)]
        edits = [change(network.blocks[block.id], block) for block in opened]
        after = apply(network, edits)
        outline = outline_of(after)
        placement = place(outline, after)
        found: dict[str, Area] = {}
        for block in opened:
            for key in outline.cards_within(block.id):
                inner = outline.cards[key]
                nodes = inner.nodes if inner.kind is Kind.BLOCK else (inner.head,)
                found |= dict.fromkeys(nodes, placement.bodies[key])
        if not found:
            return {}
        left, top = min(area.x for area in found.values()), min(area.y for area in found.values())
        return {node: (at[0] + area.x - left, at[1] + area.y - top) for node, area in found.items()}

    def _shown_as(self, card: Card) -> tuple[str, ...]:
        block = card.block or ""
        return folding.copies_beside(self.network, block) if card.copies > 1 else (block,)

    def tidy(self) -> None:
        """Let the layout place everything again."""
        self.do(lambda: operations.tidy(self.network), select=False)

    def detach_rider(self, node: str, at: Point) -> None:
        """Take a rider out from under its layer: it becomes a card of its own."""
        self.do(lambda: operations.move(self.network, {node: at}))
