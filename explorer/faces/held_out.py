"""The lecture's distances side by side on pairs that they have not learned from.

Pairs are dealt to folds. Where people are known, people are: a fold's pairs are those of two of its people,
and what is learned for it comes from pairs of two of the others', so that nobody is on both sides. Weights
are learned on all other folds, and judged on their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.faces.distances import Kind, Weighted, learn, squared_l2
from explorer.faces.evaluation import Interval, best_threshold, equal_error_rate, true_accepts_at
from explorer.faces.face_set import FaceSet
from explorer.faces.intervals import share

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

HOLDS = (0.0, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
"""How strongly weights are held together, from freely learned to all but equal."""
MOST_LEARNED = 3000
"""Pairs of each kind that a fold learns from; of more, as many are drawn."""
MOST_JUDGED = 20_000
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Split:
    """Places of pairs in the set: what one fold learns from, and what it is judged on."""

    learned: NDArray[np.int64]
    judged: NDArray[np.int64]


def splits(faces: FaceSet, most: int = FOLDS, seed: int = 0) -> tuple[Split, ...]:
    """The folds; fewer than `most` if there are few people with several pictures, () if there are too few."""
    usable = faces.found[faces.a] & faces.found[faces.b]
    if faces.people is None:
        return _split_pairs(faces, usable, most, seed)
    fold, count = _deal_people(faces, usable, most, seed)
    if count < 2:
        return ()
    first, second = fold[faces.a], fold[faces.b]
    found = []
    for number in range(count):
        learned = usable & (first != number) & (second != number)
        judged = usable & (first == number) & (second == number)
        found.append(_sampled(faces.same, learned, judged, seed))
    return tuple(one for one in found if one is not None)


def _split_pairs(faces: FaceSet, usable: Mask, most: int, seed: int) -> tuple[Split, ...]:
    """By the file's own folds, or several of them together."""
    if faces.folds is None:
        return ()
    numbers = np.unique(faces.folds, return_inverse=True)[1] % most
    found = [
        _sampled(faces.same, usable & (numbers != n), usable & (numbers == n), seed) for n in range(most)
    ]
    return tuple(one for one in found if one is not None)


def _deal_people(faces: FaceSet, usable: Mask, most: int, seed: int) -> tuple[NDArray[np.int64], int]:
    """The fold of each face, (n,), and how many folds there are: people with pairs of their own go first."""
    assert faces.people is not None
    paired = np.unique(faces.people[faces.a[usable & faces.same]])
    count = min(most, len(paired))
    draw = np.random.default_rng(seed)
    others = np.setdiff1d(faces.people, paired)
    order = np.concatenate([draw.permutation(paired), draw.permutation(others)])
    fold_of = {int(person): place % max(1, count) for place, person in enumerate(order)}
    return np.array([fold_of[int(person)] for person in faces.people], dtype=np.int64), count


def _sampled(same: Mask, learned: Mask, judged: Mask, seed: int) -> Split | None:
    """None if one kind of pairs is missing on one side."""
    draw = np.random.default_rng(seed)
    parts = []
    for mask, most in ((learned, MOST_LEARNED), (judged, MOST_JUDGED)):
        for kind in (True, False):
            rows = np.flatnonzero(mask & (same == kind))
            if not len(rows):
                return None
            parts.append(np.sort(draw.permutation(rows)[:most]))
    return Split(np.concatenate(parts[:2]), np.concatenate(parts[2:]))


@dataclass(frozen=True)
class Score:
    """Of one distance on one side of the folds. `accuracy` weighs both kinds of pairs alike."""

    accuracy: float
    eer: float
    cross_entropy: float | None
    accepts: float
    """TAR at FAR 1 %."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One distance on the same held-out pairs; `learned` is how it does on what it learned from.

    `weights` (F,) are the mean over the folds, in parts of their own mean, so that equal weights are 1.
    """

    name: str
    kind: Kind
    hold: float | None
    held_out: Score
    learned: Score
    interval: Interval
    """Of the held-out accuracy."""
    distances: Values
    """(p,) of all held-out pairs, less their fold's threshold."""
    same: Mask
    weights: Values | None = None


