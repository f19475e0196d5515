"""The window: puts the workspaces together and does nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from explorer.folders import state_folder
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.qt import Runner
from explorer.ui.actions import Action, Actions
from explorer.ui.shell.commands import window_actions, window_commands
from explorer.ui.shell.files import Files
from explorer.ui.shell.messages import Messages, Toasts
from explorer.ui.shell.palette import Palette
from explorer.ui.shell.rail import Rail
from explorer.ui.shell.recovery import Recovery
from explorer.ui.shell.settings import Settings
from explorer.ui.shell.sheets import About, Shortcuts
from explorer.ui.shell.start import StartPage
from explorer.ui.shell.statusbar import StatusBar
from explorer.ui.shell.tabs import Tabs
from explorer.ui.shell.topbar import TopBar
from explorer.ui.shell.warming import Warming
from explorer.ui.shell.weights import Weights
from explorer.ui.theme import Choice, theme
from explorer.ui.widgets.panels import Line
from explorer.ui.workspace import Entry, Status, Surroundings, Workspace

if TYPE_CHECKING:
    from explorer.media.pictures import Picture

TITLE = "ConvNet Explorer"
SMALLEST = (720, 480)
FIRST = (1360, 860)
FOLLOW_MS = 30
"""How long after an edit the bars above and below say what it made: unseen, and after the canvas."""


class Window(QMainWindow):
    """One window with its own session. `first_painted` comes once, when the person can see and use it."""

    first_painted = Signal()

    def __init__(
        self, entries: Sequence[Entry], settings: Settings | None = None, camera: str | None = None
    ) -> None:
        super().__init__()
        self.entries = tuple(entries)
        self.settings = settings or Settings()
        self.messages = Messages(self)
        self.runner = Runner(self)
        self.surroundings = Surroundings(
            Session(),
            self.runner,
            self.messages,
            self.settings,
            camera,
            self.show_workspace,
            self.hand_picture,
        )
        self.session = self.surroundings.session
        self.actions_registry = Actions(self)
        self.files = Files(self, self.session, self.runner, self.messages, self.settings)
        self.weights = Weights(self, self.session, self.runner, self.messages, self.settings)
        self.recovery = Recovery(self.session, self.messages)
        self.workspaces: dict[str, Workspace] = {}
        self._wanted = entries[0].name if entries else ""
        self._painted = False
        self._offering: Workspace | None = None
        self._build()
        self._connect()
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        room = self.screen().availableGeometry()
        self.resize(min(FIRST[0], room.width()), min(FIRST[1], room.height()))
        self.restoreGeometry(self.settings.state("window/geometry"))
        self._show_page()
        self.start.setFocus()

    def _build(self) -> None:
        self.shortcuts = Shortcuts(
            self, self.actions_registry, lambda: self.workspace.keys() if self.workspace else ("", ())
        )
        self.about = About(self)
        self.actions_registry.set_actions("window", window_actions(self))
        begin = [self.actions_registry.get(one) for one in ("file.new", "file.open")]
        self.top = TopBar(self.actions_registry)
        self.rail = Rail(self.entries)
        self.tabs = Tabs(self.session)
        self.stack = QStackedWidget()
        self.start = StartPage(self.settings, begin, self.entries)
        self.stack.addWidget(self.start)
        self.status = StatusBar(self.runner)
        self._telling = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._telling.timeout.connect(self._tell_state)
        body = QWidget()
        body.setObjectName("window")
        column = QVBoxLayout(body)
        middle = QHBoxLayout()
        inner = QVBoxLayout()
        for layout in (column, middle, inner):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        inner.addWidget(self.tabs)
        inner.addWidget(self.stack, 1)
        for widget in (self.rail, Line(vertical=True)):
            middle.addWidget(widget)
        middle.addLayout(inner, 1)
        column.addWidget(self.top)
        column.addWidget(Line())
        column.addLayout(middle, 1)
        column.addWidget(Line())
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self.palette_sheet = Palette(self, self.commands, self.settings)
        self.toasts = Toasts(self.messages, self)
        self.warming = Warming(self.entries, self)
        for name, button in self.rail.buttons.items():
            self.warming.watch(button, name)
        for name, door in self.start.leading.items():
            self.warming.watch(door, name)

    def _connect(self) -> None:
        session = self.session
        session.opened.connect(self._follow_opened)
        session.activated.connect(lambda tab: self._show_page())
        session.retitled.connect(lambda tab: self._show_document())
        self.top.search.connect(self.search)
        self.rail.chosen.connect(self.show_workspace)
        self.tabs.close_asked.connect(self.files.close)
        self.tabs.show_asked.connect(self._show_page)
        self.tabs.new_asked.connect(self.files.new)
        self.start.open_file.connect(self.files.open)
        self.start.open_network.connect(self.files.open_network)
        self.start.open_workspace.connect(self.show_workspace)
        self.status.problems_clicked.connect(self._show_problems)
        self.runner.failed.connect(lambda handle: self.messages.error(handle.error, handle.title))
        theme().changed.connect(self._tell_soon)
        self.files.taker = self._take_file
        self.files.saved.connect(self.recovery.follow_close)
        self.files.closed.connect(self.recovery.follow_close)

    @property
    def workspace(self) -> Workspace | None:
        """The workspace on show, None while the start page is."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, Workspace) else None

    def commands(self, query: str) -> Iterable[Action]:
        """Everything there is to run now: actions, recent files, and what the workspace can bring."""
        yield from window_commands(self, query)
        if self.workspace is not None:
            yield from self.workspace.commands(query)

    def search(self) -> None:
        """Open the command palette."""
        self.palette_sheet.open_for()

    def show_start(self) -> None:
        """Show the start page over whatever is open."""
        self.stack.setCurrentWidget(self.start)
        self.start.fill()
        self._tell()

    def show_workspace(self, name: str) -> None:
        """Show a workspace, made now if this is the first time."""
        self._wanted = name
        self._show_page()

    def hand_picture(self, name: str, picture: Picture | None, title: str) -> None:
        """Show a workspace and let it look at a picture."""
        self.show_workspace(name)
        if self.workspace is not None:
            self.workspace.take_picture(picture, title)

    def choose_theme(self, choice: Choice | None = None, projector: bool | None = None) -> None:
        """Take a theme and remember it."""
        theme().choose(choice, projector)
        self.settings.theme = theme().choice
        self.settings.projector = theme().projector

    def toggle_full_screen(self) -> None:
        """Full screen and back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def step_tab(self, step: int) -> None:
        """The next tab or the one before, around the end."""
        tabs = self.session.tabs
        if self.session.active in tabs:
            self.session.activate(tabs[(tabs.index(self.session.active) + step) % len(tabs)])

    def show_log(self) -> None:
        """Open the folder of the log in the system's own window."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(state_folder())))

    def after_first_paint(self) -> None:
        """What the first picture did not need: copies left by a crash, the pictures of the start page."""
        if self.stack.currentWidget() is self.start:
            self.start.fill()
        self.recovery.start()
        self.recovery.offer()

    def take_fault(self, error: BaseException) -> None:
        """A fault that nobody caught: Ctrl+C in the terminal closes, all others are told."""
        if isinstance(error, KeyboardInterrupt):
            self.close()
        else:
            self.messages.error(error)

    def _follow_opened(self, tab: OpenNetwork) -> None:
        tab.document.changed.connect(lambda change: self._tell_soon())

    def _show_page(self) -> None:
        """Show the wanted workspace, or the start page while there is nothing for it to show."""
        entry = next((one for one in self.entries if one.name == self._wanted), None)
        if entry is None or (entry.needs_network and self.session.active is None):
            self.show_start() if self._painted else self.stack.setCurrentWidget(self.start)
        else:
            if entry.name not in self.workspaces and self._painted:
                self.rail.show_chosen(entry.name)
                self.rail.repaint()  # at once: what is shown for the first time may take half a second
            made = self._workspace(entry)
            if self.stack.currentWidget() is not made:
                self.stack.setCurrentWidget(made)
                made.setFocus()
        self._tell()

    def _workspace(self, entry: Entry) -> Workspace:
        if entry.name not in self.workspaces:
            made = entry.make(self.surroundings)
            made.changed.connect(self._tell_soon)
            made.actions_changed.connect(self._offer)
            self.workspaces[entry.name] = made
            self.stack.addWidget(made)
        return self.workspaces[entry.name]

    def _tell_soon(self) -> None:
        """In a moment, however many edits a gesture makes until then: the canvas repaints first."""
        if not self._telling.isActive():
            self._telling.start()

    def _tell(self) -> None:
        """Bring everything around the workspace up to date with it."""
        shown = self.workspace
        if shown is not self._offering:
            self._offering = shown
            self._offer()
        self.rail.show_chosen(next((name for name, one in self.workspaces.items() if one is shown), ""))
        self._show_document()
        self._tell_state()

    def _offer(self) -> None:
        """Put the actions of the workspace on show into the menus and the palette."""
        shown = self.workspace
        self.actions_registry.set_actions("workspace", shown.own_actions() if shown else ())

    def _tell_state(self) -> None:
        self._telling.stop()
        shown = self.workspace
        self.top.show_primary(shown.primary_action() if shown else None)
        self.top.show_exports(shown.export_actions() if shown else ())
        self.status.show_status(shown.status() if shown else Status())

    def _show_document(self) -> None:
        tab = self.session.active
        if tab is None or self.workspace is None:
            self.top.show_document("", "")
            self.setWindowTitle(TITLE)
            return
        state = "edited" if tab.modified else "saved" if tab.path else "not saved yet"
        self.top.show_document(tab.title, state)
        self.setWindowTitle(f"{tab.title}[*] – {TITLE}")
        self.setWindowModified(tab.modified)

    def _show_problems(self) -> None:
        status = self.workspace.status() if self.workspace else Status()
        if status.show_problems is not None:
            status.show_problems()

    def _take_file(self, path: Path) -> bool:
        if self.weights.takes(path):
            self.weights.load_file(path)
            return True
        return self.workspace is not None and self.workspace.take_file(path)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._announce_paint)

    def _announce_paint(self) -> None:
        self.first_painted.emit()
        self.after_first_paint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.toasts.close_newest() or self.workspace is None):
            self._show_page()
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.open_all([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self.files.may_close_all() and all(one.may_close() for one in self.workspaces.values())):
            event.ignore()
            return
        self.settings.set_state("window/geometry", self.saveGeometry())
        self.settings.sync()
        self.start.close_down()
        self.warming.close()
        self.runner.close()
        self.recovery.end()
        event.accept()
