"""Mends of links: missing, colliding, too many, or in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.network import operations as do
from explorer.network.inference import Inference
from explorer.network.layers.boundary import Output
from explorer.network.layers.merge import Add, Concat
from explorer.network.mends.trial import Idea, Trial, connecting, deleting, merging, moving
from explorer.network.problems import Problem

_MOST_SOURCES = 4
_MOST_LINKS = 8


def at_missing_input(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Connect to what is nearest: ends that nobody uses first."""
    network = inference.network
    node = problem.node
    assert node is not None
    into = network.topology.incoming[node]
    for link in into:
        if link.source_port >= len(inference.results[link.source].outputs) > 0:
            yield moving(link.id, source_port=0)
    fed = {link.source for link in into}
    near = [
        at
        for at in network.topology.order
        if at != node
        and at not in fed
        and inference.results[at].known
        and type(network.nodes[at].layer) is not Output
    ]
    rank = network.topology.rank
    here = network.nodes[node].position

    def distance(at: str) -> tuple[bool, float]:
        there = network.nodes[at].position
        used = bool(network.topology.outgoing[at])
        if here is None or there is None:
            return used, -float(rank[at])
        return used, (here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2

    taken = {link.target_port for link in into}
    free = next(port for port in range(len(into) + 1) if port not in taken)
    for at in sorted(near, key=distance)[:_MOST_SOURCES]:
        yield connecting(at, node, free)


def at_too_many(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Keep one of the links, or bring them together before they enter."""
    network = inference.network
    node = problem.node
    assert node is not None
    into = network.topology.incoming[node]
    most = network.nodes[node].layer.arity[1]
    if most == 0:
        yield deleting(f"Remove what feeds {network.nodes[node].name}", links=[link.id for link in into])
        return
    for kept in into[:2]:
        others = [link.id for link in into if link.id != kept.id]
        yield deleting(f"Keep only the link from {network.nodes[kept.source].name}", links=others)
    if most == 1:
        yield merging(node, Add(), "Add them before they enter")
        yield merging(node, Concat(), "Concatenate them before they enter")


def at_port_taken(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """A port for each link where there can be more, else one link."""
    network = inference.network
    node = problem.node
    assert node is not None
    if network.nodes[node].layer.arity[1] == 1:
        yield from at_too_many(inference, problem)
        return
    taken: set[int] = set()
    double = []
    for link in network.topology.incoming[node]:
        if link.target_port in taken:
            double.append(link)
        taken.add(link.target_port)

    def spread(trial: Trial) -> None:
        for offset, link in enumerate(double, 1):
            trial.do(do.rewire(trial.network, link.id, target_port=max(taken) + offset))

    yield Idea("Give each link an input of its own", spread)
    yield deleting(links=[link.id for link in double])


def at_cycle(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Remove a link that leads back, which for most is one that enters a layer made earlier."""
    network = inference.network
    circle = network.topology.on_cycle
    index = {node: at for at, node in enumerate(network.nodes)}
    links = [link for link in network.links.values() if link.source in circle and link.target in circle]
    links.sort(key=lambda link: index[link.target] - index[link.source])
    for link in links[:_MOST_LINKS]:
        names = network.nodes[link.source].name, network.nodes[link.target].name
        yield deleting(f"Remove the link from {names[0]} to {names[1]}", links=(link.id,))
