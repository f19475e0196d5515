"""Every workspace of the rail in the real window: it opens, and no two offer the same id or key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from explorer.imaging.filtering import Filter, show
from explorer.imaging.kernels import BY_NAME
from explorer.ui.app import ENTRIES
from explorer.ui.shell.settings import Settings
from explorer.ui.window import Window
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace
from tests.media.test_camera import write_video

Wait = Callable[..., bool]


@pytest.mark.allows("Qt Multimedia", "pulse", "PipeWire", "FFmpeg", "Couldn't (load|resolve)")
def test_workspaces_follow_each_other(qapp: Any, tmp_path: Any) -> None:
    # OpenCV starts its own threads at the first large picture, named as the thread that shows it.
    show(np.zeros((1080, 1920, 3), np.uint8), Filter(BY_NAME["box-7"]))
    window = Window(ENTRIES, Settings(tmp_path))
    window.show()
    try:
        shown = [entry.name for entry in ENTRIES if not entry.needs_network]
        for name in (*shown, *reversed(shown)):
            window.show_workspace(name)
            qapp.processEvents()
            assert window.workspace is window.workspaces[name]
            assert list(window.commands(""))
    finally:
        window.close()
        window.deleteLater()
        qapp.processEvents()


@pytest.mark.allows("Qt Multimedia", "pulse", "PipeWire", "FFmpeg", "Couldn't (load|resolve)")
def test_pictures_and_videos_that_are_dropped_go_to_the_filters(
    qapp: Any, tmp_path: Path, wait: Wait
) -> None:
    show(np.zeros((1080, 1920, 3), np.uint8), Filter(BY_NAME["box-7"]))
    picture = tmp_path / "dropped.png"
    Image.fromarray(np.full((20, 30, 3), 77, np.uint8)).save(picture)
    video = write_video(tmp_path / "dropped.avi", rate=50)
    window = Window(ENTRIES, Settings(tmp_path / "settings"))
    window.show()
    window.show_workspace("filters")
    filters = window.workspaces["filters"]
    assert isinstance(filters, FiltersWorkspace)

    def drop(path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        place, none = QPointF(300, 300), Qt.KeyboardModifier.NoModifier
        action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), action, data, left, none))
        QApplication.sendEvent(window, QDropEvent(place, action, data, left, none))

    drop(picture)
    assert wait(lambda: filters.lab.title == "dropped.png" and filters.lab.out == (20, 30))
    drop(video)
    assert wait(lambda: filters.lab.live and filters.lab.out == (48, 64))
    window.close()
    assert wait(lambda: not filters.lab.feed.holding)
    window.deleteLater()
    qapp.processEvents()
