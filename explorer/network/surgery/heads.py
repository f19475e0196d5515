"""Heads: fully connected layers as convolutions, global average pooling in their place, other classes."""

from __future__ import annotations

from msgspec.structs import replace as replaced

from explorer.network import operations as do
from explorer.network.edits import set_trained
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.layers import AdaptiveAvgPool2d, Conv2d, Flatten, GlobalAvgPool2d, Linear
from explorer.network.operations import Change
from explorer.network.operations.draft import Fresh
from explorer.network.surgery.chains import (
    Chain,
    chain_with,
    classifier_before,
    result_nodes,
)
from explorer.network.surgery.plan import Bench, Carry, Plan, names

CLASS_MAPS = "class_maps"
MOST_CLASSES = 1_000_000


def dense_to_convolution(
    inference: Inference, fresh: Fresh, node: str | None = None, average: bool = True
) -> Plan:
    """Make fully connected layers convolutions with the same numbers (Long 2015; the lecture's 1×1).

    The first sees its maps (C, H, W) at once, a kernel of H×W; those behind it have 1×1. With `average` the
    class maps are averaged behind the last one, so that the network gives as many values at any input size.
    `node` names one layer of the head; None is every head.
    """
    network = inference.network
    bench = Bench(network, fresh)
    done: set[str] = set()
    chosen: list[str] = []
    carries: list[Carry] = []
    for chain in chain_with(inference, node):
        if chain.start in done:
            continue
        done.update(network.counterparts(chain.start))
        chosen += chain.linears
        size = (chain.maps[1], chain.maps[2])
        for linear in chain.linears:
            layer = network.nodes[linear].layer
            assert isinstance(layer, Linear)
            kernel = size if linear == chain.linears[0] else (1, 1)
            made = Conv2d(layer.out_features, kernel, bias=layer.bias)
            bench.do(do.set_layer(bench.network, linear, made))
            bench.forget(linear)
            carries += [Carry(other, "reshape", (other,)) for other in network.counterparts(linear)]
        _open_start(bench, chain)
        if average:
            last = chain.linears[-1]
            bench.do(do.append_after(bench.network, fresh, last, GlobalAvgPool2d(flatten=True)))
    bench.check()
    what = "a convolution" if len(chosen) == 1 else "convolutions"
    return Plan(
        Change(f"Make {names(network, chosen)} {what}", bench.edits, tuple(chosen)),
        tuple(carries),
        "outputs",
        note="The same numbers come out; now it takes any input size that is large enough.",
    )


def _open_start(bench: Bench, chain: Chain) -> None:
    """Let maps through where they were made a vector."""
    layer = bench.network.nodes[chain.start].layer
    if isinstance(layer, Flatten):
        bench.do(do.delete(bench.network, bench.fresh, (chain.start,)))
    else:
        bench.do(do.set_fields(bench.network, chain.start, {"flatten": False}))


def head_to_average_pooling(inference: Inference, fresh: Fresh, node: str | None = None) -> Plan:
    """Put class maps and their means in place of the fully connected head (Lin 2013).

    A 1×1 convolution makes one map a class (192 → 10: 1,930 parameters), global average pooling one number a
    map. Where the head is a global average pooling and one fully connected layer already, the two change
    places, which leaves the outputs as they are.
    """
    network = inference.network
    chains = [chain for chain in chain_with(inference, node) if not network.nodes[chain.start].training_only]
    if not chains:
        raise UserError("Only auxiliary heads have fully connected layers here.")
    chain = chains[-1]
    layer = network.nodes[chain.linears[-1]].layer
    assert isinstance(layer, Linear)
    bench = Bench(network, fresh)
    pool = _pool_before(network, chain)
    if pool is not None and len(chain.linears) == 1:
        return _class_maps_first(bench, chain, pool, layer)
    made = _insert_before(bench, chain.start, Conv2d(layer.out_features, (1, 1)))
    _name_class_maps(bench, made)
    _insert_before(bench, chain.start, GlobalAvgPool2d(flatten=True))
    bench.do(do.delete(bench.network, fresh, (chain.start, *chain.members)))
    bench.check()
    return Plan(
        Change("Replace the fully connected head by global average pooling", bench.edits, (made,)),
        note="The class maps' weights are new: the network has to be trained again.",
    )


