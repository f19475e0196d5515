"""Where else an operation has to be done: copies of a repeat or of a sharing group stay alike.

An operation inside one copy is done in all of them. What lies between copies, or between a copy and
the rest, belongs to that one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from explorer.network.graph import Block, Network, Node, signature
from explorer.network.operations.draft import Draft

Site = Mapping[str, str]
"""For each entry that an operation names, what corresponds to it in one of the copies."""


def home(network: Network | Draft, entry: str) -> str | None:
    """The block in which a node or block lies directly."""
    node = network.nodes.get(entry)
    return node.block if node is not None else network.blocks[entry].parent


def common_block(network: Network, entries: Sequence[str]) -> str | None:
    """The innermost block in which all of these nodes and blocks lie; None is the top."""
    chains = [[b.id for b in reversed(network.ancestors(home(network, entry)))] for entry in entries]
    found: str | None = None
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            break
        found = level[0]
    return found


def places(network: Network, block: str | None) -> tuple[str | None, ...]:
    """A block and what corresponds to it in all copies, itself first."""
    if block is None or not network.groups:
        return (block,)
    wanted = signature(network.blocks, block)
    if not wanted[0].startswith("#"):
        return (block,)
    blocks = network.blocks
    same = (other for other in blocks if other != block and signature(blocks, other) == wanted)
    return (block, *same)


def sites(network: Network, entries: Sequence[str]) -> tuple[Site, ...]:
    """The entries themselves, then what corresponds to them in each copy of the block that holds them all."""
    itself = {entry: entry for entry in entries}
    if not network.groups:
        return (itself,)
    place = common_block(network, entries)
    others = places(network, place)[1:]
    if not others:
        return (itself,)
    paths = {entry: _path_below(network, place, entry) for entry in entries}
    index = {(block.parent, block.name): block.id for block in network.blocks.values()}
    index |= {(node.block, node.name): node.id for node in network.nodes.values()}
    found = [itself]
    for other in others:
        there = {entry: _follow(index, other, path) for entry, path in paths.items()}
        if None not in there.values():
            found.append({entry: at for entry, at in there.items() if at is not None})
    return tuple(found)


def _path_below(network: Network, place: str | None, entry: str) -> list[str]:
    node = network.nodes.get(entry)
    names = [node.name] if node is not None else []
    for block in network.ancestors(node.block if node is not None else entry):
        if block.id == place:
            break
        names.append(block.name)
    return names[::-1]


def _follow(
    index: Mapping[tuple[str | None, str], str], place: str | None, path: Sequence[str]
) -> str | None:
    for name in path:
        place = index.get((place, name))
        if place is None:
            return None
    return place


def tidy_groups(draft: Draft) -> None:
    """Dissolve groups with a single copy left, and forget those that nobody is in."""
    members: dict[str, list[str]] = {group: [] for group in draft.groups}
    entries: list[Block | Node] = [*draft.blocks.values(), *draft.nodes.values()]
    for found in entries:
        if found.group is not None:
            members[found.group].append(found.id)
    for group, ids in members.items():
        # The same copy in several copies of an outer block is one copy.
        if len({_place_by_name(draft, entry) for entry in ids}) > 1:
            continue
        for entry in ids:
            if entry in draft.nodes:
                draft.put_node(msgspec.structs.replace(draft.nodes[entry], group=None))
            else:
                draft.put_block(msgspec.structs.replace(draft.blocks[entry], group=None))
        draft.drop_group(group)


def _place_by_name(draft: Draft, entry: str) -> tuple[str, ...]:
    found = draft.nodes.get(entry) or draft.blocks[entry]
    return (*signature(draft.blocks, home(draft, entry)), f".{found.name}")
