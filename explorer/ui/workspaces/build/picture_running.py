"""Choosing a picture, running it beside the window, and keeping what it measured for each open network."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QSize, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from explorer.session.session import OpenNetwork
from explorer.tasks.qt import Handle
from explorer.ui.icons import icon
from explorer.ui.theme import theme
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.build.picture_menu import bundled_pictures, choose_picture, picture_title
from explorer.ui.workspaces.build.run_picture import RunPicture
from explorer.ui.workspaces.build.run_results import RunResults

THUMBNAIL = 40


class PictureRunning(QObject):
    """`changed(tab)` when a network has other results. A network runs one picture at a time."""

    changed = Signal(object)

    def __init__(self, surroundings: Surroundings, window: QWidget) -> None:
        super().__init__(window)
        self._surroundings = surroundings
        self._window = window
        self._results: dict[int, RunResults] = {}
        self._running: dict[int, Handle] = {}
        surroundings.session.closed.connect(self._forget)

    def results(self, tab: OpenNetwork | None) -> RunResults | None:
        """What the last run through a network measured."""
        return self._results.get(tab.number) if tab is not None else None

    def running(self, tab: OpenNetwork) -> Handle | None:
        """The run that a network is in."""
        return self._running.get(tab.number)

    def clear(self, tab: OpenNetwork) -> None:
        """Forget what was measured."""
        if self._results.pop(tab.number, None) is not None:
            self.changed.emit(tab)

    def offer(self, tab: OpenNetwork) -> QMenu:
        """A menu of pictures to run, at the top right of the window."""
        menu = QMenu(self._window)
        menu.setAccessibleName("Pictures to run")
        for path in bundled_pictures():
            action = menu.addAction(_thumbnail(path), picture_title(path))
            action.triggered.connect(partial(self.start, tab, path))
        menu.addSeparator()
        choose = menu.addAction(icon("open", theme().tokens.muted), "Choose a file…")
        choose.triggered.connect(partial(self._choose, tab))
        menu.aboutToHide.connect(menu.deleteLater)
        corner = QPoint(self._window.width() - menu.sizeHint().width() - theme().tokens.px(8), 0)
        menu.popup(self._window.mapToGlobal(corner))
        menu.setActiveAction(menu.actions()[0])
        return menu

    def _choose(self, tab: OpenNetwork, _checked: bool = False) -> None:
        path = choose_picture(self._window, self._surroundings.settings)
        if path is not None:
            self.start(tab, path)

    def start(self, tab: OpenNetwork, path: Path, _checked: bool = False) -> Handle:
        """Run a picture; one that runs through the same network already is stopped."""
        before = self._running.get(tab.number)
        if before is not None:
            before.stop()
        document = tab.document
        job = RunPicture(document.network, document.inference, path)
        handle = self._surroundings.runner.start(job, on_done=partial(self._take, tab))
        self._running[tab.number] = handle
        handle.ended.connect(partial(self._ended, tab.number, handle))
        return handle

    def _take(self, tab: OpenNetwork, run: RunResults) -> None:
        if tab in self._surroundings.session.tabs:
            self._results[tab.number] = run
            self.changed.emit(tab)

    def _ended(self, number: int, handle: Handle) -> None:
        if self._running.get(number) is handle:
            del self._running[number]

    def _forget(self, tab: OpenNetwork) -> None:
        self._results.pop(tab.number, None)
        handle = self._running.pop(tab.number, None)
        if handle is not None:
            handle.stop()


def _thumbnail(path: Path) -> QIcon:
    side = theme().tokens.px(THUMBNAIL)
    return QIcon(QPixmap(str(path)).scaled(QSize(side, side)))
