"""The challenge: passed by a head that turns, not by a picture that is held up."""

from __future__ import annotations

import random

import numpy as np
import pytest

from explorer.faces.alignment import TEMPLATE, Points
from explorer.faces.folder import PeopleFolder
from explorer.faces.liveness import HOLD, STEP_LIMIT, Challenge, Pose, State
from explorer.faces.pipeline import FacePipeline
from explorer.faces.quality import angles
from explorer.media.opencv import as_picture, cv2

RATE = 20


def _head(yaw: float) -> Points:
    """A head turned by `yaw` degrees: the five points in space, the nose in front, seen from far away."""
    flat = TEMPLATE - TEMPLATE[[0, 1, 3, 4]].mean(0)
    depth = np.zeros(5)
    depth[2] = 0.55 * np.linalg.norm(TEMPLATE[1] - TEMPLATE[0])
    angle = np.radians(yaw)
    across = flat[:, 0] * np.cos(angle) + depth * np.sin(angle)
    return np.stack([across + 56, flat[:, 1] + 72], axis=1).astype(np.float32)


def _obey(challenge: Challenge, seconds: float = 30) -> State:
    """A head that does what it is told, half a second late, at 120° a second."""
    yaw, told, wanted = 0.0, [0.0] * (RATE // 2), 0.0
    for index in range(int(seconds * RATE)):
        step = challenge.frame(index / RATE, _head(yaw))
        if step.state is not State.RUNNING:
            return step.state
        target = {Pose.AHEAD: 0, Pose.LEFT: 40, Pose.RIGHT: -40}[Pose(step.prompt)]
        told.append(target)
        wanted = told.pop(0)
        yaw += float(np.clip(wanted - yaw, -120 / RATE, 120 / RATE))
    return challenge.state


@pytest.mark.parametrize("seed", range(6))
def test_a_person_who_does_as_told_passes(seed: int) -> None:
    assert _obey(Challenge(3, random.Random(seed))) is State.PASSED


def test_the_order_is_by_chance() -> None:
    orders = {Challenge(3, random.Random(seed)).poses for seed in range(40)}
    assert len(orders) == 8
    assert all(poses[::2] == (Pose.AHEAD,) * 4 for poses in orders)


def test_the_yaw_that_is_measured_is_the_heads() -> None:
    straight = angles(_head(0))[0]
    for yaw in (-40, -20, 20, 40):
        assert angles(_head(yaw))[0] - straight == pytest.approx(yaw, abs=4)


def test_a_still_picture_fails(pipeline: FacePipeline, people: PeopleFolder) -> None:
    """Held up, moved, tilted and slanted before the camera, as one would try it."""
    person = people.names.index("Eileen Collins")
    picture = people.picture(int(np.flatnonzero(people.people == person)[0]))
    height, width = picture.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    for seed in range(3):
        challenge, drawn = Challenge(2, random.Random(seed)), np.random.default_rng(seed)
        state = State.RUNNING
        for index in range(90):
            slant = 0.16 * np.sin(index / 7 + seed)
            moved = corners + drawn.normal(0, 1, (1, 2)).astype(np.float32) + width // 2
            moved[:2, 0] += np.float32(20 * np.sin(index / 5))
            moved[[0, 3], 1] += np.array([slant, -slant], np.float32) * height
            matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
            frame = as_picture(cv2.warpPerspective(picture, matrix, (2 * width, 2 * height)))
            faces = pipeline.find(frame)
            points = faces[0].points if faces else None
            state = challenge.frame(index / 10, points, max(1, len(faces))).state
            if state is not State.RUNNING:
                break
        assert state is not State.PASSED
        assert challenge.frame(60, None).state is State.FAILED


def test_not_doing_it_fails_in_time() -> None:
    challenge = Challenge()
    step = challenge.frame(0, _head(0))
    for index in range(1, int((STEP_LIMIT + HOLD + 1) * RATE)):
        step = challenge.frame(index / RATE, _head(0))
    assert (step.state, step.reason, step.prompt) == (State.FAILED, "It took too long.", "")
    assert step.done == 1


def test_swapping_pictures_fails() -> None:
    challenge = Challenge(1, random.Random(0))
    turned = 40 if challenge.poses[1] is Pose.LEFT else -40
    step = challenge.frame(0, _head(0))
    for index in range(1, RATE):
        challenge.frame(index / RATE, _head(0))
    for index in range(RATE, 2 * RATE):
        step = challenge.frame(index / RATE, _head(1.5 * turned))
    assert step.state is State.FAILED
    assert "swapped" in step.reason


def test_a_second_face_or_none_fails() -> None:
    challenge = Challenge()
    assert challenge.frame(0, _head(0), faces=2).reason == "There was a second face."
    challenge = Challenge()
    challenge.frame(0, _head(0))
    assert challenge.frame(0.9, None).state is State.RUNNING
    step = challenge.frame(1.1, None)
    assert (step.state, step.reason) == (State.FAILED, "The face was lost.")
    assert challenge.frame(1.2, _head(0)).state is State.FAILED
