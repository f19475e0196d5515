"""What is wrong with a network, in a person's words, and the mends that would put it right.

Only causes are listed: what is unknown because something before it failed is not a problem of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from explorer.network.edits import Edit
from explorer.network.graph import Network, Node
from explorer.network.inference import Inference
from explorer.network.layer import Refused, spell
from explorer.network.layers.activation import LogSoftmax, Softmax
from explorer.network.layers.boundary import Input, Output


class Severity(StrEnum):
    """How bad it is: the network cannot run, it runs but hardly as meant, or it is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Mend:
    """An edit that would put a problem right; `title` says what it does."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, at `node` or, where that is None, with the network as a whole.

    `refusal` is the layer's own. The mends are worked out when somebody asks for them.
    """

    node: str | None
    code: str
    severity: Severity
    message: str
    refusal: Refused | None = field(default=None, compare=False)
    inference: Inference | None = field(default=None, compare=False, repr=False)

    @cached_property
    def mends(self) -> tuple[Mend, ...]:
        """The mends, best first. Each was tried: the problem goes and nothing that was right goes wrong."""
        from explorer.network.mends import mends_for

        return () if self.inference is None else mends_for(self, self.inference)


_LOOKED_THROUGH = ("Identity", "Dropout", "Flatten")
"""Layers between a softmax and the loss that change nothing about the softmax being too much."""

_MOST_SIZES = 7


def find_problems(network: Network, inference: Inference) -> tuple[Problem, ...]:
    """All problems, errors first, in the order in which data passes."""
    return tuple(_all(network, inference))


def _all(network: Network, inference: Inference) -> Iterator[Problem]:
    if not network.nodes:
        yield Problem(
            None,
            "empty",
            Severity.NOTE,
            "Nothing is here yet: put an Input down and layers behind it.",
            None,
            inference,
        )
        return
    refused: list[tuple[str, Refused]] = []
    outputs: list[Node] = []
    has_input = False
    for node, result in inference.results.items():
        if result.refusal is not None:
            refused.append((node, result.refusal))
        kind = type(result.layer)
        if kind is Output:
            outputs.append(network.nodes[node])
        elif kind is Input:
            has_input = True
    if not has_input and not any(network.nodes[n].layer.arity[1] == 0 for n in network.nodes):
        first = next((node for node, why in refused if why.code == "missing_input"), None)
        where = "" if first is None else f"{network.path(first)}: "
        message = f"{where}the network has no Input, so nothing enters it and no size is known."
        yield Problem(first, "no_input", Severity.ERROR, message, None, inference)
        refused = [(node, why) for node, why in refused if why.code != "missing_input"]
    for node, why in _once_a_cycle(network, refused):
        message = f"{network.path(node)}: {_told(network, inference, node, why)}"
        yield Problem(node, why.code, Severity.ERROR, message, why, inference)
    yield from _unequal_sharing(network, inference)
    if outputs:
        yield from _unused_ends(network, inference)
        for output in outputs:
            yield from _loss(network, inference, output)


def _once_a_cycle(network: Network, refused: list[tuple[str, Refused]]) -> Iterator[tuple[str, Refused]]:
    """The refusals, of each circle only the first node's."""
    seen: set[str] = set()
    on_cycle = {node for node, why in refused if why.code == "cycle"}
    for node, why in refused:
        if node in seen:
            continue
        if node in on_cycle:
            waiting = [node]
            while waiting:
                at = waiting.pop()
                if at not in seen and at in on_cycle:
                    seen.add(at)
                    waiting += [link.target for link in network.topology.outgoing[at]]
                    waiting += [link.source for link in network.topology.incoming[at]]
        yield node, why


def _told(network: Network, inference: Inference, node: str, why: Refused) -> str:
    """The layer's own words, and where the sizes shrank if that is the cause."""
    if why.code not in ("kernel_too_large", "empty_output"):
        return why.message
    way = shrinking(network, inference, node)
    if len(way) < 2:
        return why.message
    shown = way if len(way) <= _MOST_SIZES else [way[0], *way[1 - _MOST_SIZES :]]
    steps = ", ".join(f"{network.nodes[at].name} {'×'.join(map(str, size))}" for at, size in shown)
    return f"{why.message} The maps shrank on the way: {steps}."


def shrinking(network: Network, inference: Inference, node: str) -> list[tuple[str, tuple[int, ...]]]:
    """Where maps became smaller on the way to `node` along first inputs: (node, (H, W)) after each such step.

    The first is where they begin.
    """
    found: list[tuple[str, tuple[int, ...]]] = []
    incoming = network.topology.incoming
    while incoming[node]:
        node = incoming[node][0].source
        shape = inference.results[node].output
        if shape is None or len(shape) != 3:
            break
        size = tuple(shape[1:])
        if found and found[-1][1] == size:
            found[-1] = (node, size)
        else:
            found.append((node, size))
    return found[::-1]


def _unequal_sharing(network: Network, inference: Inference) -> Iterator[Problem]:
    if not any(group.shares_weights for group in network.groups.values()):
        return
    for node, result in inference.results.items():
        owner = network.sharers(node)[0]
        if owner == node or not result.known or not inference.results[owner].known:
            continue
        mine, other = result.tensors, inference.results[owner].tensors
        if mine != other:
            pair = next(((a, b) for a, b in zip(mine, other, strict=False) if a != b), None)
            sizes = f": {spell(pair[0].shape)} here, {spell(pair[1].shape)} there" if pair else ""
            message = (
                f"{network.path(node)} shares its weights with {network.path(owner)}, but they differ{sizes}."
            )
            yield Problem(node, "unequal_sharing", Severity.ERROR, message, None, inference)


def _unused_ends(network: Network, inference: Inference) -> Iterator[Problem]:
    outgoing = network.topology.outgoing
    for node in network.nodes.values():
        if outgoing[node.id] or node.training_only or type(node.layer) is Output:
            continue
        result = inference.results[node.id]
        if result.refusal is not None or not result.known:
            continue
        message = f"{network.path(node.id)}: nobody uses its result; the network's results are its Outputs."
        yield Problem(node.id, "unused", Severity.WARNING, message, None, inference)


def _loss(network: Network, inference: Inference, output: Node) -> Iterator[Problem]:
    """Softmax and loss that do not go together."""
    loss = getattr(output.layer, "loss", "none")
    before = last_before(network, output.id)
    if before is None:
        return
    kind, name = type(before.layer), network.path(before.id)
    if loss == "cross-entropy" and kind in (Softmax, LogSoftmax):
        yield Problem(
            before.id,
            "softmax_before_loss",
            Severity.WARNING,
            f"{name}: the cross-entropy loss of {output.name} has a softmax of its own; "
            "with both, training is slow and the loss can't reach 0.",
            None,
            inference,
        )
    elif loss == "nll" and kind is not LogSoftmax and inference.results[before.id].known:
        yield Problem(
            output.id,
            "loss_needs_log_softmax",
            Severity.WARNING,
            f"{network.path(output.id)}: the nll loss expects the logarithms that a log softmax gives, "
            f"but {name} is a {before.layer.title.lower()}.",
            None,
            inference,
        )


def last_before(network: Network, node: str) -> Node | None:
    """The layer whose values reach `node`, looking through those that only pass them on."""
    for _ in network.nodes:
        into = network.topology.incoming[node]
        if not into:
            return None
        found = network.nodes[into[0].source]
        if type(found.layer).__name__ not in _LOOKED_THROUGH:
            return found
        node = found.id
    return None
