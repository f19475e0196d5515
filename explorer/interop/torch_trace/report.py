"""The report on an import, made from what the run counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from explorer.interop.import_report import ImportReport, OpaquePart
from explorer.interop.torch_trace.assembling import Assembled
from explorer.interop.torch_trace.lowering import Plan
from explorer.interop.torch_trace.recording import Shape, Trace
from explorer.network.edits import apply, change
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.layers import Input, Opaque

#: MACs of one example of these shapes in torch, None where it does not run on them.
Counted = Callable[[Sequence[Shape]], int | None]


def of(
    made: Assembled, plan: Plan, first: Trace, twin: Trace | None, counted_at: Counted, frozen: int
) -> ImportReport:
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
        totals.exact and totals.macs * first.batch == counted,
        opaque,
        sum(node.training_only for node in network.nodes.values()),
        tuple(tensor.name for tensor in made.unreached),
        len(network.borrowers),
        _checked(network, twin, inference, counted_at),
        frozen,
        sum(bool(planned.worked) for planned in plan.layers),
        tuple(tensor.name for tensor in made.sources),
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
