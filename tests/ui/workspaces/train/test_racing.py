"""Networks that are trained side by side: experiments of the lecture, and the open networks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from explorer.learning.events import Done
from explorer.learning.experiments.presets import PRESETS, Preset, find
from explorer.learning.runs import RunState
from explorer.learning.settings import TrainSettings
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, Linear
from explorer.ui.workspaces.train.status_line import status_of
from explorer.ui.workspaces.train.transport import EXPERIMENTS
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import QUICK, tiny, until


def flat() -> Network:
    b = Builder("Flat")
    b.input(1, 28, 28)
    b.add(Flatten(), name="flatten")
    b.add(Linear(10), name="fc")
    return b.network()


EXPERIMENT = Preset("both", "Both", "Which?", (tiny, flat), QUICK, "fashion-sample:640")


def test_an_experiment_opens_its_networks_and_trains_them_together(
    make: Callable[..., TrainWorkspace],
) -> None:
    train = make()
    train.experiments.start(EXPERIMENT)
    assert [tab.title for tab in train.surroundings.session.tabs] == ["Tiny", "Flat"]
    until(lambda: len(train.run.states) == 2 and all(state.epoch for state in train.run.states))
    assert train.source.data is not None
    assert train.source.data.title == "Fashion sample, 640 pictures"
    until(lambda: not train.run.running)
    steps = [state.batch.step for state in train.run.states if state.batch is not None]
    assert steps == [20, 20]
    assert all(isinstance(state.ended, Done) for state in train.run.states)
    assert [run.name for run in train.kept.runs] == ["Flat", "Tiny"]
    assert {run.state for run in train.kept.runs} == {RunState.DONE}
    lanes = train.overlay.lanes
    assert {lane.name for lane in lanes} == {"Tiny", "Flat"}
    assert len({lane.color for lane in lanes}) == 2
    assert [len(lane.norms) for lane in sorted(lanes, key=lambda lane: lane.name)] == [1, 2]
    train.experiments.start(EXPERIMENT)  # the networks are open already
    assert len(train.surroundings.session.tabs) == 2
    train.run.stop()
    until(lambda: not train.run.running)


def test_a_race_is_not_drawn_over_other_runs(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny(), QUICK)
    train.transport.main.click()
    until(lambda: bool(train.run.states) and not train.run.running)
    assert [lane.name for lane in train.overlay.lanes] == ["Tiny"]
    (before,) = train.overlay.drawn
    train.experiments.start(EXPERIMENT)
    until(lambda: len(train.run.states) == 2 and all(state.epoch for state in train.run.states))
    assert len(train.overlay.drawn) == 2
    assert before not in train.overlay.drawn
    shown = [figure.label for figure in status_of(train).right]
    assert any(words.startswith("right after epoch") and words.endswith(("Tiny", "Flat")) for words in shown)
    until(lambda: not train.run.running)
    assert "Tiny " in train.transport.words()
    assert "Flat " in train.transport.words()


def test_a_race_is_paused_stepped_and_stopped_as_one(
    make: Callable[..., TrainWorkspace], slow: TrainSettings
) -> None:
    train = make(tiny(), slow)
    train.surroundings.session.open(flat())
    train.show_page(EXPERIMENTS)
    assert train.experiments.page.race.isEnabled()
    train.experiments.page.race.click()
    until(lambda: len(train.run.states) == 2 and all(state.batch for state in train.run.states))
    train.run.pause()

    def steps() -> list[int]:
        return [state.batch.step for state in train.run.states if state.batch is not None]

    until(lambda: train.run.control.standing)
    until_quiet(train)  # what was told on the way
    reached = steps()
    train.run.step()
    until(lambda: steps() == [count + 1 for count in reached])
    until(lambda: train.run.control.standing)
    assert steps() == [count + 1 for count in reached]
    assert "Tiny" in train.transport.words()
    train.run.stop()
    until(lambda: not train.run.running)
    assert [state.ended.stopped for state in train.run.states if isinstance(state.ended, Done)] == [
        True,
        True,
    ]
    assert {run.state for run in train.kept.runs} == {RunState.STOPPED}


def until_quiet(train: QWidget) -> None:
    from PySide6.QtTest import QTest

    QTest.qWait(500)


def test_what_does_not_fit_does_not_race(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny())
    train.show_page(EXPERIMENTS)
    assert "two networks" in train.experiments.page.why_not.text()
    train.surroundings.session.open(tiny(classes=7))
    train.experiments.refresh()
    assert "Fewer than two" in train.experiments.page.why_not.text()
    assert not train.experiments.page.race.isEnabled()


@pytest.mark.parametrize("name", ["fashion-mnist"])
def test_pictures_that_are_not_here_are_asked_for(make: Callable[..., TrainWorkspace], name: str) -> None:
    train = make()
    train.experiments.start(find(name))
    assert train.source.must_download
    assert train.data_view.fetch.isVisible()
    assert not train.run.running
    train.side.data_chosen.emit("fashion-sample")
    until(lambda: train.source.data is not None)
    assert not train.run.running


def test_every_experiment_has_a_card_and_an_action(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny())
    assert [card.preset for card in train.experiments.page.cards] == list(PRESETS)
    ids = {action.id for action in train.own_actions()}
    assert {f"train.experiment.{preset.name}" for preset in PRESETS} <= ids
