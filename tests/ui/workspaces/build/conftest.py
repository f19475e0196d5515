"""What the tests of Build share: the theme, and small networks that are open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Add, BatchNorm, Conv2d, Flatten, Linear, MaxPool2d, ReLU
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.build import BuildWorkspace


@pytest.fixture(autouse=True)
def look(qapp: Any) -> Iterator[None]:
    """The light theme, and no widget left behind."""
    theme().choose("light", projector=False)
    before = set(QApplication.topLevelWidgets())
    yield
    for widget in QApplication.topLevelWidgets():
        if widget not in before and isinstance(widget, QWidget):
            widget.close()
            widget.deleteLater()
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def small_network() -> Network:
    """Input, conv, batch norm, two residual copies of one block, pool, flatten, linear."""
    b = Builder("Small")
    b.input(3, 32, 32)
    b.add(Conv2d(8, (3, 3), padding="same", bias=False), name="conv1")
    b.add(BatchNorm(), name="bn1")

    def residual(index: int) -> None:
        skip = b.last
        assert skip is not None
        inner = b.add(Conv2d(8, (3, 3), padding="same"), name="conv")
        b.add(ReLU(), name="relu")
        b.add(Add(), b.last or inner, skip, name="add")

    with b.block("stage", kind="stage"):
        b.repeat([0, 1], residual, kind="residual")
    b.add(MaxPool2d((3, 3), (2, 2)), name="pool")
    b.add(Flatten(), name="flatten")
    b.add(Linear(10), name="fc")
    return b.network()


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def tab(session: Session) -> OpenNetwork:
    return session.open(small_network())


@pytest.fixture
def build(qapp: Any, session: Session, tmp_path: Path) -> Iterator[BuildWorkspace]:
    """The workspace on the screen, with no network open yet."""
    runner = Runner()
    made = BuildWorkspace(Surroundings(session, runner, Messages(), Settings(tmp_path)))
    made.resize(1280, 700)
    made.show()
    qapp.processEvents()
    yield made
    assert runner.close(10)
    made.close()
    made.deleteLater()
