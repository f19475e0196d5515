"""Classes from a video that stands in for the camera: named, taken, learned from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import tiny, until


def test_classes_are_collected_and_learned_from(make: Callable[..., TrainWorkspace], tmp_path: Path) -> None:
    picture = tmp_path / "view.png"
    Image.fromarray(np.full((48, 64, 3), 120, np.uint8)).save(picture)
    train = make(tiny(classes=2, shape=(3, 28, 28)))
    train.surroundings = dataclasses.replace(train.surroundings, camera=str(picture))
    train.side.data.chosen.emit("camera")
    page = train.collecting.page
    assert page is not None
    assert train.pages.currentWidget() is page
    until(lambda: page._newest is not None)
    assert not page.take.isEnabled()
    for name in ("left", "right"):
        page.field.setText(name)
        page.add.click()
        assert page.current == name
        QTest.mousePress(page.take, Qt.MouseButton.LeftButton)
        until(lambda name=name: page.collection.counts[name] >= 6)  # type: ignore[misc]
        QTest.mouseRelease(page.take, Qt.MouseButton.LeftButton)
    count = page.collection.counts["right"]
    page.back.click()
    assert page.collection.counts["right"] == count - 1
    assert page.classes.item(1).text() == f"right   {count - 1}"
    page.learn.click()
    until(lambda: not train.source.loading and train.source.data is not None)
    assert train.source.data is not None
    assert train.source.data.classes == ("left", "right")
    assert train.pages.currentWidget() is train.data_view
    assert train.startable, train.hindrance
    page.throw_away()
    assert not page.collection.folder.exists()


def test_without_a_camera_the_page_says_what_to_do(
    make: Callable[..., TrainWorkspace], tmp_path: Path
) -> None:
    train = make()
    train.surroundings = dataclasses.replace(train.surroundings, camera=str(tmp_path / "none.mp4"))
    train.side.data.chosen.emit("camera")
    page = train.collecting.page
    assert page is not None
    until(lambda: page.isVisible())
    QTest.qWait(50)  # what the idle feed tells comes later, and is no reason
    assert "none.mp4" in page.said.text()
    train.side.data.chosen.emit("digits-sample")  # the page does not stay in the way
    assert train.pages.currentWidget() is not page
    until(lambda: not train.source.loading)
