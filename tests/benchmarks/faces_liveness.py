"""What the turn-the-head challenge stops: photographs of the bundled people, held up as one would try it.

Each is a made video of one still picture, through the detector, against a challenge drawn by chance: moved
about, slanted to both sides as far as a face is still found, or bent round a tube and turned. How many get
past is the figure; a head that turns cannot be had without a person.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from explorer.faces.folder import bundled_people
from explorer.faces.liveness import Challenge, Pose, State
from explorer.faces.pipeline import FacePipeline
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture
from tests.benchmarks.measure import PAIRS, Figure

RATE, SECONDS = 10, 12
MOST = {"moved": 0.0, "slanted": 0.0, "bent": 1.0}
"""The share of each kind that may get past: for the last nothing is promised."""
Motion = Callable[[Picture, float, int], Picture]


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """One row a way of holding it."""
    people = bundled_people()
    pictures = [people.picture(int(np.flatnonzero(people.people == n)[0])) for n in range(len(people.names))]
    pipeline = FacePipeline()
    for name, motion in (("moved", _moved), ("slanted", _slanted), ("bent", _bent)):
        passed = sum(_passes(picture, motion, seed, pipeline) for seed, picture in enumerate(pictures))
        share, most = passed / len(pictures), MOST[name]
        note = f"{passed} of {len(pictures)} photographs got past, each in {SECONDS} s and two turns"
        goal = "nobody" if most == 0 else "said, not promised"
        yield Figure(
            f"faces_liveness-{name}", share, 1.0, share, goal, share <= most, (share, share), note, "%"
        )


def _passes(picture: Picture, motion: Motion, seed: int, pipeline: FacePipeline) -> bool:
    """Whoever holds it does what is asked, as far as a picture can: to the left, to the right, ahead."""
    challenge = Challenge(2, random.Random(seed))
    side = 480 / max(picture.shape[:2])
    picture = as_picture(cv2.resize(picture, None, fx=side, fy=side))
    prompt, turned = str(Pose.AHEAD), 0.0
    for index in range(RATE * SECONDS):
        wanted = {str(Pose.LEFT): 1.0, str(Pose.RIGHT): -1.0}.get(prompt, 0.0)
        turned += float(np.clip(wanted - turned, -0.25, 0.25))
        faces = pipeline.find(motion(picture, turned, index))
        points = faces[0].points if faces else None
        step = challenge.frame(index / RATE, points, max(1, len(faces)))
        if step.state is not State.RUNNING:
            return step.state is State.PASSED
        prompt = step.prompt
    return False


def _moved(picture: Picture, turned: float, index: int) -> Picture:
    """To and fro, nearer and farther, tilted."""
    height, width = picture.shape[:2]
    angle, scale = 25 * turned + 5 * np.sin(index / 4), 0.8 + 0.15 * np.sin(index / 7)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] += (width / 2 + 60 * turned, height / 2)
    return as_picture(cv2.warpAffine(picture, matrix, (2 * width, 2 * height)))


def _slanted(picture: Picture, turned: float, index: int) -> Picture:
    """Turned like a door by up to 60 degrees, seen from as near as an arm is long."""
    return _seen(picture, turned * np.radians(60), None)


def _bent(picture: Picture, turned: float, index: int) -> Picture:
    """Round a tube as wide as a head, and turned by up to 40 degrees."""
    return _seen(picture, turned * np.radians(40), 0.5)


def _seen(picture: Picture, angle: float, radius: float | None) -> Picture:
    """The picture on a plane or a tube (`radius` in widths of it), turned about the upright axis."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.linspace(-0.5, 0.5, 49), np.linspace(-0.5, 0.5, 49))
    if radius is None:
        x, z = across, np.zeros_like(across)
    else:
        x, z = radius * np.sin(across / radius), radius * (1 - np.cos(across / radius))
    x, z = x * np.cos(angle) - z * np.sin(angle), x * np.sin(angle) + z * np.cos(angle)
    nearness = 1.6 / (1.6 + z)
    places = np.stack([width * (1 + x * nearness), height * (1 + down * height / width * nearness)], axis=-1)
    return _drawn(picture, places)


def _drawn(picture: Picture, places: NDArray[np.float64]) -> Picture:
    """The mesh of a picture with its knots at `places`, (rows, columns, 2), piece by piece."""
    height, width = picture.shape[:2]
    canvas = np.zeros((2 * height, 2 * width, 3), np.uint8)
    rows, columns = places.shape[0] - 1, places.shape[1] - 1
    step = 6
    for row in range(0, rows, step):
        for column in range(0, columns, step):
            far_row, far_column = min(row + step, rows), min(column + step, columns)
            from_ = np.array([(column, row), (far_column, row), (far_column, far_row), (column, far_row)])
            source = (from_ * (width / columns, height / rows)).astype(np.float32)
            knots = [(row, column), (row, far_column), (far_row, far_column), (far_row, column)]
            target = np.array([places[knot] for knot in knots], np.float32)
            left, top = np.floor(target.min(axis=0)).astype(int)
            right, bottom = np.ceil(target.max(axis=0)).astype(int) + 1
            left, top = max(0, left), max(0, top)
            right, bottom = min(2 * width, right), min(2 * height, bottom)
            if right <= left or bottom <= top:
                continue
            matrix = cv2.getPerspectiveTransform(source, (target - (left, top)).astype(np.float32))
            size = (int(right - left), int(bottom - top))
            piece = cv2.warpPerspective(picture, matrix, size)
            inside = np.zeros((size[1], size[0]), np.uint8)
            cv2.fillConvexPoly(inside, np.rint(target - (left, top)).astype(np.int32), 255)
            part = canvas[top:bottom, left:right]
            part[inside > 0] = piece[inside > 0]
    return canvas
