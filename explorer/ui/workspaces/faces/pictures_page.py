"""Two pictures, dropped or chosen: one person, or two?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.faces.decision import Verdict, verify
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.media.pictures import SUFFIXES, Picture, read_picture
from explorer.network.errors import UserError
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.workspaces.faces.bundled import people
from explorer.ui.workspaces.faces.images import image_of
from explorer.ui.workspaces.faces.live_view import INK, TONES
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.scale import SimilarityScale
from explorer.ui.workspaces.faces.side_parts import row_of

LONGEST = 1600
"""Pixels of the longer side that are shown; a larger picture is shown by every second pixel, or fewer."""
FILTER = f"Pictures ({' '.join('*' + ending for ending in SUFFIXES)});;All files (*)"


class PicturesPage(QWidget):
    """Two wells for pictures, and the scale."""

    left = Signal()
    """Back to the camera."""
    compared = Signal(object, object, object)
    """A `Verdict` or None, and the two readings or None."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.model = model
        self.first, self.second = PictureWell(model, "First picture"), PictureWell(model, "Second picture")
        self.verdict: Verdict | None = None
        self.scale = SimilarityScale()
        back = Button("Back to the camera")
        example = Button("Try with bundled faces")
        wells = QHBoxLayout()
        wells.setSpacing(12)
        wells.addWidget(self.first)
        wells.addWidget(self.second)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(wells, 1)
        below = QVBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.scale)
        below.addLayout(row_of(back, example))
        column.addLayout(below)
        back.clicked.connect(self.left)
        example.clicked.connect(self.show_example)
        for well, other in ((self.first, self.second), (self.second, self.first)):
            well.read.connect(self.compare)
            well.more.connect(other.take)
        model.gallery_changed.connect(self._read_again)

    def focus_first(self) -> None:
        """The keyboard goes to the first well that is empty."""
        (self.second if self.first.reading and not self.second.reading else self.first).setFocus()

    def show_example(self) -> None:
        """Two pictures of one person who ships."""
        pictures = people()["Viktor"]
        self.first.take(pictures[0])
        self.second.take(pictures[2])

    def take(self, path: Path) -> None:
        """A picture from elsewhere goes to the first well that is empty, else to the second."""
        (self.second if self.first.path is not None else self.first).take(path)

    def _read_again(self) -> None:
        """What another encoder has read cannot be compared any more."""
        for well in (self.first, self.second):
            if well.path is not None and well.reading is not None and not self.model.comparable(well.reading):
                well.take(well.path)

    def compare(self) -> None:
        """Tell what is known of the two."""
        first, second = self.first.reading, self.second.reading
        self.verdict = None
        if first is not None and second is not None and all(map(self.model.comparable, (first, second))):
            self.verdict = verify(first.embedding, second.embedding, self.model.threshold)
        tone = "looking" if self.verdict is None else "yes" if self.verdict.same else "no"
        for well in (self.first, self.second):
            well.show_tone(tone)
        self.compared.emit(self.verdict, first, second)


