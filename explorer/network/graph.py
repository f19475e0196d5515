"""The network itself: nodes, links, blocks and groups by id, as one immutable value.

A snapshot of a network is the network: nothing in it ever changes, edits make a new one (see edits.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from explorer.network.layer import Layer


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A layer in its place. `name` is unique within `block`; `position` is set only where a person put it.

    `training_only` marks what an eval pass leaves out (auxiliary heads): counted in the parameters,
    not in the MACs. `group` ties single nodes together as Group says. `tensors` names the layer's weights:
    for each tensor of its torch module (`weight`, `running_mean`, …) the id of an immutable value that lies
    outside the document. Nodes that share weights name the same.
    """

    id: str
    name: str
    layer: Layer
    block: str | None = None
    group: str | None = None
    position: tuple[float, float] | None = None
    training_only: bool = False
    tensors: Mapping[str, str] = msgspec.field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.id, self.name, self.layer, self.block))


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """From an output port of one node to an input port of another."""

    id: str
    source: str
    target: str
    source_port: int = 0
    target_port: int = 0


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """A named part of the network that can be folded; blocks nest through `parent`.

    `kind` says what it is in a person's words, e.g. `residual, basic`. Blocks of one `group` are copies.
    """

    id: str
    name: str
    kind: str = ""
    parent: str | None = None
    group: str | None = None
    folded: bool = False


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Copies that stay alike: a repeat ×N, or, with `shares_weights`, one set of weights used N times.

    What corresponds in two copies is found by its path below the copies.
    """

    id: str
    shares_weights: bool = False


class Trained(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the weights learned from, in a person's words, and how their pictures were made ready.

    `classes` are in the order of the scores. Pixels in [0, 1] become (pixel − `mean`) / `deviation`, a number
    for each channel; none where that is not known.
    """

    source: str
    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()


@dataclass(frozen=True)
class Network:
    """A network as a value. Tables are treated as read-only by everyone."""

    name: str = "Untitled"
    notes: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    trained: Trained | None = None

    @cached_property
    def topology(self) -> Topology:
        return Topology.of(self.nodes, self.links.values())

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the order of evaluation."""
        return tuple([self.nodes[node].layer for node in self.topology.order])

    @cached_property
    def members(self) -> Mapping[str | None, tuple[tuple[str, ...], tuple[str, ...]]]:
        """For each block (None is the top): the ids of its own nodes and of its own blocks."""
        nodes: dict[str | None, list[str]] = {None: []}
        blocks: dict[str | None, list[str]] = {None: []}
        for block in self.blocks.values():
            nodes.setdefault(block.id, [])
            blocks.setdefault(block.id, [])
            blocks.setdefault(block.parent, []).append(block.id)
        for node in self.nodes.values():
            nodes.setdefault(node.block, []).append(node.id)
        return {key: (tuple(nodes.get(key, ())), tuple(blocks.get(key, ()))) for key in nodes | blocks}

    def ancestors(self, block: str | None) -> list[Block]:
        """The block and those around it, innermost first."""
        chain: list[Block] = []
        while block is not None and len(chain) <= len(self.blocks):
            chain.append(self.blocks[block])
            block = chain[-1].parent
        return chain

    def nodes_within(self, block: str) -> list[str]:
        """The ids of all nodes in a block and the blocks inside it."""
        inside: list[str] = []
        waiting = [block]
        while waiting:
            nodes, blocks = self.members.get(waiting.pop(), ((), ()))
            inside.extend(nodes)
            waiting.extend(blocks)
        return inside

    def blocks_within(self, block: str) -> list[str]:
        """The ids of all blocks inside a block, itself first."""
        inside = [block]
        for found in inside:
            inside.extend(self.members.get(found, ((), ()))[1])
        return inside

    def path(self, node: str) -> str:
        """Where a node is, e.g. `stage1.0.conv1`."""
        found = self.nodes[node]
        names = [block.name for block in reversed(self.ancestors(found.block))]
        return ".".join([*names, found.name])

    def block_path(self, block: str) -> str:
        return ".".join(found.name for found in reversed(self.ancestors(block)))

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Node id by path."""
        return {self.path(node): node for node in self.nodes}

    def taken_names(self, block: str | None) -> set[str]:
        nodes, blocks = self.members.get(block, ((), ()))
        return {self.nodes[n].name for n in nodes} | {self.blocks[b].name for b in blocks}

    @cached_property
    def _signatures(self) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        """Node id → its counterparts in all copies; node id → those with which it shares weights."""
        if not self.groups:
            return {}, {}
        copies: dict[tuple[str, ...], list[str]] = {}
        shared: dict[tuple[str, ...], list[str]] = {}
        sharing = any(group.shares_weights for group in self.groups.values())
        for node in self.nodes.values():
            place = (
                (f"#{node.group}",) if node.group else (*signature(self.blocks, node.block), f".{node.name}")
            )
            if place[0].startswith("#"):
                copies.setdefault(place, []).append(node.id)
                if sharing:
                    shared.setdefault(self._weights_of(node), []).append(node.id)
        return _index(copies), _index(shared)

    def _weights_of(self, node: Node) -> tuple[str, ...]:
        """Equal for nodes that share weights: where they are, told from the copies that share.

        Copies of a repeat are told apart; where a copy that shares lies does not matter.
        """
        apart: list[str] = []
        names: list[str] = []
        way: list[Block | Node] = [*reversed(self.ancestors(node.block)), node]
        for part in way:
            if part.group is None:
                names.append(part.name)
            elif self.groups[part.group].shares_weights:
                apart.append(f"#{part.group}")
                names.clear()
            else:
                apart.append(".".join([*names, part.name]))
                names.clear()
        return (*apart, ".".join(names))

    def counterparts(self, node: str) -> tuple[str, ...]:
        """The same node in every copy of its repeat or sharing group, itself among them."""
        return self._signatures[0].get(node, (node,))

    def sharers(self, node: str) -> tuple[str, ...]:
        """The nodes that use one set of weights with this one, itself among them; the first owns it."""
        return self._signatures[1].get(node, (node,))

    @property
    def borrowers(self) -> frozenset[str]:
        """The nodes whose weights another one owns."""
        return frozenset(node for node, same in self._signatures[1].items() if same[0] != node)

    @cached_property
    def left_out(self) -> frozenset[str]:
        """The nodes that an eval pass leaves out."""
        return frozenset([node.id for node in self.nodes.values() if node.training_only])

    def copies_of(self, block: str) -> tuple[str, ...]:
        """The blocks of this block's group, itself among them."""
        group = self.blocks[block].group
        if group is None:
            return (block,)
        return tuple(other.id for other in self.blocks.values() if other.group == group)


