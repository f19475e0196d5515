"""A window with a small workspace of its own, so that the shell is tested apart from Build."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QVBoxLayout

from explorer.network.graph import Network
from explorer.network.project import save
from explorer.ui.actions import Action
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label
from explorer.ui.window import Window
from explorer.ui.workspace import Entry, Figure, Status, Surroundings, Workspace


class Plain(Workspace):
    """Shows the name of the open network and notes what it was asked to do."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.done: list[str] = []
        self.taken: list[Path] = []
        self.problems = 0
        QVBoxLayout(self).addWidget(Label("plain"))

    def own_actions(self) -> Sequence[Action]:
        return (
            Action("plain.tidy", "Tidy", lambda: self.done.append("tidy"), "Layer", shortcut="T"),
            Action("plain.never", "Never", lambda: self.done.append("never"), "Layer", enabled=lambda: False),
        )

    def commands(self, query: str) -> Iterable[Action]:
        for name in ("Convolution", "Max pool"):
            yield Action(f"add.{name}", name, partial(self.done.append, name), group="Layers")

    def primary_action(self) -> Action:
        return Action("plain.run", "Run a picture", lambda: self.done.append("run"), shortcut="Ctrl+R")

    def export_actions(self) -> Sequence[Action]:
        return (Action("plain.svg", "Picture…", lambda: self.done.append("svg")),)

    def status(self) -> Status:
        return Status(
            (Figure("21.80 M", "parameters", "21,797,672 parameters"),), (), self.problems, self.show_problems
        )

    def show_problems(self) -> None:
        self.done.append("problems")

    def take_file(self, path: Path) -> bool:
        if path.suffix == ".png":
            self.taken.append(path)
        return path.suffix == ".png"


@pytest.fixture(autouse=True)
def plain_theme(qapp: QApplication) -> Iterator[None]:
    theme().choose("light", False)
    yield
    theme().choose("light", False)


def pump(until: Callable[[], bool] = lambda: False, most: int = 3000, least: int = 0) -> bool:
    """Run Qt's loop until something holds; whether it came to hold."""
    loop = QEventLoop()
    waited = 0
    while waited < least or not until():
        if waited >= most:
            return until()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
        waited += 10
    return True


@pytest.fixture
def wait(qapp: QApplication) -> Callable[..., bool]:
    return pump


@pytest.fixture
def window(qapp: QApplication) -> Iterator[Window]:
    made = Window([Entry("plain", "Plain", "build", Plain)])
    made.resize(1280, 720)
    made.show()
    painted: list[bool] = []
    made.first_painted.connect(lambda: painted.append(True))
    assert pump(lambda: bool(painted))
    yield made
    for tab in made.session.tabs:
        tab.mark_saved(Path("closing.convnet"))
    made.runner.close()
    made.close()
    made.deleteLater()
    pump(least=20, most=20)


@pytest.fixture
def network_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.convnet"
    save(path, Network(name="small"))
    return path


@pytest.fixture
def plain(window: Window) -> Plain:
    """The window's workspace, with a network open in it."""
    window.files.new()
    made = window.workspaces["plain"]
    assert isinstance(made, Plain)
    return made
