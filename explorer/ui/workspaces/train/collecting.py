"""Opens the page on which classes are collected at the camera; cameras are loaded when first asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.network.errors import UserError
from explorer.ui.workspaces.train.transport import DATA

if TYPE_CHECKING:
    from explorer.media.qt_camera import Cameras
    from explorer.media.sources import Source
    from explorer.ui.workspaces.train.collect_page import CollectPage
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

NO_CAMERA = (
    "No camera is connected. Connect one and choose “Classes from the camera…” again; "
    "a video takes its place with: explorer --camera FILE"
)


class Collecting:
    """Makes the page, gives it a camera or the video that stands in for one, and takes what was collected."""

    def __init__(self, train: TrainWorkspace) -> None:
        self._train = train
        self._cameras: Cameras | None = None
        self.page: CollectPage | None = None

    def open(self) -> None:
        """Show the page, looking through the camera."""
        from explorer.ui.workspaces.train.collect_page import CollectPage

        train = self._train
        if train.run.running:
            return
        if self.page is None:
            self.page = CollectPage()
            self.page.collected.connect(self._learn)
            self.page.refused.connect(train.surroundings.messages.error)
            train.pages.addWidget(self.page)
        self.page.choose(*self._source())
        train.turn(self.page)

    def _source(self) -> tuple[Source | None, str]:
        """(the camera, or the video in its place; why there is none)."""
        from explorer.media.sources import source_for

        asked = self._train.surroundings.camera
        try:
            if asked is not None:
                return source_for(asked), ""
            if self._cameras is None:
                from explorer.media.qt_camera import Cameras

                self._cameras = Cameras(self._train)
            found = self._cameras.sources()
        except UserError as error:
            return None, str(error)
        return (found[0], "") if found else (None, NO_CAMERA)

    def _learn(self, folder: Path) -> None:
        self._train.side.take_folder(folder)
        self._train.show_page(DATA)

    def close_down(self) -> None:
        """Give the camera back."""
        if self.page is not None:
            self.page.close_down()
        if self._cameras is not None:
            self._cameras.close()
            self._cameras = None
