"""Changing what a layer is and how things are called, placed and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from explorer.network.edits import set_property
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layer import Layer, Shape, spell
from explorer.network.operations.checked import (
    LONGEST_NAME,
    changed_layer,
    checked_layer,
    checked_name,
    spell_setting,
    words,
)
from explorer.network.operations.copies import home, sites
from explorer.network.operations.draft import Change, Draft

FARTHEST = 1e8
"""Positions beyond this, in scene units, are a slip."""


def set_layer(network: Network, node: str, layer: Layer) -> Change:
    """Put another layer in a node's place, in all copies of it."""
    title = f"Change {network.nodes[node].name} to {layer.title.lower()}"
    return Change(title, _layer_edits(network, node, checked_layer(layer)), (node,))


def set_fields(network: Network, node: str, changes: Mapping[str, Any]) -> Change:
    """Change settings of a layer, checked against their types and bounds.

    One number stands for a pair of the same (stride 2 is (2, 2)). Raises UserError naming the setting.
    """
    found = network.nodes[node]
    layer = changed_layer(found.layer, changes, found.name)
    if len(changes) == 1:
        ((field, _),) = changes.items()
        title = f"Set {words(field)} of {found.name} to {spell_setting(getattr(layer, field))}"
    else:
        title = f"Set {' and '.join(map(words, changes))} of {found.name}"
    return Change(title, _layer_edits(network, node, layer), (node,))


def set_input_shape(network: Network, node: str, shape: Shape) -> Change:
    """Give an Input another shape, (C, H, W) or (F,)."""
    found = network.nodes[node]
    if "shape" not in type(found.layer).__struct_fields__ or found.layer.arity[1] != 0:
        raise UserError(f"{found.name} is not an input.")
    layer = changed_layer(found.layer, {"shape": shape}, found.name)
    return Change(f"Set {found.name} to {spell(shape)}", _layer_edits(network, node, layer), (node,))


def set_training_only(network: Network, nodes: Iterable[str], flag: bool) -> Change:
    """Mark nodes as part of training alone, like auxiliary heads, or take the mark off."""
    draft = Draft(network)
    nodes = tuple(nodes)
    for node in nodes:
        for other in network.counterparts(node):
            draft.put_node(replace(draft.nodes[other], training_only=flag))
    what = network.nodes[nodes[0]].name if len(nodes) == 1 else f"{len(nodes)} layers"
    title = f"Use {what} in training only" if flag else f"Use {what} always"
    return Change(title, draft.edits(), nodes)


def rename(network: Network, entry: str, name: str) -> Change:
    """Give a node or block another name, in all copies alike."""
    name = checked_name(name)
    draft = Draft(network)
    found = network.nodes.get(entry) or network.blocks[entry]
    if name == found.name:
        return Change(f"Rename {name}", ())
    for site in sites(network, (entry,)):
        if name in draft.names(home(network, site[entry])):
            raise UserError(f"There is already a {name} in the same place: names there must differ.")
        if site[entry] in draft.nodes:
            draft.put_node(replace(draft.nodes[site[entry]], name=name))
        else:
            draft.put_block(replace(draft.blocks[site[entry]], name=name))
    chosen = ((entry,), ()) if entry in network.nodes else ((), (entry,))
    return Change(f"Rename {found.name} to {name}", draft.edits(), *chosen)


def rename_network(network: Network, name: str) -> Change:
    """Give the network itself another name."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"A network's name is 1 to {LONGEST_NAME} printable characters.")
    edit = set_property(network, "name", name)
    return Change(f"Rename the network to {name}", (edit,) if edit.before != edit.after else ())


def move(network: Network, positions: Mapping[str, tuple[float, float] | None]) -> Change:
    """Put nodes where a person wants them; None lets the layout decide again."""
    draft = Draft(network)
    for node, position in positions.items():
        if position is not None and not all(abs(part) <= FARTHEST for part in position):
            raise UserError(f"{network.nodes[node].name} cannot be put there: it is too far away.")
        draft.put_node(replace(draft.nodes[node], position=position))
    nodes = tuple(positions)
    what = network.nodes[nodes[0]].name if len(nodes) == 1 else f"{len(nodes)} layers"
    return Change(f"Move {what}", draft.edits(), nodes)


def tidy(network: Network) -> Change:
    """Let the layout place every node again."""
    placed = [node.id for node in network.nodes.values() if node.position is not None]
    return Change("Tidy", move(network, dict.fromkeys(placed)).edits if placed else ())


def fold(network: Network, blocks: Iterable[str], folded: bool) -> Change:
    """Fold blocks to one card each, or unfold them."""
    draft = Draft(network)
    blocks = tuple(blocks)
    for block in blocks:
        draft.put_block(replace(draft.blocks[block], folded=folded))
    what = network.blocks[blocks[0]].name if len(blocks) == 1 else f"{len(blocks)} blocks"
    return Change(f"{'Fold' if folded else 'Unfold'} {what}", draft.edits(), (), blocks)


def _layer_edits(network: Network, node: str, layer: Layer) -> tuple[Any, ...]:
    draft = Draft(network)
    for other in network.counterparts(node):
        draft.put_node(replace(draft.nodes[other], layer=layer))
    return draft.edits()