def signature(blocks: Mapping[str, Block], block: str | None) -> tuple[str, ...]:
    """Where a block is: by names below the innermost copy around it, for which its group's id stands in.

    Equal for what corresponds in all copies, wherever these lie; in no copy it is the path.
    """
    parts: list[str] = []
    while block is not None:
        found = blocks[block]
        if found.group is not None:
            parts.append(f"#{found.group}")
            break
        parts.append(f".{found.name}")
        block = found.parent
    return tuple(reversed(parts))


def _index(classes: Mapping[tuple[str, ...], list[str]]) -> dict[str, tuple[str, ...]]:
    return {node: tuple(members) for members in classes.values() if len(members) > 1 for node in members}


class Step(msgspec.Struct, frozen=True, gc=False):
    """One node in the order of evaluation and where its inputs come from, in the order of its ports.

    `clash` says that two of them go into one port.
    """

    node: str
    sources: tuple[tuple[str, int], ...]
    clash: bool


@dataclass(frozen=True)
class Topology:
    """The order in which nodes can be evaluated, and who feeds whom."""

    steps: tuple[Step, ...]
    cyclic: frozenset[str]
    incoming: Mapping[str, tuple[Link, ...]]
    outgoing: Mapping[str, tuple[Link, ...]]

    @cached_property
    def order(self) -> tuple[str, ...]:
        return tuple(step.node for step in self.steps)

    @cached_property
    def above(self) -> tuple[int, ...]:
        """For each step the place of the one whose first output alone feeds it (most have one), or −1."""
        rank = self.rank
        return tuple(
            rank[step.sources[0][0]] if len(step.sources) == 1 and step.sources[0][1] == 0 else -1
            for step in self.steps
        )

    @cached_property
    def on_cycle(self) -> frozenset[str]:
        """Of the nodes that cannot be evaluated, those that lie on a cycle and not just behind one."""
        stuck = set(self.cyclic)
        while True:
            # Peel off nodes that lead to no stuck node: they are only behind a cycle.
            ends = {n for n in stuck if not any(link.target in stuck for link in self.outgoing[n])}
            if not ends:
                return frozenset(stuck)
            stuck -= ends

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """Place of each node in the order; nodes on a cycle come last."""
        rank = {node: index for index, node in enumerate(self.order)}
        for node in self.incoming:
            rank.setdefault(node, len(rank))
        return rank

    @classmethod
    def of(cls, nodes: Iterable[str], links: Iterable[Link]) -> Topology:
        """In topological order, ties in the nodes' own; what is on or behind a cycle is set apart."""
        incoming: dict[str, list[Link]] = {node: [] for node in nodes}
        outgoing: dict[str, list[Link]] = {node: [] for node in incoming}
        for link in links:
            incoming[link.target].append(link)
            outgoing[link.source].append(link)
        for into in incoming.values():
            if len(into) > 1:
                into.sort(key=lambda link: (link.target_port, link.id))
        index = {node: i for i, node in enumerate(incoming)}
        names = tuple(incoming)
        missing = {node: len(into) for node, into in incoming.items()}
        ready = [index[node] for node, count in missing.items() if count == 0]
        heapq.heapify(ready)
        steps: list[Step] = []
        while ready:
            node = names[heapq.heappop(ready)]
            into = incoming[node]
            clash = len({link.target_port for link in into}) < len(into)
            steps.append(Step(node, tuple([(link.source, link.source_port) for link in into]), clash))
            for link in outgoing[node]:
                missing[link.target] -= 1
                if missing[link.target] == 0:
                    heapq.heappush(ready, index[link.target])
        cyclic = frozenset(node for node, count in missing.items() if count > 0)
        return cls(
            tuple(steps),
            cyclic,
            {node: tuple(into) for node, into in incoming.items()},
            {node: tuple(out) for node, out in outgoing.items()},
        )
