"""Which of the faces before the camera is meant, from frame to frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.faces.continuity import Appearance, continues
from explorer.faces.detector import Face
from explorer.faces.pipeline import main_face

SAME = 0.3
"""Intersection over union of the boxes of one face in two frames."""
MEMORY = 0.5
"""Seconds for which a face that is not found is still waited for."""
SLOWEST = 1.5
"""Seconds between two frames that a machine without time looks at, for which a face is still the same."""


class Tracker:
    """Follows one face: the one clicked, else the one followed so far, else the large one near the middle.

    `track` is another number whenever another face is followed: nobody inherits what was found of another.
    """

    def __init__(self) -> None:
        self.track = 0
        self._face: Face | None = None
        self._appearance: Appearance | None = None
        self._seen = self._looked = 0.0

    def follow(
        self,
        faces: Sequence[Face],
        size: tuple[int, int],
        time: float,
        looks: Callable[[Face], Appearance],
        point: tuple[float, float] | None = None,
    ) -> Face | None:
        """The face meant in a frame of `size` (height, width) taken at `time`; `point`: a click at (x, y).

        `looks` gives a face's appearance in this frame: one that takes another's place is another face.
        """
        unseen, missed = time - self._seen, self._looked > self._seen
        if unseen > (MEMORY if missed else SLOWEST):
            self._face = None
        self._looked = time
        before = self._face
        same = max(faces, key=before.overlap, default=None) if before is not None else None
        if same is not None and before is not None and same.overlap(before) < SAME:
            same = None
        clicked = None if point is None else next((face for face in faces if _holds(face, point)), None)
        if clicked is not None and clicked is not same:
            same = None
        chosen = clicked or same
        if chosen is None and before is None and faces:
            chosen = main_face(faces, size)
        if chosen is None:
            return None
        now = looks(chosen)
        if same is None or self._appearance is None or not continues(self._appearance, now):
            self.track += 1
        self._face, self._appearance, self._seen = chosen, now, time
        return chosen


def _holds(face: Face, point: tuple[float, float]) -> bool:
    x, y, width, height = face.box
    return x <= point[0] <= x + width and y <= point[1] <= y + height
