"""Thresholds, verdicts, candidates, and a verdict that does not flicker."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from explorer.faces import decision
from explorer.faces.decision import Steady, averaged, identify, verify
from explorer.faces.encoder import Embedding, unit


def _unit(*values: float) -> Embedding:
    return unit(np.array(values, np.float32))


def test_distance_is_two_minus_two_cosines() -> None:
    a, b = _unit(1, 0), _unit(1, 1)
    assert decision.distance(a, a) == pytest.approx(0, abs=1e-6)
    assert decision.distance(a, b) == pytest.approx(2 - np.sqrt(2))
    assert decision.distance(a, -a) == pytest.approx(4)
    assert decision.distance(a, b) == pytest.approx(float(np.square(a - b).sum()))


def test_at_the_threshold_it_is_the_same() -> None:
    a, b = _unit(1, 0), _unit(1, 1)
    found = decision.distance(a, b)
    assert verify(a, b, found).same
    assert not verify(a, b, np.nextafter(found, 0)).same


def test_words_follow_the_probability() -> None:
    a = _unit(1, 0)
    said = [verify(a, _unit(np.cos(angle), np.sin(angle))) for angle in np.linspace(0, np.pi, 200)]
    chances = [verdict.probability for verdict in said]
    assert chances == sorted(chances, reverse=True)
    words = list(dict.fromkeys(verdict.words for verdict in said))
    assert words[0] == "almost certainly the same person"
    assert words[-1] == "two different people"
    assert len(words) == 6


def test_the_nearest_person_with_a_runner_up() -> None:
    matrix = np.stack([_unit(1, 0, 0), _unit(1, 0.1, 0), _unit(0, 1, 0), _unit(0, 0, 1)])
    found = identify(_unit(1, 0.2, 0), matrix, ["Ada", "Ada", "Bea", "Cleo"], 1.2)
    assert found.name == "Ada"
    assert [candidate.name for candidate in found.candidates] == ["Ada", "Bea", "Cleo"]
    assert found.distance == pytest.approx(decision.distance(_unit(1, 0.2, 0), matrix[1]), abs=1e-6)
    margin = found.candidates[1].distance - found.candidates[0].distance
    assert found.margin == pytest.approx(margin)


def test_nobody() -> None:
    matrix = np.stack([_unit(1, 0), _unit(0, 1)])
    stranger = identify(_unit(-1, -1), matrix, ["Ada", "Bea"])
    assert stranger.name is None
    assert len(stranger.candidates) == 2
    empty = identify(_unit(1, 0), np.empty((0, 2), np.float32), [])
    assert (empty.name, empty.distance, empty.margin, empty.candidates) == (None, None, None, ())
    with pytest.raises(ValueError, match="2 embeddings and 1 names"):
        identify(_unit(1, 0), matrix, ["Ada"])


def test_a_person_with_very_many_pictures_hides_nobody() -> None:
    drawn = np.random.default_rng(0)
    near = np.stack(
        [unit(_unit(1, 0, 0) + 0.01 * drawn.normal(size=3).astype(np.float32)) for _ in range(500)]
    )
    matrix = np.concatenate([near, np.stack([_unit(0, 1, 0), _unit(0, 0, 1)])])
    found = identify(_unit(1, 0, 0), matrix, ["Ada"] * 500 + ["Bea", "Cleo"], 1.2)
    assert {candidate.name for candidate in found.candidates} == {"Ada", "Bea", "Cleo"}


def test_many_candidates_equal_a_plain_search() -> None:
    drawn = np.random.default_rng(1)
    matrix = drawn.normal(size=(3000, 16)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    names = [f"p{index % 700}" for index in range(3000)]
    found = identify(matrix[17], matrix, names)
    best: dict[str, float] = {}
    for name, row in zip(names, matrix, strict=True):
        best[name] = min(best.get(name, 9), decision.distance(row, matrix[17]))
    plain = sorted(best, key=lambda name: best[name])[:5]
    assert [candidate.name for candidate in found.candidates] == plain
    assert found.name == "p17"


def _run(steady: Steady, distances: Sequence[float | None], rate: float = 30) -> list[bool | None]:
    return [steady.frame(index / rate, distance) for index, distance in enumerate(distances)]


@pytest.mark.parametrize("rate", [4, 15, 30])
def test_a_verdict_within_a_second(rate: float) -> None:
    for distance, wanted in ((0.8, True), (1.6, False)):
        said = _run(Steady(), [distance] * int(rate + 1), rate)
        assert said[0] is None
        assert said[-1] is wanted


def test_no_flicker_at_the_threshold() -> None:
    drawn = np.random.default_rng(0)
    noisy = [float(value) for value in decision.THRESHOLD + drawn.normal(0, 0.05, 900)]
    said = [verdict for verdict in _run(Steady(), noisy) if verdict is not None]
    assert len(set(said)) == 1


def test_a_clear_change_is_followed() -> None:
    said = _run(Steady(), [0.8] * 30 + [1.8] * 30)
    assert said[29] is True
    assert said[-1] is False
    decided = [verdict for verdict in said if verdict is not None]
    assert sum(a is not b for a, b in pairwise(decided)) == 1


def test_one_wrong_frame_changes_nothing() -> None:
    assert _run(Steady(), [1.6] * 20 + [0.3] + [1.6] * 20)[-21:] == [False] * 21


def test_one_frame_of_somebody_else_ends_a_yes() -> None:
    said = _run(Steady(), [0.7] * 30 + [1.8] * 30)
    assert said[29] is True
    assert True not in said[30:]
    assert said[-1] is False


def test_nobody_inherits_a_yes() -> None:
    steady = Steady()
    assert _run(steady, [0.8] * 20)[-1] is True
    assert steady.frame(5, 1.9) is None
    assert steady.mean == pytest.approx(1.9)
    steady.reset()
    assert steady.mean is None
    assert steady.frame(5.1, None) is None


def test_a_short_gap_keeps_the_verdict_and_a_long_one_ends_it() -> None:
    steady = Steady()
    said = _run(steady, [0.8] * 20 + [None] * 30)
    assert said[22] is True
    assert said[-1] is None


def test_several_pictures_become_one_row() -> None:
    matrix = np.stack([_unit(1, 0), _unit(-1, 0), _unit(0, 1)])
    rows, names = averaged(matrix, ["Ada", "Bea", "Ada"])
    assert names == ("Ada", "Bea")
    np.testing.assert_allclose(rows, [_unit(1, 1), _unit(-1, 0)], atol=1e-6)
    assert averaged(np.empty((0, 2), np.float32), [])[0].shape == (0, 2)
    opposite, _ = averaged(matrix[:2], ["Ada", "Ada"])
    assert opposite.tolist() == [[0, 0]]
