"""Where the pictures come from, and what stands there when they come from nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.media import qt_camera
from explorer.network.errors import UserError
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for

pytestmark = pytest.mark.allows(r"Couldn't (load|resolve) (pipewire|va)")
"""Qt Multimedia looks for libraries that it can do without."""


def test_it_begins_with_what_one_can_do(faces: FacesWorkspace) -> None:
    page = faces.verify.page
    assert page.stack.currentWidget() is page.page
    assert page.page.title.text() == "Look into the camera"
    assert [button.text() for button in page.page.buttons] == [
        "Start the camera", "Try with bundled faces", "Use a video or picture…"
    ]  # fmt: skip
    assert faces.model.feed.viewers == 0


def test_without_a_camera_the_bundled_faces_are_offered_first(
    faces: FacesWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qt_camera.Cameras, "sources", lambda _: ())
    page = faces.verify.page.page
    QTest.mouseClick(page.buttons[0], Qt.MouseButton.LeftButton)
    assert page.title.text() == "No camera is connected."
    assert page.buttons[0].text() == "Try with bundled faces"
    QTest.mouseClick(page.buttons[0], Qt.MouseButton.LeftButton)
    assert wait_for(lambda: faces.model.frame is not None)
    assert wait_for(lambda: len(faces.model.names()) == 5)


def test_without_qt_multimedia_it_says_what_to_install(
    faces: FacesWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise UserError("cameras cannot be used: Qt Multimedia does not load; install libpulse0")

    monkeypatch.setattr(qt_camera, "multimedia", missing)
    faces.sources.start_camera()
    page = faces.verify.page.page
    assert page.title.text().startswith("Cameras cannot be used")
    assert "libpulse0" in page.text.text()


def test_the_menu_names_what_there_is(
    faces: FacesWorkspace, videos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qt_camera.Cameras, "sources", lambda _: ())
    faces.take_file(videos["nobody"])
    menu = faces.source.open_menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["No camera is connected.", "Video or picture…", "Bundled faces", "Turn off"]
    menu.actions()[-1].trigger()
    menu.close()
    assert faces.model.source is None
    assert wait_for(lambda: not faces.model.feed.holding)


def test_the_palette_knows_the_people(faces: FacesWorkspace) -> None:
    faces.try_bundled()
    assert wait_for(lambda: len(faces.model.names()) == 5)
    found = {action.text: action for action in faces.commands("")}
    found["Verify Nora"].run()
    assert faces.model.claim == "Nora"
