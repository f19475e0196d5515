"""Load weights, from the menu on: what fits is there in one undoable step, what does not is listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from explorer.interop import pretrained
from explorer.interop.pretrained import Offer
from explorer.interop.torch_module import build
from explorer.network import operations
from explorer.network.graph import Network, Trained
from explorer.ui.shell.messages import Message
from explorer.ui.widgets.labels import Label
from explorer.ui.window import Window
from explorer.zoo import catalogue

Make = Callable[..., Window]


def lenet() -> Network:
    return catalogue.find("lenet5").build()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "learned.pt"
    torch.save(build(lenet(), seed=3).state_dict(), path)
    return path


def wait(window: Window) -> None:
    for _ in range(600):
        if not window.runner.running:
            return
        QTest.qWait(25)
    raise AssertionError("loading does not end")


def heard(window: Window) -> list[Message]:
    messages: list[Message] = []
    window.messages.said.connect(messages.append)
    return messages


def test_a_file_that_fits(window: Window, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tab = window.session.open(lenet())
    before = tab.document.network
    messages = heard(window)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(weights), ""))
    window.actions_registry.get("file.weights.file").run()
    wait(window)
    assert all(node.tensors for node in tab.document.network.nodes.values() if "conv" in node.name)
    assert messages[-1].kind == "ok"
    assert "All 10 tensors of learned.pt" in messages[-1].text
    assert not window.weights.sheet.isVisible()
    tab.document.undo()
    assert tab.document.network == before


def test_what_does_not_fit_is_listed(window: Window, weights: Path) -> None:
    network = lenet()
    tab = window.session.open(network)
    change = operations.set_fields(network, "classifier.fc3", {"out_features": 7})
    tab.document.apply(change.title, change.edits)
    window.files.open(weights)  # as if dropped on the window
    wait(window)
    sheet = window.weights.sheet
    assert sheet.isVisible()
    said = "\n".join(label.text() for label in sheet.findChildren(Label))
    assert "8 of LeNet-5's 10 tensors come from learned.pt" in said
    assert "classifier.fc3.weight: 7 × 84 here, 10 × 84 in the file" in said
    sheet.close_sheet()


def test_a_file_of_something_else_is_told(window: Window, tmp_path: Path) -> None:
    window.session.open(lenet())
    messages = heard(window)
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"nothing of the kind")
    window.weights.load_file(wrong)
    wait(window)
    assert messages[-1].kind == "error"
    assert "damaged" in messages[-1].text


def test_torchvisions_are_fetched_when_a_person_agrees(
    window: Window, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = window.session.open(lenet())
    trained = Trained("ImageNet (torchvision, lenet5 V1)", tuple("0123456789"))
    offer = Offer("lenet5", "V1", weights.as_uri(), "", 0.2, trained)
    monkeypatch.setattr(pretrained, "offer_for", lambda network: offer)
    messages = heard(window)
    window.weights.load_torchvision()
    wait(window)
    asked = messages[-1]
    assert "0 MB to download" in asked.text
    assert tab.document.network.trained is None
    dict(asked.buttons)["Download"]()
    wait(window)
    assert tab.document.network.trained == trained
    assert pretrained.is_here(offer)
    tab.document.undo()
    window.weights.load_torchvision()  # here already: not asked again
    wait(window)
    wait(window)
    assert tab.document.network.trained == trained


def test_whoever_goes_on_editing_gets_the_weights_all_the_same(window: Window, weights: Path) -> None:
    tab = window.session.open(lenet())
    window.weights.load_file(weights)
    change = operations.rename(tab.document.network, "flatten", "flat")
    tab.document.apply(change.title, change.edits)
    wait(window)
    wait(window)
    assert "flat" in {node.name for node in tab.document.network.nodes.values()}
    assert tab.document.network.nodes["features.conv1"].tensors
