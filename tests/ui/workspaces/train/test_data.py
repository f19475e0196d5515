"""The data before a start: what it is, what does not fit, and the mends; the settings as fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from explorer.learning.settings import Augment, Optimizer, Schedule, TrainSettings
from explorer.network.problems import Severity
from explorer.ui.shell.messages import Message
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice, NumberField
from explorer.ui.workspaces.train.confusion import ConfusionView, worst_words
from explorer.ui.workspaces.train.curves import Lane, duration, when
from explorer.ui.workspaces.train.diagnosis import gradient_bars
from explorer.ui.workspaces.train.settings_form import SettingsForm
from explorer.ui.workspaces.train.tiles import image_of
from explorer.ui.workspaces.train.transport import DATA
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import tiny, until


def test_a_head_for_other_classes_is_mended_by_an_undoable_edit(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny(classes=7))
    assert train.tab is not None
    before = train.tab.document.network
    assert not train.startable
    assert not train.transport.main.isEnabled()
    (card,) = [card for card in train.data_view.cards if card.mismatch.severity is Severity.ERROR]
    (button,) = card.buttons
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert train.startable, train.hindrance
    assert train.transport.main.isEnabled()
    assert train.data_view.cards == []
    train.tab.document.undo()
    assert train.tab.document.network == before
    train.look()
    assert not train.startable


def test_pictures_of_another_size_are_said_and_the_input_can_be_set(
    make: Callable[..., TrainWorkspace],
) -> None:
    train = make(tiny(shape=(3, 32, 32)))
    assert train.startable, train.hindrance
    assert {card.mismatch.code for card in train.data_view.cards} == {"size", "channels"}
    train.data_view.cards[0].buttons[0].click()
    assert train.data_view.cards == []
    assert train.startable


def test_without_a_network_there_is_one_click(make: Callable[..., TrainWorkspace]) -> None:
    train = make()
    assert train.pages.currentWidget() is train.empty
    assert train.primary_action() is None
    train.empty.button.click()
    assert train.surroundings.session.active is not None
    assert train.surroundings.session.active.title == "LeNet-5"
    until(lambda: train.run.state is not None and train.run.state.batch is not None)
    assert train.pages.currentWidget() is train.overlay.page
    action = train.primary_action()
    assert action is not None
    assert action.text == "Pause"


def test_a_folder_of_classes_is_data(
    make: Callable[..., TrainWorkspace], tmp_path: Path, said: list[Message]
) -> None:
    generator = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for at in range(5):
            picture = image_of(generator.integers(0, 255, (3, 20, 20), dtype=np.uint8))
            assert picture.save(str(tmp_path / "pets" / name / f"{at}.png"))
    train = make(tiny(classes=2, shape=(3, 28, 28)))
    assert train.take_file(tmp_path / "pets")
    until(lambda: not train.source.loading)
    data = train.source.data
    assert data is not None, train.source.trouble
    assert data.classes == ("cats", "dogs")
    assert data.input == (3, 28, 28)
    assert train.side.data.currentText() == "pets"
    assert train.startable, train.hindrance
    (tmp_path / "pets" / "dogs" / "broken.png").write_bytes(b"no picture")
    train.source.choose(tmp_path / "pets")
    until(lambda: not train.source.loading)
    assert train.source.data is None
    assert "broken.png" in train.data_view.about.text()
    assert "--" not in train.data_view.about.text()
    assert "Data says why" in train.hindrance
    assert not said  # it is said where something can be done about it
    train.data_view.leave_out.click()
    until(lambda: not train.source.loading)
    assert "1 file could not be read and is left out" in train.data_view.about.text()
    assert "broken.png" in train.data_view.about.toolTip()


def test_what_is_not_here_is_never_fetched_unasked(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny())
    train.side.data_chosen.emit("mnist")
    assert not train.source.loading
    assert train.source.must_download
    assert train.data_view.fetch.isVisible()
    assert "Download" in train.data_view.fetch.text()
    assert not train.startable


def test_every_setting_has_a_field_and_only_those_that_matter_show(qapp: object) -> None:
    form = SettingsForm(TrainSettings())
    form.show()
    assert set(form.fields) == set(TrainSettings.__struct_fields__)

    def choose(name: str, value: object) -> None:
        field = form.fields[name]
        assert isinstance(field, Choice)
        field.set_value(value)
        field.chosen.emit(value)

    def shown(name: str) -> bool:
        field: QWidget = form.fields[name]
        return field.isVisible()

    assert shown("momentum")
    assert not shown("step_epochs")
    choose("optimizer", "adam")
    assert form.settings.optimizer is Optimizer.ADAM
    assert form.settings.lr == pytest.approx(1e-3)
    assert not shown("momentum")
    choose("schedule", "step")
    assert form.settings.schedule is Schedule.STEP
    assert shown("step_epochs")
    batch = form.fields["batch_size"]
    assert isinstance(batch, NumberField)
    batch.setText("0")
    batch.textEdited.emit("0")
    assert form.settings.batch_size == 64
    batch.setText("32")
    batch.textEdited.emit("32")
    assert form.settings.batch_size == 32
    assert not shown("label_smoothing")
    form.more.click()
    assert shown("label_smoothing")
    form.close()
    form.deleteLater()


def test_words_and_figures() -> None:
    assert [duration(s) for s in (8, 112, 900, 7500)] == ["8 s", "1 min 52 s", "15 min", "2 h 5 min"]
    now = datetime(2026, 3, 14, 15, 0)
    assert when(datetime(2026, 3, 14, 9, 5), now) == "09:05"
    assert when(datetime(2026, 3, 13, 23, 59), now) == "yesterday"
    bars = gradient_bars({"a": 1.0, "b": 0.001, "c": float("nan")}, str)
    assert bars[0].share > bars[1].share > 0
    assert bars[2].value == "NaN"


def test_a_lane_forgets_what_a_resumed_run_tells_anew() -> None:
    lane = Lane("a", "A", 2, batches=10)
    for step in range(1, 21):
        lane.add_batch(step, 1.0, 0.5, 0.1)
    lane.add_epoch(1.0, 1.0, 0.5)
    lane.add_epoch(2.0, 1.0, 0.5)
    lane.cut(12)
    assert (len(lane.x), len(lane.loss), lane.val_x) == (12, 12, [1.0])


def test_confusion_says_the_worst_mistakes_and_fits_any_width(qapp: object) -> None:
    counts = np.array([[5, 3, 0], [0, 9, 0], [1, 0, 7]])
    assert worst_words(counts, "abc") == "a taken for b 3 times; c taken for a 1 times"
    view = ConfusionView()
    for classes in (3, 40, 100, 1000):
        view.show_matrix(np.eye(classes, dtype=np.int64), [f"class {at}" for at in range(classes)])
        view.resize(260, view.heightForWidth(260))
        image = view.grab().toImage()
        left, side = view._measures(260)
        middle = round(left + side * (classes // 2 + 0.2)), round(side * (classes // 2 + 0.2))
        assert image.pixelColor(*middle) == theme().tokens.accent
        assert left + side * classes <= 260
        assert 0 < view.heightForWidth(260) <= 360
    view.deleteLater()


def test_augmentation_can_be_looked_at_before_it_is_used(train: TrainWorkspace) -> None:
    preview = train.data_view.augmented
    train.show_page(DATA)
    assert not preview.isVisible()
    form = train.side.form
    form._take("augment", (Augment.FLIP, Augment.CROP))
    assert preview.isVisible()
    until(lambda: len(preview.tiles.tiles) == 16)
    first = preview.tiles.tiles
    preview.again.click()
    until(lambda: preview.tiles.tiles is not first)
    pairs = zip(first, preview.tiles.tiles, strict=True)
    assert any(one.image != other.image for one, other in pairs)
    form._take("augment", ())
    assert not preview.isVisible()


def test_the_files_of_a_named_set_may_lie_elsewhere(train: TrainWorkspace, tmp_path: Path) -> None:
    train.side.data_chosen.emit("mnist")
    assert train.data_view.here.isVisible()
    train.source.look_in(tmp_path)
    assert "has no files of MNIST" in train.data_view.about.text()
    for part, count in (("train", 30), ("t10k", 12)):
        labels = np.arange(count, dtype=np.uint8) % 10
        for name, values in (("images-idx3", np.full((count, 28, 28), 9, np.uint8)), ("labels-idx1", labels)):
            header = b"\0\0\x08" + bytes([values.ndim]) + np.array(values.shape, ">u4").tobytes()
            (tmp_path / f"{part}-{name}-ubyte").write_bytes(header + values.tobytes())
    train.source.look_in(tmp_path)
    until(lambda: train.source.data is not None)
    assert train.source.data is not None
    assert len(train.source.data.train) == 30
    assert train.startable, train.hindrance
    assert not train.data_view.here.isVisible()


def test_fields_stand_below_each_other_with_more_settings(qapp: QApplication) -> None:
    form = SettingsForm(TrainSettings())
    form.more.click()
    form.resize(240, 800)
    form.show()
    qapp.processEvents()
    lefts = {
        name: field.x()
        for name, field in form.fields.items()
        if isinstance(field, NumberField) and field.isVisible()
    }
    assert len(lefts) > 6
    assert len(set(lefts.values())) == 1
    form.close()
