"""Recognise: the nearest of those enrolled, or nobody."""

from __future__ import annotations

from pathlib import Path

from explorer.ui.workspaces.faces.bundled import read_enrolled
from explorer.ui.workspaces.faces.decisions import State, among, tries
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for


def enrol_bundled(faces: FacesWorkspace) -> None:
    faces.model.ask(read_enrolled, faces._take_bundled)
    assert wait_for(lambda: len(faces.model.names()) == 5)


def test_somebody_or_nobody(faces: FacesWorkspace, videos: dict[str, Path]) -> None:
    enrol_bundled(faces)
    faces.show_tab(faces.recognise)
    faces.take_file(videos["viktor"])
    assert wait_for(lambda: faces.recognise.outcome.state is State.YES)
    outcome = faces.recognise.outcome
    assert outcome.name == "Viktor"
    assert outcome.candidates[0].name == "Viktor"
    assert len(outcome.candidates) == 5
    line = faces.recognise.panel.verdict
    assert line.line.words == "Viktor"
    assert "runner-up" in line.why.text()
    faces.take_file(videos["stranger"])
    assert faces.recognise.outcome.state is State.LOOKING
    assert wait_for(lambda: faces.recognise.outcome.state is not State.LOOKING)
    assert line.line.words == "Nobody I know"


def test_the_threshold_tightens_with_people_and_with_the_chance(faces: FacesWorkspace) -> None:
    alone = faces.model.recognise_threshold
    enrol_bundled(faces)
    assert faces.model.recognise_threshold < alone
    five = faces.model.recognise_threshold
    faces.recognise.panel.chance.chosen.emit(0.0001)
    assert faces.model.recognise_threshold < five
    assert faces.model.far_limit == 0.0001


def test_with_nobody_enrolled_nobody_is_recognised(faces: FacesWorkspace, videos: dict[str, Path]) -> None:
    faces.show_tab(faces.recognise)
    seen: list[object] = []
    faces.model.seen.connect(seen.append)
    faces.take_file(videos["viktor"])
    assert wait_for(lambda: len(seen) > 5)
    assert faces.recognise.outcome.state is State.LOOKING
    assert faces.recognise.panel.verdict.line.words == "Nobody is enrolled"


def test_words_for_rates() -> None:
    assert tries(1 / 40_000) == "once in about 40,000 tries"
    assert tries(1e-9) == "less than once in a million tries"
    assert tries(0.5) == "often"
    assert abs(among(0.001, 20) - (1 - 0.999**20)) < 1e-9
