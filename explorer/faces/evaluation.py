"""How well distances tell one person's pairs from two people's: the figures of a verification test.

`genuine` are distances between two pictures of one person, `impostor` those between two people. At a
threshold τ, a pair is accepted if its distance is ≤ τ. Pairs in which a face was not found have an infinite
distance: they are never accepted, so a lost genuine pair is an error and a lost impostor pair none; where a
figure treats them otherwise, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.floating]
Values = NDArray[np.float64]

_Z2 = 1.959964**2
"""The square of the normal quantile for 95 %."""


@dataclass(frozen=True, eq=False)
class Roc:
    """At each threshold, ascending: the shares of impostor and of genuine pairs that are accepted.

    A DET curve is the same with 1 − `true_accepts`, both axes logarithmic.
    """

    thresholds: Values
    false_accepts: Values
    true_accepts: Values

    @property
    def false_rejects(self) -> Values:
        """1 − true accepts."""
        return 1 - self.true_accepts


def roc(genuine: Distances, impostor: Distances, points: int | None = None) -> Roc:
    """Exact at every distance that occurs; `points` thins it to about as many for drawing."""
    _need(genuine, impostor)
    both = np.concatenate([genuine, impostor]).astype(np.float64)
    thresholds = np.unique(both[np.isfinite(both)])
    if points is not None and len(thresholds) > points:
        thresholds = np.quantile(thresholds, np.linspace(0, 1, points))
    return Roc(thresholds, _accepted(impostor, thresholds), _accepted(genuine, thresholds))


def _accepted(distances: Distances, thresholds: Values) -> Values:
    return np.searchsorted(np.sort(distances), thresholds, side="right") / len(distances)


def _need(genuine: Distances, impostor: Distances) -> None:
    if not len(genuine) or not len(impostor):
        raise ValueError("an evaluation needs pairs of one person and pairs of two")


def equal_error_rate(genuine: Distances, impostor: Distances) -> tuple[float, float]:
    """(rate, threshold) where as large a share of strangers is accepted as of the right people refused."""
    curve = roc(genuine, impostor)
    if not len(curve.thresholds):
        return 1.0, 0.0
    gap = curve.false_accepts - curve.false_rejects
    after = int(np.argmax(gap >= 0)) if (gap >= 0).any() else len(gap) - 1
    place = min((max(0, after - 1), after), key=lambda i: abs(gap[i]))
    rate = (curve.false_accepts[place] + curve.false_rejects[place]) / 2
    return float(rate), float(curve.thresholds[place])


def threshold_at(impostor: Distances, far: float) -> float:
    """The largest threshold at which at most a share `far` of the impostor pairs is accepted."""
    ordered = np.sort(impostor)
    allowed = int(np.floor(far * len(ordered) + 1e-9))
    if allowed >= len(ordered):
        return float(ordered[-1])
    return float(np.nextafter(ordered[allowed], -np.inf))


def true_accepts_at(genuine: Distances, impostor: Distances, far: float) -> float:
    """TAR@FAR: the share of genuine pairs accepted at `threshold_at(impostor, far)`."""
    _need(genuine, impostor)
    return float((genuine <= threshold_at(impostor, far)).mean())


@dataclass(frozen=True)
class Interval:
    """A figure and what 95 of 100 repetitions with other pairs would be expected to give."""

    value: float
    low: float
    high: float


def interval(
    figure: Callable[[Distances, Distances], float],
    genuine: Distances,
    impostor: Distances,
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """A figure with its bootstrap interval: genuine and impostor pairs are drawn anew, each by themselves.

    Pairs that share a person are taken for independent: for all cross pairs of a few people, the truth is
    wider. Where every drawing gives 0 or every one gives 1, as with few pairs, the bootstrap says nothing:
    the other end is then Wilson's (1927) for none among the fewer pairs, as `intervals` has it for shares.
    """
    _need(genuine, impostor)
    drawn = np.random.default_rng(seed)
    values = [
        figure(drawn.choice(genuine, len(genuine)), drawn.choice(impostor, len(impostor)))
        for _ in range(rounds)
    ]
    low, high = np.quantile(values, (0.025, 0.975))
    if low == high and low in (0, 1):
        wide = _Z2 / (min(len(genuine), len(impostor)) + _Z2)
        low, high = (0.0, wide) if low == 0 else (1 - wide, 1.0)
    return Interval(figure(genuine, impostor), float(low), float(high))


@dataclass(frozen=True)
class AtThreshold:
    """Counts at one τ: pairs accepted and refused, rightly and wrongly."""

    threshold: float
    true_accepts: int
    false_accepts: int
    true_rejects: int
    false_rejects: int

    @property
    def accuracy(self) -> float:
        """The share of all pairs judged rightly."""
        right = self.true_accepts + self.true_rejects
        return right / (right + self.false_accepts + self.false_rejects)

    @property
    def precision(self) -> float | None:
        """The share of accepted pairs that are of one person; None if none is accepted."""
        accepted = self.true_accepts + self.false_accepts
        return self.true_accepts / accepted if accepted else None


def at_threshold(genuine: Distances, impostor: Distances, threshold: float) -> AtThreshold:
    """What happens at one τ."""
    _need(genuine, impostor)
    right, wrong = int((genuine <= threshold).sum()), int((impostor <= threshold).sum())
    return AtThreshold(threshold, right, wrong, len(impostor) - wrong, len(genuine) - right)


def histogram(distances: Distances, edges: Values) -> NDArray[np.int64]:
    """How many distances lie between each two `edges`; infinite ones in none."""
    counts: NDArray[np.int64] = np.histogram(distances[np.isfinite(distances)], edges)[0].astype(np.int64)
    return counts


@dataclass(frozen=True, eq=False)
class Folds:
    """Accuracy by fold, each at the threshold that is best on all others."""

    accuracies: Values
    thresholds: Values

    @property
    def accuracy(self) -> float:
        return float(self.accuracies.mean())

    @property
    def std(self) -> float:
        """Standard error of the mean over the folds, as LFW's tables give behind ±."""
        return float(self.accuracies.std(ddof=1) / np.sqrt(len(self.accuracies)))

    @property
    def threshold(self) -> float:
        return float(self.thresholds.mean())


