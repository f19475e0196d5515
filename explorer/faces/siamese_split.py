"""Who is learned from, who is kept unseen, and which pictures stand for them while one watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.network.errors import UserError

Indices = NDArray[np.int64]
Values = NDArray[np.float64]
MOST_JUDGED = 600
"""Unseen pictures that the EER is measured on after each epoch; all pairs among them."""
SHOWN_PEOPLE, SHOWN_PICTURES = 8, 24


@dataclass(frozen=True, eq=False)
class Split:
    """Numbers of pictures: to learn from, to judge on (of other people), and to watch."""

    learned: Indices
    judged: Indices
    probe: Indices
    unseen: tuple[int, ...]
    """The people of `judged`."""


def split(
    people: NDArray[np.int64],
    unseen: Sequence[int] | None = None,
    share: float = 0.2,
    seed: int = 0,
    people_per_batch: int = 2,
) -> Split:
    """Keeps `unseen`, or a `share` of all people, out of the learning; people with one picture only go along.

    Raises UserError when there are too few people to learn from and to judge on.
    """
    drawn = np.random.default_rng(seed)
    names, counts = np.unique(people, return_counts=True)
    able = names[counts >= 2]
    need = max(2, people_per_batch)
    if unseen is None:
        kept = min(max(2, round(share * len(able))), len(able) - need)
        if kept < 2:
            raise UserError(
                f"{len(able)} people have two pictures or more; learning takes {need} of them a batch and "
                "two others to judge on: add people, or take fewer a batch"
            )
        unseen = sorted(int(person) for person in drawn.permutation(able)[:kept])
    aside = np.isin(people, unseen)
    learned = np.flatnonzero(~aside).astype(np.int64)
    judged = widely(people, np.flatnonzero(aside), MOST_JUDGED, drawn)
    return Split(learned, judged, _probe(people, tuple(unseen), drawn), tuple(int(p) for p in unseen))


def widely(people: NDArray[np.int64], rows: Indices, most: int, drawn: np.random.Generator) -> Indices:
    """At most `most` of the rows, as many of each person as of every other."""
    rows = drawn.permutation(rows)
    turn = np.empty(len(rows), dtype=np.int64)
    seen: dict[int, int] = {}
    for place, row in enumerate(rows):
        person = int(people[row])
        turn[place] = seen[person] = seen.get(person, -1) + 1
    return np.sort(rows[np.argsort(turn, kind="stable")[:most]]).astype(np.int64)


def _probe(people: NDArray[np.int64], unseen: tuple[int, ...], drawn: np.random.Generator) -> Indices:
    """A few pictures of a few people: up to half of them unseen, those with the most pictures."""
    names, counts = np.unique(people, return_counts=True)
    order = [int(person) for person in names[np.argsort(-counts, kind="stable")]]
    strange = [person for person in order if person in unseen][: SHOWN_PEOPLE // 2]
    known = [person for person in order if person not in unseen][: SHOWN_PEOPLE - len(strange)]
    rows = [drawn.permutation(np.flatnonzero(people == p))[:SHOWN_PICTURES] for p in (*known, *strange)]
    return np.concatenate(rows).astype(np.int64)


def pairs(people: NDArray[np.int64]) -> tuple[Indices, Indices, NDArray[np.bool_]]:
    """Every two of n pictures: (a, b, whether they are of one person)."""
    a, b = np.triu_indices(len(people), 1)
    return a.astype(np.int64), b.astype(np.int64), people[a] == people[b]


class Plane:
    """Embeddings on a plane by PCA, turned so that the picture moves and does not jump.

    The axes are found anew each time; a reflection or rotation that fits the points before best is taken
    away (orthogonal Procrustes, Schönemann 1966).
    """

    def __init__(self) -> None:
        self._before: Values | None = None

    def place(self, embeddings: NDArray[np.floating]) -> Values:
        """(N, 2) of (N, F); N the same at each call."""
        centred = embeddings.astype(np.float64) - embeddings.mean(axis=0)
        left, stretch, _ = np.linalg.svd(centred, full_matrices=False)
        flat: Values = left[:, :2] * stretch[:2]
        if flat.shape[1] < 2:
            flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
        if self._before is not None and self._before.shape == flat.shape:
            first, _, second = np.linalg.svd(flat.T @ self._before)
            flat = flat @ (first @ second)
        self._before = flat
        return flat
