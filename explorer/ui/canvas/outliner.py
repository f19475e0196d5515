"""Works out the outline of a network: what docks where, what folded blocks hide, which wires are seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from explorer.network.graph import Block, Link, Network, Node
from explorer.network.layer import Family
from explorer.ui.canvas.outline import BARS, DOTS, RIDING, Card, Kind, Outline, Region, Wire, block_key


def outline_of(network: Network, docked: bool = True) -> Outline:
    """The outline of a network as its blocks are folded now; without `docked`, riders are cards too."""
    return _Outliner(network, docked).outline()


class _Outliner:
    """Builds one outline; holds what the steps share."""

    def __init__(self, network: Network, docked: bool) -> None:
        self.network = network
        self.docked = docked
        self.topology = network.topology
        self.rank = self.topology.rank
        #: Blocks that stand for several: leader → copies; and copy → leader.
        self.copies: dict[str, tuple[str, ...]] = {}
        self.leader: dict[str, str] = {}
        for copies in _collapsed(network):
            self.copies[copies[0]] = copies
            self.leader.update(dict.fromkeys(copies[1:], copies[0]))
        self.place: dict[str | None, tuple[str | None, str | None]] = {}
        self.stand_in = dict(self._stand_ins())

    def outline(self) -> Outline:
        nodes = self.network.nodes
        order = sorted(nodes, key=self.rank.__getitem__)
        cards: dict[str, Card] = {}
        card_of: dict[str, str] = {}
        folded: dict[str, list[str]] = {}
        for node in order:
            shown = self.stand_in.get(node, node)
            block, region = self._place(nodes[shown].block)
            if block is not None:
                key = block_key(block)
                folded.setdefault(key, []).append(node)
                if key not in cards:
                    cards[key] = Card(
                        key, Kind.BLOCK, (), block, region, len(self.copies.get(block, (block,)))
                    )
            elif shown != node:
                continue
            else:
                host = self._host(nodes[node], card_of)
                if host is not None:
                    key = host
                    old = cards[host]
                    cards[host] = Card(key, old.kind, (*old.nodes, node), None, region)
                else:
                    key = node
                    cards[key] = Card(key, _kind(nodes[node]), (node,), None, region)
            card_of[node] = key
        for node, shown in self.stand_in.items():
            card_of.setdefault(node, card_of[shown])
        self._empty_blocks(cards)
        wires = self._wires(cards, card_of)
        trunk = _trunk(cards, wires.values())
        cards = {
            key: Card(
                key,
                card.kind,
                tuple(folded[key]) if key in folded else card.nodes,
                card.block,
                card.region,
                card.copies,
                key in trunk,
            )
            for key, card in cards.items()
        }
        return Outline(cards, self._regions(cards), wires, card_of)

    def _place(self, block: str | None) -> tuple[str | None, str | None]:
        """For what is directly in `block`: the folded block that shows it, if any, and the region around."""
        if block not in self.place:
            chain = self.network.ancestors(block)
            region, shown = block, None
            for outer in chain:
                if outer.folded:
                    leader = self.leader.get(outer.id, outer.id)
                    shown = leader if self.network.blocks[leader].folded else outer.id
                    region = outer.parent
            self.place[block] = (shown, region)
        return self.place[block]

    def _stand_ins(self) -> Iterator[tuple[str, str]]:
        """Nodes of copies that are not shown → their counterpart in the copy that is."""
        for leader, copies in self.copies.items():
            if self.network.blocks[leader].folded:
                continue
            local = {path: node for node, path in _local_paths(self.network, leader)}
            for copy in copies[1:]:
                for node, path in _local_paths(self.network, copy):
                    if path in local:
                        yield node, local[path]

    def _host(self, node: Node, card_of: Mapping[str, str]) -> str | None:
        """The key of the card under which a node docks."""
        if not self.docked or node.layer.family not in RIDING or node.position is not None:
            return None
        into = self.topology.incoming[node.id]
        if len(into) != 1 or into[0].source_port != 0:
            return None
        above = self.network.nodes[into[0].source]
        if (
            len(self.topology.outgoing[above.id]) != 1
            or above.block != node.block
            or above.training_only != node.training_only
            or above.layer.family is Family.BOUNDARY
            or above.id not in card_of
            or _kind(above) is Kind.BAR
        ):
            return None
        return card_of[above.id]

    def _empty_blocks(self, cards: dict[str, Card]) -> None:
        """A folded block without a layer is a card all the same: someone is about to fill it."""
        for block in self.network.blocks.values():
            shown, region = self._place(block.id)
            if shown == block.id and shown not in self.leader and block_key(shown) not in cards:
                cards[block_key(shown)] = Card(block_key(shown), Kind.BLOCK, (), shown, region)

    def _wires(self, cards: Mapping[str, Card], card_of: Mapping[str, str]) -> dict[str, Wire]:
        depth = self._depths()
        gathered: dict[object, list[Link]] = {}
        for link in self.network.links.values():
            source, target = card_of[link.source], card_of[link.target]
            start = self.stand_in.get(link.source, link.source)
            end = self.stand_in.get(link.target, link.target)
            if source == target or self._between_copies(link):
                continue
            folded = Kind.BLOCK in (cards[source].kind, cards[target].kind)
            place = (source, target) if folded else (start, link.source_port, end, link.target_port)
            gathered.setdefault(place, []).append(link)
        main = self._main_inputs(depth)
        wires: dict[str, Wire] = {}
        for links in gathered.values():
            link = links[0]
            wires[link.id] = Wire(
                link.id,
                tuple(one.id for one in links),
                card_of[link.source],
                card_of[link.target],
                self.stand_in.get(link.source, link.source),
                link.source_port,
                self.stand_in.get(link.target, link.target),
                link.target_port,
                main.get(link.target, link.id) != link.id,
            )
        return _with_branches(wires)

    def _between_copies(self, link: Link) -> bool:
        """Whether a link joins two copies of a repeat that are drawn as one."""
        one = {
            self._copy(block.id) for block in self.network.ancestors(self.network.nodes[link.source].block)
        }
        two = {
            self._copy(block.id) for block in self.network.ancestors(self.network.nodes[link.target].block)
        }
        joined = {leader for leader, _ in one if leader} & {leader for leader, _ in two if leader}
        return any((leader, copy) not in two for leader, copy in one if leader in joined)

    def _copy(self, block: str) -> tuple[str, str]:
        leader = self.leader.get(block, block if block in self.copies else "")
        return leader, block

    def _depths(self) -> dict[str, int]:
        depth: dict[str, int] = {}
        for step in self.topology.steps:
            depth[step.node] = max((depth[source] + 1 for source, _ in step.sources), default=0)
        return depth

    def _main_inputs(self, depth: Mapping[str, int]) -> dict[str, str]:
        """For each add or multiply, the link that arrives over the longest way; the others are shortcuts."""
        main: dict[str, str] = {}
        for node in self.network.nodes.values():
            into = self.topology.incoming[node.id]
            if len(into) > 1 and _kind(node) is Kind.DOT:
                main[node.id] = max(into, key=lambda link: depth.get(link.source, 0)).id
        return main

    def _regions(self, cards: Mapping[str, Card]) -> dict[str, Region]:
        shown: dict[str, Region] = {}

        def show(block: Block) -> None:
            if block.id in shown or block.id in self.leader:
                return
            if block.parent is not None:
                show(self.network.blocks[block.parent])
            depth = shown[block.parent].depth + 1 if block.parent in shown else 0
            shown[block.id] = Region(block.id, block.parent, depth, len(self.copies.get(block.id, (1,))))

        for block in self.network.blocks.values():
            if self._place(block.id)[0] is None and not self._hidden(block.id):
                show(block)
        return shown

    def _hidden(self, block: str) -> bool:
        return any(outer.id in self.leader for outer in self.network.ancestors(block))


def _kind(node: Node) -> Kind:
    name = type(node.layer).__name__
    return Kind.DOT if name in DOTS else Kind.BAR if name in BARS else Kind.LAYER


def _local_paths(network: Network, block: str) -> Iterator[tuple[str, str]]:
    """(node, its path below the block) for all nodes inside."""
    prefix = len(network.block_path(block)) + 1
    for node in network.nodes_within(block):
        yield node, network.path(node)[prefix:]


def _collapsed(network: Network) -> Iterator[tuple[str, ...]]:
    """The copies of each repeat that are drawn as one, the one that stands for them first."""
    together: dict[tuple[str, str | None], list[str]] = {}
    for block in network.blocks.values():
        if block.group is not None and not network.groups[block.group].shares_weights:
            together.setdefault((block.group, block.parent), []).append(block.id)
    for copies in together.values():
        if (
            len(copies) > 1
            and all(network.blocks[copy].folded for copy in copies[1:])
            and _convex(network, copies)
        ):
            yield tuple(copies)


def _convex(network: Network, copies: list[str]) -> bool:
    """Whether no way leads out of the copies and back in: else one card for all would be on a cycle."""
    inside = {node for copy in copies for node in network.nodes_within(copy)}
    rank, outgoing = network.topology.rank, network.topology.outgoing
    last = max((rank[node] for node in inside), default=0)
    waiting = [link.target for node in inside for link in outgoing[node] if link.target not in inside]
    seen = set(waiting)
    while waiting:
        for link in outgoing[waiting.pop()]:
            if link.target in inside:
                return False
            if link.target not in seen and rank[link.target] < last:
                seen.add(link.target)
                waiting.append(link.target)
    return True


def _with_branches(wires: dict[str, Wire]) -> dict[str, Wire]:
    """A shortcut with a layer on it (a projection) is one from its beginning."""
    into: dict[str, list[Wire]] = {}
    out_of: dict[str, list[Wire]] = {}
    for wire in wires.values():
        into.setdefault(wire.target, []).append(wire)
        out_of.setdefault(wire.source, []).append(wire)
    waiting = [wire for wire in wires.values() if wire.shortcut]
    while waiting:
        wire = waiting.pop()
        before = into.get(wire.source, [])
        if len(before) == 1 and len(out_of[wire.source]) == 1 and not wires[before[0].key].shortcut:
            old = before[0]
            if len(out_of[old.source]) == 1:
                continue
            wires[old.key] = Wire(
                old.key, old.links, old.source, old.target, old.source_node, old.source_port,
                old.target_node, old.target_port, True,
            )  # fmt: skip
    return wires


def _trunk(cards: Mapping[str, Card], wires: Iterable[Wire]) -> set[str]:
    """The cards that no wire passes by, in the order of the flow."""
    place = {key: index for index, key in enumerate(cards)}
    passing = [0] * (len(cards) + 1)
    for wire in wires:
        first, last = sorted((place[wire.source], place[wire.target]))
        if last - first > 1:
            passing[first + 1] += 1
            passing[last] -= 1
    found, open_wires = set(), 0
    for key, index in place.items():
        open_wires += passing[index]
        if open_wires == 0:
            found.add(key)
    return found
