"""From a picture to an embedding: find, refine, align, encode. Each part can be replaced by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.faces.alignment import align
from explorer.faces.detector import Detector, Face, YuNet
from explorer.faces.encoder import Embedding, Encoder, SFace
from explorer.faces.quality import Hint, Quality, measure
from explorer.media.pictures import Picture
from explorer.network.errors import UserError

SURE, FOUND_TURNED = 0.9, 0.8
"""YuNet scores upright faces 0.87 to 0.95, and upside-down ones 0.60 to 0.90, with points in wrong places.
A face below the first is therefore looked for in the turned picture too: there it must score more than it
did, and more than the second.
"""


class NoFace(UserError):
    """There is nothing to compare; `hint` says what to do about it."""

    def __init__(self, name: str, hint: Hint = Hint.NONE) -> None:
        self.hint = hint
        reason = "no face was found in" if hint is Hint.NONE else "the face is too small or too faint in"
        super().__init__(
            f"{reason} {name}; use a picture that shows the face larger, from the front, in light"
        )


@dataclass(frozen=True, eq=False)
class Reading:
    """One face, read: `chip` is (112, 112, 3), `embedding` has length 1, `faces` were in the picture.

    `quarter_turns` is how often the picture had to be turned clockwise; face and chip are of the turned one.
    """

    face: Face
    chip: Picture
    embedding: Embedding
    quality: Quality
    faces: int
    encoder: str
    quarter_turns: int = 0

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What could be better, the worst first."""
        return self.quality.hints(self.faces)


def main_face(faces: Sequence[Face], size: tuple[int, int]) -> Face:
    """The one that is meant: large, and near the middle of the picture of `size` (height, width)."""
    middle = size[1] / 2, size[0] / 2

    def meant(face: Face) -> float:
        x, y = face.centre
        return face.size**2 - 2 * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2)

    return max(faces, key=meant)


class FacePipeline:
    """Detector and encoder together. Not to be used by two threads at once: each makes its own."""

    def __init__(self, detector: Detector | None = None, encoder: Encoder | None = None) -> None:
        self.detector: Detector = YuNet() if detector is None else detector
        self.encoder: Encoder = SFace() if encoder is None else encoder

    def find(self, picture: Picture) -> list[Face]:
        """All faces of the picture as it is, the largest first."""
        return self.detector.find(picture)

    def read(
        self, picture: Picture, face: Face | None = None, careful: bool = True, name: str = "the picture"
    ) -> Reading:
        """The face that is meant (or `face`, found before), compared from here on by its embedding.

        Without `face`, a picture in which none is found for sure is also tried turned by quarters: cameras
        forget which way is up. `careful` takes three times as long and halves the errors. Raises NoFace,
        which calls the picture `name`.
        """
        faces, turns = ([face], 0) if face is not None else self._find_turned(picture)
        if not faces:
            raise NoFace(name)
        if turns:
            picture = np.ascontiguousarray(np.rot90(picture, -turns))
        size = (picture.shape[0], picture.shape[1])
        meant = main_face(faces, size)
        if careful:
            meant = self.detector.refine(picture, meant)
        try:
            chip = align(picture, meant.points)
        except ValueError:
            raise NoFace(name, Hint.SMALL) from None
        quality = measure(meant, chip, size)
        if not quality.usable:
            raise NoFace(name, Hint.SMALL)
        embedding = self.encoder.encode(chip, careful)
        return Reading(meant, chip, embedding, quality, len(faces), self.encoder.version, turns)

    def _find_turned(self, picture: Picture) -> tuple[list[Face], int]:
        """The faces, and by how many quarters the picture was turned clockwise to find them."""
        faces, turns = self.detector.find(picture), 0
        best = _score(faces, picture)
        if best >= SURE:
            return faces, 0
        for quarters in (2, 1, 3):
            turned = np.ascontiguousarray(np.rot90(picture, -quarters))
            found = self.detector.find(turned)
            score = _score(found, turned)
            if score > max(best, FOUND_TURNED):
                faces, turns, best = found, quarters, score
        return faces, turns


def _score(faces: Sequence[Face], picture: Picture) -> float:
    return main_face(faces, (picture.shape[0], picture.shape[1])).score if faces else 0.0
