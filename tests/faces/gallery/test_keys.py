"""Keys: keyrings that keep, forget and fail; passphrases; the command line that never asks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from explorer.faces.gallery.keys import (
    VARIABLE,
    KeyMissing,
    Kind,
    NoKeyring,
    PassphraseNeeded,
    command_line_key,
    forget,
    new_keyring_key,
    new_passphrase_key,
    unlock,
)
from explorer.faces.gallery.stored import StoredGallery, lock_of, open_locked
from explorer.network.errors import UserError
from tests.faces.gallery.made import made


class Keeping(KeyringBackend):
    """A keyring as those of the systems, in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Breaking(Keeping):
    """As a keyring whose service is away."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("no such interface")


class Plain(Keeping):
    """As those of keyrings.alt, which write to a plain file."""


Plain.__module__ = "keyrings.alt.file"


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeping]:
    monkeypatch.delenv(VARIABLE, raising=False)
    before = keyring.get_keyring()
    keeping = Keeping()
    keyring.set_keyring(keeping)
    yield keeping
    keyring.set_keyring(before)


def test_the_keyring_keeps_the_key(own_keyring: Keeping, tmp_path: Path) -> None:
    key = new_keyring_key()
    path = tmp_path / "people.gallery"
    gallery = StoredGallery.open(path, key)
    gallery.enrol("Ada", made(1), True)
    gallery.close()
    lock = lock_of(path)
    assert lock == key.lock
    assert lock.kind is Kind.KEYRING
    again = StoredGallery.open(path, command_line_key(lock))
    assert [p.name for p in again.people()] == ["Ada"]
    again.close()
    assert new_keyring_key().secret != key.secret  # another gallery, another key
    forget(lock)
    forget(lock)
    with pytest.raises(KeyMissing, match="does not know"):
        unlock(lock)


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, Breaking, Plain])
def test_keyrings_that_do_not_keep(backend: type[KeyringBackend]) -> None:
    lock = new_keyring_key().lock
    keyring.set_keyring(backend())
    with pytest.raises(NoKeyring, match=VARIABLE):
        new_keyring_key()
    with pytest.raises((NoKeyring, KeyMissing)):
        unlock(lock)
    forget(lock)


def test_a_changed_entry_in_the_keyring(own_keyring: Keeping) -> None:
    lock = new_keyring_key().lock
    for text in ("", "zz", "00"):
        own_keyring.kept = dict.fromkeys(own_keyring.kept, text)
        with pytest.raises(KeyMissing):
            unlock(lock)


def test_passphrases() -> None:
    key = new_passphrase_key("gefährlich lang", 1 << 8)
    assert unlock(key.lock, "gefährlich lang") == key
    assert unlock(key.lock, "gefa\u0308hrlich lang").secret == key.secret  # as another keyboard writes it
    assert unlock(key.lock, "gefährlich kurz").secret != key.secret
    assert new_passphrase_key("gefährlich lang", 1 << 8).secret != key.secret  # its own salt
    odd = new_passphrase_key("a\udcff long passphrase", 1 << 8)  # as a shell hands over other bytes
    assert unlock(odd.lock, "a\udcff long passphrase") == odd
    with pytest.raises(UserError, match="at least 8"):
        new_passphrase_key("short")


def test_the_command_line_never_asks(
    own_keyring: Keeping, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    locked = new_passphrase_key("the passphrase", 1 << 8).lock
    with pytest.raises(PassphraseNeeded, match=VARIABLE):
        command_line_key(locked)
    monkeypatch.setenv(VARIABLE, "the passphrase")
    assert command_line_key(locked).secret == unlock(locked, "the passphrase").secret
    new = command_line_key(None)
    assert new.lock.kind is Kind.PASSPHRASE
    assert own_keyring.kept == {}
    monkeypatch.setenv(VARIABLE, "")
    assert command_line_key(None).lock.kind is Kind.KEYRING
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(NoKeyring, match=VARIABLE):
        command_line_key(None)


def test_a_gallery_that_cannot_be_made_leaves_no_key_behind(own_keyring: Keeping, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.gallery").mkdir()
    for path in (tmp_path / "file" / "people.gallery", tmp_path / "folder.gallery"):
        with pytest.raises(UserError):
            open_locked(path, command_line_key)
        assert not own_keyring.kept
    open_locked(tmp_path / "people.gallery", command_line_key).close()
    assert len(own_keyring.kept) == 1
