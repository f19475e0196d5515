"""Aligning two sequences of parts: the pairing in order that fits best (Needleman and Wunsch 1970)."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from explorer.network.diff.outline import Part
from explorer.network.diff.pairing import alike, fit

Pair = tuple[Part | None, Part | None]

MOST_CELLS = 1_000_000
"""Larger tables than this are cut at what both sequences surely share: quadratic work stops being quick."""


def align(a: Sequence[Part], b: Sequence[Part]) -> list[Pair]:
    """Every part of both, in order; a part that has no counterpart stands alone."""
    start = 0
    while start < min(len(a), len(b)) and alike(a[start], b[start]):
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and alike(a[-1 - end], b[-1 - end]):
        end += 1
    head: list[Pair] = list(zip(a[:start], b[:start], strict=True))
    tail: list[Pair] = list(zip(a[len(a) - end :], b[len(b) - end :], strict=True))
    return head + _middle(a[start : len(a) - end], b[start : len(b) - end]) + tail


def _middle(a: Sequence[Part], b: Sequence[Part]) -> list[Pair]:
    if not a or not b:
        return [*((part, None) for part in a), *((None, part) for part in b)]
    if len(a) * len(b) <= MOST_CELLS:
        return _best(a, b)
    return _cut(a, b)


def _best(a: Sequence[Part], b: Sequence[Part]) -> list[Pair]:
    """The table of the best sums from each place to the end, then the way through it."""
    columns = len(b)
    best = [[0.0] * (columns + 1) for _ in range(len(a) + 1)]
    won: list[list[float]] = []
    for i in range(len(a) - 1, -1, -1):
        row, below = best[i], best[i + 1]
        fits = [fit(a[i], other) for other in b]
        won.append(fits)
        for j in range(columns - 1, -1, -1):
            found = max(below[j], row[j + 1])
            if fits[j] > 0:
                found = max(found, fits[j] + below[j + 1])
            row[j] = found
    won.reverse()
    pairs: list[Pair] = []
    i = j = 0
    while i < len(a) and j < columns:
        if won[i][j] > 0 and best[i][j] == won[i][j] + best[i + 1][j + 1]:
            pairs.append((a[i], b[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((a[i], None))
            i += 1
        else:
            pairs.append((None, b[j]))
            j += 1
    pairs += [(part, None) for part in a[i:]]
    pairs += [(None, part) for part in b[j:]]
    return pairs


def _cut(a: Sequence[Part], b: Sequence[Part]) -> list[Pair]:
    """For thousands of parts at one level: first what is equal, then the best in each piece between."""
    ours, theirs = ([(part.type, part.digest) for part in side] for side in (a, b))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    pairs: list[Pair] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(a[i:i_end], b[j:j_end], strict=True)
        elif (i_end - i) * (j_end - j) <= MOST_CELLS:
            pairs += _middle(a[i:i_end], b[j:j_end])
        else:
            pairs += [(part, None) for part in a[i:i_end]]
            pairs += [(None, part) for part in b[j:j_end]]
    return pairs
