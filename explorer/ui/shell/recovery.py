"""Autosave and recovery: what is not saved is kept in the state folder, and offered again after a crash."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer

from explorer.folders import state_folder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Runner
from explorer.ui.shell.messages import Messages

EVERY_MS = 10_000


class Recovery(QObject):
    """Keeps copies of unsaved networks while the window lives, in a folder that only this process uses.

    A lock tells other windows that the folder's owner is alive; Qt frees it when the process dies.
    """

    def __init__(self, session: Session, messages: Messages, folder: Path | None = None) -> None:
        super().__init__()
        self._session = session
        self._messages = messages
        self._root = (folder or state_folder()) / "autosave"
        self._own = self._root / f"{os.getpid()}"
        self._lock: QLockFile | None = None
        self._kept: dict[int, Network] = {}
        self._runner = Runner(self)  # of its own: keeping copies is not worth a word in the status line
        self._runner.failed.connect(lambda handle: messages.error(handle.error, "Keeping a copy"))
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.keep)

    def start(self) -> None:
        """Take the folder and begin."""
        self._own.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self._own)
        self._lock.tryLock(0)
        self._timer.start()

    def keep(self) -> None:
        """Write a copy of each network that changed since its last copy, and drop copies of saved ones."""
        from explorer.network import project

        if self._runner.running:
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
            return

        def write(context: Context) -> None:
            for number, network, path in due:
                context.check()
                project.autosave(self._own, str(number), network, path)

        self._kept.update({number: network for number, network, _ in due})
        self._runner.start(Work("Keeping copies of unsaved networks", write))

    def forget(self, number: int) -> None:
        """Drop the copy of one network: it is saved, or closed on purpose."""
        from explorer.network import project

        if self._kept.pop(number, None) is not None:
            project.discard(self._own, str(number))

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
        """Offer what windows that did not close in order left behind."""
        left = self._left_behind()
        if not left:
            return
        what = "A network was" if len(left) == 1 else f"{len(left)} networks were"
        self._messages.ask(
            f"{what} not saved when ConvNet Explorer ended unexpectedly.",
            ("Restore", lambda: self._restore(left)),
            ("Discard", lambda: self._drop(left)),
            kind="warning",
        )

    def _left_behind(self) -> list[tuple[Path, str, Network, Path | None]]:
        from explorer.network import project

        found: list[tuple[Path, str, Network, Path | None]] = []
        for folder in sorted(self._root.glob("*")):
            if not folder.is_dir() or folder == self._own:
                continue
            lock = _lock(folder)
            if not lock.tryLock(0):
                continue  # its window is alive
            lock.unlock()
            recovered = project.recoverable(folder)
            found.extend((folder, one.key, project.read_recovered(one), one.path) for one in recovered)
            if not recovered:
                shutil.rmtree(folder, ignore_errors=True)
        return found

    def _restore(self, left: Sequence[tuple[Path, str, Network, Path | None]]) -> None:
        for _, _, network, path in left:
            self._session.open(network, path).mark_unsaved()
        self.keep()
        self._drop(left)

    def _drop(self, left: Sequence[tuple[Path, str, Network, Path | None]]) -> None:
        for folder in {folder for folder, *_ in left}:
            try:
                shutil.rmtree(folder)
            except OSError as error:
                self._messages.error(UserError(f"The copies in {folder} can't be removed: {error.strerror}."))


def _lock(folder: Path) -> QLockFile:
    """The lock beside a folder; a lock whose process is gone is stale at once."""
    lock = QLockFile(str(folder.with_name(folder.name + ".lock")))
    lock.setStaleLockTime(0)
    return lock
