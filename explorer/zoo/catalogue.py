"""What is known of every classic network without building it; tests hold each number against the network."""

from __future__ import annotations

import difflib

from explorer.network.errors import UserError
from explorer.zoo import listed_classic, listed_faces, listed_residual, listed_twins
from explorer.zoo.entry import Entry

__all__ = ["Entry", "entries", "find", "known", "near"]

_ENTRIES = (*listed_classic.ENTRIES, *listed_residual.ENTRIES, *listed_faces.ENTRIES, *listed_twins.ENTRIES)
_BY_NAME = {entry.name: entry for entry in _ENTRIES}


def entries() -> tuple[Entry, ...]:
    """All of them, oldest first within the lecture's order."""
    return _ENTRIES


def known(name: str) -> bool:
    """Whether the zoo has a network of this name."""
    return name in _BY_NAME


def near(name: str) -> list[str]:
    """Zoo names that look like `name`, best first."""
    return difflib.get_close_matches(name.lower().replace("_", "-"), _BY_NAME, n=3, cutoff=0.6)


def find(name: str) -> Entry:
    """The entry of that name. Raises UserError, naming similar ones."""
    entry = _BY_NAME.get(name)
    if entry is None:
        similar = near(name)
        hint = f"did you mean {' or '.join(similar)}?" if similar else "'explorer zoo' lists them"
        raise UserError(f"The zoo has no network called '{name}'; {hint}")
    return entry
