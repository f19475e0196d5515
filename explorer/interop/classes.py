"""The classes that a run names: only where every weight was learned and the classes are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.network.graph import Network
from explorer.network.layers import LogSoftmax, Output, Softmax


class ClassScore(NamedTuple):
    """A class by name, and its share of the softmax."""

    name: str
    probability: float


def top_classes(
    network: Network, vectors: Mapping[str, NDArray[np.float32]], random: Collection[str], count: int
) -> tuple[ClassScore, ...] | None:
    """The likeliest classes first, from the vectors that the nodes gave; None where none can be named.

    `random` are the nodes whose weights nobody trained: one is enough to withhold every name.
    """
    trained = network.trained
    if trained is None or not trained.classes or random:
        return None
    for node in reversed(network.topology.order):
        vector = vectors.get(node)
        if vector is None or network.topology.outgoing[node] or network.nodes[node].training_only:
            continue
        if len(vector) == len(trained.classes):
            shares = _shares(network, node, vector.astype(np.float64))
            best = np.argsort(-shares, kind="stable")[:count]
            return tuple(ClassScore(trained.classes[index], float(shares[index])) for index in best)
    return None


def _shares(network: Network, node: str, vector: NDArray[np.float64]) -> NDArray[np.float64]:
    layer = network.nodes[node].layer
    while isinstance(layer, Output):
        node = network.topology.incoming[node][0].source
        layer = network.nodes[node].layer
    if isinstance(layer, LogSoftmax):
        return np.exp(vector)
    if isinstance(layer, Softmax):
        return vector
    raised = np.exp(vector - vector.max())
    found: NDArray[np.float64] = raised / raised.sum()
    return found
