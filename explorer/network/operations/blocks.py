"""Blocks: making, dissolving, repeating them, and taking a copy out of its repeat."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from explorer.network.errors import UserError
from explorer.network.fragment import Port, copy
from explorer.network.graph import Block, Group, Network, Node
from explorer.network.operations.checked import checked_name
from explorer.network.operations.copies import common_block, home, sites, tidy_groups
from explorer.network.operations.draft import MOST_NODES, Change, Draft, Fresh
from explorer.network.operations.ends import block_ends
from explorer.network.operations.insert import put_fragment
from explorer.network.operations.remove import delete

MOST_COPIES = 1_000


def group_as_block(
    network: Network, fresh: Fresh, nodes: Iterable[str], blocks: Iterable[str], name: str
) -> Change:
    """Put nodes and blocks into a new block. Of a block that is chosen in part, the whole goes in."""
    chosen = (*nodes, *blocks)
    if not chosen:
        raise UserError("Nothing is selected that could become a block.")
    name = checked_name(name.replace(".", "-").strip() or "block")
    around = common_block(network, chosen)
    members = tuple(dict.fromkeys(_just_below(network, around, entry) for entry in chosen))
    draft = Draft(network, fresh)
    found = sites(network, members)
    made = []
    free = draft.unique_name(name, [home(network, site[members[0]]) for site in found])
    for site in found:
        place = home(network, site[members[0]])
        block = Block(draft.id_for(free, place), free, "", place)
        draft.put_block(block)
        for entry in site.values():
            _reparent(draft, entry, block.id)
        made.append(block.id)
    return Change(f"Group as {free}", draft.edits(), (), (made[0],))


def ungroup(network: Network, block: str) -> Change:
    """Dissolve a block: what was in it lies where the block lay. Names that are taken there get a number."""
    draft = Draft(network)
    for site in sites(network, (block,)):
        here = network.blocks[site[block]]
        nodes, blocks = network.members[here.id]
        for entry in (*nodes, *blocks):
            _reparent(draft, entry, here.parent)
        draft.drop_block(here.id)
    tidy_groups(draft)
    nodes, blocks = network.members[block]
    return Change(f"Ungroup {network.blocks[block].name}", draft.edits(), nodes, blocks)


def repeat(network: Network, fresh: Fresh, block: str, count: int) -> Change:
    """Make a block occur `count` times, one after the other; all copies are edited as one.

    A copy is fed by the one before it and the last feeds what came after, if the block has one source
    and one result. Copies beyond `count` are removed.
    """
    if not 1 <= count <= MOST_COPIES:
        raise UserError(f"A block can be repeated 1 to {MOST_COPIES} times.")
    copies = _copies_beside(network, block)
    grown = len(network.nodes_within(block)) * (count - len(copies)) + len(network.nodes)
    if grown > MOST_NODES:
        raise UserError(f"That would be {grown:,} layers; a network can have {MOST_NODES:,}.")
    title = f"Repeat {network.blocks[block].name} {count} times"
    if count < len(copies):
        surplus = [found for found in reversed(copies) if found != block][: len(copies) - count]
        return Change(title, delete(network, fresh, blocks=surplus).edits, (), (block,))
    draft = Draft(network, fresh)
    group = network.blocks[block].group
    if group is None and count > 1:
        group = draft.new_id(f"{network.blocks[block].name}×")
        draft.put_group(Group(group))
    last = copies[-1]
    entries, result = block_ends(network, last)
    inner = [node for node, _ in entries] + ([result[0]] if result is not None else [])
    for site in sites(network, tuple(dict.fromkeys((*copies, *inner)))):
        for found in copies:
            draft.put_block(replace(draft.blocks[site[found]], group=group))
        ends = [(site[node], port) for node, port in entries]
        there = (site[result[0]], result[1]) if result is not None and entries else None
        _extend(draft, site[last], count - len(copies), ends, there)
    return Change(title, draft.edits(), (), (block,))


def detach(network: Network, block: str) -> Change:
    """Take a copy out of its repeat: from now on it is edited alone."""
    here = network.blocks[block]
    if here.group is None:
        raise UserError(f"{here.name} is not one of several copies.")
    draft = Draft(network)
    for site in sites(network, (block,)):
        draft.put_block(replace(draft.blocks[site[block]], group=None))
    _own_inner_groups(draft, [site[block] for site in sites(network, (block,))])
    tidy_groups(draft)
    return Change(f"Detach {here.name}", draft.edits(), (), (block,))


def _own_inner_groups(draft: Draft, detached: list[str]) -> None:
    """Give repeats inside detached blocks groups of their own."""
    network = draft.network
    around = {inner for block in detached for inner in network.blocks_within(block)}
    new: dict[str, str] = {}
    entries: list[Block | Node] = [*network.blocks.values(), *network.nodes.values()]
    for entry in entries:
        if entry.group is None or home(network, entry.id) not in around:
            continue
        if entry.group not in new:
            new[entry.group] = draft.new_id(entry.group)
            draft.put_group(Group(new[entry.group], network.groups[entry.group].shares_weights))
        if isinstance(entry, Block):
            draft.put_block(replace(draft.blocks[entry.id], group=new[entry.group]))
        else:
            draft.put_node(replace(draft.nodes[entry.id], group=new[entry.group]))


def _extend(draft: Draft, last: str, count: int, entries: list[Port], result: Port | None) -> None:
    """Chain `count` more copies behind the block `last`, from `result` to `entries` each."""
    network = draft.network
    fragment = copy(network, (), (last,), lone_copies=True)
    inside = set(network.nodes_within(last))
    consumers = []
    if result is not None:
        out = network.topology.outgoing[result[0]]
        consumers = [found for found in out if found.source_port == result[1] and found.target not in inside]
    before = result
    groups = {group: group for group in network.groups}
    for _ in range(count):
        ids = put_fragment(draft, fragment, network.blocks[last].parent, groups)
        draft.put_block(replace(draft.blocks[ids[last]], group=draft.blocks[last].group))
        if before is not None and result is not None:
            for node, port in entries:
                draft.link(before, (ids[node], port))
            before = ids[result[0]], result[1]
    if before is not None:
        for link in consumers:
            draft.resource(link, before)


def _copies_beside(network: Network, block: str) -> list[str]:
    """The copies of a block that lie in the same place, in the order in which data passes them."""
    here = network.blocks[block]
    beside = [found for found in network.copies_of(block) if network.blocks[found].parent == here.parent]
    rank = network.topology.rank
    return sorted(beside, key=lambda found: min((rank[n] for n in network.nodes_within(found)), default=0))


def _just_below(network: Network, around: str | None, entry: str) -> str:
    """The entry itself if it lies directly in `around`, else the block there that holds it."""
    while (outer := home(network, entry)) != around:
        assert outer is not None
        entry = outer
    return entry


def _reparent(draft: Draft, entry: str, block: str | None) -> None:
    found = draft.nodes.get(entry) or draft.blocks[entry]
    name = draft.unique_name(found.name, [block])
    if isinstance(found, Block):
        draft.put_block(replace(found, parent=block, name=name))
    else:
        draft.put_node(replace(found, block=block, name=name))
