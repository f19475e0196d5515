"""The distances of the lecture between two embeddings a and b, each a row of an (n, F) array.

    squared L2      Σ_k (a_k − b_k)²
    weighted L1     Σ_k w_k |a_k − b_k| + b
    weighted χ²     Σ_k w_k (a_k − b_k)² / (a_k + b_k) + b,   0/0 = 0

χ² is meant for values that are not negative: embeddings are first brought to [0, 1] (`UnitScale`), for
weighted L1 as well. σ of minus a learned distance is the chance that both are one person (χ²: Taigman et al.
2014; L1: Koch et al. 2015), so weights and b are learned by cross-entropy. Weights learned freely from a few
thousand pairs overfit: they start equal and are held together by `hold`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Values = NDArray[np.float64]


class Kind(StrEnum):
    """Which distance."""

    SQUARED_L2 = "squared L2"
    WEIGHTED_L1 = "weighted L1"
    WEIGHTED_CHI2 = "weighted χ²"


def squared_l2(a: Array, b: Array) -> Values:
    """(n,) squared Euclidean distances of the rows of two (n, F) arrays."""
    found: Values = np.square(a.astype(np.float64) - b).sum(axis=-1)
    return found


def absolute(a: Array, b: Array) -> Values:
    """|a − b|, (n, F): the parts that weighted L1 weighs."""
    return np.abs(a.astype(np.float64) - b)


def chi_squared(a: Array, b: Array) -> Values:
    """(a − b)² / (a + b), (n, F), for values ≥ 0: the parts that weighted χ² weighs; 0/0 is 0."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    below = a + b
    if (a < 0).any() or (b < 0).any():
        raise ValueError("χ² takes values that are not negative")
    return np.divide(np.square(a - b), below, out=np.zeros_like(below), where=below > 0)


@dataclass(frozen=True)
class UnitScale:
    """Brings values to [0, 1]: `low` becomes 0, `high` 1, and what lies outside is clipped."""

    low: float
    high: float

    @classmethod
    def of(cls, embeddings: Array) -> UnitScale:
        """From the least and the greatest value of them all."""
        low, high = float(embeddings.min()), float(embeddings.max())
        return cls(low, high if high > low else low + 1)

    def __call__(self, embeddings: Array) -> Values:
        scaled: Values = np.clip((embeddings.astype(np.float64) - self.low) / (self.high - self.low), 0, 1)
        return scaled


@dataclass(frozen=True, eq=False)
class Weighted:
    """A learned distance: Σ_k w_k · part_k + b. Same if and only if it is ≤ 0."""

    kind: Kind
    scale: UnitScale
    weights: Values
    offset: float

    def __call__(self, a: Array, b: Array) -> Values:
        """(n,) distances of the rows of two (n, F) arrays of embeddings."""
        parts: Values = _parts(self.kind, self.scale(a), self.scale(b))
        return parts @ self.weights + self.offset

    def probability(self, a: Array, b: Array) -> Values:
        """(n,) chances of being one person, σ(−distance)."""
        return _sigmoid(-self(a, b))


def _parts(kind: Kind, a: Values, b: Values) -> Values:
    if kind is Kind.SQUARED_L2:
        raise ValueError("squared L2 has no weights to learn")
    return absolute(a, b) if kind is Kind.WEIGHTED_L1 else chi_squared(a, b)


def _sigmoid(x: Values) -> Values:
    result: Values = 0.5 * (1 + np.tanh(x / 2))
    return result


def cross_entropy(
    parameters: Values, parts: Values, same: NDArray[np.bool_], hold: float
) -> tuple[float, Values]:
    """The loss over n pairs and its gradient.

    `parameters` is (F + 1,): the weights, then b; `parts` is (n, F). The loss is the mean of −log of the
    chance given to the truth, the pairs of one person and those of two weighing one half each, plus
    hold/2 · Σ_k ((w_k − mean w) · mean part_k)², in which a weight counts by what it does.
    """
    weights, offset = parameters[:-1], parameters[-1]
    size = parts.mean(axis=0)
    away = weights - weights.mean()
    logit = -(parts @ weights + offset)
    truth = same.astype(np.float64)
    share = np.where(same, 0.5 / max(1, same.sum()), 0.5 / max(1, (~same).sum()))
    loss = float(share @ (np.logaddexp(0, logit) - truth * logit))
    loss += hold / 2 * float(np.square(away * size).sum())
    pull = share * (truth - _sigmoid(logit))
    held = away * np.square(size)
    gradient = np.append(pull @ parts + hold * (held - held.mean()), pull.sum())
    return loss, gradient


def learn(
    kind: Kind,
    a: Array,
    b: Array,
    same: NDArray[np.bool_],
    hold: float = 1.0,
    scale: UnitScale | None = None,
    steps: int = 40,
) -> Weighted:
    """The weights and b that make the least cross-entropy over n pairs, rows of `a` and `b`, (n, F).

    Newton's method from equal weights; a greater `hold` keeps them more equal. Raises ValueError unless there
    are pairs of both kinds.
    """
    if same.all() or not same.any():
        raise ValueError("learning needs pairs of one person and pairs of two")
    scale = UnitScale.of(np.concatenate([a, b])) if scale is None else scale
    parts = _parts(kind, scale(a), scale(b))
    parameters = _equal_weights(parts, same)
    loss, gradient = cross_entropy(parameters, parts, same, hold)
    for _ in range(steps):
        step = np.linalg.solve(_hessian(parameters, parts, same, hold), gradient)
        length = 1.0
        while True:
            tried = parameters - length * step
            new_loss, new_gradient = cross_entropy(tried, parts, same, hold)
            if new_loss <= loss or length < 1e-6:
                break
            length /= 2
        gained = loss - new_loss
        if gained <= 0:
            break
        parameters, loss, gradient = tried, new_loss, new_gradient
        if gained < 1e-10:
            break
    return Weighted(kind, scale, parameters[:-1], float(parameters[-1]))


def _equal_weights(parts: Values, same: NDArray[np.bool_]) -> Values:
    """One weight for all, so that the threshold lies midway between the two kinds of pairs, and b."""
    total = parts.sum(axis=1)
    near, far = float(total[same].mean()), float(total[~same].mean())
    weight = 6 / max(far - near, 1e-9) if far > near else 1.0
    return np.append(np.full(parts.shape[1], weight), -weight * (near + far) / 2)


def _hessian(parameters: Values, parts: Values, same: NDArray[np.bool_], hold: float) -> Values:
    count = parts.shape[1]
    chance = _sigmoid(-(parts @ parameters[:-1] + parameters[-1]))
    share = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())
    curve = share * chance * (1 - chance)
    with_one = np.column_stack([parts, np.ones(len(parts))])
    hessian: Values = (with_one * curve[:, None]).T @ with_one
    centre = np.eye(count) - 1 / count
    hessian[:count, :count] += hold * centre @ np.diag(np.square(parts.mean(axis=0))) @ centre
    # two kinds that can be told apart wholly would pull the weights to infinity: a little keeps them here
    hessian[np.diag_indices(count + 1)] += 1e-6
    return hessian
