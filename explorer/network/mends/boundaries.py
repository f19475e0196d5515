"""Mends where a network begins and ends."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.network.inference import Inference
from explorer.network.layers.activation import LogSoftmax, Softmax
from explorer.network.layers.boundary import Output
from explorer.network.mends.trial import (
    Idea,
    adding_input,
    appending,
    deleting,
    inserting,
    replacing,
    setting,
)
from explorer.network.problems import Problem, last_before

_SHAPES = ((3, 224, 224), (3, 32, 32), (1, 28, 28), (784,))


def at_empty(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Something to begin with."""
    for shape in _SHAPES:
        yield adding_input(shape, None)


def at_no_input(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """An input before the first layer that has none."""
    network = inference.network
    topology = network.topology
    first = next((at for at in topology.order if not topology.incoming[at]), None)
    for shape in _SHAPES:
        yield adding_input(shape, first)


def at_unused(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """A result of its own."""
    assert problem.node is not None
    name = inference.network.nodes[problem.node].name
    yield appending(problem.node, Output(), f"Make {name} an output")


def at_softmax(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """No softmax, or the loss that goes with its logarithm."""
    network = inference.network
    assert problem.node is not None
    yield deleting(f"Remove {network.nodes[problem.node].name}", nodes=(problem.node,))
    if type(network.nodes[problem.node].layer) is LogSoftmax:
        for end in network.nodes.values():
            before = last_before(network, end.id) if type(end.layer) is Output else None
            if before is not None and before.id == problem.node:
                yield setting(end.id, loss="nll")


def at_loss(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """The log softmax that the loss expects, or the loss that has one of its own."""
    network = inference.network
    assert problem.node is not None
    before = last_before(network, problem.node)
    if before is not None and isinstance(before.layer, Softmax):
        yield replacing(before.id, LogSoftmax(dim=before.layer.dim))
        return
    yield inserting(network.topology.incoming[problem.node][0].id, LogSoftmax())
    yield setting(problem.node, loss="cross-entropy")
