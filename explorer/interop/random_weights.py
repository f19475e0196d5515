"""Which layers have weights that nobody trained: asks the rules and the store's shapes, loads no torch."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.interop.tensors import STORE, TensorStore
from explorer.network.graph import Network
from explorer.network.inference import Inference


def unweighted(network: Network, inference: Inference, store: TensorStore = STORE) -> frozenset[str]:
    """The nodes that have weights but no tensors that fit: they are random until somebody trains or loads."""
    found = set()
    for node in network.topology.order:
        parameters = inference.results[node].tensors
        named = network.nodes[node].tensors
        if any(store.shape(named.get(one.name, "")) != one.shape for one in parameters):
            found.add(node)
    return frozenset(found)


def left_random(network: Network, inference: Inference, store: TensorStore = STORE) -> frozenset[str]:
    """Those nodes in a network that has some trained weights; in one that has none at all nobody is told."""
    if not any(node.tensors for node in network.nodes.values()):
        return frozenset()
    return unweighted(network, inference, store)


def without_values(network: Network, nodes: Iterable[str], store: TensorStore = STORE) -> tuple[str, ...]:
    """Those of `nodes` that name weights which are not here, as when they come from another program."""
    return tuple(
        node for node in nodes if any(tensor not in store for tensor in network.nodes[node].tensors.values())
    )
