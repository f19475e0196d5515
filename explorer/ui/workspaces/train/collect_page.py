"""Classes from the camera: name one, hold the button while it is in view, go on with the next, learn."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.learning.collected import Collection
from explorer.media.camera import CameraFeed, Frame
from explorer.media.camera_status import Status
from explorer.media.qt_camera import FeedViewer
from explorer.media.sources import Source
from explorer.network.errors import UserError
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.folding import FoldingRow
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.train.tiles import image_of

EVERY = 0.15
"""Seconds between two pictures while the button is held."""
ABOUT = (
    "Name a class, hold the button while it is in view, and turn it a little. Then the next class. "
    "The pictures stay on this computer."
)


class CollectPage(QWidget):
    """`collected(folder)` when there is enough to learn from; `refused(error)` for what cannot be written."""

    collected = Signal(object)
    refused = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self.collection = Collection(folder)
        self.feed = CameraFeed()
        self._viewer = FeedViewer(self.feed, self)
        self._newest: Frame | None = None
        self._taken = 0.0
        self._fault = ""
        self.picture = _Picture()
        self.said = Label("", "note")
        self.field = QLineEdit()
        self.add = Button("Add class")
        self.take = Button("Hold to take pictures", "primary")
        self.back = Button("Take one back")
        self.classes = QListWidget()
        self.learn, self.away = Button("Learn from these"), Button("Throw all away")
        self._build()
        self._viewer.frame.connect(self._see)
        self._viewer.status.connect(self._tell)
        self.refresh()

    def _build(self) -> None:
        about = Label(ABOUT, "note")
        about.setWordWrap(True)
        self.said.setWordWrap(True)
        self.field.setPlaceholderText("Name of a class")
        self.field.setAccessibleName("Name of a class")
        self.classes.setAccessibleName("Classes")
        self.field.returnPressed.connect(self._name)
        self.add.clicked.connect(self._name)
        self.back.clicked.connect(self._take_back)
        self.classes.currentRowChanged.connect(lambda _: self.refresh())
        self.learn.clicked.connect(lambda: self.collected.emit(self.collection.folder))
        self.away.clicked.connect(self.throw_away)
        self.field.setMinimumWidth(theme().tokens.px(112))
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(FoldingRow(self.field, self.add, wide=self.field))
        for part in (self.classes, self.take, self.back, self.said):
            right.addWidget(part)
        right.addWidget(FoldingRow(self.learn, self.away))
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addWidget(self.picture, 3)
        across.addLayout(right, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label("Classes from the camera", "heading"))
        column.addWidget(about)
        column.addLayout(across, 1)

    def choose(self, source: Source | None, fault: str = "") -> None:
        """Look through this camera, or say why there is none."""
        self._fault = fault
        self.feed.choose(source)
        self.said.setText(fault)

    @property
    def current(self) -> str:
        """The class that pictures are taken for, "" before one is named."""
        row = self.classes.currentRow()
        return str(self.classes.item(row).data(Qt.ItemDataRole.UserRole)) if row >= 0 else ""

    def refresh(self) -> None:
        """Say how many pictures there are, and what can be done."""
        counts = self.collection.counts
        for at in range(self.classes.count()):
            item = self.classes.item(at)
            name = str(item.data(Qt.ItemDataRole.UserRole))
            item.setText(f"{name}   {counts.get(name, 0)}")
        self.take.setEnabled(bool(self.current) and self._newest is not None)
        self.back.setEnabled(bool(counts.get(self.current)))
        self.learn.setEnabled(not self.collection.lacking)
        self.learn.setToolTip(self.collection.lacking)
        if counts and not self._fault:
            self.said.setText(self.collection.lacking)
        self.away.setEnabled(any(counts.values()))

    def throw_away(self) -> None:
        """Delete all pictures and classes."""
        self.collection.throw_away()
        self.classes.clear()
        self.refresh()

    def _name(self) -> None:
        try:
            name = self.collection.name(self.field.text())
        except UserError as error:
            self.said.setText(str(error))
            return
        known = [self.classes.item(at).data(Qt.ItemDataRole.UserRole) for at in range(self.classes.count())]
        if name not in known:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setSizeHint(QSize(0, theme().tokens.px(28)))
            self.classes.addItem(item)
            known.append(name)
        self.classes.setCurrentRow(known.index(name))
        self.field.clear()
        self.said.setText("")
        self.refresh()

    def _take_back(self) -> None:
        self.collection.take_back(self.current)
        self.refresh()

    def _see(self, frame: Frame) -> None:
        first, self._newest = self._newest is None, frame
        self.picture.show_image(image_of(frame.picture.transpose(2, 0, 1)))
        if self.take.isDown() and self.current and time.monotonic() - self._taken >= EVERY:
            self._taken = time.monotonic()
            try:
                self.collection.add(self.current, frame.picture)
            except UserError as error:
                self.take.setDown(False)
                self.refused.emit(error)
            self.refresh()
        elif first:
            self.refresh()

    def _tell(self, status: Status) -> None:
        self.said.setText(self._fault or status.sentence)  # that none is chosen is no reason

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._viewer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._viewer.stop()

    def close_down(self) -> None:
        """Give the camera back."""
        self._viewer.stop()
        self.feed.close()


class _Picture(QWidget):
    """What the camera sees, with the square that is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)
        self.setAccessibleName("The camera's picture")

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    def show_image(self, image: QImage) -> None:
        """The newest picture."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        painter.fillRect(area, tokens.card)
        if self._image is None:
            painter.setPen(tokens.muted)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "No picture yet")
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF((area.width() - size.width()) / 2, (area.height() - size.height()) / 2, *size.toTuple())
        painter.drawImage(box, self._image)
        side = min(box.width(), box.height())
        painter.setPen(QPen(tokens.accent, 2))
        kept = QRectF(0, 0, side - 2, side - 2)
        kept.moveCenter(box.center())
        painter.drawRect(kept)
