"""What the canvas shows of a network: which cards, which riders under them, which regions, which wires.

This is structure alone, without sizes, texts or places, and it knows no Qt. It stays valid while only
numbers change, so that a keystroke in a field rebuilds nothing.

Folding is in the document (`Block.folded`), and so are the three views of a repeat ×N: all copies folded
is one card; the first unfolded and the others folded is the body once; anything else is every copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from explorer.network.graph import Node
from explorer.network.history import ChangeSet
from explorer.network.layer import Family

RIDING = frozenset({Family.NORMALIZATION, Family.ACTIVATION, Family.REGULARIZE})
"""Families whose layers dock under the layer that they follow."""

DOTS = {"Add": "+", "Multiply": "×"}
"""Layers drawn as a small circle, and the sign in it."""

BARS = frozenset({"Concat"})
"""Layers drawn as a thin bar."""


class Kind(Enum):
    """How a card is drawn."""

    LAYER = "layer"
    BLOCK = "block"
    DOT = "dot"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Card:
    """One thing on the canvas: a layer with its riders, or a folded block with all that is in it.

    `nodes` are the head and then its riders in order; of a folded block, everything inside, of all copies.
    `trunk` says that all data passes through it: nothing stands beside it.
    """

    key: str
    kind: Kind
    nodes: tuple[str, ...]
    block: str | None = None
    region: str | None = None
    copies: int = 1
    trunk: bool = False

    @property
    def head(self) -> str:
        return self.nodes[0] if self.nodes else ""

    @property
    def riders(self) -> tuple[str, ...]:
        return () if self.kind is Kind.BLOCK else self.nodes[1:]

    @property
    def last(self) -> str:
        """The node whose output leaves the card."""
        return self.nodes[-1] if self.nodes else ""


@dataclass(frozen=True, slots=True)
class Region:
    """An unfolded block around its cards; `copies` above 1 means its body stands for that many."""

    block: str
    parent: str | None
    depth: int
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Wire:
    """A link as it is seen, between two cards. Folded blocks may gather several links in one."""

    key: str
    links: tuple[str, ...]
    source: str
    target: str
    source_node: str
    source_port: int
    target_node: str
    target_port: int
    shortcut: bool = False


def block_key(block: str) -> str:
    """The key of a folded block's card."""
    return f"[{block}]"


@dataclass(frozen=True)
class Outline:
    """Everything shown, by key, in the order of the data's flow."""

    cards: Mapping[str, Card]
    regions: Mapping[str, Region]
    wires: Mapping[str, Wire]
    card_of: Mapping[str, str]

    @cached_property
    def into(self) -> Mapping[str, tuple[Wire, ...]]:
        """The wires that arrive at each card."""
        return self._by_end("target")

    @cached_property
    def out_of(self) -> Mapping[str, tuple[Wire, ...]]:
        """The wires that leave each card."""
        return self._by_end("source")

    def _by_end(self, end: str) -> Mapping[str, tuple[Wire, ...]]:
        found: dict[str, list[Wire]] = {key: [] for key in self.cards}
        for wire in self.wires.values():
            found[getattr(wire, end)].append(wire)
        return {key: tuple(wires) for key, wires in found.items()}

    def cards_within(self, block: str) -> list[str]:
        """The keys of the cards in a region and the regions inside it."""
        inside = {block}
        for region in self.regions.values():  # parents come before children
            if region.parent in inside:
                inside.add(region.block)
        return [card.key for card in self.cards.values() if card.region in inside]


def changes_outline(before: Node | None, after: Node | None) -> bool:
    """Whether an edit of this node can change the outline, and not only what cards say."""
    return (
        before is None
        or after is None
        or type(before.layer) is not type(after.layer)
        or (before.block, before.group, before.position, before.training_only)
        != (after.block, after.group, after.position, after.training_only)
    )


def changes_structure(change: ChangeSet) -> bool:
    """Whether a transaction can change the outline."""
    return any(
        edit.table in ("links", "blocks", "groups")
        or (edit.table == "nodes" and changes_outline(edit.before, edit.after))
        for edit in change.edits
    )
