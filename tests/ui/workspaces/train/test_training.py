"""Training for real before the window: start, pause, step, stop, keep, resume; and the window stays free."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from explorer.learning.data import load
from explorer.learning.events import Done, Failed
from explorer.learning.runs import RunState
from explorer.learning.settings import TrainSettings
from explorer.network import operations
from explorer.ui.shell import question as asking
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.train import closing
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import QUICK, tiny, until


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def begun(train: TrainWorkspace) -> bool:
    return train.run.state is not None and train.run.state.batch is not None


def over(train: TrainWorkspace) -> bool:
    return not train.run.running


def steps(train: TrainWorkspace) -> int:
    assert train.run.state is not None
    assert train.run.state.batch is not None
    return train.run.state.batch.step


def test_a_run_draws_curves_explains_itself_and_is_kept(train: TrainWorkspace) -> None:
    assert train.startable, train.hindrance
    click(train.transport.main)
    assert train.transport.main.text() == "Pause"
    until(lambda: over(train))
    state = train.run.state
    assert state is not None
    assert isinstance(state.ended, Done)
    assert not state.ended.stopped
    lane = state.lane
    assert len(lane.x) == len(lane.loss) == len(lane.rate) == 20
    assert lane.val_x == [1.0, 2.0]
    assert lane.loss[-1] < lane.loss[0]
    assert train.pages.currentWidget() is train.overlay.page
    assert train.overlay.lanes == [lane]
    x, y = train.overlay.board.loss._items[f"{lane.key} train"].getData()
    assert len(x) == 20
    assert float(y[-1]) == pytest.approx(lane.loss[-1])
    assert state.epoch is not None
    shown = train.diagnosis
    assert shown.confusion.counts.sum() == 100
    assert [bar.name for bar in shown.gradients.bars] == ["conv", "fc"]
    assert [bar.name for bar in shown.dead.bars] == ["relu"]
    assert len(shown.filters.tiles) == 4
    assert len(shown.mistakes.tiles) == min(9, len(state.epoch.worst))
    (row,) = train.side.runs.rows
    assert row.key == lane.key
    assert row.figure == f"{100 * max(lane.val_accuracy):.1f} %"
    assert train.side.runs.drawn == [row.key]
    assert not train.side.resume.isEnabled()
    assert "right" in train.transport.said.text()


def test_pause_step_go_on_and_stop(make: Callable[..., TrainWorkspace], slow: TrainSettings) -> None:
    train = make(tiny(), slow)
    click(train.transport.main)
    until(lambda: begun(train))
    click(train.transport.main)
    assert train.run.paused
    assert train.transport.main.text() == "Go on"
    reached = -1
    while reached != steps(train):  # batches that were on their way
        reached = steps(train)
        QTest.qWait(150)
    click(train.transport.step)
    until(lambda: steps(train) == reached + 1)
    QTest.qWait(100)
    assert steps(train) == reached + 1
    assert train.run.paused
    click(train.transport.main)
    until(lambda: steps(train) > reached + 3)
    click(train.transport.stop)
    assert train.run.stopping
    assert not train.transport.stop.isEnabled()
    until(lambda: over(train))
    assert train.run.state is not None
    assert isinstance(train.run.state.ended, Done)
    assert train.run.state.ended.stopped


def test_step_begins_a_run_that_waits_after_its_first_batch(train: TrainWorkspace) -> None:
    click(train.transport.step)
    until(lambda: begun(train))
    QTest.qWait(150)
    assert steps(train) == 1
    assert train.run.paused


def test_a_stopped_run_is_resumed_where_it_stopped(make: Callable[..., TrainWorkspace]) -> None:
    settings = msgspec.structs.replace(QUICK, epochs=3)
    train = make(tiny(), settings)
    train.step()
    until(lambda: begun(train))
    train.step()
    until(lambda: steps(train) == 2)
    train.run.stop()
    until(lambda: over(train))
    (run,) = train.kept.runs
    assert run.state is RunState.STOPPED
    train.side.form.show_settings(QUICK)
    assert train.side.resume.isEnabled()
    click(train.side.resume)
    assert train.side.form.settings.epochs == 3
    until(lambda: over(train))
    state = train.run.state
    assert state is not None
    assert state.started is not None
    assert state.started.step == 2
    assert state.lane.x == pytest.approx([step / 10 for step in range(1, 31)])
    (run,) = train.kept.runs
    assert (run.state, run.epochs_done) == (RunState.DONE, 3)


def test_a_run_whose_pictures_are_not_here_fetches_nothing_unasked(
    make: Callable[..., TrainWorkspace], said: list[Message]
) -> None:
    train = make(tiny())
    data, store = train.source.data, train.kept.store
    assert data is not None
    assert store is not None
    store.create(tiny(), dataclasses.replace(data, name="mnist", title="MNIST", fingerprint="another"), QUICK)
    train.kept.refresh()
    train.overlay.show_rows()
    train.side.runs.selectAll()
    click(train.side.resume)
    until(lambda: bool(train.run.states) and over(train))
    assert "MNIST is not on this computer" in train.transport.trouble.text()
    assert not said  # the bar is to be seen
    train.hide()
    train.side.resume.click()
    until(lambda: over(train) and bool(said))
    assert ["MNIST is not on this computer" in one.text for one in said] == [True]


def test_a_run_is_stopped_while_its_pictures_are_read(
    make: Callable[..., TrainWorkspace], tmp_path: Path
) -> None:
    """Else a large folder would hold the closing of the window for as long as it takes to read."""
    folder = tmp_path / "pictures"
    for name in ("left", "right"):
        (folder / name).mkdir(parents=True)
        for number in range(300):
            Image.new("L", (40, 40), number % 256).save(folder / name / f"{number}.png")
    train = make(tiny(classes=2))
    assert train.kept.store is not None
    train.kept.store.create(tiny(classes=2), load(str(folder), shape=(1, 28, 28)), QUICK)
    train.kept.refresh()
    train.overlay.show_rows()
    train.side.runs.selectAll()
    click(train.side.resume)
    train.run.stop()
    until(lambda: over(train))
    assert train.run.states[0].started is None
    assert train.run.trouble == ""
    click(train.side.resume)  # and it can be gone on with
    until(lambda: over(train))
    assert train.kept.runs[0].state is RunState.DONE


def test_the_network_can_be_edited_meanwhile(
    make: Callable[..., TrainWorkspace], slow: TrainSettings
) -> None:
    train = make(tiny(), slow)
    assert train.tab is not None
    document = train.tab.document
    before = document.network
    train.toggle()
    until(lambda: begun(train))
    change = operations.set_fields(before, next(n.id for n in before.nodes.values() if n.name == "fc"),
                                   {"out_features": 7})  # fmt: skip
    document.apply(change.title, change.edits)
    document.undo()
    document.redo()
    reached = steps(train)
    until(lambda: steps(train) > reached + 3)
    train.run.stop()
    until(lambda: over(train))
    assert train.run.trouble == ""
    (run,) = train.kept.runs
    assert run.network == before
    assert document.network != before
    assert not train.startable
    assert "7" in train.hindrance


def test_a_rate_that_is_too_high_ends_calmly(
    make: Callable[..., TrainWorkspace], said: list[Message]
) -> None:
    train = make(tiny(), msgspec.structs.replace(QUICK, lr=100.0, epochs=6))
    train.toggle()
    until(lambda: over(train))
    assert train.run.state is not None
    assert isinstance(train.run.state.ended, Failed)
    assert "smaller learning rate" in train.transport.trouble.text()
    assert train.transport.trouble.isVisible()
    assert not said  # the bar is to be seen
    assert train.startable
    train.hide()
    train.toggle()
    until(lambda: over(train))
    assert any(one.kind == "error" and "smaller learning rate" in one.text for one in said)


def test_runs_are_drawn_over_each_other_exported_and_deleted_after_asking(
    make: Callable[..., TrainWorkspace], said: list[Message], tmp_path: Path
) -> None:
    train = make(tiny(), msgspec.structs.replace(QUICK, epochs=1))
    train.toggle()
    until(lambda: over(train))
    train.side.form.show_settings(msgspec.structs.replace(QUICK, epochs=1, lr=0.01))
    train.toggle()
    until(lambda: over(train))
    first, second = train.overlay.drawn
    lanes = train.overlay.lanes
    assert [lane.key for lane in lanes] == [second, first]
    assert lanes[0].color != lanes[1].color
    assert [lane.label for lane in lanes] == ["Tiny, learning rate 0.01", "Tiny, learning rate 0.05"]
    train.side.runs.clearSelection()
    assert train.overlay.lanes == []
    index = train.side.runs.model().index(1, 0)
    QTest.mouseClick(train.side.runs.viewport(), Qt.MouseButton.LeftButton,
                     pos=train.side.runs.visualRect(index).center())  # fmt: skip
    assert train.overlay.drawn == [first]
    train.kept.write_csv(first, tmp_path / "curves.csv")
    assert len((tmp_path / "curves.csv").read_text().splitlines()) == 2
    train.keeping.delete()
    assert len(train.kept.runs) == 2
    question = said[-1]
    assert [text for text, _ in question.buttons] == ["Delete", "Keep"]
    question.buttons[0][1]()
    assert [run.id for run in train.kept.runs] == [second]
    assert train.overlay.drawn == []


def test_a_kept_run_is_explained_by_another_window(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny())
    train.toggle()
    until(lambda: over(train))
    state = train.run.state
    assert state is not None
    assert state.epoch is not None
    other = make()
    assert other.overlay.lanes == []
    other.side.runs.selectAll()
    (lane,) = other.overlay.lanes
    assert lane.x == pytest.approx(state.lane.x)
    assert lane.loss == pytest.approx(state.lane.loss)
    assert lane.val_accuracy == pytest.approx(state.lane.val_accuracy)
    assert (other.diagnosis.confusion.counts == state.epoch.confusion).all()


@pytest.mark.parametrize("answer", ["", closing.STOP])
def test_closing_the_window_asks_and_stops_cleanly(
    make: Callable[..., TrainWorkspace], slow: TrainSettings, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    train = make(tiny(), slow)
    asked: list[str] = []

    def ask(question: asking.Question) -> str:
        asked.append(question.windowTitle())
        return answer

    monkeypatch.setattr(asking.Question, "ask", ask)
    assert train.may_close()
    assert not asked
    train.toggle()
    until(lambda: begun(train))
    assert train.may_close() == bool(answer)
    assert asked == ["A training is running"]
    assert train.run.running != bool(answer)
    if answer:
        (run,) = train.kept.runs
        assert run.state is RunState.STOPPED
        store = train.kept.store
        assert store is not None
        assert store.checkpoint(run.id, "last") is not None
    else:
        train.run.stop()
        until(lambda: over(train))


def test_the_best_weights_of_a_run_are_exported(train: TrainWorkspace, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    click(train.transport.main)
    until(lambda: over(train))
    (run,) = train.kept.runs
    file = tmp_path / "best.safetensors"
    train.keeping.write_weights(file)
    until(lambda: file.is_file())
    assert train.kept.store is not None
    best = train.kept.store.checkpoint(run.id, "best")
    assert best is not None
    written = load_file(file)
    assert set(written) == set(best.weights)
    assert all(written[name].equal(best.weights[name]) for name in written)


def test_a_run_that_ran_away_is_not_drawn_behind_the_next(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny(), msgspec.structs.replace(QUICK, lr=100.0, momentum=0.99, epochs=40))
    click(train.transport.main)
    until(lambda: over(train))
    (failed,) = train.overlay.drawn
    assert [run.state for run in train.kept.runs] == [RunState.FAILED]
    train.side.form.show_settings(QUICK)
    click(train.transport.main)
    until(lambda: over(train) and len(train.kept.runs) == 2)
    assert failed not in train.overlay.drawn
    assert len(train.overlay.drawn) == 1
