"""Some training pictures as augmentation changes them, drawn anew on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.learning.settings import TrainSettings
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Runner
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Heading
from explorer.ui.workspaces.train.tiles import Tile, Tiles, image_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.learning.data import DataSet

COUNT, SOON_MS = 16, 150


class AugmentPreview(QWidget):
    """Hidden while nothing is changed; the pictures are made in a Job, as that loads torch."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._data: DataSet | None = None
        self._settings = TrainSettings()
        self._draw = self._asked = 0
        self.again = Button("Draw again", "link")
        self.tiles = Tiles("Pictures as they are learned from", side=56, lines=0, rows=2)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._make)
        self.again.clicked.connect(self._redraw)
        head = QHBoxLayout()
        head.addWidget(Heading("As they are learned from"))
        head.addWidget(self.again)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.tiles)
        self.hide()

    def show_state(self, data: DataSet | None, settings: TrainSettings) -> None:
        """Pictures of this data, changed as these settings say."""
        shown = data is not None and bool(settings.augment)
        same = data is self._data and settings.augment == self._settings.augment
        self._data, self._settings = data, settings
        self.setVisible(shown)
        if shown and not same:
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start()

    def _redraw(self) -> None:
        self._draw += 1
        self._make()

    def _make(self) -> None:
        data, settings, draw = self._data, self._settings, self._draw
        if data is None or not settings.augment or not self.isVisible():
            return
        self._asked += 1
        asked = self._asked

        def work(context: Context) -> NDArray[np.uint8]:
            from explorer.learning.preview import preview

            return preview(data, settings.augment, settings.seed, draw, COUNT)

        def done(pictures: NDArray[np.uint8]) -> None:
            if asked == self._asked:  # not one of before
                self.tiles.show_tiles([Tile(image_of(picture)) for picture in pictures])

        self._runner.start(Work("Changing pictures", work), on_done=done)
