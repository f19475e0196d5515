"""The kernels that ship, and kernels as people type them."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.imaging.kernels import (
    BY_NAME,
    KERNELS,
    LARGEST,
    find,
    frequency_response,
    parse,
    random_kernel,
    separated,
)
from explorer.network.errors import UserError

LECTURE = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "edges-diagonal": [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    "edges-laplace-4": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "edges-laplace-8": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
}


@pytest.mark.parametrize("name", LECTURE)
def test_the_lectures_four_are_as_printed(name: str) -> None:
    assert BY_NAME[name].values.tolist() == LECTURE[name]


def test_names_are_unique_and_sizes_within_bounds() -> None:
    assert len(BY_NAME) == len(KERNELS) >= 24
    assert all(max(kernel.size) <= LARGEST for kernel in KERNELS)


@pytest.mark.parametrize("name", [k.name for k in KERNELS if k.group == "Smoothing"])
def test_smoothing_keeps_the_brightness(name: str) -> None:
    assert BY_NAME[name].values.sum() == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("name", ["sobel-x", "scharr-y", "log-9", "gabor-45", "edges-laplace-8", "line-x"])
def test_edges_and_detectors_answer_nothing_to_a_flat_picture(name: str) -> None:
    assert BY_NAME[name].values.sum() == pytest.approx(0, abs=2e-3)


def test_what_people_type() -> None:
    assert parse("1, 0, -1; 0 0 0 ;-1 0 1") == ((1, 0, -1), (0, 0, 0), (-1, 0, 1))
    assert parse("1/4 .5 1e1") == ((0.25, 0.5, 10),)
    assert find("0 1; 1 0").rows == ((0, 1), (1, 0))
    assert find("Sobel-X") is BY_NAME["sobel-x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" ; ", "empty"),
        ("1 2; 3", "2, 1"),
        ("1 x", "'x'"),
        ("1/0", "'1/0'"),
        ("nan", "'nan'"),
        ("1e30", "too large"),
        (" ".join("1" * 16), "1 × 16"),
    ],
)
def test_what_is_no_kernel_is_said(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse(text)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UserError, match="sobel-x"):
        find("sobelx")


def test_separable_kernels_are_recognised() -> None:
    for name in ("sobel-x", "gaussian-7", "box-3", "identity", "prewitt-y", "gradient-x"):
        found = separated(BY_NAME[name].rows)
        assert found is not None, name
        assert np.outer(*found) == pytest.approx(BY_NAME[name].values, abs=1e-5)
    for name in ("edges-laplace-4", "edges-laplace-8", "roberts", "motion-9", "gabor-45"):
        assert separated(BY_NAME[name].rows) is None, name
    assert separated([[0.0, 0.0]]) is None


def test_frequency_response() -> None:
    middle = (32, 32)
    assert frequency_response(BY_NAME["identity"].values) == pytest.approx(np.ones((64, 64)), abs=1e-5)
    blur = frequency_response(BY_NAME["gaussian-7"].values)
    assert blur[middle] == pytest.approx(1, abs=2e-3)
    assert blur[0].max() < 0.02
    assert frequency_response(BY_NAME["edges-laplace-4"].values)[middle] == pytest.approx(0, abs=1e-5)
    assert frequency_response(BY_NAME["sobel-x"].values)[:, 32] == pytest.approx(np.zeros(64), abs=1e-4)


def test_random_kernels_repeat_by_seed() -> None:
    assert random_kernel(3).rows == random_kernel(3).rows != random_kernel(4).rows
    assert random_kernel(1, 5, 7).size == (5, 7)
