"""Placing a graph shaped as DenseNet-201's, against the same cards without the links that skip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.network.arrange import Box, Edge, GroupBox, arrange
from explorer.network.graph import Network
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds
from tests.benchmarks.shapes import densenet

GOAL = 2.0


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """With its blocks, and flat."""
    network = densenet()
    yield _figure("layout", network, _groups(network), pairs)
    yield _figure("layout-flat", network, {}, pairs)


def _figure(name: str, network: Network, groups: Mapping[str, GroupBox], pairs: int) -> Figure:
    boxes = {node: Box(232, 60) for node in network.nodes}
    edges = [Edge(link.id, link.source, link.target) for link in network.links.values()]
    # Of every card's sources the latest alone: what is left is a chain.
    chain = list({edge.target: edge for edge in edges}.values())
    return in_turns(
        name,
        lambda: seconds(lambda: arrange(boxes, edges, groups)),
        lambda: seconds(lambda: arrange(boxes, chain, groups)),
        f"ours < {GOAL:g} s",
        lambda ours, _: ours < GOAL,
        pairs=pairs,
        note=f"DenseNet-201's shape: {len(boxes)} cards, {len(edges)} links; the peer has {len(chain)}",
    )


def _groups(network: Network) -> dict[str, GroupBox]:
    """All blocks, shown open."""
    return {
        block.id: GroupBox(block.parent, network.members[block.id][0], 24)
        for block in network.blocks.values()
    }
