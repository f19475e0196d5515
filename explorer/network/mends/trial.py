"""Ideas for mends, and the network in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from explorer.network import operations as do
from explorer.network.edits import Edit, apply, change
from explorer.network.graph import Network
from explorer.network.layer import Layer
from explorer.network.operations import Change


class Trial:
    """A network on which operations are carried out one after the other; their edits add up."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.edits: tuple[Edit, ...] = ()
        self.title = ""
        self._number = 0

    def fresh(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    def do(self, change: Change) -> Change:
        self.network = apply(self.network, change.edits)
        self.edits += change.edits
        self.title = self.title or change.title
        return change


@dataclass(frozen=True, slots=True)
class Idea:
    """What might mend a problem. Without a title it has that of its first operation.

    Of several of one `kind` only the first that works is offered.
    """

    title: str
    act: Callable[[Trial], object]
    kind: str = ""


def setting(node: str, **changes: Any) -> Idea:
    """Change settings of a layer."""
    return Idea("", lambda trial: trial.do(do.set_fields(trial.network, node, changes)))


def replacing(node: str, layer: Layer) -> Idea:
    """Put another layer in a node's place."""
    return Idea("", lambda trial: trial.do(do.set_layer(trial.network, node, layer)))


def deleting(title: str = "", *, nodes: Sequence[str] = (), links: Sequence[str] = ()) -> Idea:
    """Remove nodes, healing the chain, or links."""
    return Idea(title, lambda trial: trial.do(do.delete(trial.network, trial.fresh, nodes, (), links)))


def connecting(source: str, target: str, port: int) -> Idea:
    """Link the first output of one node to an input of another."""
    return Idea("", lambda trial: trial.do(do.connect(trial.network, trial.fresh, source, 0, target, port)))


def inserting(link: str, *layers: Layer, title: str = "") -> Idea:
    """Put layers into a link, in this order."""
    return Idea(title, lambda trial: insert_all(trial, link, layers))


def insert_all(trial: Trial, link: str, layers: Sequence[Layer]) -> None:
    """Put layers into a link, in this order."""
    for layer in layers:
        target, port = trial.network.links[link].target, trial.network.links[link].target_port
        trial.do(do.insert_on_link(trial.network, trial.fresh, link, layer))
        link = next(
            found.id for found in trial.network.topology.incoming[target] if found.target_port == port
        )


def moving(link: str, title: str = "", **ends: Any) -> Idea:
    """Move an end of a link."""
    return Idea(title, lambda trial: trial.do(do.rewire(trial.network, link, **ends)))


def appending(node: str, layer: Layer, title: str) -> Idea:
    """Put a layer behind a node."""
    return Idea(title, lambda trial: trial.do(do.append_after(trial.network, trial.fresh, node, layer)))


def merging(node: str, layer: Layer, title: str) -> Idea:
    """Bring all that enters a node together in a merge before it."""

    def act(trial: Trial) -> None:
        into = trial.network.topology.incoming[node]
        made = trial.do(
            do.add_layer(trial.network, trial.fresh, layer, block=trial.network.nodes[node].block)
        )
        trial.do(do.delete(trial.network, trial.fresh, links=[link.id for link in into]))
        for port, link in enumerate(into):
            trial.do(
                do.connect(trial.network, trial.fresh, link.source, link.source_port, made.nodes[0], port)
            )
        trial.do(do.connect(trial.network, trial.fresh, made.nodes[0], 0, node, 0))

    return Idea(title, act)


def separating(group: str, title: str) -> Idea:
    """Let the copies of a sharing group have weights of their own."""

    def act(trial: Trial) -> None:
        found = trial.network.groups[group]
        trial.do(Change(title, (change(found, replace(found, shares_weights=False)),)))

    return Idea(title, act)


def detaching(block: str) -> Idea:
    """Take a copy out of its group."""
    return Idea("", lambda trial: trial.do(do.detach(trial.network, block)))


def adding_input(shape: tuple[int, ...], first: str | None) -> Idea:
    """Put an Input down, before `first` if there is such a node."""
    from explorer.network.layers import Input

    def act(trial: Trial) -> None:
        made = trial.do(do.add_layer(trial.network, trial.fresh, Input(shape)))
        if first is not None:
            trial.do(do.connect(trial.network, trial.fresh, made.nodes[0], 0, first, 0))

    return Idea(f"Add an input of {' × '.join(map(str, shape))}", act)
