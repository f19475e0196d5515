"""What the library offers, as rows: layers, blocks, saved blocks, classic networks, under their headings."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from explorer.network import numerals
from explorer.network.layer import Layer
from explorer.network.layers import LAYERS
from explorer.ui.canvas.library_item import COMMON
from explorer.ui.shell.matching import match
from explorer.zoo import catalogue
from explorer.zoo.blocks import BLOCKS

Kind = Literal["heading", "more", "layer", "block", "saved", "network"]
Section = Literal["Layers", "Blocks", "Saved blocks", "Classic networks"]

_FAMILY_TITLES = {
    "boundary": "Input and output",
    "convolution": "Convolution",
    "pooling": "Pooling",
    "dense": "Dense",
    "normalization": "Normalization",
    "activation": "Activation",
    "regularize": "Regularization",
    "merge": "Merge",
    "reshape": "Reshape",
}


@dataclass(frozen=True)
class LibraryRow:
    """One row. `name` is what it is called in code: a class, a recipe, a network, a file."""

    kind: Kind
    name: str
    title: str
    detail: str = ""
    family: str = ""
    tip: str = ""
    keywords: str = ""
    level: int = 0

    @property
    def is_item(self) -> bool:
        """Whether it can be dragged and put into a network."""
        return self.kind in ("layer", "block", "saved", "network")


def first_sentence(layer: type[Layer]) -> str:
    """What a layer does, in one sentence: the first of its docstring."""
    words = " ".join((inspect.getdoc(layer) or layer.title).split())
    head, stop, _ = words.partition(". ")
    return head + "." if stop else words


def layer_row(layer: type[Layer]) -> LibraryRow:
    """The row of a layer type."""
    return LibraryRow(
        "layer",
        layer.__name__,
        layer.title,
        family=layer.family.value,
        tip=first_sentence(layer),
        keywords=f"{layer.__name__} {layer.torch_name} {layer.keywords} {_FAMILY_TITLES[layer.family.value]}",
    )


@cache
def layer_rows() -> tuple[LibraryRow, ...]:
    """The rows of all layers."""
    return tuple(layer_row(layer) for layer in LAYERS)


@cache
def block_rows() -> tuple[LibraryRow, ...]:
    """The rows of the blocks that ship."""
    return tuple(
        LibraryRow(
            "block",
            recipe.name,
            recipe.title,
            keywords=f"{recipe.keywords} {recipe.kind}",
            tip=f"Block: {recipe.kind or recipe.title}. It fits its channels to where it is put.",
        )
        for recipe in BLOCKS
    )


@cache
def network_rows() -> tuple[LibraryRow, ...]:
    """The rows of the classic networks."""
    return tuple(
        LibraryRow(
            "network",
            entry.name,
            entry.title,
            detail=numerals.compact(entry.parameters),
            keywords=f"{entry.name} {entry.year} {entry.authors}",
            tip=f"{entry.title} ({entry.year}), {entry.authors}\n{numerals.grouped(entry.parameters)} "
            f"parameters, {numerals.grouped(entry.macs)} MACs at {numerals.shape(entry.input)}",
        )
        for entry in catalogue.entries()
    )


def saved_rows(names: Sequence[str]) -> list[LibraryRow]:
    """The rows of saved blocks."""
    return [
        LibraryRow("saved", name, name, keywords="saved mine own", tip="Your own block") for name in names
    ]


def rows(saved: Sequence[str], query: str = "", all_layers: bool = False) -> list[LibraryRow]:
    """Everything under its headings; with a query what fits it, best first within each section."""
    sections: list[tuple[Section, list[LibraryRow]]] = [
        ("Layers", list(layer_rows())),
        ("Blocks", list(block_rows())),
        ("Saved blocks", saved_rows(saved)),
        ("Classic networks", list(network_rows())),
    ]
    if query.strip():
        sections = [(title, _matching(query, found)) for title, found in sections]
    elif not all_layers:
        sections[0] = ("Layers", _common(sections[0][1]))
    else:
        sections[0] = ("Layers", [*_by_family(sections[0][1]), LibraryRow("more", "fewer", "Fewer layers")])
    result: list[LibraryRow] = []
    for title, found in sections:
        if found:
            result.append(LibraryRow("heading", title, title))
            result.extend(found)
    return result


def _matching(query: str, found: list[LibraryRow]) -> list[LibraryRow]:
    fits = [(match(query, row.title, row.keywords), row) for row in found]
    kept = [(fit.score, row) for fit, row in fits if fit is not None]
    return [row for _, row in sorted(kept, key=lambda pair: -pair[0])]


def _common(found: list[LibraryRow]) -> list[LibraryRow]:
    by_name = {row.name: row for row in found}
    shown = [by_name[name] for name in COMMON if name in by_name]
    return [*shown, LibraryRow("more", "more", f"All {len(found)} layers")]


def _by_family(found: list[LibraryRow]) -> list[LibraryRow]:
    result: list[LibraryRow] = []
    for family, title in _FAMILY_TITLES.items():
        members = [row for row in found if row.family == family]
        if members:
            result.append(LibraryRow("heading", family, title, level=1))
            result.extend(members)
    return result
