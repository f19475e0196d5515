"""A gallery that is kept on this computer: SQLite, all of a person sealed with a key that is elsewhere.

The file shows how many pictures there are and nothing of whom. A value that was changed or moved to another
row does not open. Deleted values are overwritten (`secure_delete`) and no write-ahead log keeps them.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from explorer.faces.gallery import transfer
from explorer.faces.gallery.database import (
    WrongKey,
    check_key,
    clear_words,
    connect,
    create,
    damaged,
    examine,
    header,
    is_ours,
    make_private,
)
from explorer.faces.gallery.gallery import (
    Gallery,
    encoded,
    refuse_taken,
    require_person,
)
from explorer.faces.gallery.keys import Key, Lock, forget
from explorer.faces.gallery.records import (
    Embedding,
    Enrollable,
    Facts,
    Person,
    Record,
    bytes_of,
    chip_of,
    clean_name,
    embedding_of,
    matrix_of,
    people_of,
    record_of,
)
from explorer.faces.gallery.sealing import DoesNotOpen, Seal
from explorer.folders import data_folder
from explorer.media.pictures import Picture
from explorer.network.errors import UserError
from explorer.network.observe import Signal

if TYPE_CHECKING:
    from explorer.faces.encoder import Encoder

_CHECKED_WHOLE = 64 << 20  # bytes up to which a file is examined page by page when it opens
_PADDED = 64


@dataclass(frozen=True, eq=False)
class _Row:
    """What is held in memory of one picture; `sealed` tells whether it still is what the file holds."""

    id: str
    facts: Facts
    embedding: Embedding
    sealed: int


def gallery_path() -> Path:
    """Where the gallery of this computer's user is kept."""
    return data_folder() / "people.gallery"


def lock_of(path: Path) -> Lock | None:
    """How the gallery at `path` is locked, None if there is none yet. Raises Damaged."""
    with clear_words(path):
        if not path.exists() or path.stat().st_size == 0:
            return None
        database = connect(path)
        try:
            return header(database, path)[1] if is_ours(database, path) else None
        finally:
            database.close()


def open_locked(path: Path, key_for: Callable[[Lock | None], Key]) -> StoredGallery:
    """The gallery at `path`, a new one if there is none; `key_for` gets its lock, None for a new one.

    Another program may make the gallery while a new key is made, which takes a while. Then its lock counts:
    the same passphrase opens it, though not the key that was made of it with another salt.
    """
    lock = lock_of(path)
    key = key_for(lock)
    try:
        return StoredGallery.open(path, key)
    except WrongKey:
        made_meanwhile = lock is None and lock_of(path)
        if not made_meanwhile:
            raise
        forget(key.lock)
        return StoredGallery.open(path, key_for(made_meanwhile))
    except BaseException:
        if lock is None and _never_made(path):
            forget(key.lock)  # a key of nothing is not left in the keyring
        raise


def _never_made(path: Path) -> bool:
    try:
        return lock_of(path) is None
    except UserError:
        return False


def keep(memory: Gallery, path: Path, key_for: Callable[[Lock | None], Key]) -> StoredGallery:
    """The people of `memory` in the gallery at `path`, which is made if it is not there."""
    gallery = open_locked(path, key_for)
    try:
        gallery.add(memory.records())
    except BaseException:
        gallery.close()
        raise
    return gallery


