"""Folding, and the three views of a repeat ×N: one card, the body once, every copy. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.network.edits import Edit, change
from explorer.network.graph import Network
from explorer.network.operations import Change


def copies_beside(network: Network, block: str) -> tuple[str, ...]:
    """The copies of a block in the same place, in their order; sharing groups are never drawn as one."""
    found = network.blocks[block]
    if found.group is None or network.groups[found.group].shares_weights:
        return (block,)
    return tuple(other for other in network.copies_of(block) if network.blocks[other].parent == found.parent)


def toggled(network: Network, blocks: Iterable[str]) -> Change:
    """Fold what is open, unfold what is folded; a repeat's one card opens to its body once."""
    blocks = tuple(blocks)
    wanted: dict[str, bool] = {}
    for block in blocks:
        copies = copies_beside(network, block)
        together = all(network.blocks[copy].folded for copy in copies[1:]) and block == copies[0]
        fold = not network.blocks[block].folded
        if together and len(copies) > 1:
            wanted |= {copies[0]: fold}
        else:
            wanted[block] = fold
    name = network.blocks[blocks[0]].name if len(blocks) == 1 else f"{len(blocks)} blocks"
    verb = "Fold" if any(wanted.values()) else "Unfold"
    return Change(f"{verb} {name}", _edits(network, wanted), (), blocks)


def as_one_card(network: Network, block: str) -> Change:
    """Show all copies of a repeat as one card ×N."""
    copies = copies_beside(network, block)
    return _view(network, block, "as one card", dict.fromkeys(copies, True))


def body_once(network: Network, block: str) -> Change:
    """Show the body of a repeat once, with ×N."""
    copies = copies_beside(network, block)
    return _view(network, block, "once", {copy: copy != copies[0] for copy in copies})


def every_copy(network: Network, block: str) -> Change:
    """Show every copy of a repeat."""
    return _view(network, block, "in full", dict.fromkeys(copies_beside(network, block), False))


def all_folded(network: Network) -> Change:
    """Fold every block."""
    return Change("Fold all", _edits(network, dict.fromkeys(network.blocks, True)))


def all_unfolded(network: Network) -> Change:
    """Unfold every block."""
    return Change("Unfold all", _edits(network, dict.fromkeys(network.blocks, False)))


def _view(network: Network, block: str, how: str, wanted: dict[str, bool]) -> Change:
    name = network.blocks[block].name
    return Change(f"Show {name} {how}", _edits(network, wanted), (), (block,))


def _edits(network: Network, wanted: dict[str, bool]) -> tuple[Edit, ...]:
    from msgspec.structs import replace

    found = ((network.blocks[block], folded) for block, folded in wanted.items())
    return tuple(
        change(block, replace(block, folded=folded)) for block, folded in found if block.folded != folded
    )
