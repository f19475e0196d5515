"""Which layers of a network keep their weights while the others learn. Knows no torch."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import BatchNorm, Dropout, Dropout2d, Input, StochasticDepth

_RANDOM = (Dropout, Dropout2d, StochasticDepth)


def learnable(network: Network) -> tuple[str, ...]:
    """The ids of the nodes with weights, in the order of the network."""
    results = infer(network).results
    return tuple(node for node in network.topology.order if results[node].parameters)


def frozen(network: Network, patterns: Sequence[str]) -> frozenset[str]:
    """The ids of the nodes with weights that the patterns name.

    A pattern is the path of a layer or a block, or one with `*` and `?` for several: `features`, `layer1.*`.
    Raises UserError for one that names none.
    """
    nodes = learnable(network)
    found = set()
    for pattern in patterns:
        chosen = [node for node in nodes if _fits(network.path(node), pattern)]
        if not chosen:
            paths = [network.path(node) for node in nodes]
            near = difflib.get_close_matches(pattern, paths, n=2, cutoff=0.4) or paths[:2]
            raise UserError(
                f"'{pattern}' names no layer of {network.name} that has weights; "
                f"write a path like {' or '.join(near)}, or a part of one with *"
            )
        found.update(chosen)
    if patterns and found >= set(nodes):
        raise UserError(f"all layers of {network.name} are frozen; leave at least one to learn")
    return frozenset(found)


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or path.startswith(f"{pattern}.") or fnmatchcase(path, f"{pattern}.*")


def settled(network: Network, frozen: frozenset[str]) -> frozenset[str]:
    """The nodes whose values never change while the rest learns, as all below them is frozen.

    They can be worked out once. What has weights that learn, draws at random, or normalizes by its batch ends
    it.
    """
    learning = set(learnable(network)) - frozen
    found: set[str] = set()
    for node in network.topology.order:
        one = network.nodes[node]
        sources = [link.source for link in network.topology.incoming[node]]
        unsettled = isinstance(one.layer, _RANDOM) or (
            isinstance(one.layer, BatchNorm) and node not in frozen
        )
        if node in learning or unsettled:
            continue
        if (sources or isinstance(one.layer, Input)) and all(source in found for source in sources):
            found.add(node)
    return frozenset(found) if found & frozen else frozenset()


def border(network: Network, settled: frozenset[str]) -> tuple[str, ...]:
    """The settled nodes whose values what learns takes, in the order of the network."""
    outgoing = network.topology.outgoing
    return tuple(
        node
        for node in network.topology.order
        if node in settled and any(link.target not in settled for link in outgoing[node])
    )
