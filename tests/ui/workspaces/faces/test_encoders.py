"""Another encoder in use: nothing that one has read is ever compared with what another has read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copy

import numpy as np

from explorer.assets import asset
from explorer.faces.encoder import SFace
from explorer.faces.pipeline import FacePipeline
from explorer.faces.siamese_saved import Trained
from explorer.media.pictures import read_picture
from explorer.network.inference import infer
from explorer.ui.workspaces.faces.coach import warnings
from explorer.ui.workspaces.faces.decisions import State
from explorer.ui.workspaces.faces.threshold import ThresholdTab
from explorer.ui.workspaces.faces.watch import Sight
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for
from tests.ui.workspaces.faces.test_model import grey
from tests.ui.workspaces.faces.test_verify import enrol


def test_two_pictures_are_read_again(faces: FacesWorkspace) -> None:
    faces.verify_pictures()
    pictures = faces.verify.pictures
    pictures.show_example()
    assert wait_for(lambda: pictures.verdict is not None)
    faces.model.use_encoder(grey(4.0))
    assert pictures.verdict is None, "what SFace has read says nothing at another encoder's threshold"
    assert wait_for(lambda: pictures.verdict is not None)
    assert pictures.first.reading is not None
    assert pictures.first.reading.encoder == "grey-16"


def test_a_late_reading_of_the_encoder_before_decides_nothing(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    faces.model.set_claim("Viktor")
    picture = read_picture(asset("faces", "Viktor", "1.jpg"))
    reading = FacePipeline().read(picture)
    faces.model.use_encoder(grey(4.0))
    assert wait_for(lambda: len(faces.model.row_of("Viktor")) == 1)
    sight = Sight(1, 0.0, picture.shape[:2], (reading.face,), reading.face, 1, reading, None, 1.0, 1.0)
    for number in range(9):
        faces.model._event(replace(sight, number=number, time=0.1 * number))
    assert faces.verify.outcome.state is State.LOOKING
    assert faces.verify.outcome.reading is None
    assert warnings(faces.model, "Viktor", [reading]), "the coach has words, and does not fail"


def test_recognition_keeps_to_the_threshold_of_the_encoder(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    faces.model.use_encoder(grey(0.2))
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
    faces.model.use_encoder(grey(0.5))
    assert tab.source.faces is None, "a threshold of one encoder means nothing to another"
    assert wait_for(lambda: tab.source.faces is not None)
    assert tab.source.faces.embeddings.shape == (3, 16)


def test_the_encoder_in_use_opens_in_build_with_its_weights(
    faces: FacesWorkspace, went: list[str], videos: dict[str, Path]
) -> None:
    picker = faces.verify.panel.encoder
    assert picker.choice.currentText() == "SFace"
    picker.build.click()
    assert wait_for(lambda: went == ["build"], 60_000)
    tab = faces.surroundings.session.active
    assert tab is not None
    assert tab.title == "SFace"
    weighted = infer(tab.document.network).results
    nodes = tab.document.network.nodes
    assert all(node.tensors for name, node in nodes.items() if weighted[name].tensors)
    assert wait_for(picker.build.isEnabled)
    assert not picker.inside.isEnabled(), "no face has been seen"
    enrol(faces, "Viktor")
    faces.model.set_claim("Viktor")
    faces.take_file(videos["viktor"])
    assert wait_for(picker.inside.isEnabled)
    picker.inside.click()
    assert wait_for(lambda: went == ["build", "filters: The face, aligned"], 60_000)
    assert faces.surroundings.session.tabs == [tab], "the network that is open already is taken"


def test_an_encoder_that_was_saved_is_used_and_another_file_is_refused(
    faces: FacesWorkspace, tmp_path: Path, trained_on_faces: Trained
) -> None:
    enrol(faces, "Viktor")
    picker = faces.verify.panel.encoder
    path = tmp_path / "mine.safetensors"
    trained_on_faces.save(path)
    picker.take_file(path)
    assert wait_for(lambda: faces.model.encoder.title == "mine")
    assert picker.choice.currentText() == "mine"
    assert faces.model.threshold == trained_on_faces.threshold
    assert wait_for(lambda: faces.model.row_of("Viktor").shape == (1, 64))
    path.with_name("other.safetensors").write_bytes(b"no encoder")
    failures: list[str] = []
    faces.surroundings.runner.failed.connect(lambda handle: failures.append(str(handle.error)))
    picker.take_file(path.with_name("other.safetensors"))
    assert wait_for(lambda: bool(failures))
    assert "not an encoder that was trained here" in failures[0]
    picker.choice.set_value(SFace.version)
    picker.choice.chosen.emit(SFace.version)
    assert faces.model.encoder.ships
    assert faces.model.row_of("Viktor").shape == (1, 128)
