"""What distances mean, by encoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.faces.calibration import BY_VERSION, Calibration

EACH = pytest.mark.parametrize("one", BY_VERSION.values(), ids=BY_VERSION)


@EACH
def test_probability_at_the_ends(one: Calibration) -> None:
    assert one.probability(0) == pytest.approx(1)
    assert one.probability(4) == pytest.approx(0, abs=1e-9)


@EACH
def test_at_the_threshold_a_stranger_passes_once_in_about_4000(one: Calibration) -> None:
    assert 1 / 5000 < one.false_accept_rate(one.threshold) < 1 / 3300
    assert one.probability(one.threshold) > 0.5


@EACH
@given(far=st.floats(1e-6, 0.1), people=st.integers(1, 1000))
def test_more_people_need_a_stricter_threshold(one: Calibration, far: float, people: int) -> None:
    assert one.threshold_for(far, people + 1) <= one.threshold_for(far, people)
    assert one.threshold_for(far, people) <= one.threshold_for(min(0.2, 2 * far), people)


@EACH
@given(far=st.floats(1e-4, 0.01), people=st.integers(1, 50))
def test_the_chance_among_many_is_what_was_asked_for(one: Calibration, far: float, people: int) -> None:
    each = one.false_accept_rate(one.threshold_for(far, people))
    assert 1 - (1 - each) ** people == pytest.approx(far, rel=1e-6)


@pytest.mark.parametrize(("far", "people"), [(0, 1), (1, 1), (0.1, 0)])
@EACH
def test_senseless_chances_are_refused(one: Calibration, far: float, people: int) -> None:
    with pytest.raises(ValueError, match="a chance of"):
        one.threshold_for(far, people)
