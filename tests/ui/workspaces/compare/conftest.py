"""What the tests of Compare share: the workspace over a session of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Message, Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.compare.workspace import CompareWorkspace
from explorer.zoo import catalogue

PATIENCE = 60.0


def until(found: Callable[[], object]) -> None:
    """Let the window live until something is true."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, "waited in vain"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)


@pytest.fixture
def said() -> list[Message]:
    """What came to the message line."""
    return []


@pytest.fixture
def make(qapp: Any, tmp_path: Path, said: list[Message]) -> Iterator[Callable[..., CompareWorkspace]]:
    """Makes the workspace with these classic networks open, the last one active."""
    theme().choose("light", projector=False)
    before = set(QApplication.topLevelWidgets())
    made: list[tuple[CompareWorkspace, Runner]] = []

    def build(*names: str) -> CompareWorkspace:
        session, runner, messages = Session(), Runner(), Messages()
        messages.said.connect(said.append)
        for name in names:
            session.open(catalogue.find(name).build())
        compare = CompareWorkspace(Surroundings(session, runner, messages, Settings(tmp_path)))
        made.append((compare, runner))
        compare.resize(1200, 640)
        compare.show()
        qapp.processEvents()
        return compare

    yield build
    for compare, runner in made:
        compare.close()
        assert runner.close(PATIENCE)
        compare.deleteLater()
    for widget in QApplication.topLevelWidgets():
        if widget not in before and isinstance(widget, QWidget):
            widget.close()
            widget.deleteLater()
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
