"""What is measured of a face, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from explorer.faces.alignment import TEMPLATE, Points
from explorer.faces.folder import PeopleFolder
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.faces.quality import Hint, Quality, angles
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture

GOOD = Quality(size=150, sharpness=4, brightness=130, contrast=40, yaw=3, pitch=-4, roll=2)


def _shifted(nose: tuple[float, float]) -> Points:
    points = TEMPLATE.copy()
    points[2] += nose
    return points


def test_angles_of_made_points() -> None:
    yaw, _, roll = angles(TEMPLATE)
    assert abs(yaw) < 3
    assert abs(roll) < 1
    assert angles(_shifted((15, 0)))[0] > 25
    assert angles(_shifted((-15, 0)))[0] < -25
    assert angles(_shifted((0, -10)))[1] > angles(TEMPLATE)[1] + 15
    turn = np.array([(np.cos(0.5), np.sin(0.5)), (-np.sin(0.5), np.cos(0.5))])
    tilted = angles((TEMPLATE @ turn).astype(np.float32))
    assert tilted[2] == pytest.approx(np.degrees(0.5) + roll, abs=0.1)
    assert tilted[0] == pytest.approx(yaw, abs=0.1)


def test_degenerate_points_do_not_divide_by_zero() -> None:
    assert angles(np.zeros((5, 2), np.float32)) == (90, 0, 0)
    upside_down_mouth = TEMPLATE.copy()
    upside_down_mouth[3:, 1] = 10
    assert angles(upside_down_mouth)[1] == 90


def test_a_good_picture_has_nothing_to_hint() -> None:
    assert GOOD.hints() == ()
    assert GOOD.acceptable_for_enrolment
    assert GOOD.hints(faces=2) == (Hint.SEVERAL,)
    assert GOOD.hints(faces=0) == (Hint.NONE,)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"size": 40}, Hint.SMALL),
        ({"inside": 0.5}, Hint.CUT),
        ({"brightness": 20}, Hint.DARK),
        ({"brightness": 240}, Hint.BRIGHT),
        ({"contrast": 5}, Hint.FLAT),
        ({"sharpness": 0.4}, Hint.BLURRED),
        ({"yaw": -50}, Hint.TURNED),
        ({"pitch": 40}, Hint.NODDED),
        ({"roll": 45}, Hint.TILTED),
    ],
)
def test_each_fault_has_its_hint(change: dict[str, float], hint: Hint) -> None:
    worse = replace(GOOD, **change)
    assert worse.hints() == (hint,)
    assert not worse.acceptable_for_enrolment


def _blurred(picture: Picture) -> Picture:
    return as_picture(cv2.GaussianBlur(picture, (0, 0), 4))


def _scaled(factor: float) -> Callable[[Picture], Picture]:
    return lambda picture: np.clip(picture * factor, 0, 255).astype(np.uint8)


def _washed_out(picture: Picture) -> Picture:
    return (250 - (255 - picture) * 0.1).astype(np.uint8)


@pytest.mark.parametrize(
    ("spoil", "hint"),
    [(_blurred, Hint.BLURRED), (_scaled(0.15), Hint.DARK), (_washed_out, Hint.BRIGHT)],
    ids=["blurred", "dark", "bright"],
)
def test_spoiled_pictures_are_seen_to_be(
    spoil: Callable[[Picture], Picture], hint: Hint, pipeline: FacePipeline, people: PeopleFolder
) -> None:
    for name in ("Eileen Collins", "Hana", "Gina"):
        picture = people.picture(int(np.flatnonzero(people.people == people.names.index(name))[0]))
        (face,) = pipeline.find(picture)
        assert hint not in pipeline.read(picture, face, careful=False).hints
        assert hint in pipeline.read(spoil(picture), face, careful=False).hints


def test_of_the_bundled_faces_only_the_tilted_one_is_said_to_be(readings: dict[str, list[Reading]]) -> None:
    tilted = {
        (name, place)
        for name, own in readings.items()
        for place, reading in enumerate(own, 1)
        if Hint.TILTED in reading.hints
    }
    assert tilted == {("Clara", 2)}


def test_a_face_cut_off_by_the_picture_is_seen_to_be(pipeline: FacePipeline, people: PeopleFolder) -> None:
    picture = people.picture(int(np.flatnonzero(people.people == people.names.index("Hana"))[0]))
    (face,) = pipeline.find(picture)
    x, _, width, _ = (int(value) for value in face.box)
    cut = np.ascontiguousarray(picture[:, x + int(0.3 * width) :])
    moved = replace(
        face,
        box=(face.box[0] - x - int(0.3 * width), *face.box[1:]),
        points=face.points - np.array((x + int(0.3 * width), 0), np.float32),
    )
    assert Hint.CUT in pipeline.read(cut, moved, careful=False).hints
