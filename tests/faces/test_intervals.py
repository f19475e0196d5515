"""Intervals hold the truth, few people give wide ones, and the figures are those of the evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.faces.evaluation import Interval, equal_error_rate, roc, true_accepts_at
from explorer.faces.face_set import FaceSet, of_embeddings
from explorer.faces.intervals import among, drawn_roc, figures, share


def made(people: int, each: int, spread: float = 0.9, seed: int = 0) -> FaceSet:
    """Embeddings around one direction a person."""
    draw = np.random.default_rng(seed)
    names = [f"p{number}" for number in range(people) for _ in range(each)]
    centres = np.repeat(draw.normal(size=(people, 16)), each, axis=0)
    rows = centres + draw.normal(size=centres.shape) * spread
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return of_embeddings("made", rows.astype(np.float32), names, [None] * len(names))


def test_a_share_is_wilsons() -> None:
    found = share(10, 100)
    assert found.value == 0.1
    assert found.low == pytest.approx(0.0552, abs=1e-4)
    assert found.high == pytest.approx(0.1744, abs=1e-4)
    assert share(0, 9).low == 0
    assert share(0, 9).high == pytest.approx(0.2991, abs=1e-4)
    assert share(9, 9).high == 1
    assert share(0, 0).high == 1


def test_a_shares_interval_holds_the_truth() -> None:
    draw = np.random.default_rng(0)
    inside = [
        share(int(hits), 60).low <= 0.2 <= share(int(hits), 60).high for hits in draw.binomial(60, 0.2, 500)
    ]
    assert 0.92 <= np.mean(inside) <= 0.99


def test_among_people() -> None:
    assert among(Interval(0.01, 0, 0.02), 1).value == pytest.approx(0.01)
    assert among(Interval(0.01, 0, 0.02), 20).value == pytest.approx(1 - 0.99**20)
    assert among(Interval(0, 0, 1), 20).high == pytest.approx(1)


def test_figures_are_those_of_the_evaluation() -> None:
    faces = made(40, 4)
    found = figures(faces, rounds=40)
    assert found.eer.value == equal_error_rate(faces.genuine, faces.impostor)[0]
    for far, interval in found.true_accepts.items():
        assert interval is not None
        assert interval.value == true_accepts_at(faces.genuine, faces.impostor, far)
        assert interval.low <= interval.value <= interval.high
    assert found.over_people


def test_few_people_are_less_sure_than_many() -> None:
    def width(people: int) -> float:
        found = figures(made(people, 4, seed=3), rounds=150).eer
        return found.high - found.low

    assert width(8) > 1.5 * width(60)


def test_people_are_less_sure_than_their_pairs() -> None:
    """Many pairs of few people: drawing pairs as if they were independent is too sure."""
    faces = made(12, 10, spread=1.2, seed=1)
    alone = FaceSet(
        "pairs", faces.names, None, faces.chips, faces.embeddings, faces.found, faces.a, faces.b, faces.same
    )
    people, pairs = figures(faces, rounds=150), figures(alone, rounds=150)
    assert not pairs.over_people
    assert people.eer.high - people.eer.low > pairs.eer.high - pairs.eer.low


def test_no_error_in_few_pairs_is_not_certainty() -> None:
    faces = made(6, 2, spread=0.05)
    found = figures(faces, rounds=30)
    assert found.eer.value == pytest.approx(0, abs=0.02)
    assert found.eer.high > 0.2
    assert found.true_accepts[1e-3] is None, "60 pairs cannot show one stranger in a thousand"


def test_the_drawn_curve_lies_on_the_exact_one() -> None:
    draw = np.random.default_rng(0)
    genuine, impostor = draw.normal(0.6, 0.2, 2000), draw.normal(1.8, 0.2, 50_000)
    genuine[:20] = np.inf
    drawn = drawn_roc(genuine, impostor)
    assert len(drawn.thresholds) <= 800
    exact = roc(genuine, impostor)
    places = np.searchsorted(exact.thresholds, drawn.thresholds)
    assert np.array_equal(exact.thresholds[places], drawn.thresholds)
    assert drawn.false_accepts == pytest.approx(exact.false_accepts[places])
    assert drawn.true_accepts == pytest.approx(exact.true_accepts[places])
    assert (drawn.false_accepts == 1 / 50_000).any(), "it is dense where few strangers get in"
