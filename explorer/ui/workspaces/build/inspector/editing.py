"""What the inspector does to the document: each gesture one step of the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from explorer.network import operations
from explorer.network.edits import Edit, apply
from explorer.network.errors import UserError
from explorer.network.history import Document
from explorer.network.layer import Layer


def set_field(document: Document, nodes: Iterable[str], name: str, value: Any) -> None:
    """Give a setting of several layers one value; a drag through many values is one step until it is sealed.

    Copies of a repeat that are among them are changed once. Raises UserError where the value is not allowed.
    """
    chosen = sorted(nodes)
    network = document.network
    edits: list[Edit] = []
    done: set[str] = set()
    title = ""
    for node in chosen:
        if node in done:
            continue
        change = operations.set_fields(network, node, {name: value})
        done.update(edit.key for edit in change.edits)
        done.update(network.counterparts(node))
        network = apply(network, change.edits) if change.edits and len(chosen) > 1 else network
        edits += change.edits
        title = change.title
    if len(chosen) > 1:
        title = f"Set {name.replace('_', ' ')} of {len(chosen)} layers"
    document.apply(title, edits, merge_key=f"inspector:{','.join(chosen)}:{name}")


def rename(document: Document, entry: str, name: str) -> None:
    """Give a node or a block another name. Raises UserError where it may not have that."""
    change = operations.rename(document.network, entry, name)
    document.apply(change.title, change.edits)


def remarks(document: Document, node: str) -> Mapping[str, str]:
    """What stands behind a switch: that the bias is not needed where batch norm follows."""
    network = document.network
    layer = network.nodes[node].layer
    if not isinstance(getattr(layer, "bias", None), bool):
        return {}
    followers = [network.nodes[link.target].layer for link in network.topology.outgoing[node]]
    if followers and all(_subtracts_mean(follower) for follower in followers):
        return {"bias": "though batch norm follows" if layer.bias else "batch norm follows"}  # type: ignore[attr-defined]
    return {}


def _subtracts_mean(layer: Layer) -> bool:
    return type(layer).__name__ == "BatchNorm"


def try_to_rename(document: Document, entry: str, name: str) -> str:
    """Rename; what is wrong with the name, "" if it was taken."""
    try:
        rename(document, entry, name)
    except UserError as error:
        return str(error)
    return ""


def set_training_only(document: Document, node: str, on: bool) -> None:
    """Mark a layer as part of training alone, or take the mark off."""
    change = operations.set_training_only(document.network, [node], on)
    document.apply(change.title, change.edits)