def compare(
    faces: FaceSet,
    folds: tuple[Split, ...],
    kind: Kind,
    hold: float | None = None,
    check: Callable[[], None] = lambda: None,
) -> Compared:
    """Learns (unless squared L2) and judges one distance over all folds; `check` may raise to stop.

    Pairs of all folds are put together after each fold's own threshold, found on what it learned from, has
    been taken from its distances: same if and only if ≤ 0.
    """
    judged: list[Values] = []
    truth: list[Mask] = []
    seen: list[Score] = []
    weights: list[Values] = []
    for fold in folds:
        check()
        train, test, measure = _distances(faces, fold, kind, hold)
        same, held = faces.same[fold.learned], faces.same[fold.judged]
        threshold = 0.0 if measure is not None else _even_threshold(train, same)
        seen.append(_score(train - threshold, same, measure is not None))
        judged.append(test - threshold)
        truth.append(held)
        if measure is not None:
            mean = float(measure.weights.mean())
            weights.append(measure.weights / (mean if abs(mean) > 1e-12 else 1.0))
    distances, same = np.concatenate(judged), np.concatenate(truth)
    score = _score(distances, same, kind is not Kind.SQUARED_L2)
    return Compared(
        kind.value,
        kind,
        hold,
        score,
        _mean(seen),
        _interval(distances, same),
        distances,
        same,
        np.mean(weights, axis=0) if weights else None,
    )


def _distances(
    faces: FaceSet, fold: Split, kind: Kind, hold: float | None
) -> tuple[Values, Values, Weighted | None]:
    """On the pairs learned from and on those judged, and what was learned."""
    embeddings, a, b = faces.embeddings, faces.a, faces.b
    one, two = fold.learned, fold.judged
    if kind is Kind.SQUARED_L2:
        return (
            squared_l2(embeddings[a[one]], embeddings[b[one]]),
            squared_l2(embeddings[a[two]], embeddings[b[two]]),
            None,
        )
    measure = learn(
        kind, embeddings[a[one]], embeddings[b[one]], faces.same[one], 1.0 if hold is None else hold
    )
    return (
        measure(embeddings[a[one]], embeddings[b[one]]),
        measure(embeddings[a[two]], embeddings[b[two]]),
        measure,
    )


def _even_threshold(distances: Values, same: Mask) -> float:
    """The best threshold when both kinds of pairs count alike: strangers are thinned out, or repeated."""
    near, far = np.flatnonzero(same), np.flatnonzero(~same)
    size = max(len(near), len(far))
    even = np.concatenate([np.resize(near, size), np.resize(far, size)])
    return best_threshold(distances[even], same[even])


def _score(distances: Values, same: Mask, logistic: bool) -> Score:
    near, far = distances[same], distances[~same]
    accuracy = (float((near <= 0).mean()) + float((far > 0).mean())) / 2
    loss = None
    if logistic:
        loss = float(np.logaddexp(0, near).mean() + np.logaddexp(0, -far).mean()) / 2
    rate, _ = equal_error_rate(near, far)
    return Score(accuracy, rate, loss, true_accepts_at(near, far, 1e-2))


def _mean(scores: list[Score]) -> Score:
    losses = [score.cross_entropy for score in scores if score.cross_entropy is not None]
    return Score(
        float(np.mean([score.accuracy for score in scores])),
        float(np.mean([score.eer for score in scores])),
        float(np.mean(losses)) if losses else None,
        float(np.mean([score.accepts for score in scores])),
    )


def _interval(distances: Values, same: Mask) -> Interval:
    """Of an accuracy that weighs both kinds alike: half from each kind's own interval."""
    near = share(int((distances[same] <= 0).sum()), int(same.sum()))
    far = share(int((distances[~same] > 0).sum()), int((~same).sum()))
    value = (near.value + far.value) / 2
    low = value - float(np.hypot(near.value - near.low, far.value - far.low)) / 2
    high = value + float(np.hypot(near.high - near.value, far.high - far.value)) / 2
    return Interval(value, max(0.0, low), min(1.0, high))


def sweep(
    faces: FaceSet, folds: tuple[Split, ...], kind: Kind, check: Callable[[], None] = lambda: None
) -> Iterator[Compared]:
    """The same distance from freely learned weights to all but equal ones."""
    for hold in HOLDS:
        yield compare(faces, folds, kind, hold, check)
