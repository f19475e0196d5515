"""Putting layers and fragments into a network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from explorer.network.errors import UserError
from explorer.network.fragment import Fragment, Port, copy
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.layer import Layer
from explorer.network.naming import is_numbered, stem
from explorer.network.operations.checked import checked_layer
from explorer.network.operations.copies import common_block, home, places, sites
from explorer.network.operations.draft import Change, Draft, Fresh
from explorer.network.operations.ends import block_ends

OFFSET = 24.0
"""How far beside its original a duplicate lies, in scene units."""

Position = tuple[float, float]
Cut = tuple[Port, str | None, list[Link]]
"""Where something goes in: the output before it, the block it lies in, and the links that it feeds."""


def add_layer(
    network: Network,
    fresh: Fresh,
    layer: Layer,
    *,
    block: str | None = None,
    position: Position | None = None,
) -> Change:
    """Put a layer down with nothing at its ends."""
    draft = Draft(network, fresh)
    all_places = places(network, block)
    name = _name(draft, layer, all_places)
    made = [_node(draft, layer, name, place) for place in all_places]
    if position is not None:
        draft.put_node(replace(made[0], position=position))
    return Change(f"Add {layer.title.lower()}", draft.edits(), (made[0].id,))


def append_after(network: Network, fresh: Fresh, node: str, layer: Layer) -> Change:
    """Put a layer between a node, or a whole block, and all its consumers; at an end it becomes the new end.

    After an Output nothing can come, so there the layer goes before it. Raises UserError for a block with
    several results.
    """
    _takes_input(layer)
    return _put_layer(network, fresh, _cuts_after(network, node), layer, _name_of(network, node))


def insert_on_link(network: Network, fresh: Fresh, link: str, layer: Layer) -> Change:
    """Put a layer into a link; both ends keep their ports."""
    _takes_input(layer)
    after = network.nodes[network.links[link].source].name
    return _put_layer(network, fresh, _cuts_in(network, link), layer, after)


def _put_layer(network: Network, fresh: Fresh, cuts: list[Cut], layer: Layer, after: str) -> Change:
    draft = Draft(network, fresh)
    name = _name(draft, layer, [place for _, place, _ in cuts])
    made = []
    for source, place, consumers in cuts:
        new = _node(draft, layer, name, place, network.nodes[source[0]].training_only)
        for link in consumers:
            draft.resource(link, (new.id, 0))
        draft.link(source, (new.id, 0))
        made.append(new.id)
    return Change(f"Insert {layer.title.lower()} after {after}", draft.edits(), (made[0],))


def counterpart_links(network: Network, link: Link) -> tuple[Link, ...]:
    """A link and those that correspond to it in the copies of the block that holds both its ends."""
    found = [link]
    for site in sites(network, (link.source, link.target))[1:]:
        found += [
            other
            for other in network.topology.outgoing[site[link.source]]
            if other.target == site[link.target]
            and (other.source_port, other.target_port) == (link.source_port, link.target_port)
        ]
    return tuple(found)


def insert_fragment(
    network: Network,
    fresh: Fresh,
    fragment: Fragment,
    *,
    after: str | None = None,
    link: str | None = None,
    block: str | None = None,
    position: Position | None = None,
) -> Change:
    """Put a fragment after a node or block, into a link, or, with neither, into `block` with its ends free.

    What it puts between others loses its own Input and Outputs. `position` is where its first node goes.
    """
    name = fragment.network.name
    if after is None and link is None:
        draft = Draft(network, fresh)
        groups: dict[str, str] = {}
        maps = [put_fragment(draft, fragment, place, groups) for place in places(network, block)]
        _move_to(draft, maps[0], position)
        return _selected(f"Insert {_what(fragment)}", draft, maps[0], fragment)
    fragment = _without_boundary(fragment)
    if not fragment.entries or not fragment.exits:
        raise UserError(f"{name} has no free input and output, so it cannot go between other layers.")
    draft = Draft(network, fresh)
    cuts = _cuts_after(network, after) if after is not None else _cuts_in(network, link or "")
    last = network.nodes[cuts[0][0][0]].name if after is None else _name_of(network, after)
    maps = []
    shared: dict[str, str] = {}
    for source, place, consumers in cuts:
        ids = put_fragment(draft, fragment, place, shared)
        for node, port in fragment.entries:
            draft.link(source, (ids[node], port))
        exit_node, exit_port = fragment.exits[0]
        for consumer in consumers:
            draft.resource(consumer, (ids[exit_node], exit_port))
        maps.append(ids)
    return _selected(f"Insert {_what(fragment)} after {last}", draft, maps[0], fragment)


def _cuts_in(network: Network, link: str) -> list[Cut]:
    return [
        ((found.source, found.source_port), common_block(network, (found.source, found.target)), [found])
        for found in counterpart_links(network, network.links[link])
    ]


def _cuts_after(network: Network, entry: str) -> list[Cut]:
    """Behind a node or behind a whole block, in each copy of what holds it."""
    if entry in network.nodes:
        into = network.topology.incoming[entry]
        if type(network.nodes[entry].layer).__name__ == "Output" and into:
            return _cuts_in(network, into[0].id)
    result: Port | None = (entry, 0)
    if entry in network.blocks:
        result = block_ends(network, entry)[1]
    if result is None:
        raise UserError(f"{_name_of(network, entry)} has several results: choose the layer to follow.")
    cuts: list[Cut] = []
    # A node stands for its own place, a block for that around it.
    for site in sites(network, tuple(dict.fromkeys((entry, result[0])))):
        inside = network.nodes_within(site[entry]) if entry in network.blocks else ()
        out = [
            found
            for found in network.topology.outgoing[site[result[0]]]
            if found.source_port == result[1] and found.target not in inside
        ]
        cuts.append(((site[result[0]], result[1]), home(network, site[entry]), out))
    return cuts


def _name_of(network: Network, entry: str) -> str:
    return (network.nodes.get(entry) or network.blocks[entry]).name


def duplicate(network: Network, fresh: Fresh, nodes: Iterable[str], blocks: Iterable[str] = ()) -> Change:
    """Copies of nodes and blocks beside them, linked among themselves and to nothing else."""
    nodes, blocks = tuple(nodes), tuple(blocks)
    fragment = copy(network, nodes, blocks)
    draft = Draft(network, fresh)
    around = places(network, common_block(network, nodes + blocks))
    groups: dict[str, str] = {}
    maps = [put_fragment(draft, fragment, place, groups) for place in around]
    for node in maps[0].values():
        found = draft.nodes.get(node)
        if found is not None and found.position is not None:
            x, y = found.position
            draft.put_node(replace(found, position=(x + OFFSET, y + OFFSET)))
    return _selected(f"Duplicate {_what(fragment)}", draft, maps[0], fragment)


def put_fragment(
    draft: Draft, fragment: Fragment, block: str | None, groups: dict[str, str]
) -> dict[str, str]:
    """Write a fragment with new ids and names free in `block`; returns new ids by old.

    `groups` are the ids of its groups there, by old; those that it does not have are made and put in.
    """
    piece = fragment.network
    ids: dict[str, str] = {}
    for group in piece.groups.values():
        if group.id not in groups:
            groups[group.id] = draft.new_id(group.id)
            draft.put_group(Group(groups[group.id], group.shares_weights))
    for inner in _parents_first(piece.blocks):
        name = inner.name if inner.parent is not None else draft.unique_name(inner.name, [block])
        around = ids[inner.parent] if inner.parent is not None else block
        ids[inner.id] = draft.id_for(name, around)
        draft.put_block(
            Block(
                ids[inner.id],
                name,
                inner.kind,
                around,
                groups[inner.group] if inner.group is not None else None,
                inner.folded,
            )
        )
    for node in piece.nodes.values():
        name = node.name if node.block is not None else draft.unique_name(node.name, [block])
        around = ids[node.block] if node.block is not None else block
        ids[node.id] = draft.id_for(name, around)
        draft.put_node(
            replace(
                node,
                id=ids[node.id],
                name=name,
                block=around,
                group=groups[node.group] if node.group is not None else None,
            )
        )
    for link in piece.links.values():
        draft.link((ids[link.source], link.source_port), (ids[link.target], link.target_port))
    return ids


def _parents_first(blocks: Mapping[str, Block]) -> list[Block]:
    ordered: dict[str, Block] = {}
    for block in blocks.values():
        waiting = [block]
        while waiting[-1].parent is not None and waiting[-1].parent not in ordered:
            waiting.append(blocks[waiting[-1].parent])
        ordered |= {found.id: found for found in reversed(waiting)}
    return list(ordered.values())


def _without_boundary(fragment: Fragment) -> Fragment:
    """The fragment with its one Input and its Outputs taken off, where it has free ends no other way."""
    piece = fragment.network
    kinds = {node: type(piece.nodes[node].layer).__name__ for node in piece.nodes}
    inputs = [node for node, kind in kinds.items() if kind == "Input"]
    outputs = [node for node, kind in kinds.items() if kind == "Output"]
    entries = fragment.entries
    gone: set[str] = set()
    if len(inputs) == 1 and not entries:
        gone.update(inputs)
        entries = tuple((link.target, link.target_port) for link in piece.topology.outgoing[inputs[0]])
    exits = tuple(port for port in fragment.exits if kinds[port[0]] != "Output")
    fed = [link for node in outputs for link in piece.topology.incoming[node]]
    gone.update(outputs)
    exits += tuple((link.source, link.source_port) for link in fed)
    exits = tuple(port for port in exits if port[0] not in gone)
    rest = Network(
        piece.name,
        "",
        {node.id: node for node in piece.nodes.values() if node.id not in gone},
        {k: v for k, v in piece.links.items() if v.source not in gone and v.target not in gone},
        piece.blocks,
        piece.groups,
    )
    # The main result before side exits: the one that comes last in the order.
    rank = rest.topology.rank
    ends = sorted(set(exits), key=lambda port: (rest.nodes[port[0]].training_only, -rank[port[0]], port[1]))
    return Fragment(rest, tuple(port for port in entries if port[0] not in gone), tuple(ends))


def _selected(title: str, draft: Draft, ids: Mapping[str, str], fragment: Fragment) -> Change:
    piece = fragment.network
    nodes = tuple(ids[node.id] for node in piece.nodes.values() if node.block is None)
    blocks = tuple(ids[block.id] for block in piece.blocks.values() if block.parent is None)
    return Change(title, draft.edits(), nodes, blocks)


def _what(fragment: Fragment) -> str:
    piece = fragment.network
    top = [n.name for n in piece.nodes.values() if n.block is None]
    top += [b.name for b in piece.blocks.values() if b.parent is None]
    return top[0] if len(top) == 1 else f"{len(piece.nodes)} layers"


def _move_to(draft: Draft, ids: Mapping[str, str], position: Position | None) -> None:
    """Put the fragment's first node at `position` and shift those that had a place along."""
    made = [draft.nodes[new] for new in ids.values() if new in draft.nodes]
    if position is None or not made:
        return
    placed = [node for node in made if node.position is not None]
    if not placed:
        draft.put_node(replace(made[0], position=position))
        return
    left = min(node.position[0] for node in placed if node.position)
    top = min(node.position[1] for node in placed if node.position)
    for node in placed:
        assert node.position is not None
        x, y = node.position
        draft.put_node(replace(node, position=(x - left + position[0], y - top + position[1])))


def _node(draft: Draft, layer: Layer, name: str, block: str | None, training_only: bool = False) -> Node:
    made = Node(draft.id_for(name, block), name, checked_layer(layer), block, training_only=training_only)
    draft.put_node(made)
    return made


def _name(draft: Draft, layer: Layer, blocks: Iterable[str | None]) -> str:
    """One name that is free in all of `blocks`, so that copies stay alike."""
    wanted = stem(layer)
    return draft.unique_name(wanted, tuple(blocks), is_numbered(wanted))


def _takes_input(layer: Layer) -> None:
    if layer.arity[1] == 0:
        raise UserError(f"{layer.title} takes no input, so it cannot come after another layer.")
