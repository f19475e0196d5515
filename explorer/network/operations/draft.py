"""A network being changed: what an operation works on before it becomes edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from explorer.network.edits import Edit, Table
from explorer.network.errors import UserError
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.naming import unique

Fresh = Callable[[str], str]

LONGEST_ID = 600
MOST_NODES = 50_000
MOST_LEVELS = 64


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation wants done: the step's title in the history, its edits, what to select after it."""

    title: str
    edits: tuple[Edit, ...]
    nodes: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


class Draft:
    """The tables of a network, open for writing. What was touched comes out as edits."""

    def __init__(self, network: Network, fresh: Fresh | None = None) -> None:
        self.network = network
        self.nodes: dict[str, Node] = dict(network.nodes)
        self.links: dict[str, Link] = dict(network.links)
        self.blocks: dict[str, Block] = dict(network.blocks)
        self.groups: dict[str, Group] = dict(network.groups)
        self._fresh = fresh
        self._into: dict[str, list[Link]] = {}
        self._out: dict[str, list[Link]] = {}
        self._names: dict[str | None, set[str]] = {}
        self._touched: dict[tuple[Table, str], None] = {}

    def new_id(self, wanted: str) -> str:
        """`wanted` where nothing has this id, else one with a number behind it.

        Ids are paths where they can be, so that a saved network can be read.
        """
        found = wanted
        number = 1
        while len(found) > LONGEST_ID or self._has(found):
            number += 1
            stem = wanted if len(wanted) < LONGEST_ID // 2 else wanted[: LONGEST_ID // 2]
            found = self._fresh(f"{stem}-") if self._fresh else f"{stem}-{number}"
        return found

    def id_for(self, name: str, block: str | None) -> str:
        """An id for a new node or block of this name in this place."""
        parts = [name]
        while block is not None:
            around = self.blocks[block]
            parts.append(around.name)
            block = around.parent
        return self.new_id(".".join(reversed(parts)))

    def _has(self, found: str) -> bool:
        return any(found in table for table in (self.nodes, self.links, self.blocks, self.groups))

    def put_node(self, node: Node) -> None:
        self._rename(self.nodes.get(node.id), node)
        self.nodes[node.id] = node
        self._touched["nodes", node.id] = None

    def put_block(self, block: Block) -> None:
        self._rename(self.blocks.get(block.id), block)
        self.blocks[block.id] = block
        self._touched["blocks", block.id] = None

    def put_group(self, group: Group) -> None:
        self.groups[group.id] = group
        self._touched["groups", group.id] = None

    def put_link(self, link: Link) -> None:
        old = self.links.get(link.id)
        if old is not None:
            self.drop_link(old)
        self.links_into(link.target).append(link)
        self.links_out(link.source).append(link)
        self.links[link.id] = link
        self._touched["links", link.id] = None

    def link(self, source: tuple[str, int], target: tuple[str, int]) -> Link:
        """A new link between two ports."""
        ends = (
            f"{source[0]}{f':{source[1]}' * (source[1] > 0)}>{target[0]}{f':{target[1]}' * (target[1] > 0)}"
        )
        made = Link(self.new_id(ends), source[0], target[0], source[1], target[1])
        self.put_link(made)
        return made

    def resource(self, link: Link, source: tuple[str, int]) -> None:
        """Let `link` come from another output; its target stays."""
        self.drop_link(link)
        self.link(source, (link.target, link.target_port))

    def drop_link(self, link: Link) -> None:
        del self.links[link.id]
        self.links_into(link.target).remove(link)
        self.links_out(link.source).remove(link)
        self._touched["links", link.id] = None

    def drop_node(self, node: str) -> None:
        """Remove a node with the links at it."""
        for link in (*self.links_into(node), *self.links_out(node)):
            if link.id in self.links:
                self.drop_link(link)
        self._rename(self.nodes.pop(node), None)
        self._touched["nodes", node] = None

    def drop_block(self, block: str) -> None:
        self._rename(self.blocks.pop(block), None)
        self._touched["blocks", block] = None

    def drop_group(self, group: str) -> None:
        del self.groups[group]
        self._touched["groups", group] = None

    def links_into(self, node: str) -> list[Link]:
        """The links into a node, by port as far as they were there before."""
        if node not in self._into:
            self._into[node] = list(self.network.topology.incoming.get(node, ()))
        return self._into[node]

    def links_out(self, node: str) -> list[Link]:
        if node not in self._out:
            self._out[node] = list(self.network.topology.outgoing.get(node, ()))
        return self._out[node]

    def names(self, block: str | None) -> set[str]:
        """The names taken in a block."""
        if block not in self._names:
            self._names[block] = self.network.taken_names(block)
        return self._names[block]

    def unique_name(self, wanted: str, blocks: Iterable[str | None], numbered: bool = False) -> str:
        """`wanted`, or with a number behind it, free in all of `blocks`."""
        taken: set[str] = set()
        for block in blocks:
            taken |= self.names(block)
        return unique(wanted, taken, numbered)

    def is_empty(self, block: str) -> bool:
        return not any(node.block == block for node in self.nodes.values()) and not any(
            other.parent == block for other in self.blocks.values()
        )

    def edits(self) -> tuple[Edit, ...]:
        """What was done. Raises UserError where it makes more than a file can hold."""
        self._check_size()
        found = []
        for table, key in self._touched:
            before: Any = getattr(self.network, table).get(key)
            after: Any = getattr(self, table).get(key)
            if before != after:
                found.append(Edit(table, key, before, after))
        return tuple(found)

    def _check_size(self) -> None:
        if len(self.nodes) > MOST_NODES:
            raise UserError(f"That would be {len(self.nodes):,} layers; a network can have {MOST_NODES:,}.")
        if len(self.blocks) <= MOST_LEVELS:
            return
        for table, key in self._touched:
            levels = 0
            block = key if table == "blocks" and key in self.blocks else None
            while block is not None and levels <= MOST_LEVELS:
                levels += 1
                block = self.blocks[block].parent
            if levels > MOST_LEVELS:
                raise UserError(f"Blocks can lie in each other {MOST_LEVELS} deep, not deeper.")

    def _rename(self, before: Node | Block | None, after: Node | Block | None) -> None:
        homes = [None if e is None else e.block if isinstance(e, Node) else e.parent for e in (before, after)]
        if before is not None:
            self.names(homes[0]).discard(before.name)
        if after is not None:
            self.names(homes[1]).add(after.name)
