"""Taking things out so that what is left still hangs together."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.network.errors import UserError
from explorer.network.graph import Link, Network
from explorer.network.operations.copies import common_block, places, sites, tidy_groups
from explorer.network.operations.draft import Change, Draft, Fresh
from explorer.network.operations.insert import counterpart_links


def delete(
    network: Network,
    fresh: Fresh,
    nodes: Iterable[str] = (),
    blocks: Iterable[str] = (),
    links: Iterable[str] = (),
) -> Change:
    """Remove nodes, whole blocks and links; what came before a removed node feeds what came after it.

    Of a merge its first input goes on. Deleting a whole copy of a repeat removes that copy alone; anything
    inside a copy goes from all of them. Blocks left empty and groups left with one copy go too.
    """
    nodes, blocks, links = dict.fromkeys(nodes), dict.fromkeys(blocks), tuple(links)
    if not (nodes or blocks or links):
        raise UserError("Nothing is selected that could be deleted.")
    _whole_copies(network, nodes, blocks)
    gone_blocks = dict.fromkeys(
        inner
        for block in blocks
        for site in sites(network, (block,))
        for inner in network.blocks_within(site[block])
    )
    gone = dict.fromkeys(site[node] for node in nodes for site in sites(network, (node,)))
    gone |= dict.fromkeys(node for node in network.nodes if network.nodes[node].block in gone_blocks)
    draft = Draft(network, fresh)
    for link in links:
        for found in counterpart_links(network, network.links[link]):
            draft.drop_link(found)
    remove_nodes(draft, gone)
    around = [network.nodes[node].block for node in gone]
    emptied = [found.id for block in dict.fromkeys(around) for found in network.ancestors(block)]
    for block in reversed(gone_blocks):
        draft.drop_block(block)
    _drop_emptied(draft, emptied)
    tidy_groups(draft)
    return Change(_title(network, tuple(nodes), tuple(blocks), links), draft.edits())


def remove_nodes(draft: Draft, gone: Iterable[str]) -> None:
    """Drop nodes; links from them come from what fed their first input instead, where there is such."""
    gone = set(gone)
    for node in gone:
        for link in list(draft.links_out(node)):
            if link.target in gone:
                continue
            source = _source_before(draft, link.source, gone)
            if source is not None and _heals(draft, source, link):
                draft.resource(link, source)
            else:
                draft.drop_link(link)
    for node in gone:
        draft.drop_node(node)


def _source_before(draft: Draft, node: str, gone: set[str]) -> tuple[str, int] | None:
    """The nearest output upstream, along first inputs, that stays."""
    seen = set()
    while node not in seen:
        seen.add(node)
        into = draft.links_into(node)
        if not into:
            return None
        first = min(into, key=lambda link: link.target_port)
        if first.source not in gone:
            return first.source, first.source_port
        node = first.source
    return None


def _heals(draft: Draft, source: tuple[str, int], link: Link) -> bool:
    """Whether the link may come from `source` instead."""
    if source[0] == link.target or _doubles(draft, source, link.target):
        return False
    return not _comes_in(draft, source[0], link)


def _comes_in(draft: Draft, source: str, link: Link) -> bool:
    """Whether data that left a copy and came back would stay in it: its other copies have nothing alike."""
    network = draft.network
    place = common_block(network, (source, link.target))
    return len(places(network, place)) > 1 and all(
        block.id != place for block in network.ancestors(network.nodes[link.source].block)
    )


def _doubles(draft: Draft, source: tuple[str, int], target: str) -> bool:
    """Whether a merge that can do without this input already has it."""
    into = draft.links_into(target)
    already = any((link.source, link.source_port) == source for link in into)
    return already and len(into) > draft.nodes[target].layer.arity[0]


def _whole_copies(network: Network, nodes: dict[str, None], blocks: dict[str, None]) -> None:
    """A block all of whose nodes are chosen is meant as a block."""
    if not network.groups:
        return
    touched = {block.id: block for node in nodes for block in network.ancestors(network.nodes[node].block)}
    for block in touched.values():
        inside = network.nodes_within(block.id)
        if block.group is not None and all(node in nodes for node in inside):
            blocks[block.id] = None
    for block_id in blocks:
        for node in network.nodes_within(block_id):
            nodes.pop(node, None)


def _drop_emptied(draft: Draft, blocks: Iterable[str]) -> None:
    """Drop those blocks that hold nothing; inner ones come before those around them."""
    for block in blocks:
        if block in draft.blocks and draft.is_empty(block):
            draft.drop_block(block)


def _title(network: Network, nodes: tuple[str, ...], blocks: tuple[str, ...], links: tuple[str, ...]) -> str:
    if not nodes and not blocks:
        return "Remove a link" if len(links) == 1 else f"Remove {len(links)} links"
    if len(nodes) + len(blocks) == 1:
        return f"Delete {network.nodes[nodes[0]].name if nodes else network.blocks[blocks[0]].name}"
    if nodes and not blocks:
        return f"Delete {len(nodes)} layers"
    if blocks and not nodes:
        return f"Delete {len(blocks)} blocks"
    return f"Delete {len(nodes) + len(blocks)} items"
