"""Weights go where their network goes: saved, opened, kept in a crash, copied; cards tell who has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from torch import Tensor

from explorer.folders import state_folder
from explorer.interop import projects
from explorer.interop.torch_module import build
from explorer.interop.weights import ready
from explorer.network import operations, project
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork
from explorer.ui.app import ENTRIES
from explorer.ui.window import Window
from explorer.ui.workspaces.build import BuildWorkspace
from explorer.zoo import catalogue

Wait = Callable[..., bool]


@pytest.fixture
def window(qapp: QApplication, wait: Wait) -> Iterator[Window]:
    made = Window(ENTRIES)
    made.resize(1280, 720)
    made.show()
    painted: list[bool] = []
    made.first_painted.connect(lambda: painted.append(True))
    assert wait(lambda: bool(painted))
    yield made
    for tab in made.session.tabs:
        tab.mark_saved(Path("closing.convnet"))
    made.close()
    made.deleteLater()
    wait(least=20, most=20)


@pytest.fixture
def loaded(window: Window, wait: Wait, tmp_path: Path) -> OpenNetwork:
    """LeNet-5 with weights from a file, in the window."""
    network = catalogue.find("lenet5").build()
    torch.save(build(network, seed=11).state_dict(), tmp_path / "learned.pt")
    tab = window.session.open(network)
    window.files.open(tmp_path / "learned.pt")
    assert wait(lambda: any(node.tensors for node in tab.document.network.nodes.values()), most=30_000)
    assert wait(lambda: not window.runner.running, most=30_000)
    return tab


def named(network: Network) -> dict[str, dict[str, str]]:
    """The tensors of each layer that has any, by its name."""
    return {node.name: dict(node.tensors) for node in network.nodes.values() if node.tensors}


def result(network: Network) -> Tensor:
    module, random = ready(network)
    assert not random
    with torch.inference_mode():
        found = module.eval()(torch.linspace(0, 1, 1024).reshape(1, 1, 32, 32))
    assert isinstance(found, Tensor)
    return found


def canvas(window: Window) -> BuildWorkspace:
    workspace = window.workspaces["build"]
    assert isinstance(workspace, BuildWorkspace)
    return workspace


def counts(window: Window) -> dict[str, str]:
    """What each card and rider says of its weights."""
    plan = canvas(window).canvas.scene.plan
    assert plan is not None
    from explorer.ui.canvas.face import face_of

    return {card.head: face_of(card, plan.facts).count for card in plan.outline.cards.values() if card.head}


def test_saved_and_opened_again(
    window: Window, loaded: OpenNetwork, wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = result(loaded.document.network)
    target = tmp_path / "kept.convnet"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    assert window.files.save()
    assert wait(lambda: not loaded.modified, most=10_000)
    assert len(list(tmp_path.glob("kept.*.safetensors"))) == 1
    assert window.files.close(loaded)
    window.files.open(target)
    assert wait(lambda: any(tab.path == target for tab in window.session.tabs), most=10_000)
    opened = next(tab for tab in window.session.tabs if tab.path == target)
    assert result(opened.document.network).equal(expected)


def test_kept_against_a_crash(window: Window, loaded: OpenNetwork, wait: Wait) -> None:
    expected = result(loaded.document.network)
    done: list[bool] = []
    window.recovery.keep(then=lambda: done.append(True))
    assert wait(lambda: bool(done), most=10_000)
    found = [
        copy
        for folder in (state_folder() / "autosave").iterdir()
        if folder.is_dir()
        for copy in project.recoverable(folder)
    ]
    again = [projects.read_recovered(copy) for copy in found]
    kept = next(network for network in again if network.name == "LeNet-5")
    assert result(kept).equal(expected)


def test_copied_into_another_network(window: Window, loaded: OpenNetwork) -> None:
    loaded.selection.set(blocks=["features"])
    canvas(window).canvas.copy()
    assert "tensors" in QGuiApplication.clipboard().text()
    before = {
        node.name: dict(node.tensors) for node in loaded.document.network.nodes.values() if node.tensors
    }
    other = window.session.open(Network(name="other"))
    canvas(window).canvas.paste()
    pasted = named(other.document.network)
    assert pasted
    assert all(before[name] == tensors for name, tensors in pasted.items())


def test_cards_say_whose_weights_are_random_once_others_are_trained(
    window: Window, loaded: OpenNetwork
) -> None:
    assert not [text for text in counts(window).values() if "random" in text]
    change = operations.set_fields(loaded.document.network, "classifier.fc3", {"out_features": 7})
    loaded.document.apply(change.title, change.edits)
    assert {head for head, text in counts(window).items() if "random" in text} == {"classifier.fc3"}
    assert counts(window)["classifier.fc3"] == "random · 595"
    loaded.document.undo()
    assert not [text for text in counts(window).values() if "random" in text]
    fresh = window.session.open(catalogue.find("lenet5").build())
    assert fresh is window.session.active
    assert not [text for text in counts(window).values() if "random" in text]
