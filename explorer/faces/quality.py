"""How fit a found face is for comparing, in numbers and in hints that a person can act on.

Angles are estimates from five points: good enough to say "look straight ahead", not to measure a head.
The limits on light and sharpness are those outside of which fewer than 1 in 100 press pictures fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import atan, atan2, degrees

import numpy as np

from explorer.faces.alignment import Points
from explorer.faces.detector import Face
from explorer.media.opencv import cv2
from explorer.media.pictures import Picture

SMALLEST, SMALL = 20.0, 60.0
"""Pixels of a face's longer side: below the first nothing is said about it, below the second it is hinted."""
DARK, BRIGHT, FLAT = 45.0, 215.0, 14.0
"""Mean grey of the chip's middle, and the least standard deviation."""
BLURRED = 1.0
"""Variance of the Laplacian of the chip over its contrast: sharp pictures have 4, blurred by 2 pixels 0.6."""
TURNED, NODDED, TILTED = 28.0, 24.0, 30.0
"""Degrees of yaw, pitch and roll."""

_NOSE_DEPTH = 0.55  # how far the nose's tip stands out, in distances between the eyes
_UPRIGHT = 0.55  # where the nose stands between eyes (0) and mouth (1) of press pictures, in the median
_MIDDLE = slice(20, 100), slice(20, 92)  # of the chip: face, and hardly any hair or background


class Hint(StrEnum):
    """What could be better, as one would say it to the person in front of the camera."""

    NONE = "No face is seen: look into the camera."
    SEVERAL = "There are several faces: one person at a time."
    SMALL = "The face is small: come closer."
    CUT = "The face is cut off: move into the picture."
    DARK = "It is too dark: turn towards a light."
    BRIGHT = "It is too bright: step out of the glare."
    FLAT = "There is too little contrast: look for better light."
    BLURRED = "The face is blurred: hold still and wipe the lens."
    TURNED = "The head is turned: look straight ahead."
    NODDED = "The head is raised or lowered: look straight ahead."
    TILTED = "The head is tilted: hold it upright."


@dataclass(frozen=True)
class Quality:
    """Of one face. `size` is in pixels of the picture, angles are in degrees, the rest is of the chip.

    yaw > 0: turned towards the right of the picture; pitch > 0: looking up; roll > 0: tilted clockwise.
    `inside` is the share of the face's box that the picture shows.
    """

    size: float
    sharpness: float
    brightness: float
    contrast: float
    yaw: float
    pitch: float
    roll: float
    inside: float = 1.0

    def hints(self, faces: int = 1) -> tuple[Hint, ...]:
        """What could be better, the worst first; empty for a good picture. `faces`: how many there are."""
        found = (
            (faces == 0, Hint.NONE),
            (faces > 1, Hint.SEVERAL),
            (self.size < SMALL, Hint.SMALL),
            (self.inside < 0.8, Hint.CUT),
            (self.brightness < DARK, Hint.DARK),
            (self.brightness > BRIGHT, Hint.BRIGHT),
            (self.contrast < FLAT, Hint.FLAT),
            (self.sharpness < BLURRED, Hint.BLURRED),
            (abs(self.yaw) > TURNED, Hint.TURNED),
            (abs(self.pitch) > NODDED, Hint.NODDED),
            (abs(self.roll) > TILTED, Hint.TILTED),
        )
        return tuple(hint for applies, hint in found if applies)

    @property
    def acceptable_for_enrolment(self) -> bool:
        """Whether a person may be known by this picture from now on: nothing to hint."""
        return not self.hints()

    @property
    def usable(self) -> bool:
        """Whether comparing makes sense at all: more pixels than noise."""
        return self.size >= SMALLEST and self.contrast >= 3 and self.inside >= 0.4


def measure(face: Face, chip: Picture, picture_size: tuple[int, int]) -> Quality:
    """The quality of a face; `picture_size` is (height, width) of the picture that it was found in."""
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)[_MIDDLE].astype(np.float32)
    contrast = float(grey.std())
    edges = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    yaw, pitch, roll = angles(face.points)
    return Quality(
        size=face.size,
        sharpness=edges / max(contrast, 1.0),
        brightness=float(grey.mean()),
        contrast=contrast,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        inside=_inside(face, picture_size),
    )


def angles(points: Points) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, as if the nose stood 0.55 eye distances before a plane of the rest."""
    right_eye, left_eye, nose, right_mouth, left_mouth = points.astype(np.float64)
    across = left_eye - right_eye
    apart = float(np.hypot(*across))
    if apart < 1e-6:
        return 90.0, 0.0, 0.0
    roll = atan2(across[1], across[0])
    along = across / apart
    down = np.array((-along[1], along[0]))
    eyes, mouth = (right_eye + left_eye) / 2, (right_mouth + left_mouth) / 2
    middle = (eyes + mouth) / 2
    yaw = atan(float((nose - middle) @ along) / (_NOSE_DEPTH * apart))
    height = float((mouth - eyes) @ down)
    if height <= 0:
        return degrees(yaw), 90.0, degrees(roll)
    dropped = float((nose - eyes) @ down) / height
    pitch = atan((_UPRIGHT - dropped) * height / (_NOSE_DEPTH * apart))
    return degrees(yaw), degrees(pitch), degrees(roll)


def _inside(face: Face, picture_size: tuple[int, int]) -> float:
    x, y, width, height = face.box
    seen_width = min(x + width, picture_size[1]) - max(x, 0)
    seen_height = min(y + height, picture_size[0]) - max(y, 0)
    return max(0.0, seen_width) * max(0.0, seen_height) / (width * height)
