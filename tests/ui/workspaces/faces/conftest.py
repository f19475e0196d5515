"""What the tests of Faces share: the workspace on the screen, and videos made of the faces that ship."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.assets import asset
from explorer.faces.folder import scan
from explorer.faces.pipeline import FacePipeline
from explorer.faces.siamese_saved import Trained
from explorer.faces.siamese_settings import Settings as SiameseSettings
from explorer.learning.control import Control
from explorer.learning.job import leaving_a_core
from explorer.media.opencv import cv2
from explorer.media.pictures import Picture, read_picture
from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Message, Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.faces.workspace import FacesWorkspace

WIDTH, HEIGHT = 640, 480


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


@pytest.fixture(autouse=True, scope="session")
def warm() -> None:
    """OpenCV keeps the threads that it starts; started here, they are not taken for a Job's."""
    FacePipeline().read(read_picture(asset("faces", "Viktor", "1.jpg")))


@pytest.fixture
def said() -> list[Message]:
    """What came to the message line."""
    return []


@pytest.fixture
def went() -> list[str]:
    """Where the window was asked to go."""
    return []


@pytest.fixture
def make(
    qapp: Any, tmp_path: Path, said: list[Message], went: list[str]
) -> Iterator[Callable[..., FacesWorkspace]]:
    """Makes the workspace and shows it; what runs is ended with the test."""
    made: list[tuple[FacesWorkspace, Runner]] = []

    def build(camera: str | None = None) -> FacesWorkspace:
        runner, messages = Runner(), Messages()
        messages.said.connect(said.append)

        def hand(name: str, picture: Picture | None, title: str) -> None:
            assert picture is not None
            assert picture.shape == (112, 112, 3)
            went.append(f"{name}: {title}")

        surroundings = Surroundings(
            Session(), runner, messages, Settings(tmp_path), camera, went.append, hand
        )
        faces = FacesWorkspace(surroundings)
        faces.resize(1200, 660)
        faces.show()
        qapp.processEvents()
        made.append((faces, runner))
        return faces

    yield build
    for faces, runner in made:
        faces.close()
        faces.close_down()
        assert runner.close(10)
        faces.model.feed.close()
        faces.deleteLater()


@pytest.fixture
def faces(make: Callable[..., FacesWorkspace]) -> FacesWorkspace:
    """Faces with nobody enrolled and no source chosen."""
    return make()


def scene(name: str, shift: int = 0, height: int = 300) -> Picture:
    """A frame with one bundled picture ("Viktor/2"), a little to the right by `shift` pixels."""
    picture = read_picture(asset("faces", *f"{name}.jpg".split("/")))
    width = round(picture.shape[1] * height / picture.shape[0])
    frame = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
    left, top = (WIDTH - width) // 2 + shift, (HEIGHT - height) // 2
    frame[top : top + height, left : left + width] = cv2.resize(picture, (width, height))
    return frame


def write_video(path: Path, frames: list[Picture], rate: float = 25) -> Path:
    """A real MJPG file."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One second each of Viktor, of a stranger, of nobody, of black, and of Viktor and Grace Hopper."""
    folder = tmp_path_factory.mktemp("videos")
    both = scene("Viktor/2", -150, 240)
    other = read_picture(asset("faces", "Grace Hopper", "1.jpg"))
    both[120:320, 420:620] = cv2.resize(other, (200, 200))
    made = {
        "viktor": [scene("Viktor/2", shift % 12) for shift in range(25)],
        "stranger": [scene("Dana/1", shift % 12) for shift in range(25)],
        "nobody": [np.full((HEIGHT, WIDTH, 3), 96, np.uint8)] * 10,
        "black": [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 40,
        "both": [both] * 25,
    }
    return {name: write_video(folder / f"{name}.avi", frames) for name, frames in made.items()}


@pytest.fixture(scope="session")
def chips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Aligned bundled faces of four people, three pictures each; some darker than they were."""
    root = tmp_path_factory.mktemp("people")
    pipeline = FacePipeline()
    for name in ("Viktor", "Olga", "Nora", "Clara"):
        (root / name).mkdir()
        files = sorted(asset("faces", name).glob("*.jpg"))
        for number in range(3):
            chip = pipeline.read(read_picture(files[number % len(files)]), careful=False).chip
            shade = (1.0, 0.8, 0.6)[number]
            Image.fromarray((chip * shade).astype(np.uint8)).save(root / name / f"{number}.png")
    return root


@pytest.fixture(scope="session")
def trained_on_faces(chips: Path) -> Trained:
    """A small encoder after one epoch on them."""
    from explorer.faces.siamese import Training
    from explorer.faces.siamese_data import FolderPictures
    from explorer.faces.siamese_encoder import of_network, small_network
    from explorer.faces.siamese_saved import capture

    settings = SiameseSettings(people_per_batch=2, pictures_per_person=3, epochs=1)
    training = Training(FolderPictures(scan(chips), faces=True), of_network(small_network(56, 3)), settings)
    with leaving_a_core():
        assert list(training.events(Control()))
    return capture(training)