def ten_fold(distances: Distances, same: NDArray[np.bool_], folds: Sequence[int]) -> Folds:
    """Accuracy as LFW's protocol has it; any number of folds ≥ 2.

    A pair in which a face was not found (distance not finite) is an error, whatever the truth.
    """
    fold = np.asarray(folds)
    names = np.unique(fold)
    if len(names) < 2:
        raise ValueError("a cross-validation needs at least two folds")
    found = np.isfinite(distances)
    accuracies, thresholds = [], []
    for name in names:
        held, rest = fold == name, fold != name
        threshold = best_threshold(distances[rest], same[rest])
        right = ((distances[held] <= threshold) == same[held]) & found[held]
        accuracies.append(right.mean())
        thresholds.append(threshold)
    return Folds(np.array(accuracies), np.array(thresholds))


def best_threshold(distances: Distances, same: NDArray[np.bool_]) -> float:
    """The threshold with the most pairs judged rightly; of several, the one in the middle."""
    found = np.isfinite(distances)
    order = np.argsort(distances[found], kind="stable")
    ordered, truth = distances[found][order].astype(np.float64), same[found][order]
    if not len(ordered):
        return 0.0
    # accepting the first i pairs: right are the genuine among them and the impostors behind
    right = np.concatenate([[0], np.cumsum(truth)]) + np.concatenate([np.cumsum(~truth[::-1])[::-1], [0]])
    edges = np.concatenate([[ordered[0] - 1e-6], (ordered[:-1] + ordered[1:]) / 2, [ordered[-1] + 1e-6]])
    separable = np.concatenate([[True], ordered[1:] > ordered[:-1], [True]])
    right = np.where(separable, right, -1)
    best = np.flatnonzero(right == right.max())
    return float(edges[best[len(best) // 2]])
