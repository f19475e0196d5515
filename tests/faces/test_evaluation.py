"""The figures of a verification test, against counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.faces import evaluation, intervals

GENUINE = np.array([0.2, 0.4, 0.6, 1.3])
IMPOSTOR = np.array([1.0, 1.4, 1.6, 1.8, 2.0])

distances = st.lists(st.floats(0, 4), min_size=1, max_size=30).map(np.array)


def test_roc_counts() -> None:
    curve = evaluation.roc(GENUINE, IMPOSTOR)
    place = int(np.flatnonzero(curve.thresholds == 1.3)[0])
    assert curve.true_accepts[place] == 1
    assert curve.false_accepts[place] == 0.2
    assert curve.false_rejects[0] == 0.75


@given(distances, distances)
def test_roc_rises_and_ends_at_one(genuine: np.ndarray, impostor: np.ndarray) -> None:
    curve = evaluation.roc(genuine, impostor)
    assert (np.diff(curve.true_accepts) >= 0).all()
    assert (np.diff(curve.false_accepts) >= 0).all()
    assert curve.true_accepts[-1] == curve.false_accepts[-1] == 1
    for threshold, false, true in zip(curve.thresholds, curve.false_accepts, curve.true_accepts, strict=True):
        assert false == pytest.approx((impostor <= threshold).mean())
        assert true == pytest.approx((genuine <= threshold).mean())


def test_a_curve_for_drawing_is_short() -> None:
    drawn = np.random.default_rng(0)
    assert len(evaluation.roc(drawn.random(5000), drawn.random(5000), points=200).thresholds) == 200


def test_equal_error_rate() -> None:
    rate, threshold = evaluation.equal_error_rate(GENUINE, IMPOSTOR)
    assert 0.1 <= rate <= 0.25
    assert 1.0 <= threshold <= 1.3
    assert evaluation.equal_error_rate(np.array([0.1]), np.array([2.0]))[0] == pytest.approx(0, abs=1e-9)
    drawn = np.random.default_rng(0)
    rate, _ = evaluation.equal_error_rate(drawn.normal(0, 1, 100_000), drawn.normal(2, 1, 100_000))
    assert rate == pytest.approx(0.15866, abs=0.003)


@given(distances, distances, st.floats(0, 1))
def test_a_threshold_for_a_false_accept_rate_keeps_it(
    genuine: np.ndarray, impostor: np.ndarray, far: float
) -> None:
    threshold = evaluation.threshold_at(impostor, far)
    assert (impostor <= threshold).mean() <= far + 1e-9
    above = impostor[impostor > threshold]
    if len(above):
        assert (impostor <= above.min()).mean() > far - 1e-9
    assert evaluation.true_accepts_at(genuine, impostor, far) == (genuine <= threshold).mean()


def test_an_undetected_face_is_a_missed_pair() -> None:
    genuine = np.array([0.1, 0.2, 0.3, np.inf])
    assert evaluation.true_accepts_at(genuine, IMPOSTOR, 0.5) == 0.75
    assert evaluation.roc(genuine, IMPOSTOR).true_accepts[-1] == 0.75
    assert evaluation.histogram(genuine, np.array([0, 0.25, 4.0])).tolist() == [2, 1]


def test_the_interval_holds_the_truth() -> None:
    drawn = np.random.default_rng(4)
    inside = 0
    for seed in range(40):
        genuine, impostor = drawn.normal(0, 1, 300), drawn.normal(2, 1, 300)
        found = evaluation.interval(
            lambda g, i: evaluation.equal_error_rate(g, i)[0], genuine, impostor, rounds=200, seed=seed
        )
        assert found.low <= found.high
        inside += found.low <= 0.15866 <= found.high
    assert inside >= 33


def test_counts_at_a_threshold() -> None:
    found = evaluation.at_threshold(GENUINE, IMPOSTOR, 1.3)
    assert (found.true_accepts, found.false_accepts) == (4, 1)
    assert (found.true_rejects, found.false_rejects) == (4, 0)
    assert found.accuracy == pytest.approx(8 / 9)
    assert found.precision == pytest.approx(4 / 5)
    assert evaluation.at_threshold(GENUINE, IMPOSTOR, 0).precision is None


@given(st.lists(st.tuples(st.floats(0, 4), st.booleans()), min_size=1, max_size=25))
def test_the_best_threshold_is_the_best(pairs: list[tuple[float, bool]]) -> None:
    found, same = np.array([d for d, _ in pairs]), np.array([s for _, s in pairs])
    threshold = evaluation.best_threshold(found, same)
    right = ((found <= threshold) == same).sum()
    tried = [-1.0, *found, *(found + 1e-9)]
    assert right == max(((found <= each) == same).sum() for each in tried)


def test_ten_folds() -> None:
    drawn = np.random.default_rng(0)
    same = np.arange(1000) % 2 == 0
    found = np.where(same, drawn.normal(0.8, 0.15, 1000), drawn.normal(1.8, 0.15, 1000))
    folds = np.arange(1000) // 100
    result = evaluation.ten_fold(found, same, folds.tolist())
    assert result.accuracy > 0.99
    assert result.threshold == pytest.approx(1.3, abs=0.1)
    assert len(result.accuracies) == 10
    assert 0 <= result.std < 0.01
    # undetected faces are errors, of both kinds of pairs
    lost = found.copy()
    lost[:20] = np.inf
    assert evaluation.ten_fold(lost, same, folds.tolist()).accuracies[0] == pytest.approx(0.8, abs=0.02)


def test_one_kind_of_pairs_is_refused() -> None:
    for call in (evaluation.roc, evaluation.equal_error_rate):
        with pytest.raises(ValueError, match="pairs of two"):
            call(GENUINE, np.array([]))
    with pytest.raises(ValueError, match="two folds"):
        evaluation.ten_fold(GENUINE, np.ones(4, bool), [0] * 4)


def test_few_pairs_without_an_error_are_not_certain() -> None:
    """None wrong among n pairs: Wilson's limit, z² / (n + z²), as the workbench says it of shares."""
    near, far = np.linspace(0.2, 0.4, 20), np.linspace(1.5, 1.9, 8)
    eer = evaluation.interval(lambda g, i: evaluation.equal_error_rate(g, i)[0], near, far, rounds=50)
    assert (eer.value, eer.low) == (0.0, 0.0)
    assert eer.high == pytest.approx(intervals.share(0, 8).high)
    tar = evaluation.interval(lambda g, i: evaluation.true_accepts_at(g, i, 0.01), near, far, rounds=50)
    assert (tar.value, tar.high) == (1.0, 1.0)
    assert tar.low == pytest.approx(intervals.share(8, 8).low)
