"""The kept gallery: what its bytes tell, wrong keys, damaged files, two windows."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from explorer.faces.gallery import database
from explorer.faces.gallery.database import Damaged, WrongKey
from explorer.faces.gallery.keys import Key, Kind, Lock, PassphraseNeeded, new_passphrase_key, unlock
from explorer.faces.gallery.records import bytes_of, png_of
from explorer.faces.gallery.stored import StoredGallery, lock_of, open_locked
from explorer.network.errors import UserError
from tests.faces.gallery.made import ENCODER, PASSPHRASE, Inverting, key, made, stored

NAME = "Wilhelmina Unmistakable"


def secrets_of(seed: int, name: str) -> dict[str, bytes]:
    """What must not be found in any file."""
    face = made(seed)
    png = png_of(face.chip)
    return {
        "name": name.encode(),
        "part of the name": name.split()[-1].encode(),
        "name in UTF-16": name.encode("utf-16-le"),
        "embedding": bytes_of(face.embedding)[:32],
        "embedding's end": bytes_of(face.embedding)[-32:],
        "PNG": b"\x89PNG\r\n",
        "chip": png[60:92],
        "pixels": face.chip.tobytes()[5000:5032],
        "encoder": ENCODER.encode(),
        "consent": b"consent",
        "key": key().secret,
        "passphrase": PASSPHRASE.encode(),
    }


def leaks(folder: Path, seed: int = 1, name: str = NAME) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{what} in {path.name}" for what, s in secrets_of(seed, name).items() if s in data]
    return found


def test_no_file_tells_anything_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR", "TEMP"):
        monkeypatch.setenv(variable, str(temporary))
    gallery = stored(tmp_path)
    gallery.enrol(NAME, made(1), True)
    assert not leaks(tmp_path)

    def interrupted() -> None:
        with gallery._writing():
            gallery._database.execute("UPDATE pictures SET facts = zeroblob(9), chip = zeroblob(9)")
            assert (tmp_path / "people.gallery-journal").exists()
            assert not leaks(tmp_path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(gallery.chips(NAME)) == 1  # as if nothing had been
    gallery.enrol(NAME, made(2), True)
    gallery.rename(NAME, NAME + " II")
    gallery.encode_anew(Inverting())
    gallery.export(tmp_path / "export.faces", "another passphrase")
    assert not leaks(tmp_path)
    gallery.close()
    assert not leaks(tmp_path)
    assert secrets_of(1, NAME)["chip"] in png_of(made(1).chip)  # the search can find


def test_deleted_means_deleted(tmp_path: Path) -> None:
    gallery = stored(tmp_path)
    for seed in range(30):
        gallery.enrol(f"Person {seed}", made(seed), True)
    with sqlite3.connect(gallery.path) as reader:
        sealed = reader.execute("SELECT facts, embedding, chip FROM pictures ORDER BY number").fetchall()
    reader.close()
    pieces = [value[start : start + 32] for row in sealed for value in row for start in (12, len(value) - 40)]
    pieces += [row[2][start : start + 32] for row in sealed for start in range(0, len(row[2]) - 64, 4096)]
    before = gallery.path.read_bytes()
    assert sum(piece in before for piece in pieces) > len(pieces) * 0.9  # the rest lie across two pages
    for seed in range(30):
        gallery.delete(f"Person {seed}")
    after = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert not any(piece in after for piece in pieces)
    gallery.close()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        stored(tmp_path).close()
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "people.gallery").stat().st_mode) == 0o600


def test_it_is_there_the_next_time_by_its_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "people.gallery"
    assert lock_of(path) is None
    gallery = stored(tmp_path)
    gallery.enrol(NAME, made(1), True)
    gallery.close()
    lock = lock_of(path)
    assert lock is not None
    assert lock.kind is Kind.PASSPHRASE
    with pytest.raises(PassphraseNeeded):
        unlock(lock)
    again = StoredGallery.open(path, unlock(lock, PASSPHRASE))
    assert [person.name for person in again.people()] == [NAME]
    again.close()


def test_a_wrong_key_says_so(tmp_path: Path) -> None:
    gallery = stored(tmp_path)
    gallery.enrol(NAME, made(1), True)
    gallery.close()
    before = gallery.path.read_bytes()
    lock = lock_of(gallery.path)
    assert lock is not None
    for wrong in (unlock(lock, "another one"), Key(bytes(32), lock), new_passphrase_key(PASSPHRASE, 1 << 8)):
        with pytest.raises(WrongKey, match="not the passphrase"):
            StoredGallery.open(gallery.path, wrong)
    assert gallery.path.read_bytes() == before
    assert PASSPHRASE not in repr(key())
    assert key().secret.hex() not in repr(key())
    assert repr(key().secret) not in repr(key())


def test_values_cannot_be_moved(tmp_path: Path) -> None:
    """Neither to another row, nor to another column, nor to another gallery with the same key."""
    other = StoredGallery.open(tmp_path / "other.gallery", key())
    other.enrol("Ben", made(2), True)
    other.close()
    moves = (
        "UPDATE pictures SET embedding = (SELECT embedding FROM pictures WHERE number = 1) WHERE number = 2",
        "UPDATE pictures SET facts = (SELECT facts FROM pictures WHERE number = 1) WHERE number = 2",
        "UPDATE pictures SET embedding = facts",
        "UPDATE pictures SET id = CASE number WHEN 1 THEN 'x' ELSE id END",
        "UPDATE pictures SET (id, facts, embedding, chip) = (SELECT id, facts, embedding, chip FROM "
        "other.pictures) WHERE number = 2",
        "UPDATE pictures SET facts = NULL || 'text'",
        "UPDATE pictures SET facts = 'text'",
        "UPDATE pictures SET facts = CAST(facts AS TEXT)",
        "DELETE FROM header WHERE name = 'check'",
        "DROP TABLE pictures",
        "ALTER TABLE pictures RENAME COLUMN embedding TO other",
    )
    for number, move in enumerate(moves):
        folder = tmp_path / str(number)
        gallery = StoredGallery.open(folder / "people.gallery", key())
        gallery.enrol("Ada", made(1), True)
        gallery.enrol(NAME, made(3), True)
        gallery.close()
        writer = sqlite3.connect(gallery.path)
        writer.execute("ATTACH ? AS other", (str(tmp_path / "other.gallery"),))
        try:
            writer.execute(move)
        except sqlite3.IntegrityError:
            continue  # SQLite itself refuses
        finally:
            writer.commit()
            writer.close()
        with pytest.raises(Damaged):
            StoredGallery.open(gallery.path, key())


def test_a_moved_chip_is_refused_when_it_is_asked_for(tmp_path: Path) -> None:
    gallery = stored(tmp_path)
    gallery.enrol("Ada", made(1), True)
    gallery.enrol("Ben", made(2), True)
    writer = sqlite3.connect(gallery.path)
    writer.execute("UPDATE pictures SET chip = (SELECT chip FROM pictures WHERE number = 1)")
    writer.commit()
    writer.close()
    assert len(gallery.chips("Ada")) == 1
    with pytest.raises(Damaged):
        gallery.chips("Ben")
    gallery.close()


def test_damaged_files_open_whole_or_not_at_all(tmp_path: Path) -> None:
    """Bytes are changed, cut off or overwritten anywhere: every person is there, or a clear word."""
    gallery = stored(tmp_path)
    for seed in range(5):
        gallery.enrol(f"Person {seed}", made(seed), True)
    people = gallery.people()
    gallery.close()
    whole = gallery.path.read_bytes()
    chance = random.Random(3)
    refused, words = 0, []
    for number in range(120):
        data = bytearray(whole)
        kind = number % 3
        if kind == 0:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[chance.randrange(1, len(data)) :]
        else:
            start = chance.randrange(len(data) - 600)
            data[start : start + 600] = chance.randbytes(600)
        path = tmp_path / "damaged.gallery"
        path.write_bytes(data)
        try:
            opened = StoredGallery.open(path, key())
        except UserError as error:
            refused += 1
            words.append(str(error))
            continue
        assert opened.people() == people
        opened.close()
    assert refused > 40
    assert all(
        len(word) < 300 and word.endswith(("exported one", "another", "try another")) for word in words
    )


def test_files_that_are_no_gallery(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no gallery" * 100)
    foreign = tmp_path / "foreign"
    with sqlite3.connect(foreign) as writer:
        writer.execute("CREATE TABLE t (x)")
    writer.close()
    for path in (text, foreign):
        before = path.read_bytes()
        with pytest.raises(Damaged, match=path.name):
            StoredGallery.open(path, key())
        with pytest.raises(Damaged, match=path.name):
            lock_of(path)
        assert path.read_bytes() == before
    with pytest.raises(UserError, match="is a folder"):
        StoredGallery.open(tmp_path, key())
    newer = stored(tmp_path)
    newer._database.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(UserError, match="newer"):
        stored(tmp_path)


def test_an_empty_file_is_a_gallery_that_was_just_begun(tmp_path: Path) -> None:
    (tmp_path / "people.gallery").write_bytes(b"")
    assert lock_of(tmp_path / "people.gallery") is None
    gallery = stored(tmp_path)
    assert gallery.people() == ()
    gallery.close()


def test_two_windows_see_what_the_other_changes(tmp_path: Path) -> None:
    one, two = stored(tmp_path), stored(tmp_path)
    seen: list[int] = []
    two.changed.connect(lambda: seen.append(len(two.people())))
    one.enrol("Ada", made(1), True)
    assert two.refresh()
    assert seen == [1]
    assert not two.refresh()
    two.enrol("Ben", made(2), True)
    assert one.refresh()
    assert [p.name for p in one.people()] == ["Ada", "Ben"]
    assert one.embeddings(ENCODER)[1] == ("Ada", "Ben")
    one.rename("Ada", "Adele")
    two.delete("Adele")
    with pytest.raises(UserError, match="nobody"):
        one.delete("Adele")
    one.enrol("Cid", made(3), True)
    with pytest.raises(UserError, match="already"):
        two.rename("Cid", "Ben")
    one.close()
    two.close()


def test_a_window_that_keeps_writing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY", 0.05)
    one, two = stored(tmp_path), stored(tmp_path)
    with one._writing(), pytest.raises(UserError, match="another program keeps writing"):
        two.enrol("Ada", made(1), True)
    two.enrol("Ada", made(1), True)
    with one._writing():  # what a window shows of it never waits
        assert [p.name for p in two.people()] == ["Ada"]
        assert two.embeddings(ENCODER)[1] == ("Ada",)
    one.close()
    two.close()


def test_a_rename_in_another_window_survives_encoding_anew(tmp_path: Path) -> None:
    one, two = stored(tmp_path), stored(tmp_path)
    one.enrol("Ada", made(1), True)
    one.enrol("Ben", made(2), True)

    two.refresh()
    assert [p.name for p in two.people()] == ["Ada", "Ben"]
    old = two._rows[:]
    one.rename("Ada", "Adele")
    two._seen, two._rows = two._version(), old  # as if it had looked just before
    two.encode_anew(Inverting())
    one.refresh()
    assert [p.name for p in one.people()] == ["Adele", "Ben"]
    one.close()
    two.close()


def test_threads_share_one_gallery(tmp_path: Path) -> None:
    gallery = stored(tmp_path)
    faults: list[BaseException] = []

    def enrol(first: int) -> None:
        try:
            for seed in range(first, first + 8):
                gallery.enrol(f"Person {seed}", made(seed), True)
                assert f"Person {seed}" in gallery.embeddings(ENCODER)[1]
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=enrol, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(gallery.people()) == 24
    gallery.close()


def test_a_gallery_that_was_moved_away_is_not_written_to(tmp_path: Path) -> None:
    gallery = stored(tmp_path)
    gallery.enrol("Ada", made(1), True)
    (tmp_path / "people.gallery").rename(tmp_path / "elsewhere.gallery")
    for use in (partial(gallery.chips, "Ada"), gallery.refresh, partial(gallery.enrol, "Ben", made(2), True)):
        with pytest.raises(UserError, match="moved away"):
            use()
    other = stored(tmp_path)  # another one in its place
    with pytest.raises(UserError, match="moved away"):
        gallery.delete("Ada")
    other.close()
    gallery.close()


def test_a_gallery_that_is_made_while_one_makes_its_key(tmp_path: Path) -> None:
    path = tmp_path / "people.gallery"

    def slowly(lock: Lock | None) -> Key:
        if lock is not None:
            return unlock(lock, PASSPHRASE)
        mine = new_passphrase_key(PASSPHRASE, 1 << 8)  # another salt than the one that is there by now
        stored(tmp_path).close()
        return mine

    first = open_locked(path, slowly)
    first.enrol("Ada", made(1), True)
    first.close()
    with pytest.raises(WrongKey):
        open_locked(path, lambda lock: unlock(lock, "another one") if lock else key())
    assert [person.name for person in stored(tmp_path).people()] == ["Ada"]


def test_a_schema_that_is_no_text_is_damage_in_clear_words(tmp_path: Path) -> None:
    """SQLite quotes what it cannot parse, and Python's module fails to decode the quotation."""
    gallery = stored(tmp_path)
    gallery.close()
    data = gallery.path.read_bytes()
    for at in range(len(b"CREATE TABLE header")):
        damaged = tmp_path / "damaged.gallery"
        damaged.write_bytes(
            data.replace(b"CREATE TABLE header", b"CREATE TABLE header"[:at] + b"\xff" * (19 - at))
        )
        with pytest.raises(UserError, match="damaged"):
            lock_of(damaged)
