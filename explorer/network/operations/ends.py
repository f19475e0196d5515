"""Where data enters a block and where it leaves it."""

from __future__ import annotations

from collections.abc import Set

from explorer.network.fragment import Port
from explorer.network.graph import Network


def block_ends(network: Network, block: str) -> tuple[list[Port], Port | None]:
    """The inputs that the one signal into a block feeds, and the one output that leaves it.

    Where several signals enter there are no inputs, where several leave no output.
    """
    return ends_of(network, set(network.nodes_within(block)))


def ends_of(network: Network, inside: Set[str]) -> tuple[list[Port], Port | None]:
    """The same for any nodes taken together."""
    entries: list[Port] = []
    sources: set[Port] = set()
    results: dict[Port, None] = {}
    loose: list[Port] = []
    for node in sorted(inside, key=network.topology.rank.__getitem__):
        into, out = network.topology.incoming[node], network.topology.outgoing[node]
        for link in into:
            if link.source not in inside:
                entries.append((node, link.target_port))
                sources.add((link.source, link.source_port))
        if not into and network.nodes[node].layer.arity[0] > 0:
            entries.append((node, 0))
        results |= dict.fromkeys((node, link.source_port) for link in out if link.target not in inside)
        if not out:
            loose.append((node, 0))
    ends = list(results) or loose
    return entries if len(sources) <= 1 else [], ends[0] if len(ends) == 1 else None
