"""YuNet on the bundled faces and on pictures made of them."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.faces.detector import Face, YuNet
from explorer.faces.folder import PeopleFolder
from explorer.media.opencv import as_picture, cv2


@pytest.fixture(scope="module")
def detector() -> YuNet:
    return YuNet()


def test_each_bundled_picture_has_one_face(detector: YuNet, people: PeopleFolder) -> None:
    counts = [len(detector.find(people.picture(index))) for index in range(len(people))]
    assert counts == [1] * len(people)


def test_a_larger_picture_gives_the_same_face_larger(detector: YuNet, people: PeopleFolder) -> None:
    picture = people.picture(0)
    (small,) = detector.find(picture)
    large = as_picture(cv2.resize(picture, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC))
    (found,) = detector.find(large)
    scaled = Face((*(5 * value for value in small.box),), 5 * small.points, small.score)  # type: ignore[arg-type]
    assert found.overlap(scaled) > 0.7
    np.testing.assert_allclose(found.points, scaled.points, atol=0.1 * scaled.size)


def test_points_are_in_order(detector: YuNet, people: PeopleFolder) -> None:
    (face,) = detector.find(people.picture(0))
    right_eye, left_eye, nose, right_mouth, left_mouth = face.points
    assert right_eye[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


def test_refining_agrees_better_between_sizes_of_one_picture(detector: YuNet, people: PeopleFolder) -> None:
    """What refining is for: the points should not depend on the size at which a face happens to be."""
    plain, refined = [], []
    for index in range(8):
        picture = people.picture(index)
        other = as_picture(cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA))
        (face,), (smaller,) = detector.find(picture), detector.find(other)
        plain.append(np.abs(face.points - smaller.points / 0.7).mean() / face.size)
        better = detector.refine(picture, face).points - detector.refine(other, smaller).points / 0.7
        refined.append(np.abs(better).mean() / face.size)
    assert np.mean(refined) < 0.7 * np.mean(plain)


def test_a_face_that_is_not_there_keeps_its_points(detector: YuNet) -> None:
    face = Face((10, 10, 50, 60), np.arange(10, dtype=np.float32).reshape(5, 2), 0.9)
    blank = np.full((100, 100, 3), 128, np.uint8)
    assert detector.refine(blank, face) is face


@pytest.mark.parametrize("size", [(1, 1), (10, 10), (1, 900), (3000, 2), (640, 640)])
def test_pictures_of_nothing_have_no_face(detector: YuNet, size: tuple[int, int]) -> None:
    drawn = np.random.default_rng(1)
    assert detector.find(np.zeros((*size, 3), np.uint8)) == []
    assert detector.find(drawn.integers(0, 256, (*size, 3), np.uint8)) == []


def test_a_face_that_fills_the_picture_is_found(detector: YuNet, people: PeopleFolder) -> None:
    picture = people.picture(people.names.index("Eileen Collins"))
    (face,) = detector.find(picture)
    x, y, width, height = (int(value) for value in face.box)
    assert len(detector.find(np.ascontiguousarray(picture[y : y + height, x : x + width]))) == 1


def test_overlap() -> None:
    points = np.zeros((5, 2), np.float32)
    one, half = Face((0, 0, 10, 10), points, 1), Face((5, 0, 10, 10), points, 1)
    assert one.overlap(one) == pytest.approx(1)
    assert one.overlap(half) == pytest.approx(1 / 3)
    assert one.overlap(Face((20, 0, 5, 5), points, 1)) == 0
