"""Transfer learning by clicking: weights, a new head, frozen layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.train.transport import TRANSFER
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from explorer.zoo import lenet
from tests.ui.workspaces.train.conftest import tiny, until


@pytest.fixture
def open_lenet(make: Callable[..., TrainWorkspace]) -> TrainWorkspace:
    train = make(lenet.lenet5())
    train.show_page(TRANSFER)
    return train


def test_weights_that_ship_are_loaded_as_one_step(open_lenet: TrainWorkspace, said: list[Message]) -> None:
    page, tab = open_lenet.transferring.page, open_lenet.tab
    assert tab is not None
    assert "begin at random" in page.weights.text()
    assert page.shipped.isEnabled()
    page.shipped.click()
    until(lambda: tab.document.network.trained is not None)
    assert said[-1].text.startswith("10 tensors are loaded.")
    assert page.weights.text().startswith("All 5 layers have weights: fashion-mnist")
    tab.document.undo()
    assert tab.document.network.trained is None


def test_layers_are_frozen_by_clicking(open_lenet: TrainWorkspace) -> None:
    page, form = open_lenet.transferring.page, open_lenet.side.form
    assert page.layers.count() == 5
    assert "All 61,706 parameters learn" in page.count.text()
    middle = page.layers.visualItemRect(page.layers.item(0)).center()
    QTest.mouseClick(page.layers.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert form.settings.freeze == ("features.conv1",)
    assert "61,550 of 61,706 parameters learn" in page.count.text()
    assert "The first 4 layers run once" in page.count.text()
    page.all_but_last.click()
    assert len(form.settings.freeze) == 4
    states = [page.layers.item(at).checkState() is Qt.CheckState.Checked for at in range(5)]
    assert states == [True] * 4 + [False]
    page.none.click()
    assert form.settings.freeze == ()


def test_a_frozen_network_is_trained_and_a_new_head_begun(
    make: Callable[..., TrainWorkspace], tmp_path: Path
) -> None:
    train = make(tiny(classes=7))
    tab = train.tab
    assert tab is not None
    train.show_page(TRANSFER)
    page = train.transferring.page
    (card,) = page.cards
    card.buttons[0].click()
    train.look()
    assert not page.cards
    assert page.head_note.isVisible()
    state = {"conv.weight": torch.full((4, 1, 5, 5), 0.1), "conv.bias": torch.zeros(4)}
    torch.save(state, tmp_path / "body.pt")
    train.transferring.load(str(tmp_path / "body.pt"))
    until(lambda: any(node.tensors for node in tab.document.network.nodes.values()))
    assert "1 of 2 layers have weights" in page.weights.text()
    page.all_but_last.click()
    train.toggle()
    until(lambda: bool(train.run.states) and not train.run.running)
    store, run = train.kept.store, train.kept.runs[0]
    assert store is not None
    kept = store.at_epoch(run.id, 2).weights
    assert torch.equal(kept["conv.weight"], state["conv.weight"])
    assert run.settings.freeze == ("conv",)


def test_what_does_not_fit_is_said(open_lenet: TrainWorkspace, tmp_path: Path) -> None:
    said: list[str] = []
    open_lenet.surroundings.runner.failed.connect(lambda handle: said.append(str(handle.error)))
    torch.save({"other": torch.zeros(3)}, tmp_path / "other.pt")
    open_lenet.transferring.load(str(tmp_path / "other.pt"))
    until(lambda: bool(said))
    assert "none of these weights fit" in said[-1]
