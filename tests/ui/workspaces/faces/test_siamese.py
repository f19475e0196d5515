"""The Siamese lab in the window: a real run is watched, paused, stepped, stopped, saved and used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from explorer.faces.siamese import Training
from explorer.faces.siamese_data import fashion
from explorer.faces.siamese_encoder import of_network, small_network
from explorer.faces.siamese_saved import load
from explorer.faces.siamese_settings import FASHION, Loss, Mining
from explorer.learning.control import Control
from explorer.learning.events import Done
from explorer.learning.job import leaving_a_core
from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Message, Messages
from explorer.ui.shell.settings import Settings as ProgramSettings
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.siamese import SiameseTab
from explorer.ui.workspaces.faces.siamese_run import Data, EncoderKind
from tests.ui.workspaces.build.waiting import wait_for


@pytest.fixture(scope="module", autouse=True)
def torch_is_warm() -> None:
    """Torch keeps the threads that it starts with its first step: they are not the Job's."""
    training = Training(fashion(8), of_network(small_network()), replace(FASHION, epochs=1))
    with leaving_a_core():
        assert list(training.events(Control()))


@pytest.fixture
def lab(qapp: Any, tmp_path: Path, said: list[Message]) -> Iterator[SiameseTab]:
    """The tab in a window of its own, with nothing else of Faces."""
    runner, messages = Runner(), Messages()
    messages.said.connect(said.append)
    model = FacesModel(Surroundings(Session(), runner, messages, ProgramSettings(tmp_path)))
    tab = SiameseTab(model)
    window = QWidget()
    row = QHBoxLayout(window)
    row.addWidget(tab.widget, 1)
    row.addWidget(tab.form)
    window.resize(1000, 600)
    window.show()
    yield tab
    tab.close_down()
    assert runner.close(30)
    model.close_down()


def _said(said: list[Message], times: int) -> bool:
    return len(said) == times


def _batches(lab: SiameseTab) -> int:
    state = lab.run.state
    return sum(len(lane.x) for lane in state.lanes) if state is not None else 0


def test_a_run_is_stepped_watched_and_stopped(lab: SiameseTab) -> None:
    lab.form.pictures.set_value(4)
    lab.step()
    assert wait_for(lambda: _batches(lab) == 1)
    assert lab.run.paused
    assert lab.step_button.isEnabled()
    assert not lab.form.loss.isEnabled()
    lab.step()
    assert wait_for(lambda: _batches(lab) == 2)
    assert "paused" in lab.said.text()
    state = lab.run.state
    assert state is not None
    (lane,) = state.lanes
    assert lane.eer is not None
    assert wait_for(lambda: lane.plane is not None)
    lab.start()
    assert wait_for(lambda: _batches(lab) > 4)
    lab.run.stop()
    assert lab.run.stopping
    assert not lab.stop_button.isEnabled()
    assert wait_for(lambda: not lab.run.running)
    assert isinstance(lane.ended, Done)
    assert lane.ended.stopped
    assert "stopped" in lab.said.text()
    assert lab.form.loss.isEnabled()
    assert not lab.form.use.isEnabled()  # clothes have no place in Verify
    assert lab.form.save.isEnabled()
    theme().choose("dark", projector=False)
    assert lab.board.loss._items["0"].getData()[0] is not None  # the curve outlives a change of theme
    assert len(lab.board.loss._items["0"].getData()[0]) == len(lane.x)


def test_weights_are_saved(lab: SiameseTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.step()
    assert wait_for(lambda: _batches(lab) == 1)
    lab.run.stop()
    assert wait_for(lambda: not lab.run.running)
    target = tmp_path / "encoder.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    lab.save()
    assert lab.run.trained is not None
    assert load(target).version == lab.run.trained.version


def test_two_minings_side_by_side(lab: SiameseTab) -> None:
    lab.form.loss.set_value(Loss.CONTRASTIVE)
    lab.compare()
    state = lab.run.state
    assert state is not None
    assert [lane.settings.mining for lane in state.lanes] == [Mining.RANDOM, Mining.BATCH_HARD]
    assert {lane.settings.loss for lane in state.lanes} == {Loss.TRIPLET}
    assert wait_for(lambda: all(len(lane.x) > 2 for lane in state.lanes))
    assert wait_for(lambda: all(lane.plane is not None for lane in state.lanes))
    lab.run.stop()
    assert wait_for(lambda: not lab.run.running)
    assert lab.board.planes[1].isVisible()
    assert not lab.board.triplets.isVisible()


def test_an_encoder_of_faces_is_used_in_verify(lab: SiameseTab, chips: Path, said: list[Message]) -> None:
    lab.form.choose(Data.FACES)
    lab.form.set_folder(chips)
    lab.form.encoder.set_value(EncoderKind.SFACE)
    lab.form.people.set_value(2)
    lab.form.pictures.set_value(3)
    lab.form.epochs.set_value(2)
    lab.start()
    assert wait_for(lambda: lab.run.trained is not None), lab.run.trouble
    trained = lab.run.trained
    assert trained is not None
    assert trained.threshold is not None
    assert wait_for(lambda: not lab.run.running)
    assert lab.form.use.isEnabled()
    lab.use()
    assert lab.model.encoder.version == trained.version
    assert lab.model.threshold == trained.threshold
    assert not lab.form.use.isEnabled()
    assert len(said) == 1


def test_the_open_network_learns_from_where_it_is_and_takes_what_it_learned(
    lab: SiameseTab, said: list[Message]
) -> None:
    tab = lab.model.surroundings.session.open(small_network(features=8))
    lab.form.choose(Data.FASHION)
    lab.form.encoder.set_value(EncoderKind.OPEN)
    lab.form.epochs.set_value(1)
    assert lab.form.apply.isHidden()
    for learned in (1, 2):  # the second time it goes on from what the first one reached
        lab.start()
        assert wait_for(lambda: lab.run.trained is not None), lab.run.trouble
        assert wait_for(lambda: not lab.run.running)
        eers = [epoch.eer for epoch in lab.run.state.lanes[0].epochs] if lab.run.state else []
        assert eers[0] is not None
        assert (eers[0] < 0.2) == (learned == 2)
        assert not lab.form.apply.isHidden()
        lab.form.apply.click()
        assert wait_for(partial(_said, said, learned))
    named = [name for node in tab.document.network.nodes.values() for name in node.tensors]
    assert named.count("weight") == 7
    assert tab.document.network.trained is not None
    assert "Siamese" in tab.document.network.trained.source
    tab.document.undo()
    tab.document.undo()
    assert not any(node.tensors for node in tab.document.network.nodes.values())


def test_a_folder_with_too_few_people_is_refused_in_words(lab: SiameseTab, tmp_path: Path) -> None:
    (tmp_path / "people" / "one").mkdir(parents=True)
    Image.new("RGB", (20, 20)).save(tmp_path / "people" / "one" / "1.png")
    lab.form.choose(Data.PICTURES)
    lab.form.set_folder(tmp_path / "people")
    lab.start()
    assert wait_for(lambda: bool(lab.run.trouble))
    assert "add people" in lab.said.text()
    assert wait_for(lambda: not lab.run.running)
    assert lab.start_button.isEnabled()


def test_the_window_may_close_while_it_runs(lab: SiameseTab) -> None:
    lab.try_fashion(False)
    assert wait_for(lambda: _batches(lab) > 1)
    lab.close_down()
    assert wait_for(lambda: not lab.run.running)
