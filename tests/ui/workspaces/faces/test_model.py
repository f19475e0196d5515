"""The model: another encoder, questions, the tracker, the analysis."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from explorer.faces.continuity import Appearance
from explorer.faces.detector import Face
from explorer.faces.encoder import Embedding, unit
from explorer.faces.encoders import EncoderChoice, shipped
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.faces.quality import Quality
from explorer.media.pictures import Picture
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.faces.decisions import State, Verifier
from explorer.ui.workspaces.faces.tracking import MEMORY, Tracker
from explorer.ui.workspaces.faces.watch import Sight
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for
from tests.ui.workspaces.faces.test_verify import enrol


class Grey:
    """An encoder of 16 numbers: the means of as many parts of the chip."""

    version = "grey-16"
    size = 16

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        parts = chip.mean(axis=2).reshape(4, 28, 4, 28).mean(axis=(1, 3)).ravel()
        return unit((parts - parts.mean()).astype(np.float32))


def grey(threshold: float) -> EncoderChoice:
    return EncoderChoice("Grey", Grey.version, threshold, Grey)


def test_another_encoder_reads_the_chips_anew_and_the_gallery_keeps_its_own(
    faces: FacesWorkspace, videos: dict[str, Path]
) -> None:
    enrol(faces, "Viktor")
    assert faces.model.row_of("Viktor").shape == (1, 128)
    faces.model.use_encoder(grey(0.5))
    assert wait_for(lambda: faces.model.row_of("Viktor").shape == (1, 16))
    assert faces.model.gallery.outdated("sface-2021dec-int8bq") == 0
    faces.take_file(videos["viktor"])
    assert wait_for(lambda: faces.verify.outcome.state is not State.LOOKING)
    assert faces.verify.outcome.reading is not None
    assert faces.verify.outcome.reading.embedding.shape == (16,)
    faces.model.use_encoder(shipped())
    assert faces.model.row_of("Viktor").shape == (1, 128)


def test_questions_are_answered_in_order_and_wait_while_hidden(faces: FacesWorkspace) -> None:
    answers: list[object] = []
    faces.hide()

    def work(number: int) -> Callable[[FacePipeline], int]:
        return lambda pipeline: number

    for number in range(3):
        faces.model.ask(work(number), answers.append)
    assert answers == []
    faces.show()
    assert wait_for(lambda: len(answers) == 3)
    assert answers == [0, 1, 2]


def test_a_question_that_fails_is_told_to_the_one_who_asked(
    faces: FacesWorkspace, said: list[Message]
) -> None:
    def wrong(pipeline: FacePipeline) -> None:
        raise ValueError("wrong")

    failed: list[Exception] = []
    faces.model.ask(wrong, lambda _: None, failed.append)
    assert wait_for(lambda: len(failed) == 1)
    assert isinstance(failed[0], ValueError)
    assert said == []


def face(x: float, y: float = 100, side: float = 100) -> Face:
    return Face((x, y, side, side), np.zeros((5, 2), np.float32), 0.9)


def test_the_tracker_follows_one_face_until_it_is_gone() -> None:
    tracker, size = Tracker(), (480, 640)
    left, right = face(100), face(400, side=160)
    assert tracker.follow([left, right], size, 0.0, alike) is right  # the larger one
    assert tracker.track == 1
    moved = face(420, side=150)
    assert tracker.follow([left, moved], size, 0.1, alike) is moved
    assert tracker.track == 1
    assert tracker.follow([left], size, 0.2, alike) is None  # it is waited for
    assert tracker.follow([left], size, 0.2 + MEMORY + 0.1, alike) is left
    assert tracker.track == 2


def test_a_slow_machine_still_follows_but_not_for_ever() -> None:
    tracker, size = Tracker(), (480, 640)
    for look in range(4):
        tracker.follow([face(100 + look)], size, 0.9 * look, alike)
    assert tracker.track == 1
    tracker.follow([face(104)], size, 10.0, alike)
    assert tracker.track == 2


def test_a_slow_machine_still_decides_and_another_face_starts_anew() -> None:
    rows = np.eye(1, 128, dtype=np.float32)
    verifier = Verifier()
    states = [verifier.take(read_at(0.7 * number, rows[0], 1), "A", rows, 1.2).state for number in range(4)]
    assert states[0] is State.LOOKING
    assert states[-1] is State.YES
    other = np.roll(rows[0], 1)
    assert verifier.take(read_at(2.9, other, 2), "A", rows, 1.2).state is State.LOOKING
    assert verifier.take(read_at(3.6, other, 2), "A", rows, 1.2).state is State.NO


def alike(_: Face) -> Appearance:
    """Every face looks the same: where it is decides."""
    return np.ones(1, np.float32)


def read_at(time: float, embedding: Embedding, track: int) -> Sight:
    """A sight with a reading of an embedding."""
    chip = np.zeros((112, 112, 3), np.uint8)
    quality = Quality(100, 4, 120, 40, 0, 0, 0)
    reading = Reading(face(100), chip, embedding, quality, 1, "made")
    return Sight(1, time, (480, 640), (face(100),), face(100), track, reading, None, 3.0, 20.0)


def test_a_click_chooses_and_another_face_has_another_number() -> None:
    tracker, size = Tracker(), (480, 640)
    left, right = face(100), face(400, side=160)
    tracker.follow([left, right], size, 0.0, alike)
    assert tracker.follow([left, right], size, 0.1, alike, point=(150, 150)) is left
    assert tracker.track == 2
    assert tracker.follow([left, right], size, 0.2, alike, point=(5, 5)) is left  # nobody is there
    assert tracker.track == 2
