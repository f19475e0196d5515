"""Chains: each step sees what the one before shows, done work is kept, faults stop it with a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.imaging import chain as chain_module
from explorer.imaging.chain import apply, effort, run
from explorer.imaging.filtering import Filter, Pooling, show
from explorer.imaging.kernels import BY_NAME, random_kernel
from explorer.imaging.pyramid import Pyramid


def _picture(height: int = 40, width: int = 52) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_each_step_sees_what_the_one_before_shows() -> None:
    blur, edges = Filter(BY_NAME["box-3"], stride=2), Filter(BY_NAME["sobel-x"], scale=0.5, offset=128)
    picture = _picture()
    chain = run(picture, (blur, edges))
    first = show(picture, blur)
    assert np.array_equal(chain.stages[0].shown, first)
    assert np.array_equal(chain.stages[1].shown, show(first, edges))
    assert chain.stages[1].seen is chain.stages[0].shown
    assert (chain.stages[0].down.out, chain.stages[0].across.out) == (20, 26)


def test_what_has_not_changed_is_not_done_again() -> None:
    steps = (Filter(BY_NAME["box-3"]), Filter(BY_NAME["sobel-x"]), Filter(BY_NAME["sharpen"]))
    picture = _picture()
    before = run(picture, steps)
    after = run(picture, (steps[0], replace(steps[1], offset=9.0), steps[2]), before)
    assert after.stages[0] is before.stages[0]
    assert after.stages[1] is not before.stages[1]
    assert after.stages[2].seen is after.stages[1].shown
    other = run(picture.copy(), steps, before)
    assert other.stages[0] is not before.stages[0]


def test_a_step_that_cannot_be_done_says_why_and_keeps_those_before_it() -> None:
    steps = (Filter(BY_NAME["box-3"]), Filter(random_kernel(1, 15, 15), padding="valid"))
    chain = run(_picture(12, 12), steps)
    assert len(chain.stages) == 1
    assert "15 rows" in chain.fault
    assert "12" in chain.fault


def test_a_result_that_would_be_far_too_large_is_refused() -> None:
    chain = run(np.zeros((2, 20_000, 3), np.uint8), (Filter(padding=8000),))
    assert chain.stages == ()
    assert "pixels" in chain.fault


def test_a_chain_whose_results_take_too_much_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_module, "LARGEST_CHAIN", 15_000)
    found = run(_picture(), (Filter(), Filter(), Filter(), Filter()))
    assert len(found.stages) == 2
    assert "From filter 3 on" in found.fault


def test_effort_grows_with_the_picture_and_the_kernel() -> None:
    small, large = Filter(BY_NAME["box-3"]), Filter(BY_NAME["box-7"])
    assert effort(_picture(), (small,)) < effort(_picture(), (large,)) < effort(_picture(), (large, small))
    assert effort(_picture(), (large,)) < effort(_picture(), (replace(large, pooling=Pooling()),))


def test_planes_are_what_is_filtered() -> None:
    assert apply(_picture(), Filter(channels="grey")).planes.ndim == 2
    assert apply(_picture(), Filter()).planes.ndim == 3


def test_a_pyramid_halves_until_it_is_small() -> None:
    pyramid = Pyramid(np.zeros((1080, 1921, 3), np.uint8))
    assert [level.shape[:2] for level in pyramid.levels] == [(1080, 1921), (540, 960), (270, 480)]
    assert [pyramid.level(scale) for scale in (4.0, 1.0, 0.51, 0.5, 0.26, 0.25, 0.01)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
    ]
    long = Pyramid(np.zeros((1, 30_000), np.uint8))
    assert long.levels[-1].shape[0] == 1


def test_halving_takes_means() -> None:
    stripes = np.zeros((600, 600), np.uint8)
    stripes[:, ::2] = 255
    assert abs(int(Pyramid(stripes).levels[1][100, 100]) - 128) <= 1
