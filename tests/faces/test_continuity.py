"""A face that takes another's place is noticed before it is read."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np
import pytest

from explorer.assets import asset
from explorer.faces.continuity import appearance, continues, is_cut, scene
from explorer.faces.detector import Face, YuNet
from explorer.faces.pipeline import main_face
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture, read_picture
from explorer.ui.workspaces.faces.tracking import Tracker

PEOPLE = ("Eileen Collins", "Grace Hopper", "Viktor", "Nora", "Clara")


@pytest.fixture(scope="module")
def seen() -> dict[str, tuple[Picture, Face]]:
    detector = YuNet()
    found = {}
    for name in PEOPLE:
        picture = read_picture(asset("faces", name, "1.jpg"))
        face = main_face(detector.find(picture), picture.shape[:2])
        assert face is not None
        found[name] = (picture, face)
    return found


def test_the_next_frame_of_a_face_continues_it(seen: dict[str, tuple[Picture, Face]]) -> None:
    detector = YuNet()
    for picture, face in seen.values():
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 2, 1.02)
        moved = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        brighter: Picture = np.asarray(cv2.convertScaleAbs(moved, alpha=1.1), np.uint8)
        again = main_face(detector.find(brighter), (height, width))
        assert again is not None
        assert continues(appearance(picture, face), appearance(brighter, again))


def test_another_person_does_not(seen: dict[str, tuple[Picture, Face]]) -> None:
    for one, other in combinations(PEOPLE, 2):
        assert not continues(appearance(*seen[one]), appearance(*seen[other])), (one, other)


def test_a_flat_picture_and_coinciding_points_continue_nothing() -> None:
    flat = np.full((80, 80, 3), 90, np.uint8)
    point = Face((10, 10, 40, 40), np.full((5, 2), 30, np.float32), 0.9)
    assert not continues(appearance(flat, point), appearance(flat, point))


def test_a_face_swapped_in_its_place_is_another_track(seen: dict[str, tuple[Picture, Face]]) -> None:
    tracker = Tracker()
    (first, face), (second, other) = seen["Viktor"], seen["Nora"]
    placed = Face(face.box, other.points, other.score)
    assert tracker.follow([face], first.shape[:2], 0.0, partial(appearance, first)) is face
    assert tracker.follow([face], first.shape[:2], 0.1, partial(appearance, first)) is face
    assert tracker.track == 1
    assert tracker.follow([placed], second.shape[:2], 0.2, partial(appearance, second)) is placed
    assert tracker.track == 2


def test_a_cut_is_told_from_movement(seen: dict[str, tuple[Picture, Face]]) -> None:
    pictures = [_framed(picture) for picture, _ in seen.values()]
    for picture in pictures:
        moved = np.roll(picture, (3, 5), axis=(0, 1))
        darker = (picture * 0.95).astype(np.uint8)
        assert not is_cut(scene(picture), scene(moved))
        assert not is_cut(scene(picture), scene(darker))
    for one, other in combinations(pictures, 2):
        assert is_cut(scene(one), scene(other))
    half = as_picture(cv2.resize(pictures[0], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    assert not is_cut(scene(pictures[0]), scene(half)), "the same at another size"


def _framed(picture: Picture) -> Picture:
    return as_picture(cv2.resize(picture, (640, 480), interpolation=cv2.INTER_AREA))
