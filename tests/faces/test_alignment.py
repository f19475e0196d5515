"""Five points to the template."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.faces.alignment import SIDE, TEMPLATE, align, similarity


def test_a_known_turn_scale_and_shift_is_found_again() -> None:
    angle, scale = 0.4, 1.7
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATE @ turn.T + (12, -5)).astype(np.float32)
    matrix = similarity(points)
    np.testing.assert_allclose(matrix[:, :2] @ turn, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-3)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = (TEMPLATE * (-1, 1)).astype(np.float32)
    assert np.linalg.det(similarity(mirrored)[:, :2]) > 0


def test_points_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        similarity(np.full((5, 2), 7, np.float32))


def test_what_stands_in_place_already_is_only_cut_out() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (150, 140, 3), np.uint8)
    chip = align(picture, TEMPLATE)
    assert chip.shape == (SIDE, SIDE, 3)
    np.testing.assert_allclose(chip.astype(int), picture[:SIDE, :SIDE], atol=1)


def test_outside_of_the_picture_is_black() -> None:
    white = np.full((60, 60, 3), 255, np.uint8)
    assert align(white, TEMPLATE)[100, 100].tolist() == [0, 0, 0]
