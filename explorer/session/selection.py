"""What is selected in an open network; canvas, table and inspector show the same selection."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.network.graph import Network
from explorer.network.observe import Signal


class Selection:
    """Sets of node, block and link ids. Observers are called only when something really changed."""

    def __init__(self) -> None:
        self.nodes: frozenset[str] = frozenset()
        self.blocks: frozenset[str] = frozenset()
        self.links: frozenset[str] = frozenset()
        self.changed: Signal[[]] = Signal()

    def set(self, nodes: Iterable[str] = (), blocks: Iterable[str] = (), links: Iterable[str] = ()) -> None:
        new = frozenset(nodes), frozenset(blocks), frozenset(links)
        if new != (self.nodes, self.blocks, self.links):
            self.nodes, self.blocks, self.links = new
            self.changed.emit()

    def clear(self) -> None:
        self.set()

    @property
    def empty(self) -> bool:
        return not (self.nodes or self.blocks or self.links)

    def keep(self, network: Network) -> None:
        """Let go of what the network no longer has."""
        self.set(
            (node for node in self.nodes if node in network.nodes),
            (block for block in self.blocks if block in network.blocks),
            (link for link in self.links if link in network.links),
        )
