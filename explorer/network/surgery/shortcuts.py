"""Putting shortcuts around blocks, with what brings the input to the shape of the sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from explorer.network.alike import unlike_copies
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.fragment import Port
from explorer.network.graph import Block, Link, Network, Node
from explorer.network.inference import Inference
from explorer.network.layer import Family, Layer, Shape, spell
from explorer.network.layers import Add, BatchNorm, Concat, Conv2d, MaxPool2d, Scale
from explorer.network.operations import Change
from explorer.network.operations.copies import common_block, places, sites
from explorer.network.operations.draft import Draft, Fresh
from explorer.network.operations.ends import ends_of
from explorer.network.surgery.plan import names


class _Span(NamedTuple):
    """The layers `inside` that a shortcut goes around, and the block `home` that is to hold it.

    It begins at `source`; its sum goes behind `last`, before what `consumers` lead to.
    """

    name: str
    inside: frozenset[str]
    home: str | None
    source: Port
    last: Port
    consumers: tuple[Link, ...]
    shapes: tuple[Shape, Shape]


def put_shortcuts(
    inference: Inference, fresh: Fresh, around: Sequence[str], option: str
) -> tuple[Change, int]:
    """The change, whose nodes are the sums, and how many projections with new weights it makes.

    `around` names blocks, each of which gets its shortcut, and layers, which get one together.
    """
    network = inference.network
    nodes = [one for one in around if one in network.nodes]
    blocks = dict.fromkeys(
        other for block in around if block in network.blocks for other in places(network, block)
    )
    spans = [_around_block(inference, block) for block in blocks if block is not None]
    for site in sites(network, nodes) if nodes else ():
        inside = frozenset(site[node] for node in nodes)
        home = common_block(network, tuple(inside))
        spans.append(_span(inference, names(network, nodes), inside, home))
    draft = Draft(network, fresh)
    sums: list[str] = []
    projections = 0
    for span in spans:
        before, after = span.shapes
        source = span.source
        if before != after or option == "C":
            if option == "A":
                source = _padded(draft, span)
            else:
                source = _projected(draft, span, _normed(network, span.inside))
                projections += 1
        add = _node(draft, Add(), "add", span.home)
        for link in span.consumers:
            draft.resource(link, (add, 0))
        draft.link(span.last, (add, 0))
        draft.link(source, (add, 1))
        block = draft.blocks[span.home] if span.home is not None else None
        if block is not None and block.kind == "plain":
            draft.put_block(replace(block, kind=_kind(network, span.inside)))
        sums.append(add)
    edits = draft.edits()
    unlike = unlike_copies(apply(network, edits))
    if unlike:
        raise UserError(
            "The copies of a repeat would need different shortcuts, as not all change the size: detach the "
            "one that does, then try again."
        )
    return Change("Insert shortcuts", edits, tuple(sums)), projections


def _around_block(inference: Inference, block: str) -> _Span:
    network = inference.network
    return _span(inference, network.block_path(block), frozenset(network.nodes_within(block)), block)


def _span(inference: Inference, name: str, inside: frozenset[str], home: str | None) -> _Span:
    network = inference.network
    entries, result = ends_of(network, inside)
    into = [link for node, _ in entries for link in network.topology.incoming[node]]
    sources = {(link.source, link.source_port) for link in into if link.source not in inside}
    if not entries or result is None or len(sources) != 1:
        raise UserError(f"No shortcut can go around {name}: it would need one input and one output.")
    (source,) = sources
    last = result
    layer = network.nodes[last[0]].layer
    above = network.topology.incoming[last[0]]
    if layer.family is Family.ACTIVATION and len(above) == 1 and above[0].source in inside:
        # a^[l+2] = g(z^[l+2] + a^[l]): the sum comes before the last activation.
        last = (above[0].source, above[0].source_port)
        consumers = tuple(above)
    else:
        out = network.topology.outgoing[last[0]]
        consumers = tuple(link for link in out if link.source_port == last[1])
    if isinstance(network.nodes[last[0]].layer, Add):
        raise UserError(f"{name} ends in a sum already.")
    shapes = [
        inference.results[node].outputs[port] if inference.results[node].known else None
        for node, port in (source, last)
    ]
    if shapes[0] is None or shapes[1] is None:
        raise UserError(f"{name} has a problem that leaves its sizes unknown: mend it first.")
    return _Span(name, inside, home, source, last, consumers, (shapes[0], shapes[1]))


def _stride(span: _Span) -> int:
    """With what step the input's rows and columns become the output's."""
    before, after = span.shapes
    if len(before) == len(after) == 3:
        step = round(before[1] / after[1]) if after[1] else 0
        if step >= 1 and all((n - 1) // step + 1 == m for n, m in zip(before[1:], after[1:], strict=True)):
            return step
    raise UserError(
        f"{span.name} makes {spell(after)} of {spell(before)}, which no step of a "
        "shortcut does: pad its convolutions so that they keep the size, or divide it by a whole number."
    )


def _projected(draft: Draft, span: _Span, normed: bool) -> Port:
    """Options B and C: a 1×1 convolution with the block's stride."""
    stride = _stride(span)
    around = _block(draft, span.home, "projection")
    conv = Conv2d(span.shapes[1][0], (1, 1), (stride, stride), bias=not normed)
    first = _node(draft, conv, "0", around)
    draft.link(span.source, (first, 0))
    if not normed:
        return first, 0
    norm = _node(draft, BatchNorm(), "1", around)
    draft.link((first, 0), (norm, 0))
    return norm, 0


def _padded(draft: Draft, span: _Span) -> Port:
    """Option A: every stride-th pixel, and zeros for the new channels: the input again, times 0."""
    stride = _stride(span)
    channels, wanted = span.shapes[0][0], span.shapes[1][0]
    if wanted % channels:
        raise UserError(
            f"Option A adds maps of zeros, but {wanted} channels are no multiple of {channels}: choose "
            "option B."
        )
    around = _block(draft, span.home, "padding")
    kept = _node(draft, MaxPool2d((1, 1), (stride, stride)), "subsample", around)
    draft.link(span.source, (kept, 0))
    if wanted == channels:
        return kept, 0
    zeros = _node(draft, Scale(0.0), "zeros", around)
    draft.link((kept, 0), (zeros, 0))
    concat = _node(draft, Concat(), "concat", around)
    draft.link((kept, 0), (concat, 0))
    for port in range(1, wanted // channels):
        draft.link((zeros, 0), (concat, port))
    return concat, 0


def _block(draft: Draft, parent: str | None, kind: str) -> str:
    name = draft.unique_name("downsample", [parent])
    made = Block(draft.id_for(name, parent), name, kind, parent)
    draft.put_block(made)
    return made.id


def _node(draft: Draft, layer: Layer, wanted: str, block: str | None) -> str:
    name = draft.unique_name(wanted, [block])
    made = Node(draft.id_for(name, block), name, layer, block)
    draft.put_node(made)
    return made.id


def _normed(network: Network, inside: Iterable[str]) -> bool:
    return any(isinstance(network.nodes[node].layer, BatchNorm) for node in inside)


def _kind(network: Network, inside: Iterable[str]) -> str:
    layers = [network.nodes[node].layer for node in inside]
    convolutions = [layer for layer in layers if isinstance(layer, Conv2d)]
    narrow = [layer for layer in convolutions if layer.kernel_size == (1, 1)]
    return "residual, bottleneck" if len(convolutions) == 3 and len(narrow) == 2 else "residual, basic"
