"""What a network gives: its Outputs, or without any what every end holds."""

from __future__ import annotations

from explorer.network.graph import Network
from explorer.network.layers.boundary import Input, Output
from explorer.network.layers.given import Constant, ParameterTensor


def result_nodes(network: Network, training_only: bool) -> tuple[str, ...]:
    """The ids of the Outputs, or without any the ends, of what every pass or only training evaluates.

    A constant, a parameter or an input that feeds nothing is no result.
    """
    outgoing = network.topology.outgoing
    nodes = [node for node in network.nodes.values() if node.training_only is training_only]
    marked = [node for node in nodes if isinstance(node.layer, Output)]
    ends = [
        node
        for node in nodes
        if not outgoing[node.id] and not isinstance(node.layer, Constant | Input | ParameterTensor)
    ]
    return tuple(node.id for node in marked or ends)
