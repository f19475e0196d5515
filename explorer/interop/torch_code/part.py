"""A part of a network as a network of its own, so that its code can be read by itself."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from explorer.interop.torch_code.expressions import Hint, from_call
from explorer.interop.torch_code.layout import fold
from explorer.interop.torch_code.names import attribute, block_class, variable
from explorer.interop.torch_code.operators import operator
from explorer.interop.torch_code.text import spelled
from explorer.network.errors import UserError
from explorer.network.graph import Block, Link, Network, Node
from explorer.network.inference import Inference
from explorer.network.layer import spell
from explorer.network.layers import Input, Opaque, Output


def part(network: Network, inference: Inference, nodes: Collection[str]) -> Network:
    """The nodes with an Input for everything that they take from elsewhere.

    What lies in one block loses the blocks around it, and the part is named for that block. Raises UserError
    where the shape of what comes in is not known.
    """
    inside = {node: found for node, found in network.nodes.items() if node in nodes}
    if not inside:
        raise UserError("Nothing is selected.")
    ways = [[block.id for block in reversed(network.ancestors(node.block))] for node in inside.values()]
    depth = 0
    while all(len(way) > depth and way[depth] == ways[0][depth] for way in ways):
        depth += 1
    around = ways[0][:depth]
    kept: dict[str, Block] = {}
    for way in ways:
        for block in way[depth:]:
            found = network.blocks[block]
            kept[block] = replace(found, parent=None) if found.parent in around else found
    taken: dict[str, Node] = {}
    links: dict[str, Link] = {}
    for node in inside:
        for link in network.topology.incoming[node]:
            if link.source not in inside:
                entry = f"{link.source}:{link.source_port}"
                outputs = inference.results[link.source].outputs
                if len(outputs) <= link.source_port:
                    raise UserError(
                        f"{network.path(link.source)} has a problem: what comes from it is not known."
                    )
                source = network.nodes[link.source]
                taken[entry] = Node(entry, source.name, Input(outputs[link.source_port]))
                link = replace(link, source=entry, source_port=0)
            links[link.id] = link
    trimmed = {
        node: replace(found, block=None if found.block in around else found.block, training_only=False)
        for node, found in inside.items()
    }
    blocks = {block: kept[block] for block in network.blocks if block in kept}
    return Network(_name(network, around, set(inside)), "", taken | trimmed, links, blocks, network.groups)


def _name(network: Network, around: list[str], inside: set[str]) -> str:
    if around and inside == set(network.nodes_within(around[-1])):
        block = network.blocks[around[-1]]
        return block_class([Hint(block.kind, block.name)], ())
    return network.name if inside == set(network.nodes) else "Selection"


def line(network: Network, inference: Inference, node: str) -> str:
    """The one line that makes a layer, or, for one that is an operator, that computes it."""
    found = network.nodes[node]
    result = inference.results[node]
    if result.refusal is not None:
        raise UserError(f"{network.path(node)}: {result.refusal.message}")
    links = network.topology.incoming[node]
    shapes = tuple(inference.results[link.source].outputs[link.source_port] for link in links)
    if isinstance(found.layer, Input | Output | Opaque):
        return f"# {found.layer.title}: {spell(result.outputs[0])}\n"
    pattern = operator(found.layer, shapes)
    if pattern is not None:
        sources = [variable(network.nodes[link.source].name) for link in links]
        statement = f"{variable(found.name)} = {pattern.format(*sources)}"
    else:
        statement = f"{attribute(found.name)} = {spelled(from_call(found.layer.torch_call(*shapes)))}"
    return "\n".join(fold(statement, 0)) + "\n"
