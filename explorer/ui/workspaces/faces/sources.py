"""Where the pictures come from: cameras by name, a video or a picture, the faces that ship."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from explorer.media.pictures import SUFFIXES
from explorer.media.sources import Source, source_for
from explorer.network.errors import UserError
from explorer.ui.icons import icon, paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.workspaces.faces.bundled import BundledFaces
from explorer.ui.workspaces.faces.model import FacesModel

if TYPE_CHECKING:
    from explorer.media.qt_camera import Cameras

VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".gif")


class Sources(QObject):
    """The choice that all tabs share. Qt Multimedia is loaded when a camera is first asked for."""

    bundled_wanted = Signal()
    """The faces that ship should be tried, with some of them enrolled."""
    changed = Signal()
    """`fault` is another."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.model = model
        self.fault = ""
        """Why there is no camera, in a sentence or two; empty while none was asked for."""
        self._cameras: Cameras | None = None

    def cameras(self) -> tuple[Source, ...]:
        """The cameras that are plugged in, the default first; () with a `fault` where there are none."""
        fault = ""
        found: tuple[Source, ...] = ()
        try:
            if self._cameras is None:
                from explorer.media.qt_camera import Cameras

                self._cameras = Cameras(self)
                self._cameras.changed.connect(self.cameras)
            found = self._cameras.sources()
        except UserError as error:
            text = str(error)
            fault = f"{text[0].upper()}{text[1:]}."
        if not found and not fault:
            fault = "No camera is connected."
        if fault != self.fault:
            self.fault = fault
            self.changed.emit()
        return found

    def start_camera(self) -> None:
        """Look through the default camera, if there is one."""
        found = self.cameras()
        if found:
            self.choose(found[0])

    def choose(self, source: Source | None) -> None:
        """Look through a source."""
        self.model.choose_source(source)

    def take_path(self, path: Path | str) -> None:
        """A video, a picture, numbered pictures or a number of a camera stand in for the camera."""
        self.choose(source_for(path))

    def ask_for_file(self, window: QWidget) -> None:
        """Let the person choose a video or a picture."""
        kinds = " ".join(f"*{ending}" for ending in dict.fromkeys(VIDEOS + SUFFIXES))
        before = next(iter(self.model.surroundings.settings.words("faces/folder")), "")
        name, _ = QFileDialog.getOpenFileName(
            window, "Use a video or a picture", before, f"Videos and pictures ({kinds});;All files (*)"
        )
        if name:
            self.model.surroundings.settings.set_words("faces/folder", [str(Path(name).parent)])
            self.take_path(Path(name))

    def close_down(self) -> None:
        """Give all devices back."""
        if self._cameras is not None:
            self._cameras.close()


class SourceButton(Button):
    """Says what the pictures come from, and opens the menu of all there is."""

    resized = Signal()

    def __init__(self, sources: Sources) -> None:
        super().__init__("", symbol="camera")
        self._sources = sources
        self._name, self._named = "", True
        self.clicked.connect(self.open_menu)
        sources.model.source_changed.connect(self._tell)
        theme().changed.connect(self._tell)
        self._tell()

    def open_menu(self) -> QMenu:
        """The menu, below the button."""
        menu = QMenu(self)
        menu.setAccessibleName("Sources")
        now = self._sources.model.source
        cameras = self._sources.cameras()
        for source in cameras:
            self._add(menu, source.name, source == now, partial(self._sources.choose, source))
        if not cameras:
            nothing = menu.addAction(icon("blank"), self._sources.fault.split(";")[0])
            nothing.setEnabled(False)
        menu.addSeparator()
        other = now is not None and now not in cameras and not isinstance(now, BundledFaces)
        file = partial(self._sources.ask_for_file, self.window())
        self._add(menu, "Video or picture…", other, file)
        bundled = isinstance(now, BundledFaces)
        self._add(menu, "Bundled faces", bundled, self._sources.bundled_wanted.emit)
        if now is not None:
            menu.addSeparator()
            self._add(menu, "Turn off", False, partial(self._sources.choose, None))
        menu.aboutToHide.connect(menu.deleteLater)
        corner = QPoint(self.width() - menu.sizeHint().width(), self.height() + 2)
        menu.popup(self.mapToGlobal(corner))
        return menu

    def _add(self, menu: QMenu, text: str, ticked: bool, run: object) -> None:
        tick = icon("check", theme().tokens.accent) if ticked else icon("blank")
        action = menu.addAction(tick, text.replace("&", "&&"))
        action.triggered.connect(lambda *_: run())  # type: ignore[operator]

    def show_name(self, named: bool) -> None:
        """With the name of the source, or with its sign alone where there is little room."""
        if named != self._named:
            self._named = named
            self._write()

    def whole_width(self) -> int:
        """How wide it is with the name."""
        px = theme().tokens.px
        return QFontMetrics(theme().font()).horizontalAdvance(self._name) + px(72)

    def _tell(self) -> None:
        source = self._sources.model.source
        words = "Choose a camera" if source is None else source.name
        metrics = QFontMetrics(theme().font())
        room = theme().tokens.px(180)
        self._name = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room)
        self.setAccessibleName(f"Source: {words}")
        self.setToolTip(f"Where the pictures come from: {words}")
        self._write()
        self.resized.emit()

    def _write(self) -> None:
        px = theme().tokens.px
        self.setText(self._name.replace("&", "&&") if self._named else "")
        self.setStyleSheet(f"padding-right: {px(28)}px;")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = theme().tokens
        side = tokens.px(14)
        box = QRect(self.width() - side - tokens.px(8), (self.height() - side) // 2, side, side)
        paint_icon(QPainter(self), "chevron-down", box, tokens.muted)
