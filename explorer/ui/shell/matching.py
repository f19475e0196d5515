"""How well a text fits what was typed: letters in order, best at the starts of words and side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Match(NamedTuple):
    """A fit: higher scores are better; `positions` are the letters of the text that were typed."""

    score: float
    positions: tuple[int, ...]


def match(query: str, text: str, keywords: str = "") -> Match | None:
    """How well `query` fits, or None. Each word of it must fit the text, or else a start in the keywords."""
    score = 0.0
    positions: set[int] = set()
    hidden = _folded(keywords).split()
    for word in _folded(query).split():
        found = _word(word, text)
        if found is not None:
            score += found.score
            positions.update(found.positions)
        elif any(key.startswith(word) for key in hidden):
            score += 2.0 * len(word)
        else:
            return None
    return Match(score - 0.01 * len(text), tuple(sorted(positions)))


def _word(word: str, text: str) -> Match | None:
    """The better of two readings: as a piece of the text, or as letters in order from the starts of words."""
    folded = _folded(text)
    starts = _starts(text)
    candidates: list[Match] = []
    at = folded.find(word)
    while at >= 0:
        bonus = 8.0 if at in starts else 0.0
        bonus += 6.0 if at == 0 else 0.0
        bonus += 4.0 if at + len(word) == len(folded) or not folded[at + len(word)].isalnum() else 0.0
        candidates.append(Match(4.0 * len(word) + bonus, tuple(range(at, at + len(word)))))
        at = folded.find(word, at + 1)
    if not candidates and len(word) > 1:
        scattered = _scattered(word, folded, starts)
        if scattered is not None:
            candidates.append(scattered)
    return max(candidates, key=lambda one: one.score, default=None)


def _folded(text: str) -> str:
    """Lower case, letter by letter: one that becomes two would shift the positions, so it stays."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _scattered(word: str, folded: str, starts: set[int]) -> Match | None:
    """Letters in order, each taken at the next start of a word if there is one, else at its next place.

    A letter away from both its neighbour and a word's start makes the reading too loose: None.
    """
    positions: list[int] = []
    score = 0.0
    at = 0
    for letter in word:
        side = at if positions and at < len(folded) and folded[at] == letter else -1
        start = next((p for p in range(at, len(folded)) if p in starts and folded[p] == letter), -1)
        place = side if side >= 0 else start
        if place < 0:
            return None
        score += 3.0 if place == side else 2.5
        positions.append(place)
        at = place + 1
    return Match(score, tuple(positions))


def _starts(text: str) -> set[int]:
    """Where words start: after a space or a sign, at a capital, at the first digit."""
    found = set()
    before = " "
    for index, letter in enumerate(text):
        fresh = letter.isalnum() and not before.isalnum()
        hump = letter.isupper() and before.islower()
        digit = letter.isdigit() and before.isalpha()
        if fresh or hump or digit:
            found.add(index)
        before = letter
    return found


def best(query: str, candidates: Iterable[tuple[str, str]]) -> list[tuple[int, Match]]:
    """The indices of the (text, keywords) pairs that fit, best first, ties in the order given."""
    fits = [(index, match(query, *pair)) for index, pair in enumerate(candidates)]
    kept = [(index, found) for index, found in fits if found is not None]
    return sorted(kept, key=lambda one: -one[1].score)
