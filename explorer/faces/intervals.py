"""How sure the figures of a verification test are: intervals for shares, and the bootstrap over people.

Pairs that share a person are not independent. Where people are known, the bootstrap draws people and takes
all pairs among those drawn, so that few people give wide intervals however many pairs they make; a person
drawn twice counts twice, but is not compared with the copy. Without people, pairs are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from explorer.faces.evaluation import Interval, Roc, equal_error_rate, true_accepts_at
from explorer.faces.face_set import FaceSet

Values = NDArray[np.float64]

FARS = (1e-2, 1e-3)
ROUNDS = 300
_GRID = 400


def share(hits: int, of: int) -> Interval:
    """A share with its 95 % interval (Wilson 1927), which is honest about 0 of n, unlike the bootstrap."""
    if of == 0:
        return Interval(float("nan"), 0.0, 1.0)
    z = 1.959964
    value = hits / of
    middle = (value + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * sqrt(value * (1 - value) / of + z * z / (4 * of * of))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    return Interval(value, low, 1.0 if hits == of else min(1.0, middle + half))


def among(far: Interval, people: int) -> Interval:
    """The chance that a stranger gets in among K people, 1 − (1 − FAR)^K."""

    def chance(each: float) -> float:
        return float(-np.expm1(people * np.log1p(-min(each, 1 - 1e-15))))

    return Interval(chance(far.value), chance(far.low), chance(far.high))


def drawn_roc(genuine: Values, impostor: Values) -> Roc:
    """A ROC of at most some 800 points, dense where few strangers get in, exact at each of them."""
    thresholds = _grid(genuine, impostor)
    return Roc(thresholds, _below(impostor, thresholds), _below(genuine, thresholds))


def _grid(genuine: Values, impostor: Values) -> Values:
    both = np.concatenate([genuine, impostor])
    every = np.unique(both[np.isfinite(both)])
    if len(every) <= 2 * _GRID:
        return every
    near, far = np.sort(genuine[np.isfinite(genuine)]), np.sort(impostor[np.isfinite(impostor)])
    parts = []
    if len(near):
        parts.append(near[np.linspace(0, len(near) - 1, _GRID).astype(int)])
    if len(far):
        parts.append(far[np.unique(np.geomspace(1, len(far), _GRID).astype(int)) - 1])
    return np.unique(np.concatenate(parts))


def _below(distances: Values, thresholds: Values) -> Values:
    return np.searchsorted(np.sort(distances), thresholds, side="right") / len(distances)


@dataclass(frozen=True)
class Figures:
    """The figures of a set. TAR@FAR is None where there are too few impostor pairs for that FAR."""

    eer: Interval
    true_accepts: dict[float, Interval | None]
    over_people: bool


def figures(
    faces: FaceSet,
    distances: Values | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
    check: Callable[[], None] = lambda: None,
) -> Figures:
    """EER and TAR@FAR with bootstrap intervals; `check` is called between rounds and may raise.

    `distances` (p,) are others than the set's own. Raises ValueError without pairs of both kinds.
    """
    distances = faces.distances if distances is None else distances
    genuine, impostor = distances[faces.same], distances[~faces.same]
    rate, _ = equal_error_rate(genuine, impostor)
    fars = [far for far in FARS if len(impostor) * far >= 1]
    grid = _grid(genuine, impostor)
    rates: list[float] = []
    accepts: dict[float, list[float]] = {far: [] for far in fars}
    for near, far_share in _rounds(faces, distances, grid, rounds, seed):
        check()
        gap = far_share - (1 - near)
        after = int(np.argmax(gap >= 0)) if (gap >= 0).any() else len(gap) - 1
        place = min((max(0, after - 1), after), key=lambda i: abs(gap[i]))
        rates.append(float(far_share[place] + 1 - near[place]) / 2)
        for far in fars:
            allowed = int(np.searchsorted(far_share, far, side="right")) - 1
            accepts[far].append(float(near[allowed]) if allowed >= 0 else 0.0)
    found: dict[float, Interval | None] = dict.fromkeys(FARS)
    for far in fars:
        found[far] = _around(true_accepts_at(genuine, impostor, far), accepts[far], len(genuine))
    return Figures(_around(rate, rates, len(genuine)), found, faces.people is not None)


def _around(value: float, drawn: list[float], pairs: int) -> Interval:
    """What the rounds say, and at least what as many independent pairs would: no error in 9 is not none."""
    least = share(round(value * pairs), pairs)
    low, high = np.quantile(drawn, (0.025, 0.975)) if drawn else (value, value)
    return Interval(value, min(float(low), least.low), max(float(high), least.high))


def _rounds(
    faces: FaceSet, distances: Values, grid: Values, rounds: int, seed: int
) -> Iterator[tuple[Values, Values]]:
    """Shares of genuine and impostor pairs accepted at each threshold of the grid, once a round."""
    draw = np.random.default_rng(seed)
    bins = np.searchsorted(grid, distances, side="left")  # len(grid): never accepted
    near_bins, far_bins, size = bins[faces.same], bins[~faces.same], len(grid) + 1
    if faces.people is None:
        near_share = np.bincount(near_bins, minlength=size) / len(near_bins)
        far_share = np.bincount(far_bins, minlength=size) / len(far_bins)
        for _ in range(rounds):
            near = draw.multinomial(len(near_bins), near_share)
            far = draw.multinomial(len(far_bins), far_share)
            yield np.cumsum(near)[:-1] / len(near_bins), np.cumsum(far)[:-1] / len(far_bins)
        return
    names, numbers = np.unique(faces.people, return_inverse=True)
    own = numbers[faces.a[faces.same]]
    first, second = numbers[faces.a[~faces.same]], numbers[faces.b[~faces.same]]
    for _ in range(rounds):
        times = np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names))
        near_count = np.bincount(near_bins, times[own], minlength=size)
        far_count = np.bincount(far_bins, times[first] * times[second], minlength=size)
        if near_count.any() and far_count.any():
            yield np.cumsum(near_count)[:-1] / near_count.sum(), np.cumsum(far_count)[:-1] / far_count.sum()
