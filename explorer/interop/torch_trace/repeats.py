"""Equal blocks one behind the other are one block, ×N, as a person would have built it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as changed

from explorer.network.graph import Block, Group, Network

Parts = dict[Any, Any]


def grouped(network: Network) -> Network:
    """The network with neighbouring blocks that are alike tied into groups; all but the first are folded.

    From the outside in: what repeats within a repeat has one group in all of its copies, as Group says.
    """
    return _Grouping(network).run()


#: Layers above which a network opens with its blocks folded.
MANY = 150


def folded(network: Network) -> Network:
    """A large network with the outermost blocks of a class of their own folded, so that it can be seen."""
    if len(network.nodes) <= MANY:
        return network
    blocks = dict(network.blocks)
    waiting = list(network.members[None][1])
    for block in waiting:
        found = network.blocks[block]
        if found.kind and len(network.nodes_within(block)) > 2:
            blocks[block] = changed(found, folded=True)
        else:
            waiting.extend(network.members.get(block, ((), ()))[1])
    return replace(network, blocks=blocks)


class _Grouping:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.blocks: dict[str, Block] = dict(network.blocks)
        self.groups: dict[str, Group] = dict(network.groups)
        self._pictures: dict[str, tuple[Any, ...]] = {}
        rank = network.topology.rank
        self._first = {
            block: min((rank[node] for node in network.nodes_within(block)), default=len(rank))
            for block in network.blocks
        }

    def run(self) -> Network:
        self._within([None])
        return replace(self.network, blocks=self.blocks, groups=self.groups)

    def _within(self, copies: list[str | None]) -> None:
        """Group what is inside a block, and in the same way inside the copies of it."""
        inside = [self._blocks_of(copy) for copy in copies]
        for start, end in self._runs(inside[0]):
            alike = inside[0][start:end]
            if len(alike) == 1:
                self._within([blocks[start] for blocks in inside])
                continue
            group = f"{alike[0]}…{self.network.blocks[alike[-1]].name}"
            self.groups[group] = Group(group)
            members = [block for blocks in inside for block in blocks[start:end]]
            for index, block in enumerate(members):
                self.blocks[block] = changed(self.blocks[block], group=group, folded=index > 0)
            self._within(list(members))

    def _blocks_of(self, block: str | None) -> list[str]:
        """The blocks inside, in the order in which they run."""
        return sorted(self.network.members.get(block, ((), ()))[1], key=lambda one: self._first[one])

    def _runs(self, blocks: list[str]) -> Iterable[tuple[int, int]]:
        """(start, end) of neighbours that are alike."""
        start = 0
        for index in range(1, len(blocks) + 1):
            if index == len(blocks) or not self._repeats(blocks[index - 1], blocks[index]):
                yield start, index
                start = index

    def _repeats(self, one: str, other: str) -> bool:
        """Whether the second block is the first once more and takes what it gives: branches are no repeat."""
        first, second = self._picture(one), self._picture(other)
        if (
            not first[0]
            or first != second
            or self.network.blocks[one].kind != self.network.blocks[other].kind
        ):
            return False
        before = set(self.network.nodes_within(one))
        incoming = self.network.topology.incoming
        return any(
            link.source in before for node in self.network.nodes_within(other) for link in incoming[node]
        )

    def _picture(self, block: str) -> tuple[Any, ...]:
        """All that has to be the same in a copy: layers by local path, links among them, and how it is fed.

        Weights that are shared with a layer elsewhere keep a block from being one of several.
        """
        known = self._pictures.get(block)
        if known is not None:
            return known
        network, cut = self.network, len(block) + 1
        nodes = network.nodes_within(block)
        inside = set(nodes)
        layers = tuple(
            sorted(
                (node[cut:], repr(network.nodes[node].layer), network.nodes[node].training_only)
                for node in nodes
                if network.nodes[node].group is None
            )
        )
        if len(layers) != len(nodes):
            return self._pictures.setdefault(block, ((), block))
        links: list[tuple[Any, ...]] = []
        for node in nodes:
            for link in network.topology.incoming[node]:
                source = link.source[cut:] if link.source in inside else ""
                links.append((source, node[cut:], link.source_port, link.target_port))
        return self._pictures.setdefault(block, (layers, tuple(sorted(links))))
