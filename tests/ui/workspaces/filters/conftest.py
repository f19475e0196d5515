"""What the tests of Filters share: the theme, and the workspace on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from explorer.imaging.filtering import Filter, show
from explorer.imaging.kernels import BY_NAME
from explorer.imaging.pyramid import Pyramid
from explorer.media.opencv import cv2
from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Message, Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace


@pytest.fixture(autouse=True, scope="session")
def threads_of_opencv() -> None:
    """OpenCV starts its own threads at the first large picture, with the name of the thread that shows it."""
    show(np.zeros((1080, 1920, 3), np.uint8), Filter(BY_NAME["box-7"]))
    Pyramid(np.zeros((1080, 1920, 3), np.uint8))


@pytest.fixture(autouse=True)
def look(qapp: Any) -> Iterator[None]:
    """The light theme, and no widget left behind."""
    theme().choose("light", projector=False)
    before = set(QApplication.topLevelWidgets())
    yield
    for widget in QApplication.topLevelWidgets():
        if widget not in before:
            widget.close()
            widget.deleteLater()
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of a square that goes from left to right, 320 × 240."""
    path = tmp_path_factory.mktemp("video") / "square.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (320, 240))
    for step in range(15):
        picture = np.full((240, 320, 3), 60, np.uint8)
        picture[80:160, 10 * step : 10 * step + 80] = (30, 160, 240)
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture
def said() -> list[Message]:
    """What was said to the person."""
    return []


@pytest.fixture
def filters(qapp: Any, tmp_path: Path, said: list[Message]) -> Iterator[FiltersWorkspace]:
    """The workspace on the screen, as it opens."""
    runner, messages = Runner(), Messages()
    messages.said.connect(said.append)
    runner.failed.connect(lambda handle: messages.error(handle.error, handle.title))
    made = FiltersWorkspace(Surroundings(Session(), runner, messages, Settings(tmp_path)))
    made.resize(1200, 720)
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    assert runner.close(10)
    made.deleteLater()


def wait_for(condition: Callable[[], bool], milliseconds: int = 60_000) -> bool:
    """Run the event loop until something holds; whether it came to."""
    timer = QElapsedTimer()
    timer.start()
    while not condition():
        if timer.elapsed() > milliseconds:
            return False
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
    return True


@pytest.fixture
def until() -> Callable[..., bool]:
    return wait_for
