"""Finding heads: the fully connected layers behind feature maps, and what a network ends with."""

from __future__ import annotations

from typing import NamedTuple

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.layer import Family, Shape
from explorer.network.layers import (
    BatchNorm,
    Constant,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    Identity,
    Input,
    Linear,
    LogSoftmax,
    Output,
    Softmax,
)


class Chain(NamedTuple):
    """Feature maps made a vector by `start`, then `members` in order, the last of them fully connected.

    `maps` is the shape that the first fully connected layer sees: (C, H, W).
    """

    start: str
    maps: Shape
    members: tuple[str, ...]
    linears: tuple[str, ...]


def dense_chains(inference: Inference) -> list[Chain]:
    """All fully connected heads behind feature maps, in the order of evaluation."""
    network = inference.network
    found = []
    for start in network.topology.order:
        maps = _maps_before(inference, start)
        if maps is None:
            continue
        members: list[str] = []
        node = start
        while (follower := _only_follower(network, node)) is not None and _stays(inference, follower):
            members.append(follower)
            node = follower
        linears = [one for one in members if isinstance(network.nodes[one].layer, Linear)]
        if linears:
            members = members[: members.index(linears[-1]) + 1]
            found.append(Chain(start, maps, tuple(members), tuple(linears)))
    return found


def chain_with(inference: Inference, node: str | None) -> list[Chain]:
    """The chain that a node belongs to, or all. Raises UserError where there is none."""
    chains = dense_chains(inference)
    if node is not None:
        mine = [chain for chain in chains if node in (chain.start, *chain.members)]
        if not mine:
            name = inference.network.nodes[node].name
            raise UserError(
                f"{name} is not one of the fully connected layers behind feature maps: choose one that "
                "follows a flatten layer."
            )
        return mine
    if not chains:
        raise UserError("This network has no fully connected layers behind feature maps.")
    return chains


def _maps_before(inference: Inference, node: str) -> Shape | None:
    """The maps (C, H, W) that a node makes a vector, None if it does something else."""
    layer = inference.network.nodes[node].layer
    shapes = inference.input_shapes(node)
    if not shapes or not inference.results[node].known or len(shapes[0]) != 3:
        return None
    if isinstance(layer, Flatten) and layer.start_dim == 1:
        return shapes[0]
    if isinstance(layer, GlobalAvgPool2d | GlobalMaxPool2d) and layer.flatten:
        return (shapes[0][0], 1, 1)
    return None


def _only_follower(network: Network, node: str) -> str | None:
    out = network.topology.outgoing[node]
    return out[0].target if len(out) == 1 else None


def _stays(inference: Inference, node: str) -> bool:
    """Whether a layer does to maps of 1×1, and of more, what it does to the vector: value by value."""
    layer = inference.network.nodes[node].layer
    if len(inference.results[node].output or ()) != 1:
        return False
    if isinstance(layer, Softmax | LogSoftmax):
        return False
    return isinstance(layer, Linear | BatchNorm | Identity) or layer.family in (
        Family.ACTIVATION,
        Family.REGULARIZE,
    )


def result_nodes(network: Network, training_only: bool) -> list[str]:
    """The nodes whose values a pass gives back: what the Outputs get, or else every end."""
    outgoing, incoming = network.topology.outgoing, network.topology.incoming
    nodes = [node for node in network.nodes.values() if node.training_only is training_only]
    marked = [node for node in nodes if isinstance(node.layer, Output)]
    if marked:
        return [incoming[node.id][0].source for node in marked if incoming[node.id]]
    return [
        node.id for node in nodes if not outgoing[node.id] and not isinstance(node.layer, Constant | Input)
    ]


def classifier_before(inference: Inference, end: str) -> str | None:
    """The layer that decides how many values a result has: the last one with so many outputs of its own."""
    network = inference.network
    node = end
    while True:
        layer = network.nodes[node].layer
        fields = type(layer).__struct_fields__
        if "out_features" in fields or "out_channels" in fields:
            return node
        into = network.topology.incoming[node]
        passes = isinstance(layer, BatchNorm | Flatten | Identity) or layer.family in (
            Family.ACTIVATION,
            Family.REGULARIZE,
            Family.POOLING,
        )
        if len(into) != 1 or not passes:
            return None
        node = into[0].source
