"""The rows of the layer table: one for each layer, nested by block, in the order in which data flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.network.graph import Network
from explorer.network.inference import Inference


class Row:
    """A layer or a block in the table. `id` is the node's or the block's; the root has the id ""."""

    __slots__ = ("children", "id", "is_block", "parent", "place", "shown")

    def __init__(self, identifier: str, is_block: bool, parent: Row | None) -> None:
        self.id = identifier
        self.is_block = is_block
        self.parent = parent
        self.children: list[Row] = []
        self.shown: list[Row] = self.children
        self.place = 0

    def arrange(
        self, keep: Callable[[Row], bool] | None, key: Callable[[Row], Any] | None, down: bool
    ) -> bool:
        """Choose and order the children that are shown; whether this row is to be shown itself."""
        kept = (
            self.children if keep is None else [row for row in self.children if row.arrange(keep, key, down)]
        )
        if keep is None:
            for row in self.children:
                if row.children:
                    row.arrange(None, key, down)
        self.shown = kept if key is None else sorted(kept, key=key, reverse=down)
        for place, row in enumerate(self.shown):
            row.place = place
        return bool(kept) or keep is None or keep(self)


def build_rows(network: Network) -> tuple[Row, dict[str, Row], dict[str, Row]]:
    """The root, the rows of the nodes and those of the blocks, by id."""
    rank = network.topology.rank
    root = Row("", True, None)
    nodes: dict[str, Row] = {}
    blocks: dict[str, Row] = {}

    def fill(parent: Row, key: str | None) -> float:
        own_nodes, own_blocks = network.members.get(key, ((), ()))
        found: list[tuple[float, Row]] = []
        for node in own_nodes:
            nodes[node] = row = Row(node, False, parent)
            found.append((rank[node], row))
        for block in own_blocks:
            blocks[block] = row = Row(block, True, parent)
            found.append((fill(row, block), row))
        found.sort(key=lambda pair: pair[0])
        parent.children.extend(row for _, row in found)
        parent.shown = parent.children
        for place, row in enumerate(parent.children):
            row.place = place
        return found[0][0] if found else float("inf")

    fill(root, None)
    return root, nodes, blocks


class Sum:
    """What a block comes to; at least that, if not `exact`, because a part of it is unknown."""

    __slots__ = ("exact", "last", "layers", "macs", "parameters", "rank")

    def __init__(self) -> None:
        self.parameters = 0
        self.macs = 0
        self.layers = 0
        self.rank = -1
        self.last = ""
        self.exact = True


def block_sums(network: Network, inference: Inference) -> dict[str, Sum]:
    """For every block its parameters (shared ones once), MACs in eval mode, and its last layer."""
    sums = {block: Sum() for block in network.blocks}
    rank = network.topology.rank
    around = {block: [found.id for found in network.ancestors(block)] for block in network.blocks}
    for node in network.nodes.values():
        if node.block is None:
            continue
        result = inference.results[node.id]
        parameters = result.parameters if inference.owns_weights(node.id) else 0
        macs = 0 if node.training_only else result.macs
        place = rank[node.id]
        for block in around[node.block]:
            total = sums[block]
            total.parameters += parameters
            total.macs += macs
            total.layers += 1
            total.exact = total.exact and result.known
            if place > total.rank:
                total.rank, total.last = place, node.id
    return sums


def same_rows(before: Network, after: Network) -> bool:
    """Whether both networks have the same rows in the same order, so that only their cells may differ."""
    if before.topology is not after.topology:
        return False
    if before.blocks is not after.blocks and {b.id: b.parent for b in before.blocks.values()} != {
        b.id: b.parent for b in after.blocks.values()
    }:
        return False
    if before.nodes is after.nodes:
        return True
    return all(
        old is new or old.block == new.block
        for old, new in zip(before.nodes.values(), map(after.nodes.__getitem__, before.nodes), strict=True)
    )
