"""Which blocks become modules of the code, what goes into each and what comes out.

A block whose values leave it and come back cannot be one call: it is dissolved into the block around it, as
is one around copies that share their weights with copies elsewhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from explorer.interop.torch_code.names import module_name
from explorer.network.graph import Network, Node
from explorer.network.inference import Inference
from explorer.network.layers import Constant, Input, Output, ParameterTensor

Port = tuple[str, int]


@dataclass
class Member:
    """A node or a block in the scope around it.

    `outputs` are the ports that something outside it uses; `owner` is another member whose module it calls,
    because the two share their weights. `training_only` is told of members of the network itself: a block
    is left out of an eval pass as a whole or not at all.
    """

    key: str
    name: str
    node: Node | None = None
    scope: Scope | None = None
    owner: Member | None = None
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    training_only: bool = False


@dataclass
class Scope:
    """A block as a module: its members in the order of evaluation, and the ports it takes and gives."""

    block: str | None
    name: str = ""
    kind: str = ""
    members: list[Member] = field(default_factory=list)
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()


class Scopes:
    """The tree of scopes of a network; `top` is the network itself."""

    def __init__(self, network: Network, inference: Inference, results: tuple[str, ...]) -> None:
        self.network = network
        self.inference = inference
        self._results = results
        self._dissolved: set[str] = set()
        self._inputs: dict[str, tuple[Port, ...]] = {}
        self._nodes = [
            step.node
            for step in network.topology.steps
            if not isinstance(network.nodes[step.node].layer, Input | Output)
        ]
        index = {node: place for place, node in enumerate(network.nodes)}
        self._index = index
        for node in self._nodes:
            links = network.topology.incoming[node]
            self._inputs[node] = tuple(self.resolved((link.source, link.source_port)) for link in links)
        self.results = tuple(self.resolved((node, 0)) for node in results)
        while (again := self._attempt()) is not None:
            self._dissolved |= again

    def resolved(self, port: Port) -> Port:
        """The port itself, or, behind an Output, what the Output was given."""
        while isinstance(self.network.nodes[port[0]].layer, Output):
            into = self.network.topology.incoming[port[0]]
            port = (into[0].source, into[0].source_port)
        return port

    def dissolve(self, blocks: set[str]) -> None:
        """Write the content of these blocks into the ones around them."""
        self._dissolved |= blocks
        while (again := self._attempt()) is not None:
            self._dissolved |= again

    def _home(self, block: str | None) -> str | None:
        while block is not None and block in self._dissolved:
            block = self.network.blocks[block].parent
        return block

    def _way(self, block: str | None) -> tuple[str | None, ...]:
        """The scopes around, outermost (None) first."""
        way: list[str | None] = []
        block = self._home(block)
        while block is not None:
            way.append(block)
            block = self._home(self.network.blocks[block].parent)
        return (None, *reversed(way))

    def _attempt(self) -> set[str] | None:
        """Build the tree; the blocks to dissolve if it cannot be built."""
        nodes = self.network.nodes
        blocks = {nodes[node].block for node in self._nodes}
        self._ways = {block: self._way(block) for block in blocks}
        self._ways[None] = (None,)
        self._owners = _owners(self.network, self._dissolved)
        apart = self._shared_apart()
        if apart:
            return apart
        return self._build()

    def _shared_apart(self) -> set[str]:
        """Blocks that keep two copies with one set of weights from being called in one place."""
        apart: set[str] = set()
        for one, other in self._owners.items():
            ways = [self._ways.get(block) or self._way(block) for block in map(self._parent, (one, other))]
            if ways[0] == ways[1]:
                continue
            common = 0
            while common < min(map(len, ways)) and ways[0][common] == ways[1][common]:
                common += 1
            apart |= {block for way in ways for block in way[common:] if block is not None}
        return apart

    def _parent(self, entry: str) -> str | None:
        block = self.network.blocks.get(entry)
        return block.parent if block is not None else self.network.nodes[entry].block

    def _build(self) -> set[str] | None:
        nodes = self.network.nodes
        scopes: dict[str | None, Scope] = {None: Scope(None)}
        inputs: dict[str | None, dict[Port, None]] = {}
        outputs: dict[str | None, dict[Port, None]] = {}
        children: dict[str | None, dict[str, None]] = {None: {}}
        before: dict[str, set[str]] = {}
        first: dict[str, int] = {}
        training: dict[str, set[bool]] = {}
        for node in self._nodes:
            way = self._ways[nodes[node].block]
            chain: tuple[str, ...] = (*(block for block in way if block is not None), node)
            for around, entry in zip(way, chain, strict=True):
                children.setdefault(around, {})[entry] = None
                first[entry] = min(first.get(entry, len(nodes)), self._index[node])
                training.setdefault(entry, set()).add(nodes[node].training_only)
            for port in self._inputs[node]:
                self._travel(port, chain, inputs, outputs, before)
        for port in self.results:
            self._travel(port, (), inputs, outputs, before)
        mixed = {
            entry for entry, flags in training.items() if len(flags) > 1 and entry in self.network.blocks
        }
        alone = self._without_batch(inputs)
        if mixed or alone:
            return mixed | alone
        rank = {node: place for place, node in enumerate(self._nodes)}

        def in_order(ports: dict[Port, None]) -> tuple[Port, ...]:
            return tuple(sorted(ports, key=lambda port: (rank.get(port[0], -1), port[1])))

        stuck: set[str] = set()
        for around, entries in children.items():
            order = _ordered(entries, before, first)
            stuck |= {entry for entry in entries if entry not in order and entry in self.network.blocks}
            scope = scopes.setdefault(around, Scope(around))
            if around is not None:
                found = self.network.blocks[around]
                scope.name, scope.kind = found.name, found.kind
            for entry in order:
                node_here = nodes.get(entry)
                inner = scopes.setdefault(entry, Scope(entry)) if node_here is None else None
                member = Member(entry, self._local_name(entry, around), node_here, inner)
                member.training_only = around is None and True in training[entry]
                member.inputs = tuple(inputs.get(entry, ())) if inner is not None else self._inputs[entry]
                member.outputs = in_order(outputs.get(entry, {}))
                scope.members.append(member)
                if inner is not None:
                    inner.inputs, inner.outputs = member.inputs, member.outputs
            _told_apart(scope.members)
        if stuck:
            return stuck
        top = scopes[None]
        top.outputs = self.results
        top.inputs = tuple((node, 0) for node in nodes if isinstance(nodes[node].layer, Input))
        self.top = top
        self._set_owners(scopes)
        return None

    def _travel(
        self,
        port: Port,
        target: tuple[str, ...],
        inputs: dict[str | None, dict[Port, None]],
        outputs: dict[str | None, dict[Port, None]],
        before: dict[str, set[str]],
    ) -> None:
        """Note where a value leaves blocks and where it enters others on its way to `target`."""
        source = self.network.nodes[port[0]]
        start: tuple[str, ...] = ()
        if not isinstance(source.layer, Input):
            way = self._ways[source.block]
            start = (*(block for block in way if block is not None), source.id)
        common = 0
        while common < min(len(start), len(target)) and start[common] == target[common]:
            common += 1
        for entry in start[common:]:
            outputs.setdefault(entry, {})[port] = None
        for entry in target[common:-1]:
            inputs.setdefault(entry, {})[port] = None
        if common < len(start) and common < len(target):
            before.setdefault(target[common], set()).add(start[common])

    def _without_batch(self, inputs: Mapping[str | None, dict[Port, None]]) -> set[str]:
        """Blocks with a constant or parameter into which nothing comes that says how large the batch is."""
        return {
            block
            for node in self._nodes
            if isinstance(self.network.nodes[node].layer, Constant | ParameterTensor)
            for block in self._ways[self.network.nodes[node].block]
            if block is not None and not inputs.get(block)
        }

    def _local_name(self, entry: str, around: str | None) -> str:
        """The path from the scope around it, so that what a dissolved block held is told apart."""
        found = self.network.blocks.get(entry) or self.network.nodes[entry]
        names = [found.name]
        parent = self._parent(entry)
        while parent != around and parent is not None:
            names.append(self.network.blocks[parent].name)
            parent = self.network.blocks[parent].parent
        return module_name("_".join(reversed(names)))

    def _set_owners(self, scopes: Mapping[str | None, Scope]) -> None:
        for scope in scopes.values():
            here = {member.key: member for member in scope.members}
            for member in scope.members:
                owner = self._owners.get(member.key)
                if owner in here:
                    member.owner = here[owner]

    def all(self) -> Iterator[Scope]:
        """Every scope whose module is built, the innermost first."""
        yield from _inside(self.top)


def _inside(scope: Scope) -> Iterator[Scope]:
    for member in scope.members:
        if member.scope is not None and member.owner is None:
            yield from _inside(member.scope)
    yield scope


def _ordered(
    entries: Mapping[str, None], before: Mapping[str, set[str]], first: Mapping[str, int]
) -> dict[str, None]:
    """In an order in which they can be evaluated, ties as they stand in the network; those on a cycle not."""
    missing = {entry: len(before.get(entry, ())) for entry in entries}
    after: dict[str, list[str]] = {}
    for entry in entries:
        for source in before.get(entry, ()):
            after.setdefault(source, []).append(entry)
    ready = [(first[entry], entry) for entry, count in missing.items() if count == 0]
    heapq.heapify(ready)
    order: dict[str, None] = {}
    while ready:
        _, entry = heapq.heappop(ready)
        order[entry] = None
        for follower in after.get(entry, ()):
            missing[follower] -= 1
            if missing[follower] == 0:
                heapq.heappush(ready, (first[follower], follower))
    return order


def _told_apart(members: list[Member]) -> None:
    taken: set[str] = set()
    for member in members:
        while member.name in taken:
            member.name += "_"
        taken.add(member.name)


def _owners(network: Network, dissolved: set[str]) -> dict[str, str]:
    """For each copy, a block or a node, the one whose module it calls: the outermost that correspond."""
    owners: dict[str, str] = {}
    for node in network.borrowers:
        owner = network.sharers(node)[0]
        pairs = [(node, owner)]
        depth = 0
        ways = zip(
            network.ancestors(network.nodes[node].block),
            network.ancestors(network.nodes[owner].block),
            strict=False,
        )
        for mine, theirs in ways:
            if mine.id == theirs.id:
                break
            pairs.append((mine.id, theirs.id))
            if mine.group is not None and mine.group == theirs.group:
                depth = len(pairs) - 1 if network.groups[mine.group].shares_weights else depth
        whole = [pair for pair in pairs[: depth + 1] if dissolved.isdisjoint(pair)]
        one, other = whole[-1]
        owners[one] = other
    return owners