class StoredGallery:
    """A `Gallery` on disk. Several windows may have the same one open.

    `people`, `embeddings` and `outdated` tell what was read last and never wait for the file; `refresh` reads
    what the others have changed, as does whatever writes. All else may wait while another window writes.
    """

    def __init__(self, path: Path, database: sqlite3.Connection, seal: Seal) -> None:
        """For `open` alone."""
        self.changed: Signal[[]] = Signal()
        self.path = path
        self._database = database
        self._seal = seal
        self._lock = threading.RLock()
        self._rows: list[_Row] = []
        self._seen = -1
        self._file = _identity(path)
        self._matrices: dict[str, tuple[list[_Row], Embedding, tuple[str, ...]]] = {}

    @classmethod
    def open(cls, path: Path, key: Key) -> StoredGallery:
        """The gallery at `path`; a new one, locked as `key` says, if there is none.

        Every person is read and checked first: a gallery that is damaged or has another key does not open at
        all. Raises WrongKey, Damaged, or UserError where the system refuses.
        """
        with clear_words(path):
            make_private(path)
            database = connect(path)
            try:
                if not is_ours(database, path):
                    create(database, key)
                context, lock, check = header(database, path)
                seal = Seal(key.secret, context)
                check_key(seal, check, lock)
                if path.stat().st_size <= _CHECKED_WHOLE:
                    examine(database, path)
                gallery = cls(path, database, seal)
                gallery._load()
            except BaseException:
                database.close()
                raise
        return gallery

    def people(self) -> tuple[Person, ...]:
        return people_of(row.facts for row in self._rows)

    def enrol(self, name: str, reading: Enrollable, consent: bool) -> None:
        """Raises UserError also without consent: nobody is kept on disk who did not agree."""
        self.add([record_of(name, reading, consent)])

    def delete(self, name: str) -> None:
        with self._writing():
            rows = self._named(name)
            self._database.executemany("DELETE FROM pictures WHERE id = ?", [(row.id,) for row in rows])
        self._reload()

    def rename(self, name: str, new_name: str) -> None:
        new_name = clean_name(new_name)
        with self._writing():
            rows = self._named(name)
            refuse_taken(name, new_name, people_of(row.facts for row in self._rows))
            for row in rows:
                facts = msgspec.structs.replace(row.facts, name=new_name)
                self._database.execute(
                    "UPDATE pictures SET facts = ? WHERE id = ?", (self._sealed_facts(facts, row.id), row.id)
                )
        self._reload()

    def embeddings(self, version: str) -> tuple[Embedding, tuple[str, ...]]:
        rows = self._rows  # another list after each change
        kept = self._matrices.get(version)
        if kept is None or kept[0] is not rows:
            kept = rows, *matrix_of([(row.facts, row.embedding) for row in rows], version)
            self._matrices[version] = kept
        return kept[1:]

    def outdated(self, version: str) -> int:
        return sum(row.facts.encoder != version for row in self._rows)

    def encode_anew(self, encoder: Encoder) -> int:
        old = [row for row in self._current() if row.facts.encoder != encoder.version]
        for row in old:  # one by one: each takes its time, and others may want to write
            with self._writing():
                record = self._record(row.id)  # as it is now
                if record is None or record.facts.encoder == encoder.version:
                    continue
                anew = encoded(record, encoder)
                self._database.execute(
                    "UPDATE pictures SET facts = ?, embedding = ? WHERE id = ?",
                    (
                        self._sealed_facts(anew.facts, row.id),
                        self._seal.close(bytes_of(anew.embedding), f"{row.id} embedding"),
                        row.id,
                    ),
                )
        if old:
            self._reload()
        return len(old)

    def chips(self, name: str) -> tuple[Picture, ...]:
        with self._lock:
            self._current()
            records = [self._record(row.id) for row in self._named(name)]
            return tuple(chip_of(record.chip) for record in records if record is not None)

    def records(self) -> list[Record]:
        with self._lock:
            records = [self._record(row.id) for row in self._current()]
            return [record for record in records if record is not None]

    def add(self, records: Iterable[Record]) -> int:
        """Raises UserError also when somebody did not consent: nobody is kept on disk who did not agree."""
        wanted = {record.facts.identity: record for record in records}
        refused = sorted({r.facts.name for r in wanted.values() if not r.facts.consent})
        if refused:
            raise UserError(
                f"'{refused[0]}' did not agree to be kept on this computer; ask first, or leave them out"
            )
        with self._lock:
            with self._writing():
                known = {row.facts.identity for row in self._rows}
                new = [record for identity, record in wanted.items() if identity not in known]
                sealed = [self._sealed(record) for record in new]
                self._database.executemany(
                    "INSERT INTO pictures (id, facts, embedding, chip) VALUES (?, ?, ?, ?)", sealed
                )
            self._rows = [*self._rows, *map(_row, new, sealed)]  # 100,000 need not be read anew for one
        if new:
            self.changed.emit()
        return len(new)

    def export(self, path: Path, passphrase: str) -> None:
        transfer.write(path, passphrase, self.records())

    def import_(self, path: Path, passphrase: str) -> int:
        return self.add(transfer.read(path, passphrase))

    def refresh(self) -> bool:
        """Emits `changed` if another window has changed the gallery since it was last looked at."""
        with self._lock, clear_words(self.path):
            stale = self._version() != self._seen
            if stale:
                self._load()
        if stale:
            self.changed.emit()
        return stale

    def close(self) -> None:
        with self._lock:
            self._rows = []
            self._matrices = {}
            self._database.close()

    def _current(self) -> Sequence[_Row]:
        """The rows, read anew if another window has changed them."""
        with self._lock, clear_words(self.path):
            if self._version() != self._seen:
                self._load()
            return self._rows

    def _reload(self) -> None:
        with self._lock, clear_words(self.path):
            self._load()
        self.changed.emit()

    def _version(self) -> int:
        """Another one after another connection has written; our own writes do not count.

        Raises UserError once the file was moved away: who is enrolled into one without a name is lost.
        """
        if _identity(self.path) != self._file:
            raise UserError(f"the gallery '{self.path}' was moved away or replaced; open it again")
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def _load(self) -> None:
        seen = self._version()  # before reading: what changes meanwhile is read again
        found = self._database.execute("SELECT id, facts, embedding FROM pictures ORDER BY number").fetchall()
        known = {row.id: row for row in self._rows}
        self._rows = [self._opened(key, facts, embedding, known.get(key)) for key, facts, embedding in found]
        self._seen = seen

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, on the newest state: all of it happens or nothing does."""
        with self._lock, clear_words(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                if self._version() != self._seen:
                    self._load()
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise

    def _named(self, name: str) -> list[_Row]:
        require_person(name, people_of(row.facts for row in self._rows))
        return [row for row in self._rows if row.facts.name == name]

    def _sealed(self, record: Record) -> tuple[str, bytes, bytes, bytes]:
        key = secrets.token_hex(16)
        return (
            key,
            self._sealed_facts(record.facts, key),
            self._seal.close(bytes_of(record.embedding), f"{key} embedding"),
            self._seal.close(record.chip, f"{key} chip"),
        )

    def _sealed_facts(self, facts: Facts, key: str) -> bytes:
        """Padded, so that a length does not tell a name."""
        plain = msgspec.json.encode(facts)
        return self._seal.close(plain.ljust(-(-len(plain) // _PADDED) * _PADDED), f"{key} facts")

    def _opened(self, key: str, facts: bytes, embedding: bytes, known: _Row | None = None) -> _Row:
        sealed = hash((facts, embedding))
        if known is not None and known.sealed == sealed:
            return known
        try:
            plain = self._seal.open(facts, f"{key} facts")
            vector = embedding_of(self._seal.open(embedding, f"{key} embedding"))
            return _Row(key, msgspec.json.decode(plain, type=Facts), vector, sealed)
        except (DoesNotOpen, msgspec.DecodeError, ValueError, TypeError, AttributeError):
            raise damaged(self.path) from None

    def _record(self, key: str) -> Record | None:
        """One picture as it is in the file, with its chip; None if another window has deleted it."""
        question = "SELECT id, facts, embedding, chip FROM pictures WHERE id = ?"
        with clear_words(self.path):
            found = self._database.execute(question, (key,)).fetchone()
        if found is None:
            return None
        row = self._opened(*found[:3])
        try:
            return Record(row.facts, row.embedding, self._seal.open(found[3], f"{key} chip"))
        except (DoesNotOpen, TypeError):
            raise damaged(self.path) from None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _row(record: Record, sealed: tuple[str, bytes, bytes, bytes]) -> _Row:
    key, facts, embedding, _ = sealed
    return _Row(key, record.facts, record.embedding, hash((facts, embedding)))
