"""The key of a kept gallery: in the system's keyring, or made of a passphrase.

The window uses the keyring and asks for a passphrase where there is none. The command line never asks: it
takes the passphrase from `EXPLORER_GALLERY_KEY`.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from explorer.faces.gallery.sealing import KEY_SIZE, Scrypt, new_scrypt
from explorer.network.errors import UserError

VARIABLE = "EXPLORER_GALLERY_KEY"
SERVICE = "convnet-explorer gallery"

_log = logging.getLogger(__name__)


class NoKeyring(UserError):
    """The system has no keyring that keeps secrets, or it does not open."""


class KeyMissing(UserError):
    """The keyring does not know the gallery's key."""


class PassphraseNeeded(UserError):
    """The gallery is locked by a passphrase, and none was given."""


class Kind(StrEnum):
    """What keeps the key."""

    KEYRING = "keyring"
    PASSPHRASE = "passphrase"


class Lock(msgspec.Struct, frozen=True):
    """How to come by the key; stored beside the gallery and no secret. `account` is the keyring's entry."""

    kind: Kind
    account: str = ""
    scrypt: Scrypt | None = None


@dataclass(frozen=True)
class Key:
    """32 secret bytes and the lock that they open."""

    secret: bytes = field(repr=False)
    lock: Lock


def new_keyring_key() -> Key:
    """A random key, put into the keyring and read back. Raises NoKeyring."""
    account, secret = secrets.token_hex(8), secrets.token_bytes(KEY_SIZE)
    _store(account, secret)
    return Key(secret, Lock(Kind.KEYRING, account))


def new_passphrase_key(passphrase: str, n: int = 1 << 17) -> Key:
    """A key made of a new passphrase, with a salt of its own. `n` is scrypt's cost. Raises UserError."""
    scrypt = new_scrypt(passphrase, n)
    return Key(scrypt.key(passphrase), Lock(Kind.PASSPHRASE, scrypt=scrypt))


def unlock(lock: Lock, passphrase: str | None = None) -> Key:
    """The key of an existing gallery; whether it is the right one shows when the gallery opens.

    Raises NoKeyring, KeyMissing or PassphraseNeeded.
    """
    if lock.kind is Kind.KEYRING:
        return Key(_fetch(lock.account), lock)
    if passphrase is None:
        raise PassphraseNeeded(
            f"the gallery is locked by a passphrase; type it in the window, or set {VARIABLE}"
        )
    if lock.scrypt is None:
        raise UserError("the gallery does not say how its passphrase becomes a key; it is damaged")
    return Key(lock.scrypt.key(passphrase), lock)


def command_line_key(lock: Lock | None) -> Key:
    """The key without asking anybody: `lock` is that of the gallery, None for one that is not there yet.

    A new one is locked by the passphrase of `EXPLORER_GALLERY_KEY` if that is set, else by the keyring.
    Raises UserError saying what to set.
    """
    passphrase = os.environ.get(VARIABLE) or None
    if lock is not None:
        return unlock(lock, passphrase)
    if passphrase is not None:
        return new_passphrase_key(passphrase)
    return new_keyring_key()


def forget(lock: Lock) -> None:
    """Takes the key out of the keyring: the gallery is gone. Nothing happens where it is not there."""
    if lock.kind is Kind.KEYRING:
        import keyring

        try:
            keyring.delete_password(SERVICE, lock.account)
        except Exception:  # each backend raises its own
            _log.info("the gallery's key could not be deleted from the keyring", exc_info=True)


def _store(account: str, secret: bytes) -> None:
    import keyring

    _refuse_open_keyrings()
    try:
        keyring.set_password(SERVICE, account, secret.hex())
        kept = keyring.get_password(SERVICE, account)
    except Exception as error:  # each backend raises its own, and none may cost a person the gallery
        raise _no_keyring(error) from None
    if kept != secret.hex():
        raise _no_keyring(None)


def _fetch(account: str) -> bytes:
    import keyring

    try:
        text = keyring.get_password(SERVICE, account)
    except Exception as error:
        raise _no_keyring(error) from None
    try:
        secret = bytes.fromhex(text or "")
    except ValueError:
        secret = b""
    if len(secret) != KEY_SIZE:
        raise KeyMissing(
            "the system's keyring does not know the key of this gallery; log in as the person who made it, "
            "or delete the gallery and import an exported one"
        )
    return secret


def _refuse_open_keyrings() -> None:
    """Some of keyring's backends write secrets to a plain file, or forget them."""
    import keyring

    backend = keyring.get_keyring()
    parts = getattr(backend, "backends", [backend])
    if any(type(part).__module__.startswith("keyrings.alt") for part in parts):
        raise _no_keyring(None)


def _no_keyring(error: Exception | None) -> NoKeyring:
    if error is not None:
        _log.info("no keyring: %s: %s", type(error).__name__, error)
    return NoKeyring(
        "this system has no keyring that would keep the key, or it is locked; use a passphrase (on the "
        f"command line: set {VARIABLE})"
    )
