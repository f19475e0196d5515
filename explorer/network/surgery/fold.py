"""Batch norm in use is a scale and a shift for each channel: they go into the layer before it."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.network import operations as do
from explorer.network.errors import UserError
from explorer.network.inference import Inference
from explorer.network.layers import (
    BatchNorm,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    DepthwiseConv2d,
    Linear,
)
from explorer.network.operations import Change
from explorer.network.operations.draft import Fresh
from explorer.network.surgery.plan import Bench, Carry, Plan

_FOLDABLE = (Conv2d, DepthwiseConv2d, ConvTranspose2d, Conv1d, Conv3d, Linear)


def fold_batch_norm(inference: Inference, fresh: Fresh, nodes: Iterable[str] | None = None) -> Plan:
    """Fold batch norms into the convolutions and fully connected layers before them; None means all.

    W′ = W·γ/√(σ²+ε) and b′ = (b − μ)·γ/√(σ²+ε) + β (Ioffe and Szegedy 2015, in use): in eval mode the outputs
    are the same, with a layer less each. `nodes` may name the norms, or the layers before them.
    """
    network = inference.network
    wanted = None
    if nodes is not None:
        wanted = {other for node in nodes for other in network.counterparts(node)}
    pairs = [
        (before, norm)
        for norm in network.topology.order
        if isinstance(network.nodes[norm].layer, BatchNorm)
        and (before := _foldable(inference, norm)) is not None
        and (wanted is None or norm in wanted or before in wanted)
    ]
    if not pairs:
        raise UserError(
            "There is no batch norm that alone follows a convolution or a fully connected layer, so there is "
            "nothing to fold."
        )
    bench = Bench(network, fresh)
    done: set[str] = set()
    for before, norm in pairs:
        if norm in done:
            continue
        done.update(network.counterparts(norm))
        bench.do(do.set_fields(bench.network, before, {"bias": True}))
        bench.forget(before)
        bench.do(do.delete(bench.network, fresh, (norm,)))
    if len(pairs) == 1:
        title = f"Fold {network.nodes[pairs[0][1]].name} into {network.nodes[pairs[0][0]].name}"
    else:
        title = f"Fold {len(pairs)} batch norms"
    return Plan(
        Change(title, bench.edits, tuple(before for before, _ in pairs)),
        tuple(Carry(before, "fold", (before, norm)) for before, norm in pairs),
        "outputs",
        note="In use it computes the same; it can't be trained as before, as the norms are gone.",
    )


def _foldable(inference: Inference, norm: str) -> str | None:
    """The layer into which a norm can be folded: it feeds the norm and nothing else."""
    network = inference.network
    into = network.topology.incoming[norm]
    if len(into) != 1:
        return None
    before = into[0].source
    layer, shape = network.nodes[before].layer, inference.results[before].output
    if not isinstance(layer, _FOLDABLE) or shape is None or len(network.topology.outgoing[before]) != 1:
        return None
    if isinstance(layer, ConvTranspose2d) and layer.groups != 1:
        return None
    # A fully connected layer over rows has its features last, the norm's channels are first.
    return before if not isinstance(layer, Linear) or len(shape) == 1 else None