def _class_maps_first(bench: Bench, chain: Chain, pool: str, layer: Linear) -> Plan:
    network = bench.before
    linear = chain.linears[0]
    made = _insert_before(bench, pool, Conv2d(layer.out_features, (1, 1), bias=layer.bias))
    _name_class_maps(bench, made)
    bench.do(do.delete(bench.network, bench.fresh, (linear,)))
    bench.check()
    sources = network.counterparts(linear)
    targets = bench.network.counterparts(made)
    return Plan(
        Change(f"Make class maps of {network.nodes[linear].name}", bench.edits, (made,)),
        tuple(Carry(to, "reshape", (of,)) for to, of in zip(targets, sources, strict=True)),
        "outputs",
        note="A mean of weighted sums is the weighted sum of the means: the same numbers come out.",
    )


def _pool_before(network: Network, chain: Chain) -> str | None:
    """The global average pooling whose output the head flattens, if there is one."""
    layer = network.nodes[chain.start].layer
    if isinstance(layer, GlobalAvgPool2d):
        return chain.start
    into = network.topology.incoming[chain.start]
    before = into[0].source if into else None
    if before is None or len(network.topology.outgoing[before]) != 1:
        return None
    found = network.nodes[before].layer
    averages = isinstance(found, GlobalAvgPool2d) or (
        isinstance(found, AdaptiveAvgPool2d) and found.output_size == (1, 1)
    )
    return before if averages else None


def _insert_before(bench: Bench, node: str, layer: Conv2d | GlobalAvgPool2d) -> str:
    """Put a layer into the link that feeds a node; its id."""
    link = bench.network.topology.incoming[node][0].id
    return bench.do(do.insert_on_link(bench.network, bench.fresh, link, layer)).nodes[0]


def _name_class_maps(bench: Bench, node: str) -> None:
    if CLASS_MAPS not in bench.network.taken_names(bench.network.nodes[node].block):
        bench.do(do.rename(bench.network, node, CLASS_MAPS))


def replace_head(inference: Inference, fresh: Fresh, classes: int) -> Plan:
    """Let the network tell `classes` classes apart: its last layer, and those of auxiliary heads, are new.

    All other weights stay, as transfer learning has it (Yosinski 2014).
    """
    network = inference.network
    if not 1 <= classes <= MOST_CLASSES:
        raise UserError(f"A network tells 1 to {MOST_CLASSES:,} classes apart.")
    ends = result_nodes(network, False)
    heads = [classifier_before(inference, end) for end in ends]
    main = [head for head in heads if head is not None]
    if not main or len(main) < len(heads):
        raise UserError(
            "The network does not end in a fully connected layer or in class maps, so that there is no "
            "head to replace."
        )
    aside = [classifier_before(inference, end) for end in result_nodes(network, True)]
    found = list(dict.fromkeys([*main, *(head for head in aside if head is not None)]))
    bench = Bench(network, fresh)
    changed = []
    for head in found:
        fields = type(network.nodes[head].layer).__struct_fields__
        field = "out_features" if "out_features" in fields else "out_channels"
        if getattr(bench.network.nodes[head].layer, field) != classes:
            bench.do(do.set_fields(bench.network, head, {field: classes}))
            bench.forget(head)
            changed.append(head)
    if not changed:
        raise UserError(f"It tells {classes} classes apart already.")
    bench.check()
    edits = bench.edits
    if network.trained is not None and network.trained.classes:
        edits += (set_trained(network, replaced(network.trained, classes=())),)
    return Plan(
        Change(f"Replace the head for {classes} classes", edits, tuple(changed)),
        note=f"{names(network, changed)} begin{'s' * (len(changed) == 1)} anew; every other weight stays.",
    )
