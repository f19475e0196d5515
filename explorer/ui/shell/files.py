"""Files: new, open, save, close with a question, drop, recents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.interop import sources
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.job import Work
from explorer.tasks.qt import Runner
from explorer.ui.shell.importing import Importer
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.question import Question
from explorer.ui.shell.settings import Settings

ENDING = ".convnet"
FILTER = f"Networks (*{ENDING})"
READ_TOO = f"Networks (*{ENDING} *.onnx *.pt2 *.py)"
LARGE = 4 << 20
"""Bytes of weights above which saving is a Job."""
Answer = Literal["save", "discard", "cancel"]


class Taker(Protocol):
    """Whoever may take a file that is not a network: the shown workspace."""

    def __call__(self, path: Path) -> bool: ...


class Files(QObject):
    """What the File menu does. Loading runs beside the window; saving is atomic and happens at once."""

    saved = Signal(object)
    closed = Signal(object)

    def __init__(
        self, window: QWidget, session: Session, runner: Runner, messages: Messages, settings: Settings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._runner = runner
        self._messages = messages
        self._settings = settings
        self.taker: Taker = lambda path: False
        self.importer = Importer(window, session, runner, messages)

    def new(self) -> None:
        """An empty network in a new tab."""
        self._session.open(Network(name=self._free_name("Untitled")))

    def open_with_dialog(self) -> None:
        """Ask which files, and open them."""
        names, _ = QFileDialog.getOpenFileNames(
            self._window, "Open a network", str(self._folder()), f"{READ_TOO};;All files (*)"
        )
        self.open_all([Path(name) for name in names])

    def open_all(self, paths: Sequence[Path]) -> None:
        """Open several files, each in its tab."""
        for path in paths:
            self.open(path)

    def open(self, path: Path) -> None:
        """Open one file: show the tab that has it, load it, hand it to the workspace, or say why not."""
        path = path.expanduser().absolute()
        already = self._session.find(path)
        if already is not None:
            self._session.activate(already)
        elif path.suffix.lower() == ENDING:
            self._load(path)
        elif not self.importer.takes(path) and not self.taker(path):
            self._messages.error(UserError(refusal(path)))

    def open_source(self, source: str) -> None:
        """Open what was named on the command line: a file, a classic network or one of torchvision's."""
        if source.startswith("torchvision:"):
            self.importer.start(source)
            return
        path = Path(source)
        if path.suffix or path.exists():
            self.open(path)
            return
        from explorer.zoo import catalogue

        try:
            self.open_network(catalogue.find(source).build())
        except UserError as error:
            self._messages.error(error)

    def open_network(self, network: Network) -> OpenNetwork:
        """Open a network that has no file yet, e.g. a classic one."""
        return self._session.open(network)

    def save(self, tab: OpenNetwork | None = None, wait: bool = False) -> bool:
        """Save to the file it has, else ask for one; whether it is saved, or being saved, now.

        Large weights are written beside the window unless somebody has to `wait` for them.
        """
        tab = tab or self._session.active
        if tab is None:
            return False
        return self.save_as(tab) if tab.path is None else self._write(tab, tab.path, wait)

    def save_as(self, tab: OpenNetwork | None = None) -> bool:
        """Ask for a file and save there; whether it is saved now."""
        tab = tab or self._session.active
        if tab is None:
            return False
        suggested = tab.path or self._folder() / f"{safe_name(tab.title)}{ENDING}"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save the network", str(suggested), FILTER)
        if not name:
            return False
        path = Path(name).absolute()
        if path.suffix.lower() != ENDING:
            path = path.with_name(path.name + ENDING)
            if path.exists() and not confirm_replace(self._window, path):
                return False
        return self._write(tab, path)

    def close(self, tab: OpenNetwork | None = None) -> bool:
        """Close a tab, asking first where work would be lost; whether it is closed now."""
        tab = tab or self._session.active
        if tab is None or not self.may_close(tab):
            return False
        self._session.close(tab)
        self.closed.emit(tab)
        return True

    def may_close(self, tab: OpenNetwork) -> bool:
        """Whether closing loses nothing, or nothing that the person minds."""
        if not tab.modified:
            return True
        self._session.activate(tab)
        answer = ask_to_save(self._window, tab.title)
        return answer == "discard" or (answer == "save" and self.save(tab, wait=True))

    def may_close_all(self) -> bool:
        """Ask for every tab that needs it; False as soon as one answer is to stay."""
        return all(self.may_close(tab) for tab in list(self._session.tabs))

    def _load(self, path: Path) -> None:
        from explorer.interop import projects

        def loaded(network: Network) -> None:
            if self._session.find(path) is None:
                self._session.open(network, path)
            self._settings.add_recent(path)

        self._runner.start(Work(f"Opening {path.name}", lambda context: projects.load(path)), on_done=loaded)

    def _write(self, tab: OpenNetwork, path: Path, wait: bool = False) -> bool:
        from explorer.interop import projects

        network = tab.document.network
        if not wait and projects.bytes_to_write(path, network) > LARGE:
            self._runner.start(
                Work(f"Saving {path.name}", lambda context: projects.save(path, network)),
                on_done=lambda _: self._written(tab, path, network),
            )
            return True
        try:
            projects.save(path, network)
        except UserError as error:
            self._messages.error(error)
            return False
        self._written(tab, path, network)
        return True

    def _written(self, tab: OpenNetwork, path: Path, network: Network) -> None:
        tab.mark_saved(path, network)
        self._settings.add_recent(path)
        self.saved.emit(tab)

    def _folder(self) -> Path:
        if self._session.active is not None and self._session.active.path is not None:
            return self._session.active.path.parent
        recents = self._settings.recents
        return recents[0].parent if recents and recents[0].parent.is_dir() else Path.home()

    def _free_name(self, stem: str) -> str:
        taken = {tab.title for tab in self._session.tabs}
        names = (stem if n == 1 else f"{stem} {n}" for n in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)


def refusal(path: Path) -> str:
    """Why a file that is no `.convnet` can't be opened, and what to do."""
    if not path.exists():
        return f"“{path.name}” is not there any more. Look for it in {path.parent}."
    if path.is_dir():
        return f"“{path.name}” is a folder. Open a {ENDING} file inside it."
    try:
        sources.parse(str(path))
    except UserError as error:
        return str(error).replace(f"'{path}'", f"“{path.name}”")
    return f"“{path.name}” is not a network. Networks are {ENDING}, .onnx, .pt2 and .py files."


def safe_name(title: str) -> str:
    """A title as a file name that every system takes."""
    kept = "".join("-" if letter in '\\/:*?"<>|' or not letter.isprintable() else letter for letter in title)
    return kept.strip(" .")[:80] or "Untitled"


def ask_to_save(window: QWidget, title: str) -> Answer:
    """The question before unsaved work goes: the one thing that holds the window."""
    answer: Answer = "cancel"
    dialog = Question(
        window,
        f"Save the changes to “{title}”?",
        "If you don't save, they are lost.",
        [("Don't save", ""), ("Cancel", ""), ("Save", "primary")],
    )
    chosen = dialog.ask()
    if chosen == "Save":
        answer = "save"
    elif chosen == "Don't save":
        answer = "discard"
    return answer


def confirm_replace(window: QWidget, path: Path) -> bool:
    """Whether a file whose ending we added may be replaced: the file dialog has not asked for that name."""
    text = "What is in it now is lost."
    buttons = [("Cancel", ""), ("Replace", "primary")]
    return Question(window, f"Replace “{path.name}”?", text, buttons).ask() == "Replace"
