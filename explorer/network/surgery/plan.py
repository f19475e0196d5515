"""What an operation wants done, and the network in which it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from msgspec.structs import replace

from explorer.network.edits import Edit, apply, change
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.operations import Change
from explorer.network.operations.draft import Fresh

How = Literal["reshape", "fold", "zero", "select"]
"""How a layer's tensors come about: the source's values in another shape; a batch norm folded into the layer
before it, sources (layer, norm); all that is added or multiplied by set to 0; some of the source's channels,
or some of them several times, as `selection` says."""
Same = Literal["outputs", "identity", ""]
"""What must hold afterwards: the outputs of the network are the same; the sums named in `sums` are exactly
their shortcuts; or nothing, as the network computes something else."""


class Selection(NamedTuple):
    """For each output channel of a layer the old one, and for each input channel; `into` is None where the
    layer works on every channel by itself. Copies of one input channel share its weights.
    """

    out: tuple[int, ...]
    into: tuple[int, ...] | None


class Carry(NamedTuple):
    """The tensors of `node`, after the change, come from those of `sources`, before it."""

    node: str
    how: How
    sources: tuple[str, ...]
    selection: Selection | None = None


@dataclass(frozen=True)
class Plan:
    """An operation as edits of the document, with what is needed to move its weights and to prove it."""

    change: Change
    carries: tuple[Carry, ...] = ()
    same: Same = ""
    sums: tuple[str, ...] = ()
    note: str = ""


class Bench:
    """A network on which operations are carried out one after the other; their edits add up."""

    def __init__(self, network: Network, fresh: Fresh) -> None:
        self.before = network
        self.network = network
        self.fresh = fresh
        self.edits: tuple[Edit, ...] = ()
        self._inference: Inference | None = None

    def do(self, made: Change) -> Change:
        """Carry out an operation."""
        self.network = apply(self.network, made.edits)
        self.edits += made.edits
        return made

    def forget(self, node: str) -> None:
        """Let a node, and what shares its place in other copies, name no tensors: its weights are others."""
        found = [self.network.nodes[one] for one in self.network.counterparts(node)]
        edits = [change(one, replace(one, tensors={})) for one in found if one.tensors]
        self.network = apply(self.network, edits)
        self.edits += tuple(edits)

    @property
    def inference(self) -> Inference:
        """The numbers of the network as it is now."""
        if self._inference is None or self._inference.network is not self.network:
            self._inference = infer(self.network, self._inference)
        return self._inference

    def check(self) -> None:
        """Raise UserError where a layer that was known before refuses its inputs now."""
        before = infer(self.before)
        for node in self.network.topology.order:
            refusal = self.inference.results[node].refusal
            old = before.results.get(node)
            if refusal is not None and (old is None or old.refusal is None):
                raise UserError(
                    f"This can't be done: {self.network.path(node)} would not fit any more. {refusal.message}"
                )


def names(network: Network, nodes: tuple[str, ...] | list[str]) -> str:
    """`fc6`, `fc6 and fc7`, `fc6, fc7 and fc8`, `16 layers`."""
    found = [network.nodes[node].name for node in nodes]
    if len(found) > 3:
        return f"{len(found)} layers"
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else found[0]
