"""Encryption of what a gallery holds: AES-256-GCM, each piece bound to its place; keys by scrypt.

A piece that is changed, or put where another belongs, does not open. What is not hidden: how many pictures
there are, and roughly how large.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from explorer.network.errors import UserError

KEY_SIZE = 32
_NONCE = 12
SHORTEST = 8
"""Characters that a new passphrase has at least."""


class DoesNotOpen(Exception):
    """Another key, another place, or changed bytes."""


class Seal:
    """Seals and opens pieces with one key. `context` names what they are part of."""

    def __init__(self, key: bytes, context: bytes) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes, not {len(key)}")
        self._cipher = AESGCM(key)
        self._context = context

    def close(self, plain: bytes, place: str) -> bytes:
        """Nonce, ciphertext and tag."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, self._bound(place))

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for this place. Raises DoesNotOpen."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound(place))
        except (InvalidTag, ValueError):
            raise DoesNotOpen(place) from None

    def _bound(self, place: str) -> bytes:
        return len(self._context).to_bytes(4, "little") + self._context + place.encode()


class Scrypt(msgspec.Struct, frozen=True):
    """How a passphrase becomes a key (RFC 7914); kept beside what it locks. Takes 128·n·r bytes."""

    salt: bytes
    n: int = 1 << 17
    r: int = 8
    p: int = 1

    def key(self, passphrase: str) -> bytes:
        """32 bytes. Raises UserError for parameters that no gallery has: memory is at most 1 GiB."""
        n, r, p = self.n, self.r, self.p
        memory = 128 * n * r
        sound = 2 <= n <= 1 << 22 and n & (n - 1) == 0 and 1 <= r <= 32 and 1 <= p <= 4
        if not sound or memory > 1 << 30 or not 8 <= len(self.salt) <= 64:
            raise UserError("the file asks for an unusual way to make a key; it may be damaged")
        text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogateescape")
        limit = memory + 128 * r * p + (32 << 20)
        return hashlib.scrypt(text, salt=self.salt, n=n, r=r, p=p, maxmem=limit, dklen=KEY_SIZE)


def new_scrypt(passphrase: str, n: int = 1 << 17) -> Scrypt:
    """Parameters with a new salt. Raises UserError for a passphrase that is too short."""
    if len(passphrase) < SHORTEST:
        raise UserError(f"the passphrase is too short; use at least {SHORTEST} characters")
    return Scrypt(secrets.token_bytes(16), n)
