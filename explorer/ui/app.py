"""Opens the window. Nothing is imported here that its first picture does not need."""

from __future__ import annotations

import os
import signal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from explorer.assets import asset
from explorer.network.errors import UserError
from explorer.tasks.priority import short_turns
from explorer.tasks.qt import GarbageGuard, let_go
from explorer.ui.shell.crashes import Faults
from explorer.ui.shell.large_screen import offer_larger
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.window import TITLE, Window
from explorer.ui.workspace import Entry, Surroundings, Workspace

FREEZE_AFTER_MS = 4000
WORKSPACES = "explorer.ui.workspaces"
LAST_WAIT = 10.0
"""Seconds for which a Job that does not stop, e.g. inside an import, may keep the closed program."""


def _build(surroundings: Surroundings) -> Workspace:
    from explorer.ui.workspaces.build import BuildWorkspace

    return BuildWorkspace(surroundings)


def _compare(surroundings: Surroundings) -> Workspace:
    from explorer.ui.workspaces.compare.workspace import CompareWorkspace

    return CompareWorkspace(surroundings)


def _faces(surroundings: Surroundings) -> Workspace:
    from explorer.ui.workspaces.faces.workspace import FacesWorkspace

    return FacesWorkspace(surroundings)


def _filters(surroundings: Surroundings) -> Workspace:
    from explorer.ui.workspaces.filters.workspace import FiltersWorkspace

    return FiltersWorkspace(surroundings)


def _train(surroundings: Surroundings) -> Workspace:
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

    return TrainWorkspace(surroundings)


ENTRIES = (
    Entry("build", "Build", "build", _build, imports=(f"{WORKSPACES}.build",)),
    Entry(
        "filters",
        "Filters",
        "filters",
        _filters,
        needs_network=False,
        invitation=("Filter a picture", "Lay a kernel over it and see each number arise"),
        imports=(f"{WORKSPACES}.filters.workspace",),
    ),
    Entry(
        "train",
        "Train",
        "train",
        _train,
        needs_network=False,
        invitation=("Train a network", "Watch one learn, on the sample that ships"),
        imports=(f"{WORKSPACES}.train.workspace", "pyqtgraph"),
    ),
    Entry(
        "faces",
        "Faces",
        "faces",
        _faces,
        needs_network=False,
        invitation=("Verify a face", "At the webcam, or with the faces that ship"),
        imports=(f"{WORKSPACES}.faces.workspace",),
    ),
    Entry(
        "compare",
        "Compare",
        "compare",
        _compare,
        needs_network=False,
        invitation=("Compare two networks", "Block by block, and against their errors"),
        imports=(f"{WORKSPACES}.compare.workspace", "pyqtgraph"),
    ),
)
"""The workspaces there are, in the order of the rail."""


def run(file: str | None = None, workspace: str | None = None, camera: str | None = None) -> int:
    """Open the window and stay until it is closed; the exit code. Raises UserError for an unknown workspace.

    `camera` names the camera, or the video that stands in for one, for workspaces that look through it.
    """
    entries = ENTRIES
    names = [entry.name for entry in entries]
    if workspace is not None and workspace not in names:
        raise UserError(f"There is no workspace '{workspace}'; there is {', '.join(names)}.")
    app = application()
    settings = Settings()
    theme().choose(settings.theme, settings.projector)
    faults = Faults()
    faults.install()
    guard = GarbageGuard(app)
    window = Window(entries, settings, camera)
    # Queued: a fault may come from another thread, or out of the middle of a paint event.
    faults.seen.connect(window.take_fault, Qt.ConnectionType.QueuedConnection)
    before = signal.signal(signal.SIGINT, lambda *_: app.closeAllWindows())
    window.first_painted.connect(lambda: _begin(window, faults, file, workspace))
    try:
        window.show()
        with short_turns():
            code = app.exec()
        if not let_go(LAST_WAIT):
            os._exit(code)
        return code
    finally:
        signal.signal(signal.SIGINT, before)
        guard.release()
        faults.remove()
        window.deleteLater()


def application() -> QApplication:
    """The QApplication with its names and icon, made if this process has none."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["explorer"])
    app.setApplicationName("convnet-explorer")
    app.setApplicationDisplayName(TITLE)
    app.setDesktopFileName("convnet-explorer")
    app.setWindowIcon(QIcon(str(asset("icons", "app.svg"))))
    return app


def _begin(window: Window, faults: Faults, file: str | None, workspace: str | None) -> None:
    """What follows the first picture."""
    if faults.left_behind():
        window.messages.say(
            "ConvNet Explorer ended unexpectedly last time. The report is in the log.", "warning"
        )
    if file is not None:
        # In a moment: it may ask something, and the page behind should not stand empty meanwhile.
        QTimer.singleShot(0, window, lambda: window.files.open_source(file))
    if workspace is not None:
        window.show_workspace(workspace)
    offer_larger(window)
    window.warming.begin("build")  # whatever is opened on the start page is shown there
    QTimer.singleShot(FREEZE_AFTER_MS, window, GarbageGuard.settle)
