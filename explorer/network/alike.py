"""Whether the copies of each group are alike: same layers under the same local paths, linked the same."""

from __future__ import annotations

from typing import Any, NamedTuple

from explorer.network.graph import Block, Network, Node


class Unlike(NamedTuple):
    """A copy (a block's or node's id) that differs from the first of its group, and in what."""

    copy: str
    first: str
    difference: str


def unlike_copies(network: Network) -> tuple[Unlike, ...]:
    """The copies that are not alike; empty for every network that operations made."""
    first: dict[str, str] = {}
    pictures: dict[str, dict[Any, Any]] = {}
    found = []
    entries: list[Block | Node] = [*network.blocks.values(), *network.nodes.values()]
    for entry in entries:
        if entry.group is None:
            continue
        picture = _picture(network, entry.id)
        if entry.group not in first:
            first[entry.group] = entry.id
            pictures[entry.group] = picture
        elif picture != (other := pictures[entry.group]):
            keys = [*picture, *other]
            key = next(key for key in keys if picture.get(key) != other.get(key))
            what = " → ".join(".".join(part) for part in key if isinstance(part, tuple)) or "the layer"
            found.append(Unlike(entry.id, first[entry.group], what))
    return tuple(found)


def _picture(network: Network, entry: str) -> dict[Any, Any]:
    """All that has to be the same in a copy, by local path."""
    node = network.nodes.get(entry)
    if node is not None:
        return {((),): (node.layer, node.training_only)}
    local: dict[str, tuple[str, ...]] = {entry: ()}
    picture: dict[Any, Any] = {}
    for block in network.blocks_within(entry)[1:]:
        here = network.blocks[block]
        local[block] = (*local[here.parent or ""], here.name)
        picture[(local[block],)] = ("block", here.group)
    inside = network.nodes_within(entry)
    for node_id in inside:
        found = network.nodes[node_id]
        local[node_id] = (*local[found.block or ""], found.name)
        picture[(local[node_id],)] = (found.layer, found.training_only, found.group)
    for node_id in inside:
        for link in network.topology.outgoing[node_id]:
            if link.target in local:
                key = (local[node_id], local[link.target], link.source_port, link.target_port)
                picture[key] = picture.get(key, 0) + 1
    return picture