class PictureWell(QWidget):
    """A place for one picture: drop it, or press Enter and choose. The face that is meant is outlined."""

    read = Signal()
    """`reading` is another, or None."""
    more = Signal(object)
    """A second picture was dropped at the same time."""

    def __init__(self, model: FacesModel, name: str) -> None:
        super().__init__()
        self.model = model
        self.path: Path | None = None
        self.reading: Reading | None = None
        self.fault = ""
        self._name = name
        self._image: QImage | None = None
        self._shrunk = 1
        self._tone = "looking"
        self._over = False
        self._asked = 0
        self.setAccessibleName(name)
        self.setAccessibleDescription("Empty. Enter chooses a picture.")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(300), theme().tokens.px(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(140), theme().tokens.px(140))

    def take(self, path: Path | str) -> None:
        """Read the picture beside the window; what is wrong with it is said here."""
        self.path = Path(path)
        self.reading, self._image, self.fault = None, None, ""
        self._asked += 1
        self._describe("Reading…")
        self.read.emit()
        self.model.ask(
            partial(_read, self.path), partial(self._take, self._asked), partial(self._fail, self._asked)
        )

    def ask(self) -> None:
        """Let the person choose a file."""
        settings = self.model.surroundings.settings
        before = next(iter(settings.words("faces/folder")), "")
        name, _ = QFileDialog.getOpenFileName(self.window(), self._name, before, FILTER)
        if name:
            settings.set_words("faces/folder", [str(Path(name).parent)])
            self.take(name)

    def show_tone(self, tone: str) -> None:
        """The colour of the outline: yes, no or looking."""
        if tone != self._tone:
            self._tone = tone
            self.update()

    def _take(self, asked: int, value: tuple[Picture, int, Reading | UserError]) -> None:
        if asked != self._asked:
            return
        picture, self._shrunk, found = value
        self._image = image_of(picture)
        if isinstance(found, Reading):
            self.reading = found
            self._describe(f"{self.path.name if self.path else ''}: a face")
        else:
            self._say_fault(found)
        self.read.emit()
        self.update()

    def _fail(self, asked: int, error: Exception) -> None:
        if asked != self._asked:
            return
        self._say_fault(error)
        self.read.emit()
        self.update()
        if not isinstance(error, UserError):
            self.model.surroundings.messages.error(error, "Reading the picture")

    def _say_fault(self, error: Exception) -> None:
        text = str(error) if isinstance(error, UserError) else "This picture could not be read."
        self.fault = text[:1].upper() + text[1:].rstrip(".") + "."
        self._describe(self.fault)

    def _describe(self, words: str) -> None:
        self.setAccessibleDescription(words)
        self.update()

    # -- mouse, keys, dropping -----------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.ask()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._over = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            self.take(paths[0])
        if len(paths) > 1:
            self.more.emit(paths[1])

    # -- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, px = theme().tokens, theme().tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        outline = QPainterPath()
        outline.addRoundedRect(area, px(8), px(8))
        painter.fillPath(outline, tokens.panel)
        if self._image is not None:
            painter.save()
            painter.setClipPath(outline)
            self._paint_picture(painter, self._image)
            painter.restore()
        self._paint_words(painter)
        strong = self._over or self.hasFocus()
        pen = QPen(tokens.accent if strong else tokens.line_strong, 2 if strong else 1)
        if self._image is None and not strong:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, px(8), px(8))

    def _paint_picture(self, painter: QPainter, image: QImage) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        left, top = (self.width() - width) / 2, (self.height() - height) / 2
        painter.drawImage(QRectF(left, top, width, height), image)
        if self.reading is None:
            return
        scale /= self._shrunk  # the face is in pixels of the whole picture
        x, y, wide, high = self.reading.face.box
        painter.setPen(QPen(TONES[self._tone], 2.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(left + x * scale, top + y * scale, wide * scale, high * scale), 8, 8)
        painter.setPen(QPen(TONES[self._tone], 2))
        painter.setBrush(INK)
        for across, down in self.reading.face.points:
            painter.drawEllipse(QPointF(left + float(across) * scale, top + float(down) * scale), 3, 3)

    def _paint_words(self, painter: QPainter) -> None:
        tokens, px = theme().tokens, theme().tokens.px
        if self.reading is not None:
            return
        if self._image is not None or self.fault:
            self._paint_fault(painter)
            return
        side = px(32)
        middle = self.rect().center()
        box = QRectF(middle.x() - side / 2, middle.y() - side - px(12), side, side)
        paint_icon(painter, "picture", box, tokens.muted)
        words = "Reading…" if self.path is not None else self._name
        painter.setPen(tokens.text)
        painter.setFont(theme().font("body", strong=True))
        line = QRectF(0, middle.y(), self.width(), px(20))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
        if self.path is None:
            painter.setPen(tokens.muted)
            painter.setFont(theme().font("value"))
            line = QRectF(px(8), middle.y() + px(22), self.width() - px(16), px(36))
            wrap = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(line, wrap, "Drop it here, or click to choose")

    def _paint_fault(self, painter: QPainter) -> None:
        """What is wrong, on a strip over the picture."""
        tokens, px = theme().tokens, theme().tokens.px
        painter.setFont(theme().font("value"))
        wrap = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        room = QRectF(px(20), 0, self.width() - px(40), self.height())
        needed = painter.boundingRect(room, wrap, self.fault)
        strip = QRectF(px(8), 0, self.width() - px(16), needed.height() + px(20))
        strip.moveCenter(QPointF(self.width() / 2, self.height() - px(8) - strip.height() / 2))
        painter.setPen(QPen(tokens.error, 1))
        painter.setBrush(tokens.error_wash)
        painter.drawRoundedRect(strip, px(6), px(6))
        painter.setPen(tokens.text)
        painter.drawText(strip.adjusted(px(12), 0, -px(12), 0), wrap, self.fault)


def _read(path: Path, pipeline: FacePipeline) -> tuple[Picture, int, Reading | UserError]:
    """The picture, small enough to show, by how much it shrank, and the face that is meant or why none is."""
    picture = read_picture(path)
    try:
        found: Reading | UserError = pipeline.read(picture, name=f"“{path.name}”")
    except UserError as error:
        found = error
    step = -(-max(picture.shape[:2]) // LONGEST)
    return np.ascontiguousarray(picture[::step, ::step]), step, found
