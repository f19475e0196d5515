"""The lecture's distances against a plain writing of their formulas, and their learning."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.faces import distances
from explorer.faces.distances import Kind, UnitScale, Weighted, cross_entropy, learn


def _pairs(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People in the first half of 12 dimensions, noise in the second."""
    drawn = np.random.default_rng(seed)
    person = drawn.normal(size=(count, 12))
    same = drawn.random(count) < 0.5
    other = np.where(same[:, None], person, drawn.normal(size=(count, 12)))
    noise = np.where(np.arange(12) < 6, 0.2, 3.0)
    a, b = (base + noise * drawn.normal(size=(count, 12)) for base in (person, other))
    return a.astype(np.float32), b.astype(np.float32), same


def test_the_formulas_written_plainly() -> None:
    drawn = np.random.default_rng(1)
    a, b = drawn.random((7, 5)), drawn.random((7, 5))
    weights, offset = drawn.normal(size=5), 0.3
    unit = UnitScale(0, 1)
    l1 = Weighted(Kind.WEIGHTED_L1, unit, weights, offset)
    chi = Weighted(Kind.WEIGHTED_CHI2, unit, weights, offset)
    for row in range(7):
        l2 = sum((a[row, k] - b[row, k]) ** 2 for k in range(5))
        wl1 = sum(weights[k] * abs(a[row, k] - b[row, k]) for k in range(5)) + offset
        wchi = offset
        for k in range(5):
            wchi += weights[k] * (a[row, k] - b[row, k]) ** 2 / (a[row, k] + b[row, k])
        assert distances.squared_l2(a, b)[row] == pytest.approx(l2)
        assert l1(a, b)[row] == pytest.approx(wl1)
        assert chi(a, b)[row] == pytest.approx(wchi)
        assert chi.probability(a, b)[row] == pytest.approx(1 / (1 + np.exp(wchi)))


def test_nothing_over_nothing_is_nothing() -> None:
    a, b = np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.5, 1.0]])
    assert distances.chi_squared(a, b).tolist() == [[0, 0.5, 0]]
    with pytest.raises(ValueError, match="not negative"):
        distances.chi_squared(a - 2, b)


def test_scaling_to_the_unit_interval() -> None:
    values = np.array([[-0.3, 0.1], [0.5, 0.2]])
    scale = UnitScale.of(values)
    assert scale(values).min() == 0
    assert scale(values).max() == 1
    assert scale(np.array([[-9.0, 9.0]])).tolist() == [[0, 1]]
    assert UnitScale.of(np.zeros((2, 2)))(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("hold", [0.0, 0.7])
def test_the_gradient_is_torchs(hold: float) -> None:
    a, b, same = _pairs(60)
    parts = distances.absolute(a, b)
    parameters = np.random.default_rng(2).normal(size=13) * 0.3
    loss, gradient = cross_entropy(parameters, parts, same, hold)
    leaf = torch.tensor(parameters, requires_grad=True)
    inputs, truth = torch.tensor(parts), torch.tensor(same)
    logit = -(inputs @ leaf[:-1] + leaf[-1])
    share = torch.where(truth, 0.5 / truth.double().sum(), 0.5 / (~truth).double().sum())
    theirs = (
        share * torch.nn.functional.binary_cross_entropy_with_logits(logit, truth.double(), reduction="none")
    ).sum()
    away = (leaf[:-1] - leaf[:-1].mean()) * inputs.mean(0)
    theirs = theirs + hold / 2 * away.square().sum()
    (grad,) = torch.autograd.grad(theirs, leaf)
    assert loss == pytest.approx(float(theirs.detach()))
    np.testing.assert_allclose(gradient, grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("kind", [Kind.WEIGHTED_L1, Kind.WEIGHTED_CHI2])
def test_learning_finds_what_tells_people_apart(kind: Kind) -> None:
    a, b, same = _pairs(3000)
    learned = learn(kind, a, b, same, hold=0.01)
    assert learned.weights[:6].min() > 2 * np.abs(learned.weights[6:]).max()
    fresh_a, fresh_b, truth = _pairs(2000, seed=9)
    accuracy = ((learned(fresh_a, fresh_b) <= 0) == truth).mean()
    plain = distances.squared_l2(fresh_a, fresh_b)
    best = max(
        ((plain <= threshold) == truth).mean() for threshold in np.quantile(plain, np.linspace(0, 1, 99))
    )
    assert accuracy > best + 0.05


def test_it_ends_where_the_gradient_is_zero() -> None:
    a, b, same = _pairs(400)
    learned = learn(Kind.WEIGHTED_L1, a, b, same, hold=0.1)
    parts = distances.absolute(learned.scale(a), learned.scale(b))
    _, gradient = cross_entropy(np.append(learned.weights, learned.offset), parts, same, 0.1)
    assert np.abs(gradient).max() < 1e-4


def test_holding_keeps_the_weights_equal() -> None:
    a, b, same = _pairs(400)
    spread = [
        float(np.std(weights) / np.mean(weights))
        for hold in (1e-3, 1.0, 1e5)
        for weights in [learn(Kind.WEIGHTED_L1, a, b, same, hold=hold).weights]
    ]
    assert spread[0] > spread[1] > spread[2]
    assert spread[2] < 0.01


def test_few_pairs_do_not_break_it() -> None:
    a, b, same = _pairs(4)
    same[:] = [True, True, False, False]
    assert np.isfinite(learn(Kind.WEIGHTED_CHI2, a, b, same)(a, b)).all()
    with pytest.raises(ValueError, match="pairs of two"):
        learn(Kind.WEIGHTED_L1, a, b, np.ones(4, bool))
    with pytest.raises(ValueError, match="no weights"):
        learn(Kind.SQUARED_L2, a, b, same)
