"""What the tests of Train share: the workspace, a tiny network, and a small part of the sample."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from explorer.learning.data import load
from explorer.learning.settings import TrainSettings
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Message, Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.train.workspace import TrainWorkspace

PATIENCE = 60.0
"""Seconds until a test gives up waiting: far more than anything here takes, as machines are busy."""
QUICK = TrainSettings(epochs=2, batch_size=64, lr=0.05, device="cpu", threads=1)


def tiny(classes: int = 10, shape: tuple[int, int, int] = (1, 28, 28)) -> Network:
    """One convolution and one linear layer."""
    b = Builder("Tiny")
    b.input(*shape)
    b.add(Conv2d(4, (5, 5)), name="conv")
    b.add(ReLU(), name="relu")
    b.add(MaxPool2d((4, 4), (4, 4)), name="pool")
    b.add(Flatten(), name="flatten")
    b.add(Linear(classes), name="fc")
    return b.network()


def until(found: Callable[[], object]) -> None:
    """Let the window live until something is true."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, "waited in vain"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)


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


@pytest.fixture
def said() -> list[Message]:
    """What came to the message line."""
    return []


@pytest.fixture
def make(qapp: Any, tmp_path: Path, said: list[Message]) -> Iterator[Callable[..., TrainWorkspace]]:
    """Makes the workspace, with a network if one is given, on 640 + 100 pictures; ended with the test."""
    made: list[tuple[TrainWorkspace, Runner]] = []

    def build(network: Network | None = None, settings: TrainSettings = QUICK) -> TrainWorkspace:
        session, runner, messages = Session(), Runner(), Messages()
        messages.said.connect(said.append)
        if network is not None:
            session.open(network)
        train = TrainWorkspace(Surroundings(session, runner, messages, Settings(tmp_path)))
        made.append((train, runner))
        train.side.form.show_settings(settings)
        train.source.data = load("fashion-sample").limited(640, 100)
        train.resize(1200, 660)
        train.show()
        train.look()
        qapp.processEvents()
        return train

    yield build
    for train, runner in made:
        train.close()
        train.close_down()
        assert runner.close(PATIENCE)
        train.deleteLater()


@pytest.fixture
def train(make: Callable[..., TrainWorkspace]) -> TrainWorkspace:
    """The tiny network is open, and fits the data."""
    return make(tiny())


@pytest.fixture
def slow() -> TrainSettings:
    """So many epochs that a test has time to do something meanwhile."""
    return msgspec.structs.replace(QUICK, epochs=200)
