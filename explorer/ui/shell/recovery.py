"""Autosave and recovery: what is not saved is kept in the state folder, and offered again after a crash."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QTimer

from explorer.folders import state_folder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Messages

if TYPE_CHECKING:
    from explorer.network.project import Recovered

EVERY_MS = 10_000
AGAIN_MS = 200


class Recovery(QObject):
    """Keeps copies of unsaved networks while the window lives, in a folder that only this process uses.

    A lock tells other windows that the folder's owner is alive; Qt frees it when the process dies.
    """

    def __init__(self, session: Session, messages: Messages, folder: Path | None = None) -> None:
        super().__init__()
        self._session = session
        self._messages = messages
        self._root = (folder or state_folder()) / "autosave"
        self._own = self._root / f"{os.getpid()}-{time.time_ns():x}"  # process ids come again
        self._lock: QLockFile | None = None
        self._kept: dict[int, Network] = {}
        self._runner = Runner(self)  # of its own: keeping copies is not worth a word in the status line
        self._runner.failed.connect(lambda handle: messages.error(handle.error, "Keeping a copy"))
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.keep)

    def start(self) -> None:
        """Take the folder and begin; a folder that can't be made is told, and nothing is kept."""
        try:
            self._own.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or "no reason given"
            self._messages.error(UserError(f"Unsaved networks can't be kept in {self._root}: {why}."))
            return
        self._lock = _lock(self._own)
        self._lock.tryLock(0)
        self._timer.start()

    def keep(self, then: Callable[[], None] = lambda: None) -> None:
        """Write a copy of each network that changed since its last copy, and drop copies of saved ones."""
        from explorer.interop import projects

        if self._runner.running:
            QTimer.singleShot(AGAIN_MS, self, lambda: self.keep(then))
            return
        wanted = {tab.number: tab for tab in self._session.tabs if tab.modified}
        for number in [number for number in self._kept if number not in wanted]:
            self.forget(number)
        due = [
            (number, tab.document.network, tab.path)
            for number, tab in wanted.items()
            if self._kept.get(number) is not tab.document.network
        ]
        if not due:
            then()
            return

        def write(context: Context) -> None:
            for number, network, path in due:
                context.check()
                projects.autosave(self._own, str(number), network, path)

        self._kept.update({number: network for number, network, _ in due})
        self._runner.start(Work("Keeping copies of unsaved networks", write), on_done=lambda _: then())

    def forget(self, number: int) -> None:
        """Drop the copy of one network: it is saved, or closed on purpose."""
        from explorer.interop import projects

        if self._kept.pop(number, None) is not None:
            projects.discard(self._own, str(number))

    def follow_close(self, tab: OpenNetwork) -> None:
        """A tab was closed or saved."""
        self.forget(tab.number)

    def end(self) -> None:
        """The window closes in order: everything is saved or given up, so no copy stays."""
        self._timer.stop()
        self._runner.close()
        self._kept.clear()
        if self._lock is not None:
            self._lock.unlock()
            shutil.rmtree(self._own, ignore_errors=True)

    def offer(self) -> None:
        """Look for what windows that did not close in order left behind, and offer it."""
        own = self._own

        def look(context: Context) -> list[Recovered]:
            return left_behind(self._root, own)

        self._runner.start(Work("Looking for copies", look), on_done=self._ask)

    def _ask(self, left: list[Recovered]) -> None:
        if not left:
            return
        what = "A network was" if len(left) == 1 else f"{len(left)} networks were"
        self._messages.ask(
            f"{what} not saved when ConvNet Explorer ended unexpectedly.",
            ("Restore", lambda: self._restore(left)),
            ("Discard", lambda: _drop(left)),
            kind="warning",
        )

    def _restore(self, left: Sequence[Recovered]) -> None:
        from explorer.interop import projects

        restored = []
        for one in reversed(left):
            try:
                network = projects.read_recovered(one)
            except UserError as error:
                self._messages.error(error)
                continue
            self._session.open(network, one.path).mark_unsaved()
            restored.append(one)
        # The old copies go only when the new ones are on the disk.
        self.keep(then=lambda: _drop(restored))


def left_behind(root: Path, own: Path) -> list[Recovered]:
    """The copies in folders whose windows are gone; folders without any are removed."""
    from explorer.network import project

    found: list[Recovered] = []
    for folder in sorted(root.glob("*")):
        if not folder.is_dir() or folder == own:
            continue
        lock = _lock(folder)
        if not lock.tryLock(0):
            continue  # its window is alive
        copies = list(folder.iterdir())
        found.extend(project.recoverable(folder))
        if not copies:
            folder.rmdir()
        lock.unlock()
    return found


def _drop(copies: Sequence[Recovered]) -> None:
    from explorer.interop import projects

    for one in copies:
        projects.discard(one.file.parent, one.file.stem)
        with suppress(OSError):  # others are still in it
            one.file.parent.rmdir()


def _lock(folder: Path) -> QLockFile:
    """The lock beside a folder; a lock whose process is gone is stale at once."""
    lock = QLockFile(str(folder.with_name(folder.name + ".lock")))
    lock.setStaleLockTime(0)
    return lock
