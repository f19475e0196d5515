"""Copies that share their weights can be one module called twice only where they do the same."""

from __future__ import annotations

from explorer.interop.torch_code.scopes import Member, Port, Scopes
from explorer.network.errors import UserError
from explorer.network.inference import Inference


def check_sharing(scopes: Scopes, inference: Inference) -> None:
    """Let copies that differ be modules of their own. Raises UserError for those with weights."""
    while True:
        apart: set[str] = set()
        for scope in list(scopes.all()):
            for member in scope.members:
                owner = member.owner
                if owner is not None and not _alike(member, owner, inference):
                    member.owner = None
                    apart |= {entry.key for entry in (member, owner) if entry.scope is not None}
        if not apart:
            return
        scopes.dissolve(apart)


def _alike(one: Member, other: Member, inference: Inference) -> bool:
    if one.node is not None and other.node is not None:
        calls = [
            member.node.layer.torch_call(
                *(inference.results[node].outputs[port] for node, port in member.inputs)
            )
            for member in (one, other)
            if member.node is not None
        ]
        if calls[0] == calls[1]:
            return True
        if not inference.results[one.key].tensors:
            return False
        paths = [inference.network.path(member.key) for member in (one, other)]
        raise UserError(
            f"{paths[0]} shares its weights with {paths[1]}, but their inputs or settings differ: give both "
            "the same, or end the sharing."
        )
    if one.scope is None or other.scope is None or len(one.scope.members) != len(other.scope.members):
        return False
    places = [_places(member) for member in (one, other)]
    if _told(one, places[0]) != _told(other, places[1]):
        return False
    pairs = list(zip(one.scope.members, other.scope.members, strict=True))
    return all(
        _told(mine, places[0]) == _told(theirs, places[1]) and _alike(mine, theirs, inference)
        for mine, theirs in pairs
    )


def _places(member: Member) -> dict[Port, tuple[str, int]]:
    """Ports told by their place in the block: from outside, or from which of its members."""
    assert member.scope is not None
    places = {port: ("in", index) for index, port in enumerate(member.scope.inputs)}
    for at, inner in enumerate(member.scope.members):
        places |= {port: (f"{at}", index) for index, port in enumerate(inner.outputs)}
    return places


def _told(member: Member, places: dict[Port, tuple[str, int]]) -> tuple[object, ...]:
    inputs = [places.get(port) for port in member.inputs]
    return (*inputs, "gives", *(places.get(port) for port in member.outputs))
