"""The SQLite file of a kept gallery: made, opened and checked, with clear words for what goes wrong."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from explorer.faces.gallery.keys import Key, Lock
from explorer.faces.gallery.sealing import DoesNotOpen, Seal
from explorer.network.errors import UserError

APPLICATION = 0x434E5847
"""SQLite's application id: CNXG."""
VERSION = 1
BUSY = 5.0
"""Seconds for which another window may be writing."""
_CHECK = b"ConvNet Explorer gallery"

_TABLES = (
    "CREATE TABLE header (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE pictures (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " facts BLOB NOT NULL, embedding BLOB NOT NULL, chip BLOB NOT NULL)",
)


class WrongKey(UserError):
    """The gallery is whole, but this is not its key."""


class Busy(UserError):
    """Another program is writing, and was still writing after `BUSY` seconds."""


class Damaged(UserError):
    """The file is no gallery, or one with changed bytes."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes through to the disk and leaves nothing of what is deleted."""
    database = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            "secure_delete = ON",
            "journal_mode = DELETE",  # a write-ahead log would keep what was deleted
            "synchronous = FULL",
            "fullfsync = ON",
            "temp_store = MEMORY",
            "trusted_schema = OFF",
        ):
            database.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        database.close()  # at once: one that is damaged may hold a lock
        raise
    return database


def make_private(path: Path) -> None:
    """An empty file that only its owner may read, unless there is one; SQLite's journal takes after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise UserError(f"'{path}' is a folder; name a file for the gallery")
    with suppress(FileExistsError):
        # One that is there is not opened: closing it again would end this process's locks on it (POSIX).
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_ours(database: sqlite3.Connection, path: Path) -> bool:
    """False for a file that is empty still. Raises Damaged for what is no gallery."""
    database.execute("BEGIN")  # one view of the file: another window may be making the gallery meanwhile
    try:
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
    if application == APPLICATION and version == VERSION:
        return True
    if application == APPLICATION and version > VERSION:
        raise UserError(f"'{path}' was made by a newer ConvNet Explorer; install that to open it")
    if application or version or tables:
        raise Damaged(f"'{path}' is not a gallery; move it away or choose another file")
    return False


def create(database: sqlite3.Connection, key: Key) -> None:
    """All at once: a program that is killed meanwhile leaves an empty file."""
    database.execute("BEGIN IMMEDIATE")
    try:
        if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            context = secrets.token_bytes(16)
            header = {
                "context": context,
                "lock": msgspec.json.encode(key.lock),
                "check": Seal(key.secret, context).close(_CHECK, "check"),
            }
            for table in _TABLES:
                database.execute(table)
            database.executemany("INSERT INTO header VALUES (?, ?)", header.items())
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def header(database: sqlite3.Connection, path: Path) -> tuple[bytes, Lock, bytes]:
    """What the file is bound to, how it is locked, and what tells the right key."""
    found = dict(database.execute("SELECT name, value FROM header").fetchall())
    try:
        return bytes(found["context"]), msgspec.json.decode(found["lock"], type=Lock), bytes(found["check"])
    except (KeyError, TypeError, msgspec.DecodeError):
        raise damaged(path) from None


def check_key(seal: Seal, check: bytes, lock: Lock) -> None:
    """Raises WrongKey if `seal` is not what the gallery was made with."""
    try:
        if seal.open(check, "check") == _CHECK:
            return
    except DoesNotOpen:
        pass
    what = "passphrase" if lock.scrypt is not None else "key in the system's keyring"
    raise WrongKey(f"this is not the {what} that the gallery was locked with; try another")


def examine(database: sqlite3.Connection, path: Path) -> None:
    """Page by page, which takes a while on a large file. Raises Damaged."""
    if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise damaged(path)


@contextmanager
def clear_words(path: Path) -> Iterator[None]:
    """What SQLite and the system raise, in one sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        reason = str(error)
        if "locked" in reason:
            raise Busy(f"another program keeps writing to '{path}'; try again") from None
        if any(sign in reason for sign in ("no such table", "no such column", "Could not decode")):
            raise damaged(path) from None
        raise UserError(
            f"the gallery '{path}' cannot be used: {reason}; check the disk and its room"
        ) from None
    except sqlite3.ProgrammingError:
        raise  # a fault of the program, as is a gallery used after it was closed
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # the module cannot spell a damaged file's own words
        raise damaged(path) from None
    except OSError as error:
        raise UserError(f"the gallery '{path}' cannot be opened: {error.strerror or error}") from None


def damaged(path: Path) -> Damaged:
    """In one sentence."""
    return Damaged(
        f"the gallery '{path}' is damaged and was left as it is; move it away and import an exported one"
    )
