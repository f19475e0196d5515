"""A challenge: turn the head as asked, in an order drawn by chance.

A hurdle, not security. It stops a photograph that is held up, however it is tilted or moved, because a flat
picture shows the nose in the same place between the eyes. It does not stop a film of the person turning, a
mask, or anyone who feeds a made video into the program.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from explorer.faces.alignment import Points
from explorer.faces.quality import angles

LABEL = "A hurdle, not security: it stops a photograph held up to the camera, not a film or a mask."
MEASURED = "Tried with 39 photographs, moved and tilted, slanted by 60°, bent round a tube: none got past."
"""As `tests.benchmarks faces_liveness` prints it."""

STRAIGHT, TURNED = 10.0, 25.0
"""Degrees of yaw within which a head looks ahead, and beyond which it is turned."""
HOLD = 0.3
"""Seconds that each pose is held."""
STEP_LIMIT = 8.0
"""Seconds for each prompt."""
LOST = 1.0
"""Seconds without a face, after which the challenge has failed."""
LARGEST_JUMP = 45.0
"""Degrees between two frames; a head cannot turn faster, but one picture can be swapped for another."""
LONGEST_GAP = 0.4
"""Seconds between two frames that still count as one movement."""


class Pose(StrEnum):
    """What is asked for. Left and right are the person's own."""

    AHEAD = "Look straight ahead."
    LEFT = "Turn your head to your left."
    RIGHT = "Turn your head to your right."

    def held(self, yaw: float) -> bool:
        """Whether a head at `yaw` degrees does it; yaw > 0 is towards the right of an unmirrored picture."""
        if self is Pose.AHEAD:
            return abs(yaw) <= STRAIGHT
        return yaw >= TURNED if self is Pose.LEFT else yaw <= -TURNED


class State(StrEnum):
    """How it stands. The last two are final."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """What to show after a frame: the prompt, how many are done of how many, and why it failed."""

    state: State
    prompt: str
    done: int
    of: int
    reason: str = ""


class Challenge:
    """Straight ahead, then `turns` turns by chance with a look ahead between them. Feed it every frame."""

    def __init__(self, turns: int = 2, chance: random.Random | None = None) -> None:
        chance = chance if chance is not None else random.SystemRandom()
        self.poses: tuple[Pose, ...] = (Pose.AHEAD,)
        for _ in range(turns):
            self.poses += (chance.choice((Pose.LEFT, Pose.RIGHT)), Pose.AHEAD)
        self._done = 0
        self._reason = ""
        self._asked: float | None = None
        self._held_since: float | None = None
        self._seen: float | None = None
        self._yaw: float | None = None

    @property
    def state(self) -> State:
        if self._reason:
            return State.FAILED
        return State.PASSED if self._done == len(self.poses) else State.RUNNING

    def frame(self, time: float, points: Points | None, faces: int = 1) -> Step:
        """After a frame taken at `time` (seconds): the five points of the one face, None if there is none."""
        if self.state is State.RUNNING:
            if self._asked is None:
                self._asked = time
            if faces > 1:
                self._reason = "There was a second face."
            elif points is None:
                self._missing(time)
            else:
                self._turned(time, angles(points)[0])
            if time - self._asked > STEP_LIMIT and not self._reason:
                self._reason = "It took too long."
        prompt = str(self.poses[self._done]) if self.state is State.RUNNING else ""
        return Step(self.state, prompt, self._done, len(self.poses), self._reason)

    def _missing(self, time: float) -> None:
        self._held_since = None
        if self._seen is not None and time - self._seen > LOST:
            self._reason = "The face was lost."

    def _turned(self, time: float, yaw: float) -> None:
        swapped = self._yaw is not None and abs(yaw - self._yaw) > LARGEST_JUMP
        if swapped and self._seen is not None and time - self._seen <= LONGEST_GAP:
            self._reason = "The face changed at once, as when a picture is swapped."
            return
        self._seen, self._yaw = time, yaw
        if not self.poses[self._done].held(yaw):
            self._held_since = None
            return
        self._held_since = time if self._held_since is None else self._held_since
        if time - self._held_since >= HOLD:
            self._done += 1
            self._asked, self._held_since = time, None
