"""The network of a kept run in Look inside, in the real window: a past epoch, the best and last weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from explorer.interop.weights import ready
from explorer.learning.data import load
from explorer.learning.settings import TrainSettings
from explorer.network import operations
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, ReLU
from explorer.network.shorthand import conv, linear
from explorer.ui.app import ENTRIES
from explorer.ui.window import Window
from explorer.ui.workspaces.filters.inside.page import InsidePage
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace
from explorer.ui.workspaces.train.workspace import TrainWorkspace

Wait = Callable[..., bool]
QUICK = TrainSettings(epochs=2, device="cpu", threads=1)
pytestmark = pytest.mark.allows("Qt Multimedia", "pulse", "PipeWire", "FFmpeg", "Couldn't (load|resolve)")


def tiny() -> Network:
    b = Builder("Tiny")
    b.input(1, 28, 28)
    b.add(conv(4, 5, stride=3), name="conv")
    b.add(ReLU(), name="relu")
    b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    return b.network()


@pytest.fixture
def window(qapp: QApplication, wait: Wait) -> Iterator[Window]:
    """In Train, after two epochs of the tiny network."""
    made = Window(ENTRIES)
    made.resize(1280, 720)
    made.show()
    painted: list[bool] = []
    made.first_painted.connect(lambda: painted.append(True))
    assert wait(lambda: bool(painted))
    made.session.open(tiny())
    made.show_workspace("train")
    train = made.workspace
    assert isinstance(train, TrainWorkspace)
    train.side.form.show_settings(QUICK)
    assert wait(lambda: train.source.data is not None, most=30_000)
    train.source.data = load("fashion-sample").limited(640, 100)
    train.source.changed.emit()
    train.toggle()
    assert wait(lambda: bool(train.run.states) and not train.run.running, most=60_000)
    yield made
    for tab in made.session.tabs:
        tab.mark_saved(Path("closing.convnet"))
    made.close()
    made.deleteLater()
    wait(least=20, most=20)


def trained(window: Window) -> TrainWorkspace:
    train = window.workspaces["train"]
    assert isinstance(train, TrainWorkspace)
    return train


def inside(window: Window) -> InsidePage:
    filters = window.workspaces["filters"]
    assert isinstance(filters, FiltersWorkspace)
    assert window.workspace is filters
    page = filters.stack.currentWidget()
    assert isinstance(page, InsidePage)
    return page


def test_the_network_of_an_epoch_opens_in_look_inside(window: Window, wait: Wait) -> None:
    train = trained(window)
    (mine,) = window.session.tabs
    conv = mine.document.network.paths["conv"]
    mine.document.apply("Wider", operations.set_fields(mine.document.network, conv, {"bias": False}).edits)
    before, undone = mine.document.network, mine.document.can_undo
    store, run = train.kept.store, train.overlay.single
    assert store is not None
    assert run is not None
    train.overlay.scrubber.slider.setValue(0)
    QTest.mouseClick(train.overlay.scrubber.look, Qt.MouseButton.LeftButton)
    assert wait(lambda: len(window.session.tabs) == 2, most=30_000)
    assert (mine.document.network, mine.document.can_undo) == (before, undone)
    opened = window.session.active
    assert opened is not None
    assert (opened.title, opened.modified) == ("Tiny, epoch 1", False)
    module, random = ready(opened.document.network)
    assert not random
    kept = store.at_epoch(run, 1).weights
    assert all(torch.equal(value, kept[name]) for name, value in module.state_dict().items())
    page = inside(window)
    assert wait(lambda: page.model.seen is not None and bool(page.model.seen.classes), most=30_000)
    assert page.model.network is opened.document.network
    worst = store.points(run)[0].worst[0]
    names = load("fashion-sample").classes
    assert page._lab.title == f"{names[worst.label]}, taken for {names[worst.predicted]}"
    seen = page.model.seen
    assert seen is not None
    assert seen.classes is not None
    assert seen.classes[0].name == names[worst.predicted]  # as it was judged then
    assert seen.classes[0].probability == pytest.approx(worst.probability, abs=1e-4)
    window.show_workspace("train")
    train.overlay.scrubber.look.click()
    assert wait(lambda: window.workspace is window.workspaces["filters"], most=30_000)
    assert len(window.session.tabs) == 2  # the tab that has them already is used again


def test_the_run_that_was_chosen_last_opens_with_its_best_weights(window: Window, wait: Wait) -> None:
    train = trained(window)
    assert train.side.look.isEnabled()
    QTest.mouseClick(train.side.look, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    best, last = menu.actions()
    assert best.text().startswith("Look inside, best weights: ")
    assert last.text().startswith("Look inside, last weights: ")
    best.trigger()
    menu.close()
    assert wait(lambda: len(window.session.tabs) == 2, most=30_000)
    store = train.kept.store
    assert store is not None
    points = store.points(train.kept.runs[0].id)
    first = min(points, key=lambda point: (-point.val_accuracy, point.epoch))
    assert window.session.tabs[1].title == f"Tiny, epoch {first.epoch}"
