"""Where the pictures come from: pictures that ship, files, the clipboard, cameras by name, videos."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from explorer.imaging.kernels import BY_NAME
from explorer.learning.samples import FASHION_CLASSES
from explorer.media.pictures import SUFFIXES
from explorer.media.sources import Source, source_for
from explorer.network.errors import UserError
from explorer.ui.icons import icon, paint_icon
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.workspaces.filters.images import picture_of
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.presets import (
    LECTURE,
    Preset,
    bundled,
    fashion_picture,
    small_picture,
    title_of,
)

if TYPE_CHECKING:
    from explorer.media.qt_camera import Cameras

VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".gif")
MOST_PASTED = 100_000_000
_FOLDER = "filters/folder"


class Sources(QObject):
    """Brings pictures to the lab. Qt Multimedia is loaded when a camera is first asked for."""

    def __init__(self, lab: Lab, messages: Messages, settings: Settings) -> None:
        super().__init__()
        self._lab, self._messages, self._settings = lab, messages, settings
        self._cameras: Cameras | None = None
        self._fashion = -1
        self.fault = ""

    def cameras(self) -> tuple[Source, ...]:
        """The cameras that are plugged in, the default first; () with a `fault` where there are none."""
        found: tuple[Source, ...] = ()
        self.fault = ""
        try:
            if self._cameras is None:
                from explorer.media.qt_camera import Cameras

                self._cameras = Cameras(self)
            found = self._cameras.sources()
        except UserError as error:
            self.fault = f"{str(error)[0].upper()}{str(error)[1:]}."
        if not found and not self.fault:
            self.fault = "No camera is connected."
        return found

    def start_camera(self) -> None:
        """Look through the default camera, or say why that cannot be."""
        found = self.cameras()
        if found:
            self._lab.choose_source(found[0])
        else:
            self._messages.say(f"{self.fault} Open a video or a picture in its place.", "warning")

    def take_path(self, path: Path | str) -> None:
        """A picture by itself; a video, numbered pictures or a camera's number as a live source."""
        path = Path(path)
        if path.suffix.lower() in SUFFIXES and path.suffix.lower() != ".gif" and "%" not in path.name:
            self._lab.open_picture(path)
        else:
            self._lab.choose_source(source_for(str(path)))

    def ask_for_file(self, window: QWidget) -> None:
        """Let the person choose a picture or a video."""
        kinds = " ".join(f"*{ending}" for ending in dict.fromkeys(SUFFIXES + VIDEOS))
        before = next(iter(self._settings.words(_FOLDER)), "")
        name, _ = QFileDialog.getOpenFileName(
            window, "Open a picture or a video", before, f"Pictures and videos ({kinds});;All files (*)"
        )
        if name:
            self._settings.set_words(_FOLDER, [str(Path(name).parent)])
            self.take_path(Path(name))

    def paste(self) -> bool:
        """The picture, or the file of one, from the clipboard; says so where there is none."""
        files = _files(QGuiApplication.clipboard().mimeData())
        if files:
            self.take_path(files[0])
            return True
        image = QGuiApplication.clipboard().image()
        if image.isNull():
            self._messages.say(
                "There is no picture in the clipboard. Copy one, then paste it here.", "warning"
            )
            return False
        if image.width() * image.height() > MOST_PASTED:
            self._messages.say("The picture in the clipboard is too large; make it smaller first.", "warning")
            return False
        self._lab.show_picture(picture_of(image), "Pasted picture")
        return True

    def show_bundled(self, path: Path) -> None:
        """A picture that ships."""
        self._lab.open_picture(path)

    def show_fashion(self, label: int) -> None:
        """A picture of Fashion-MNIST of that class, each time the next one."""
        self._fashion += 1
        self._lab.show_picture(*fashion_picture(label, self._fashion % 100))

    def show_preset(self, preset: Preset) -> None:
        """One of the lecture's examples: its picture, and the kernel applied as it says."""
        self._lab.show_picture(small_picture(), "63 × 63", preset.note)
        self._lab.set_filters(8)
        now = self._lab.filter
        self._lab.change(
            preset.title, padding=preset.padding, stride=preset.stride, border="zero", dilation=1,
            pooling=None, kernel=now.kernel if now.kernel.size == (3, 3) else BY_NAME["edges-laplace-8"],
        )  # fmt: skip

    def close_down(self) -> None:
        """Give all devices back."""
        if self._cameras is not None:
            self._cameras.close()


def _files(data: QMimeData | None) -> list[Path]:
    """The files that are named; an empty clipboard may have no data at all."""
    urls = data.urls() if data is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


class SourceButton(Button):
    """Says what the picture is, and opens the menu of all there is."""

    def __init__(self, sources: Sources, lab: Lab) -> None:
        super().__init__("", symbol="picture")
        self._sources, self._lab = sources, lab
        self.setToolTip("Where the picture comes from")
        self.clicked.connect(self.open_menu)
        lab.source_changed.connect(self._tell)
        theme().changed.connect(self._tell)
        self._tell()

    def open_menu(self) -> QMenu:
        """The menu, below the button."""
        menu = QMenu(self)
        menu.setAccessibleName("Pictures")
        for path in bundled():
            self._add(menu, title_of(path), partial(self._sources.show_bundled, path))
        menu.addSeparator()
        for preset in LECTURE:
            self._add(menu, preset.title, partial(self._sources.show_preset, preset))
        fashion = menu.addMenu(icon("picture", theme().tokens.muted), "Fashion-MNIST")
        for label, name in enumerate(FASHION_CLASSES):
            self._add(fashion, name, partial(self._sources.show_fashion, label))
        menu.addSeparator()
        self._add(menu, "Picture or video…", partial(self._sources.ask_for_file, self.window()), "open")
        self._add(menu, "Paste", self._sources.paste, "paste")
        menu.addSeparator()
        cameras = self._sources.cameras()
        for source in cameras:
            self._add(menu, source.name, partial(self._lab.choose_source, source), "camera")
        if not cameras:
            menu.addAction(icon("blank"), self._sources.fault.split(";")[0]).setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
        return menu

    def _add(self, menu: QMenu, text: str, run: Callable[[], object], symbol: str = "picture") -> None:
        action = menu.addAction(icon(symbol, theme().tokens.muted), text.replace("&", "&&"))
        action.triggered.connect(lambda *_: run())

    def _tell(self) -> None:
        words = self._lab.title or "Choose a picture"
        px = theme().tokens.px
        metrics = QFontMetrics(theme().font())
        self.setText(metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, px(170)).replace("&", "&&"))
        self.setStyleSheet(f"padding-right: {px(28)}px;")
        self.setAccessibleName(f"Picture: {words}")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = theme().tokens
        side = tokens.px(14)
        box = QRect(self.width() - side - tokens.px(8), (self.height() - side) // 2, side, side)
        paint_icon(QPainter(self), "chevron-down", box, tokens.muted)
