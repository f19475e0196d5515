"""Where the gallery lives: in memory first, on this computer when the person says so; export and import."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.faces.gallery.gallery import MemoryGallery
from explorer.faces.gallery.keys import (
    Key,
    Kind,
    Lock,
    NoKeyring,
    PassphraseNeeded,
    new_keyring_key,
    new_passphrase_key,
    unlock,
)
from explorer.faces.gallery.stored import StoredGallery, gallery_path, keep, lock_of
from explorer.network.errors import UserError
from explorer.tasks.job import Work
from explorer.tasks.qt import Handle
from explorer.ui.shell.question import Question
from explorer.ui.workspaces.faces.ask_sheet import AskSheet
from explorer.ui.workspaces.faces.model import FacesModel

LOOK_MS = 2000
"""How often another window's changes are looked for."""
ENDING = ".faces"
MEMORY, ENCRYPTED, LOCKED = "in memory", "encrypted", "locked"


class Keeping(QObject):
    """`where` is "in memory", "encrypted", or "locked" while a kept gallery waits for its passphrase."""

    changed = Signal()

    def __init__(self, model: FacesModel, window: QWidget) -> None:
        super().__init__()
        self.model = model
        self.where = MEMORY
        self._window = window
        self._sheet: AskSheet | None = None
        self._busy = False
        self._others = QTimer(self, interval=LOOK_MS)
        self._others.timeout.connect(self._look)

    @property
    def sheet(self) -> AskSheet:
        """The sheet that asks, over the whole window."""
        if self._sheet is None:
            self._sheet = AskSheet(self._window.window())
        return self._sheet

    # -- on this computer --------------------------------------------------------------------------------

    def open_kept(self) -> None:
        """Open what was kept before, if anything was; a passphrase is asked for when the person wants."""
        try:
            lock = lock_of(gallery_path())
        except UserError as error:
            self.model.surroundings.messages.error(error)
            return
        if lock is None:
            return
        self._go(LOCKED)
        if lock.kind is Kind.KEYRING:
            self._open(lock, None)

    def unlock(self) -> None:
        """Open the kept gallery, by its passphrase if it has one."""
        try:
            lock = lock_of(gallery_path())
        except UserError as error:
            self.model.surroundings.messages.error(error)
            return
        if lock is None:
            self._go(MEMORY)
        elif lock.kind is Kind.KEYRING:
            self._open(lock, None)
        else:
            self.sheet.ask_passphrase(
                "Unlock the gallery", "The people kept on this computer are encrypted.", "Unlock",
                partial(self._open, lock),
            )  # fmt: skip

    def keep(self) -> None:
        """Ask once, then keep the gallery on this computer."""
        self.sheet.confirm(
            "Keep the gallery on this computer?",
            "Names, pictures and embeddings are encrypted. The key goes into this system's keyring; where "
            "there is none, you choose a passphrase. Deleting a person deletes them for good.",
            "Keep",
            lambda _: self._keep_by_keyring(),
        )

    def _keep_by_keyring(self) -> None:
        kept = self._kept(None)

        def work() -> StoredGallery | NoKeyring | PassphraseNeeded:
            try:
                return kept()
            except (NoKeyring, PassphraseNeeded) as answer:
                return answer

        self._hold(work, self._keyring_answered)

    def _keyring_answered(self, answer: StoredGallery | NoKeyring | PassphraseNeeded) -> None:
        if isinstance(answer, StoredGallery):
            self._opened(answer)
        elif isinstance(answer, PassphraseNeeded):  # another window has kept its people meanwhile
            self._go(LOCKED)
            self.unlock()
        else:
            self.sheet.ask_passphrase(
                "Choose a passphrase",
                "This system has no keyring. Only this passphrase opens the gallery; nobody can recover it.",
                "Keep", self._keep_by_passphrase, new=True,
            )  # fmt: skip

    def _keep_by_passphrase(self, passphrase: str) -> None:
        self._hold(self._kept(passphrase), self._opened)

    def _hold(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Keeps the people as they are now: until that is done nobody is deleted or renamed."""

        def ended() -> None:
            self._busy = False

        self._busy = True
        self._run("Keeping the gallery", work, done).ended.connect(ended)

    def _kept(self, passphrase: str | None) -> Callable[[], StoredGallery]:
        """What keeps the people of the present gallery beside the window."""
        memory = MemoryGallery()
        memory.add(self.model.gallery.records())

        def key_for(lock: Lock | None) -> Key:
            if lock is not None:
                return unlock(lock, passphrase)
            return new_keyring_key() if passphrase is None else new_passphrase_key(passphrase)

        return lambda: keep(memory, gallery_path(), key_for)

    def _open(self, lock: Lock, passphrase: str | None) -> None:
        def work() -> StoredGallery:
            return StoredGallery.open(gallery_path(), unlock(lock, passphrase))

        self._run("Opening the gallery", work, self._opened)

    def _opened(self, gallery: StoredGallery) -> None:
        """Who was enrolled in the meantime comes along."""
        before = self.model.gallery
        if isinstance(before, MemoryGallery):
            gallery.add(before.records())
        self.model.use_gallery(gallery)
        before.close()
        self._others.start()
        self._go(ENCRYPTED)

    def _look(self) -> None:
        gallery = self.model.gallery
        if isinstance(gallery, StoredGallery):
            try:
                gallery.refresh()
            except UserError as error:
                self._others.stop()
                self.model.surroundings.messages.error(error)

    # -- export and import -------------------------------------------------------------------------------

    def export(self) -> None:
        """Everybody into one encrypted file."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export the gallery", f"gallery{ENDING}", f"Exported gallery (*{ENDING})"
        )
        if name:
            path = Path(name)
            path = path if path.suffix else path.with_suffix(ENDING)
            self.sheet.ask_passphrase(
                "Passphrase for the file", "Whoever imports the file needs it.", "Export",
                partial(self._export, path), new=True,
            )  # fmt: skip

    def _export(self, path: Path, passphrase: str) -> None:
        gallery = self.model.gallery
        say = self.model.surroundings.messages.say
        self._run(
            "Exporting the gallery", lambda: gallery.export(path, passphrase),
            lambda _: say(f"Written to {path}.", "ok"),
        )  # fmt: skip

    def import_(self) -> None:
        """Add the people of an exported file."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Import a gallery", "", f"Exported gallery (*{ENDING});;All files (*)"
        )
        if name:
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Ask for the passphrase of a file and add its people."""
        text = f"“{path.name}” is encrypted."
        self.sheet.ask_passphrase("Passphrase of the file", text, "Import", partial(self._import, path))

    def _import(self, path: Path, passphrase: str) -> None:
        gallery = self.model.gallery
        self._run("Importing people", lambda: gallery.import_(path, passphrase), self._imported)

    def _imported(self, count: int) -> None:
        words = "Nothing new was in the file." if count == 0 else f"{count} pictures were added."
        self.model.surroundings.messages.say("1 picture was added." if count == 1 else words, "ok")

    # -- people ------------------------------------------------------------------------------------------

    def delete(self, name: str) -> None:
        """Ask once: a deleted person is gone for good."""
        if not self._free():
            return
        dialog = Question(
            self._window.window(), f"Delete “{name}”?", "Their pictures and embeddings are deleted for good.",
            [("Cancel", ""), ("Delete", "primary")],
        )  # fmt: skip
        if dialog.ask() == "Delete":
            self._try(lambda: self.model.gallery.delete(name))

    def rename(self, name: str) -> None:
        """Ask for another name."""
        if not self._free():
            return
        self.sheet.ask_name(f"Rename “{name}”", "", "Rename", name, partial(self._rename, name))

    def _rename(self, name: str, new_name: str) -> None:
        claimed = self.model.claim == name
        others = set(self.model.names())
        if self._try(lambda: self.model.gallery.rename(name, new_name)) and claimed:
            self.model.set_claim(next(iter(set(self.model.names()) - others), name))

    def close_down(self) -> None:
        """The window closes."""
        self._others.stop()

    def _free(self) -> bool:
        """Whether people may be changed; why not is said."""
        if self._busy:
            self.model.surroundings.messages.say("The gallery is just being kept; try again in a moment.")
        return not self._busy

    def _try(self, work: Callable[[], object]) -> bool:
        """Whether it could be done; why not is said."""
        try:
            work()
        except UserError as error:
            self.model.surroundings.messages.error(error)
            return False
        return True

    def _go(self, where: str) -> None:
        self.where = where
        self.changed.emit()

    def _run(
        self,
        title: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
    ) -> Handle:
        """Beside the window; a key made of a passphrase takes its time."""
        return self.model.surroundings.runner.start(Work(title, lambda _: work()), on_done=done)
