"""What is to be said of an import: how much became layers, what stayed opaque and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from explorer.interop.torch_trace.assembling import Assembled
from explorer.interop.torch_trace.lowering import Plan
from explorer.interop.torch_trace.recording import Shape, Trace
from explorer.network.edits import apply, change
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.layer import spell
from explorer.network.layers import Input, Opaque


class OpaquePart(NamedTuple):
    """One part of which only shapes and counts are known, and why no layer describes it."""

    path: str
    kind: str
    why: str
    parameters: int
    macs: int


@dataclass(frozen=True)
class ImportReport:
    """Counts of one import.

    `exact` says that parameters and MACs are those that torch counted in the run itself. `checked_at` is a
    second input size at which all sizes and counts followed, None where there is none.
    """

    layers: int
    parameters: int
    macs: int
    exact: bool
    opaque: tuple[OpaquePart, ...]
    training_only: int
    unreached: tuple[str, ...]
    shared: int
    checked_at: tuple[Shape, ...] | None

    @property
    def described_macs(self) -> float:
        """The share of the MACs that is in layers, not in opaque parts."""
        hidden = sum(part.macs for part in self.opaque)
        return 1 - hidden / self.macs if self.macs else 1.0

    def lines(self) -> list[str]:
        """For a person: what is what, a sentence each."""
        said = [self._read()]
        if self.opaque:
            kinds = Counter(f"{part.kind} ({part.why})" for part in self.opaque)
            shown = ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common(6))
            rest = len(kinds) - 6
            more = f" and {rest} more kinds" if rest > 0 else ""
            said.append(
                f"Opaque, counted but not taken apart: {shown}{more}; "
                f"{1 - self.described_macs:.1%} of the MACs."
            )
        if self.shared:
            said.append(f"Layers that share their weights with another: {self.shared}.")
        if self.training_only - len(self.unreached) > 0:
            said.append(f"Layers that only training runs: {self.training_only - len(self.unreached)}.")
        if self.unreached:
            names = ", ".join(self.unreached[:4]) + (", …" if len(self.unreached) > 4 else "")
            said.append(f"Parameters that no run reached, kept beside the network: {names}.")
        if self.checked_at is not None:
            sizes = " and ".join(spell(shape) for shape in self.checked_at)
            said.append(f"At {sizes} all sizes and counts follow as in torch.")
        return said

    def _read(self) -> str:
        if self.exact:
            return f"Imported {self.layers} layers; parameters and MACs are exactly torch's."
        return f"Imported {self.layers} layers; not all counts are torch's."


#: MACs of one example of these shapes in torch, None where it does not run on them.
Counted = Callable[[Sequence[Shape]], int | None]


def of(made: Assembled, plan: Plan, first: Trace, twin: Trace | None, counted_at: Counted) -> ImportReport:
    """The report on a network that was just made."""
    network = made.network
    inference = infer(network)
    opaque = tuple(
        OpaquePart(
            node, planned.layer.kind, planned.why, planned.layer.parameter_count, planned.layer.mac_count
        )
        for node, planned in zip(made.ids, plan.layers, strict=False)
        if isinstance(planned.layer, Opaque)
    )
    totals = inference.totals
    counted = first.macs
    return ImportReport(
        len(plan.layers),
        totals.parameters,
        totals.macs,
        totals.exact and totals.macs == counted,
        opaque,
        sum(node.training_only for node in network.nodes.values()),
        tuple(tensor.name for tensor in made.unreached),
        len(network.borrowers),
        _checked(network, twin, inference, counted_at),
    )


def _checked(
    network: Network, twin: Trace | None, inference: Inference, counted_at: Counted
) -> tuple[Shape, ...] | None:
    """The size of the second run, if the rules give that run's MACs and results there."""
    if twin is None:
        return None
    inputs = [node for node in network.nodes.values() if isinstance(node.layer, Input)]
    shapes = tuple(ref.shape[1:] for ref in twin.inputs)
    if shapes == tuple(node.layer.shape for node in inputs):  # type: ignore[attr-defined]
        return None
    edits = [
        change(node, replace(node, layer=Input(shape))) for node, shape in zip(inputs, shapes, strict=True)
    ]
    totals = infer(apply(network, edits), inference).totals
    if not totals.exact:
        return None
    if totals.macs * twin.batch == twin.macs:
        return shapes
    # What is worked out from weights alone is not done for each example.
    return shapes if totals.macs == counted_at(shapes) else None
