"""The turn-the-head check: who passes, and that nobody passes for another."""

from __future__ import annotations

from collections.abc import Callable
from math import radians, tan
from typing import Any

import numpy as np

from explorer.faces.detector import Face
from explorer.faces.liveness import Challenge, Pose
from explorer.ui.workspaces.faces.head_turn import Check, HeadTurn
from explorer.ui.workspaces.faces.watch import Sight


def sight(time: float, yaw: float, track: int = 1, faces: int = 1) -> Sight:
    """A face whose nose stands where it does at `yaw` degrees."""
    nose = 50 + tan(radians(yaw)) * 0.55 * 40
    points = np.array([(30, 40), (70, 40), (nose, 62), (35, 80), (65, 80)], np.float32)
    face = Face((0, 0, 100, 120), points, 0.9)
    return Sight(1, time, (480, 640), (face,) * faces, face, track, None, None, 3.0, None)


def wanted(turn: HeadTurn) -> float:
    """The yaw that is asked for."""
    return {"Turn left": 35.0, "Turn right": -35.0}.get(turn.short, 0.0)


def play(turn: HeadTurn, yaw_of: Callable[[float], float], seconds: float = 12, **more: Any) -> Check:
    """Frames at 20 a second, the head moving smoothly towards what `yaw_of` says."""
    yaw, time = 0.0, 0.0
    while time < seconds and turn.check not in (Check.PASSED, Check.FAILED):
        yaw += max(-8.0, min(8.0, yaw_of(time) - yaw))
        turn.frame(sight(time, yaw), accepted=True, **more)
        time += 0.05
    return turn.check


def begin() -> HeadTurn:
    turn = HeadTurn()
    turn.switch.setChecked(True)
    assert turn.check is Check.WAITING
    return turn


def test_whoever_turns_as_asked_passes(qapp: Any) -> None:
    turn = begin()
    assert play(turn, lambda _: wanted(turn)) is Check.PASSED
    assert turn.words == "Passed."


def test_a_still_picture_does_not(qapp: Any) -> None:
    turn = begin()
    assert play(turn, lambda _: 0.0) is Check.FAILED
    assert not turn.again.isHidden()
    turn.again.click()
    assert turn.check is Check.WAITING


def test_it_begins_only_with_an_accepted_face_and_ends_with_it(qapp: Any) -> None:
    turn = begin()
    assert turn.frame(sight(0.0, 0), accepted=False) is Check.WAITING
    assert turn.frame(sight(0.1, 0), accepted=True) is Check.RUNNING
    assert turn.frame(sight(0.2, 0, track=2), accepted=True) is Check.FAILED
    assert turn.frame(sight(0.3, 0, track=3), accepted=False) is Check.WAITING


def test_a_picture_in_the_same_place_of_somebody_else_fails(qapp: Any) -> None:
    turn = begin()
    assert play(turn, lambda _: wanted(turn), matches=False) is Check.FAILED
    assert turn.words == "Another face came."


def test_every_pose_has_short_words() -> None:
    assert {Pose.AHEAD, Pose.LEFT, Pose.RIGHT} == set(Pose)
    assert set(Challenge().poses) <= set(Pose)
