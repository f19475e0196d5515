"""Folds share nobody, weights are judged on others than they learned from, and free ones overfit."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.faces.distances import Kind
from explorer.faces.face_set import FaceSet, of_embeddings
from explorer.faces.held_out import HOLDS, compare, splits, sweep


def made(people: int = 30, each: int = 4, size: int = 24, told: int = 8) -> FaceSet:
    """Only the first `told` components tell people apart; the others are noise."""
    draw = np.random.default_rng(0)
    names = [f"p{number:02}" for number in range(people) for _ in range(each)]
    rows = draw.normal(size=(len(names), size))
    rows[:, :told] = np.repeat(draw.normal(size=(people, told)), each, axis=0)
    rows[:, :told] += draw.normal(size=(len(names), told)) * 0.35
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return of_embeddings("made", rows.astype(np.float32), names, [None] * len(names))


def without_people(faces: FaceSet, folds: np.ndarray) -> FaceSet:
    return FaceSet(
        "pairs", faces.names, None, faces.chips, faces.embeddings, faces.found, faces.a, faces.b, faces.same,
        folds,
    )  # fmt: skip


def test_nobody_is_on_both_sides() -> None:
    faces = made()
    assert faces.people is not None
    found = splits(faces)
    assert len(found) == 5
    for fold in found:
        learned = set(faces.people[faces.a[fold.learned]]) | set(faces.people[faces.b[fold.learned]])
        judged = set(faces.people[faces.a[fold.judged]]) | set(faces.people[faces.b[fold.judged]])
        assert not learned & judged
        for pairs in (fold.learned, fold.judged):
            assert faces.same[pairs].any()
            assert not faces.same[pairs].all()
    judged_pairs = np.concatenate([fold.judged for fold in found])
    assert len(np.unique(judged_pairs)) == len(judged_pairs)


def test_a_files_folds_are_kept_apart() -> None:
    faces = made(8, 3)
    folds = np.arange(len(faces.a)) % 10
    found = splits(without_people(faces, folds), most=5)
    for number, fold in enumerate(found):
        assert set(folds[fold.judged] % 5) == {number}
        assert number not in set(folds[fold.learned] % 5)


def test_too_few_people_make_no_folds() -> None:
    lonely = made(5, 1)
    assert splits(lonely) == ()
    one = of_embeddings("made", made(3, 2).embeddings[:4], ["a", "a", "b", "c"], [None] * 4)
    assert splits(one) == ()


def test_learned_weights_find_what_tells_people_apart() -> None:
    faces = made()
    folds = splits(faces)
    plain = compare(faces, folds, Kind.SQUARED_L2)
    learned = compare(faces, folds, Kind.WEIGHTED_L1, 1e-2)
    assert learned.weights is not None
    assert learned.weights[:8].mean() > 3 * abs(learned.weights[8:].mean())
    assert learned.held_out.eer < plain.held_out.eer
    assert learned.interval.low <= learned.held_out.accuracy <= learned.interval.high
    assert learned.held_out.accuracy == pytest.approx(learned.interval.value)
    assert plain.weights is None
    assert np.array_equal(plain.same, learned.same), "all are judged on the same pairs"


@pytest.mark.parametrize("kind", [Kind.WEIGHTED_L1, Kind.WEIGHTED_CHI2])
def test_freely_learned_weights_overfit(kind: Kind) -> None:
    faces = made(12, 3, size=64)
    found = list(sweep(faces, splits(faces), kind))
    assert [one.hold for one in found] == list(HOLDS)
    losses = [one.learned.cross_entropy for one in found]
    assert all(loss is not None for loss in losses)
    free, firm = found[0], found[-1]
    assert free.learned.cross_entropy is not None
    assert free.held_out.cross_entropy is not None
    assert firm.learned.cross_entropy is not None
    assert free.learned.cross_entropy < firm.learned.cross_entropy
    assert free.held_out.cross_entropy > 10 * free.learned.cross_entropy
    assert free.weights is not None
    assert firm.weights is not None
    assert free.weights.std() > 5 * firm.weights.std()


def test_it_can_be_stopped() -> None:
    def stop() -> None:
        raise InterruptedError

    faces = made(6, 2)
    with pytest.raises(InterruptedError):
        compare(faces, splits(faces), Kind.WEIGHTED_L1, 1.0, stop)
