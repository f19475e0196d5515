"""Another encoder in use: nothing that one has read is ever compared with what another has read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copy

import numpy as np

from explorer.assets import asset
from explorer.faces.pipeline import FacePipeline
from explorer.media.pictures import read_picture
from explorer.ui.workspaces.faces.coach import warnings
from explorer.ui.workspaces.faces.decisions import State
from explorer.ui.workspaces.faces.threshold import ThresholdTab
from explorer.ui.workspaces.faces.watch import Sight
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for
from tests.ui.workspaces.faces.test_model import Grey
from tests.ui.workspaces.faces.test_verify import enrol


def test_two_pictures_are_read_again(faces: FacesWorkspace) -> None:
    faces.verify_pictures()
    pictures = faces.verify.pictures
    pictures.show_example()
    assert wait_for(lambda: pictures.verdict is not None)
    faces.model.use_encoder(Grey, "grey-16", "Grey", threshold=4.0)
    assert pictures.verdict is None, "what SFace has read says nothing at another encoder's threshold"
    assert wait_for(lambda: pictures.verdict is not None)
    assert pictures.first.reading is not None
    assert pictures.first.reading.encoder == "grey-16"


def test_a_late_reading_of_the_encoder_before_decides_nothing(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    faces.model.set_claim("Viktor")
    picture = read_picture(asset("faces", "Viktor", "1.jpg"))
    reading = FacePipeline().read(picture)
    faces.model.use_encoder(Grey, "grey-16", "Grey", threshold=4.0)
    assert wait_for(lambda: len(faces.model.row_of("Viktor")) == 1)
    sight = Sight(1, 0.0, picture.shape[:2], (reading.face,), reading.face, 1, reading, None, 1.0, 1.0)
    for number in range(9):
        faces.model._event(replace(sight, number=number, time=0.1 * number))
    assert faces.verify.outcome.state is State.LOOKING
    assert faces.verify.outcome.reading is None
    assert warnings(faces.model, "Viktor", [reading]), "the coach has words, and does not fail"


def test_recognition_keeps_to_the_threshold_of_the_encoder(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    faces.model.use_encoder(Grey, "grey-16", "Grey", threshold=0.2)
    alone = faces.model.recognise_threshold
    assert alone <= 0.2, "SFace's curve says nothing about another encoder"
    faces.model.set_far_limit(1e-4)
    assert faces.model.recognise_threshold < alone


def test_several_pictures_of_a_person_are_averaged(faces: FacesWorkspace) -> None:
    pipeline = FacePipeline()
    for number in (1, 2, 3):
        reading = pipeline.read(read_picture(asset("faces", "Viktor", f"{number}.jpg")))
        faces.model.gallery.enrol("Viktor", reading, consent=True)
    wait_for(lambda: len(faces.model.known()[1]) == 3)
    assert len(faces.model.known()[1]) == 3
    row = faces.model.row_of("Viktor")
    assert row.shape == (1, 128)
    mean = faces.model.known()[0].mean(axis=0)
    assert np.allclose(row[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_the_workbench_measures_with_the_encoder_in_use(faces: FacesWorkspace, tmp_path: Path) -> None:
    for name in ("Viktor/1", "Viktor/2", "Nora/1"):
        place = tmp_path / f"{name}.jpg"
        place.parent.mkdir(exist_ok=True)
        copy(asset("faces", *f"{name}.jpg".split("/")), place)
    tab = next(tab for tab in faces.tabs if isinstance(tab, ThresholdTab))
    faces.show_tab(tab)
    tab.source.use_folder(tmp_path)
    assert wait_for(lambda: tab.source.faces is not None)
    assert tab.source.faces is not None
    assert tab.source.faces.embeddings.shape == (3, 128)
    faces.model.use_encoder(Grey, "grey-16", "Grey", threshold=0.5)
    assert tab.source.faces is None, "a threshold of one encoder means nothing to another"
    assert wait_for(lambda: tab.source.faces is not None)
    assert tab.source.faces.embeddings.shape == (3, 16)
