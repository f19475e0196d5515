"""Changing a whole network at once: its activations, its input, its width."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from explorer.network import operations as do
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.layer import Layer, Shape, spell
from explorer.network.layers import (
    Conv2d,
    ConvTranspose2d,
    GroupNorm,
    Input,
    Linear,
    LocallyConnected2d,
    LogSoftmax,
    Opaque,
    Reshape,
    Softmax,
    TableConv2d,
)
from explorer.network.layers.activation import Activation
from explorer.network.operations import Change
from explorer.network.operations.draft import Fresh
from explorer.network.surgery.chains import classifier_before, result_nodes
from explorer.network.surgery.plan import Bench, Plan, names
from explorer.network.surgery.widen import filters_a_channel, follow

_WIDE = {Conv2d: "out_channels", ConvTranspose2d: "out_channels", LocallyConnected2d: "out_channels",
         Linear: "out_features"}  # fmt: skip
MOST_FACTOR = 64.0


def swap_activations(
    inference: Inference, fresh: Fresh, to: Layer, nodes: Iterable[str] | None = None
) -> Plan:
    """Put another activation in place of those that are named, or of all; softmax stays.

    Slopes that were learned (PReLU) go with the layer they belonged to.
    """
    network = inference.network
    if not isinstance(to, Activation) or isinstance(to, Softmax | LogSoftmax):
        raise UserError(f"{to.title} is no activation that could stand in for another.")
    wanted = network.topology.order if nodes is None else tuple(nodes)
    found = [
        node
        for node in wanted
        if node in network.nodes
        and isinstance(network.nodes[node].layer, Activation)
        and not isinstance(network.nodes[node].layer, Softmax | LogSoftmax)
        and network.nodes[node].layer != to
    ]
    if not found:
        raise UserError(f"There is no other activation that could become {to.title}.")
    bench = Bench(network, fresh)
    for node in found:
        if bench.network.nodes[node].layer != to:  # else a copy of it was changed along
            bench.do(do.set_layer(bench.network, node, to))
            bench.forget(node)
    bench.check()
    every = dict.fromkeys(other for node in found for other in network.counterparts(node))
    count = len(every)
    title = (
        f"Make {names(network, list(every))} {to.title}"
        if count < 4
        else f"Make {count} activations {to.title}"
    )
    return Plan(
        Change(title, bench.edits, tuple(found)), note="Weights stay, but they were not learned with it."
    )


def change_input(inference: Inference, fresh: Fresh, shape: Shape) -> Plan:
    """Give each input of as many axes another shape. Raises UserError where a layer would not fit then."""
    network = inference.network
    bench = Bench(network, fresh)
    changed = []
    for node in network.nodes.values():
        layer = node.layer
        if isinstance(layer, Input) and len(layer.shape) == len(shape) and layer.shape != shape:
            bench.do(do.set_input_shape(bench.network, node.id, shape))
            changed.append(node.id)
    if not changed:
        inputs = [node.layer for node in network.nodes.values() if isinstance(node.layer, Input)]
        same = any(layer.shape == shape for layer in inputs)
        raise UserError(
            f"The input is {spell(shape)} already." if same else f"No input has {len(shape)} axes."
        )
    bench.check()
    lost = other_weights(network, bench.network)
    note = "Every weight still fits."
    if lost:
        note = (
            f"{names(network, lost)} would need other weights, as their inputs change: as convolutions, "
            "fully connected layers take any size."
        )
    return Plan(Change(f"Change the input to {spell(shape)}", bench.edits, tuple(changed)), note=note)


def other_weights(before: Network, after: Network) -> list[str]:
    """The layers in both networks whose weights have other shapes now."""
    old, new = infer(before), infer(after)
    return [
        node
        for node in before.topology.order
        if node in after.nodes and old.results[node].tensors != new.results[node].tensors
    ]


def scale_width(inference: Inference, fresh: Fresh, factor: float) -> Plan:
    """Multiply the channels of every layer by `factor` (MobileNet's width multiplier, Howard 2017).

    Input and output stay. Numbers are rounded to what the groups of grouped layers divide. A layer that grows
    repeats its filters, one that shrinks keeps its first ones; where no layer in between mixes channels in
    groups, a wider network computes the same.
    """
    network = inference.network
    if not isfinite(factor) or not 0 < factor <= MOST_FACTOR:
        raise UserError(f"The width can be multiplied by more than 0, up to {MOST_FACTOR:g}.")
    ends = [*result_nodes(network, False), *result_nodes(network, True)]
    heads = {other for end in ends if (head := classifier_before(inference, end)) for other in
             network.counterparts(head)}  # fmt: skip
    units = _common_groups(inference)
    bench = Bench(network, fresh)
    changed = 0
    for node in network.topology.order:
        layer = network.nodes[node].layer
        if isinstance(layer, TableConv2d | Opaque | Reshape):
            raise UserError(
                f"{network.path(node)} ({layer.title.lower()}) says for itself how many maps it takes: "
                "its width can't be multiplied."
            )
        field = _WIDE.get(type(layer))
        if field is None or node in heads or bench.network.nodes[node].layer != layer:
            continue
        count = getattr(layer, field)
        many = filters_a_channel(inference, node)
        shapes = bench.inference.input_shapes(node) if many else None
        if shapes:
            # Every channel has its own filters: their number follows from what comes in.
            settings = {"groups": shapes[0][0], field: shapes[0][0] * many}
        else:
            unit = units if isinstance(layer, Conv2d | ConvTranspose2d) else 1
            settings = {field: _rounded(count * factor, unit)}
        if settings[field] != count:
            bench.do(do.set_fields(bench.network, node, settings))
            changed += len(network.counterparts(node))
    if not changed:
        raise UserError(f"A width of ×{factor:g} changes nothing here.")
    bench.check()
    for node in other_weights(network, bench.network):
        bench.forget(node)
    found = follow(inference, bench.inference)
    carried = {one.node for one in found.carries}
    rebuilt = set(other_weights(network, bench.network))
    same = found.exact and factor >= 1
    lost = rebuilt - carried
    if same:
        note = "Every filter occurs several times now, and what follows shares its weights among the copies."
    elif lost:
        note = f"The weights of {names(network, sorted(lost))} are new, as their channels are in groups."
    elif factor < 1:
        note = "Every layer keeps its first filters."
    else:
        note = "Filters occur several times now, but some layer mixes neighbouring channels."
    return Plan(
        Change(f"Multiply the width by {factor:g}", bench.edits),
        tuple(one for one in found.carries if one.node in rebuilt or same),
        "outputs" if same else "",
        note=note,
    )


def _common_groups(inference: Inference) -> int:
    """A number that, dividing every count of channels, keeps all groups whole.

    Where each channel is a group of its own, the groups follow the channels.
    """
    unit = 1
    for node in inference.network.nodes.values():
        groups = 1
        if isinstance(node.layer, Conv2d | ConvTranspose2d) and not filters_a_channel(inference, node.id):
            groups = node.layer.groups
        elif isinstance(node.layer, GroupNorm):
            groups = node.layer.num_groups
        unit = max(unit, groups)
    return unit


def _rounded(value: float, unit: int) -> int:
    """The nearest multiple of `unit`, at least one."""
    return max(unit, round(value / unit) * unit)
