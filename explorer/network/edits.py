"""Every change to a network, as a value that can be applied and taken back.

There is one kind of edit: an entry of one table goes from `before` to `after`, None meaning absent.
Its reverse is the same value with the two swapped, so applying and reverting is the identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from explorer.network.graph import Block, Group, Link, Network, Node, Trained

Table = Literal["nodes", "links", "blocks", "groups", "properties"]
Entry = TypeVar("Entry", Node, Link, Block, Group)


class StaleEdit(Exception):
    """An edit was made for another state of the network than the one it is applied to."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Entry `key` of `table` becomes `after`; it was `before`."""

    table: Table
    key: str
    before: Any
    after: Any

    def reverse(self) -> Edit:
        return Edit(self.table, self.key, self.after, self.before)


def add(entry: Node | Link | Block | Group) -> Edit:
    """Put a new entry into its table."""
    return Edit(_table_of(entry), entry.id, None, entry)


def remove(entry: Node | Link | Block | Group) -> Edit:
    """Take an entry out of its table."""
    return Edit(_table_of(entry), entry.id, entry, None)


def change(before: Entry, after: Entry) -> Edit:
    """Put `after` in the place of `before`; both have the same id."""
    return Edit(_table_of(before), before.id, before, after)


def set_property(network: Network, key: Literal["name", "notes"], value: str) -> Edit:
    """Give the network another name or other notes."""
    return Edit("properties", key, getattr(network, key), value)


def set_trained(network: Network, trained: Trained | None) -> Edit:
    """Say what the weights learned from."""
    return Edit("properties", "trained", network.trained, trained)


def _table_of(entry: Node | Link | Block | Group) -> Table:
    match entry:
        case Node():
            return "nodes"
        case Link():
            return "links"
        case Block():
            return "blocks"
        case Group():
            return "groups"


def reverse(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """What takes the edits back: each reversed, the last first."""
    return tuple(edit.reverse() for edit in reversed(tuple(edits)))


def merge(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The same change with one edit per entry; entries that end as they began fall out."""
    first: dict[tuple[Table, str], Edit] = {}
    for edit in edits:
        place = (edit.table, edit.key)
        known = first.pop(place, None)
        first[place] = edit if known is None else replace(known, after=edit.after)
    return tuple(edit for edit in first.values() if edit.before != edit.after)


def apply(network: Network, edits: Iterable[Edit]) -> Network:
    """The network after all `edits`. The given network stays as it is.

    Raises StaleEdit when an entry is not what an edit says it was, or when something would be left
    pointing at nothing.
    """
    edits = tuple(edits)
    tables: dict[str, dict[str, Any]] = {}
    for edit in edits:
        table = tables.get(edit.table)
        if table is None:
            table = tables[edit.table] = dict(_entries(network, edit.table))
        if table.get(edit.key) != edit.before:
            raise StaleEdit(f"{edit.table} {edit.key!r} is not what the edit expects")
        if edit.after is None and edit.table != "properties":
            del table[edit.key]
        else:
            table[edit.key] = edit.after
    properties = tables.pop("properties", {})
    changed: dict[str, Any] = {**properties, **tables}
    result = replace(network, **changed)
    _check_references(result, edits)
    _keep_worked_out(network, result, edits, tables)
    return result


def _keep_worked_out(
    network: Network, result: Network, edits: tuple[Edit, ...], touched: Mapping[str, Any]
) -> None:
    """Hand on what was worked out from the parts of the network that are the same."""
    if any(edit.table == "nodes" and (edit.before is None or edit.after is None) for edit in edits):
        return
    if "links" not in touched:
        result.__dict__["topology"] = network.topology
        if "layers" in network.__dict__:
            layers, rank = list(network.layers), network.topology.rank
            for edit in edits:
                if edit.table == "nodes" and rank[edit.key] < len(layers):  # those on cycles have none
                    layers[rank[edit.key]] = edit.after.layer
            result.__dict__["layers"] = tuple(layers)
    if all(_same_place(edit) for edit in edits):
        for known in ("members", "paths", "left_out", "_signatures"):
            if known in network.__dict__:
                result.__dict__[known] = network.__dict__[known]


def _same_place(edit: Edit) -> bool:
    """Whether an edit leaves the name, block and group of its node as they are, and what passes it is in."""
    if edit.table in ("links", "properties"):
        return True
    if edit.table != "nodes" or edit.before is None or edit.after is None:
        return False
    before, after = edit.before, edit.after
    return (before.name, before.block, before.group, before.training_only) == (
        after.name,
        after.block,
        after.group,
        after.training_only,
    )


def _entries(network: Network, table: Table) -> Mapping[str, Any]:
    if table == "properties":
        return {"name": network.name, "notes": network.notes, "trained": network.trained}
    entries: Mapping[str, Any] = getattr(network, table)
    return entries


def _check_references(network: Network, edits: tuple[Edit, ...]) -> None:
    """Every id that an entry names is there. Looked at: what was put there, or all where something went."""
    removed = {edit.table for edit in edits if edit.after is None}
    for link in _in_question("links", network.links, edits, "nodes" in removed):
        if link.source not in network.nodes or link.target not in network.nodes:
            raise StaleEdit(f"link {link.id!r} would hang in the air")
    homes_removed = bool(removed & {"blocks", "groups"})
    for node in _in_question("nodes", network.nodes, edits, homes_removed):
        if (node.block is not None and node.block not in network.blocks) or (
            node.group is not None and node.group not in network.groups
        ):
            raise StaleEdit(f"node {node.id!r} would lose its block or group")
    for block in _in_question("blocks", network.blocks, edits, homes_removed):
        if (block.parent is not None and block.parent not in network.blocks) or (
            block.group is not None and block.group not in network.groups
        ):
            raise StaleEdit(f"block {block.id!r} would lose its parent or group")


def _in_question(
    table: Table, entries: Mapping[str, Entry], edits: tuple[Edit, ...], every: bool
) -> Iterable[Entry]:
    if every:
        return entries.values()
    return [entries[edit.key] for edit in edits if edit.table == table and edit.key in entries]
