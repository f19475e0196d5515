"""From pictures to readings: what is read, and a clear word for everything that cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.faces.decision import THRESHOLD, distance
from explorer.faces.detector import Face
from explorer.faces.folder import PeopleFolder
from explorer.faces.pipeline import FacePipeline, NoFace, Reading, main_face
from explorer.faces.quality import Hint
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture, read_picture
from explorer.network.errors import UserError

Readings = dict[str, list[Reading]]


@pytest.fixture(scope="module")
def hopper(people: PeopleFolder) -> Picture:
    return people.picture(people.names.index("Grace Hopper") + 1)


def _same(a: Reading, b: Reading) -> float:
    return distance(a.embedding, b.embedding)


def test_the_meant_face_is_large_and_near_the_middle() -> None:
    points = np.zeros((5, 2), np.float32)
    middle, corner = Face((80, 80, 40, 40), points, 0.9), Face((0, 0, 44, 44), points, 0.9)
    near = Face((10, 10, 150, 150), points, 0.9)
    assert main_face([corner, middle], (200, 200)) is middle
    assert main_face([middle, near], (200, 200)) is near


@pytest.mark.parametrize("degrees", [20, 45, 90, 135, 180, 270])
def test_a_face_is_read_at_any_tilt(
    degrees: int, pipeline: FacePipeline, people: PeopleFolder, readings: Readings
) -> None:
    for name in ("Eileen Collins", "Kim"):
        picture = people.picture(int(np.flatnonzero(people.people == people.names.index(name))[0]))
        side = max(picture.shape[:2])
        middle = picture.shape[1] / 2, picture.shape[0] / 2
        matrix = cv2.getRotationMatrix2D(middle, degrees, 1)
        matrix[:, 2] += np.array((side, side)) - middle
        turned = as_picture(cv2.warpAffine(picture, matrix, (2 * side, 2 * side), borderValue=(127,) * 3))
        assert _same(pipeline.read(turned), readings[name][0]) < 0.5


def test_fifty_faces(pipeline: FacePipeline, hopper: Picture, readings: Readings) -> None:
    crowd = np.tile(hopper[:280, :300], (5, 10, 1))
    reading = pipeline.read(crowd)
    assert reading.faces >= 45
    assert Hint.SEVERAL in reading.hints
    assert _same(reading, readings["Grace Hopper"][0]) < THRESHOLD


def test_a_hundred_million_pixels(pipeline: FacePipeline, hopper: Picture, readings: Readings) -> None:
    large = np.zeros((10_000, 10_000, 3), np.uint8)
    face = cv2.resize(hopper, (6000, 6000 * hopper.shape[0] // hopper.shape[1]))
    large[1000 : 1000 + face.shape[0], 2000:8000] = face
    assert _same(pipeline.read(large), readings["Grace Hopper"][0]) < 0.5


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("size", [(10, 10), (1, 1), (480, 640)])
def test_nothing_to_see(value: int, size: tuple[int, int], pipeline: FacePipeline) -> None:
    with pytest.raises(NoFace, match="no face was found in the picture") as raised:
        pipeline.read(np.full((*size, 3), value, np.uint8))
    assert raised.value.hint is Hint.NONE


def test_a_face_of_a_few_pixels_is_not_judged(pipeline: FacePipeline, hopper: Picture) -> None:
    tiny = as_picture(cv2.resize(hopper, (24, 22), interpolation=cv2.INTER_AREA))
    with pytest.raises(NoFace):
        pipeline.read(tiny)
    found = Face((5, 5, 9, 10), np.array([(7, 8), (11, 8), (9, 10), (7, 12), (11, 12)], np.float32), 0.9)
    with pytest.raises(NoFace, match="too small") as raised:
        pipeline.read(tiny, found)
    assert raised.value.hint is Hint.SMALL


def test_points_in_one_place_are_no_face(pipeline: FacePipeline) -> None:
    blank = np.full((100, 100, 3), 99, np.uint8)
    with pytest.raises(NoFace):
        pipeline.read(blank, Face((10, 10, 60, 60), np.full((5, 2), 40, np.float32), 0.9))


def test_grey_alpha_and_sixteen_bits(
    tmp_path: Path, pipeline: FacePipeline, hopper: Picture, readings: Readings
) -> None:
    image = Image.fromarray(hopper)
    grey, alpha, deep = tmp_path / "grey.png", tmp_path / "alpha.png", tmp_path / "deep.png"
    image.convert("L").save(grey)
    transparent = image.convert("RGBA")
    transparent.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda value: 128 + value // 2))
    transparent.save(alpha)
    Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(deep)
    for path in (grey, alpha, deep):
        assert _same(pipeline.read(read_picture(path)), readings["Grace Hopper"][0]) < 0.6


def test_a_truncated_file(tmp_path: Path, people: PeopleFolder) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(people.paths[0].read_bytes()[:4000])
    with pytest.raises(UserError, match="is damaged"):
        read_picture(path)


def test_fast_and_careful_agree(pipeline: FacePipeline, hopper: Picture, readings: Readings) -> None:
    assert _same(pipeline.read(hopper, careful=False), readings["Grace Hopper"][0]) < 0.4


def test_a_face_found_before_is_the_one_that_is_read(
    pipeline: FacePipeline, people: PeopleFolder, readings: Readings
) -> None:
    kim, elif_ = (people.names.index(name) for name in ("Kim", "Elif"))
    pictures = [people.picture(int(np.flatnonzero(people.people == person)[0])) for person in (kim, elif_)]
    height = min(picture.shape[0] for picture in pictures)
    both = np.concatenate([picture[:height] for picture in pictures], axis=1)
    left, right = sorted(pipeline.find(both), key=lambda face: face.box[0])[:: len(pipeline.find(both)) - 1]
    assert _same(pipeline.read(both, left), readings["Kim"][0]) < 0.6
    assert _same(pipeline.read(both, right), readings["Elif"][0]) < 0.6


def test_noise_says_yes_to_nobody(pipeline: FacePipeline, readings: Readings) -> None:
    """Chips without a face in them, given as if one had been found."""
    drawn = np.random.default_rng(3)
    points = np.array([(40, 50), (75, 50), (57, 72), (43, 92), (72, 92)], np.float32)
    for _ in range(10):
        noise = drawn.integers(0, 256, (120, 120, 3), np.uint8)
        reading = pipeline.read(noise, Face((10, 10, 90, 105), points, 0.9), careful=False)
        for own in readings.values():
            assert _same(reading, own[0]) > THRESHOLD
