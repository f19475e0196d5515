"""Where the gallery lives: in memory first, on this computer when the person says so; export and import."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.faces.gallery.database import Busy, WrongKey
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
from explorer.faces.gallery.records import clean_name
from explorer.faces.gallery.stored import StoredGallery, gallery_path, keep, lock_of
from explorer.faces.gallery.transfer import DoesNotFit
from explorer.network.errors import UserError
from explorer.ui.shell.question import Question
from explorer.ui.workspaces.faces.ask_sheet import AskSheet
from explorer.ui.workspaces.faces.clerk import Clerk
from explorer.ui.workspaces.faces.model import FacesModel

LOOK_MS = 2000
"""How often another window's changes are looked for."""
ENDING = ".faces"
OTHER = "This is not the passphrase; try another."
MEMORY, ENCRYPTED, LOCKED = "in memory", "encrypted", "locked"


class Keeping(QObject):
    """`where` is "in memory", "encrypted", or "locked" while a kept gallery waits for its passphrase."""

    changed = Signal()

    def __init__(self, model: FacesModel, clerk: Clerk, window: QWidget) -> None:
        super().__init__()
        self.model = model
        self.clerk = clerk
        self.where = MEMORY
        self._window = window
        self._sheet: AskSheet | None = None
        self._busy = self._asking = False
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

        def found(lock: Lock | None) -> None:
            if lock is not None:
                self._go(LOCKED)
                if lock.kind is Kind.KEYRING:
                    self._open(lock, None)

        try:
            path = gallery_path()
        except UserError as error:  # no folder of our own: people stay in memory
            self.model.surroundings.messages.error(error)
            return
        if path.exists():
            self.clerk.put("Looking for a gallery", partial(lock_of, path), found)

    def unlock(self) -> None:
        """Open the kept gallery, by its passphrase if it has one."""
        self.clerk.put("Looking for a gallery", lambda: lock_of(gallery_path()), self._unlock)

    def _unlock(self, lock: Lock | None, fault: str = "") -> None:
        if lock is None:
            self._go(MEMORY)
        elif lock.kind is Kind.KEYRING:
            self._open(lock, None)
        else:
            self.sheet.ask_passphrase(
                "Unlock the gallery", "The people kept on this computer are encrypted.", "Unlock",
                partial(self._open, lock), fault=fault,
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

        self._busy = True
        self.clerk.put("Keeping the gallery", work, self._keyring_answered, self._give_up)

    def _keyring_answered(self, answer: StoredGallery | NoKeyring | PassphraseNeeded) -> None:
        if isinstance(answer, StoredGallery):
            self._opened(answer)
            return
        self._busy = False
        if isinstance(answer, PassphraseNeeded):  # another window has kept its people meanwhile
            self._go(LOCKED)
            self.unlock()
        else:
            self.sheet.ask_passphrase(
                "Choose a passphrase",
                "This system has no keyring. Only this passphrase opens the gallery; nobody can recover it.",
                "Keep", self._keep_by_passphrase, new=True,
            )  # fmt: skip

    def _keep_by_passphrase(self, passphrase: str) -> None:
        self._busy = True
        self.clerk.put("Keeping the gallery", self._kept(passphrase), self._opened, self._give_up)

    def _kept(self, passphrase: str | None) -> Callable[[], StoredGallery]:
        """What keeps the people of the present gallery."""
        memory = self.model.gallery

        def key_for(lock: Lock | None) -> Key:
            if lock is not None:
                return unlock(lock, passphrase)
            return new_keyring_key() if passphrase is None else new_passphrase_key(passphrase)

        return lambda: keep(memory, gallery_path(), key_for)

    def _open(self, lock: Lock, passphrase: str | None) -> None:
        def work() -> StoredGallery:
            return StoredGallery.open(gallery_path(), unlock(lock, passphrase))

        def failed(error: Exception) -> bool:
            self._busy = False
            again = passphrase is not None and isinstance(error, WrongKey)
            if again:
                self._unlock(lock, OTHER)
            return again

        self._busy = True
        self.clerk.put("Opening the gallery", work, self._opened, failed)

    def _opened(self, gallery: StoredGallery) -> None:
        """Who was enrolled in the meantime comes along; until they are there, the gallery is not shown."""
        before = self.model.gallery
        records = before.records() if isinstance(before, MemoryGallery) else []

        def brought(_: int) -> None:
            if self.clerk.waiting or len(before.records()) != len(records):
                self._opened(gallery)
            else:
                self._use(gallery)

        def failed(error: Exception) -> None:
            gallery.close()
            self._give_up(error)

        if records:
            self.clerk.put("Keeping the gallery", partial(gallery.add, records), brought, failed)
        else:
            self._use(gallery)

    def _use(self, gallery: StoredGallery) -> None:
        before = self.model.gallery
        self.model.use_gallery(gallery)
        before.close()
        self._busy = False
        self._others.start()
        self._go(ENCRYPTED)

    def _give_up(self, _: Exception) -> None:
        self._busy = False

    def _look(self) -> None:
        """Has another window changed the gallery? One question at a time: a disk may be slow."""
        gallery = self.model.gallery
        if self._asking or not isinstance(gallery, StoredGallery):
            return

        def looked(_: object) -> None:
            self._asking = False

        def failed(error: Exception) -> None:
            self._asking = False
            if not isinstance(error, Busy):  # who is only busy is looked at again
                self._others.stop()
                self.model.surroundings.messages.error(error)

        self._asking = True
        self.model.ask(lambda _: gallery.refresh(), looked, failed)

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
        self.clerk.put(
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

    def import_from(self, path: Path, fault: str = "") -> None:
        """Ask for the passphrase of a file and add its people."""
        text = f"“{path.name}” is encrypted."
        self.sheet.ask_passphrase(
            "Passphrase of the file", text, "Import", partial(self._import, path), fault=fault
        )

    def _import(self, path: Path, passphrase: str) -> None:
        gallery = self.model.gallery

        def failed(error: Exception) -> bool:
            again = isinstance(error, DoesNotFit)
            if again:
                self.import_from(path, "It does not open: another passphrase, or a damaged file.")
            return again

        work = partial(gallery.import_, path, passphrase)
        self.clerk.put("Importing people", work, self._imported, failed)

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
            self.clerk.put(f"Deleting {name}", partial(self.model.gallery.delete, name))

    def rename(self, name: str) -> None:
        """Ask for another name."""
        if not self._free():
            return
        self.sheet.ask_name(f"Rename “{name}”", "", "Rename", name, partial(self._rename, name))

    def _rename(self, name: str, new_name: str) -> None:
        def renamed(_: None) -> None:
            if claimed:
                self.model.set_claim(clean_name(new_name))

        claimed = self.model.claim == name
        self.clerk.put(f"Renaming {name}", partial(self.model.gallery.rename, name, new_name), renamed)

    def close_down(self) -> None:
        """The window closes."""
        self._others.stop()

    def _free(self) -> bool:
        """Whether people may be changed; why not is said."""
        if self._busy:
            self.model.surroundings.messages.say("The gallery is just being kept; try again in a moment.")
        return not self._busy

    def _go(self, where: str) -> None:
        self.where = where
        self.model.set_locked(where == LOCKED)
        self.changed.emit()
