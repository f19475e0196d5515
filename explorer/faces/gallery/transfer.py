"""A gallery as one file to carry to another computer, encrypted under a passphrase.

Layout: eight bytes of name, one of version, two of length (little-endian), a header (msgpack: how the
passphrase becomes the key), then everything else sealed, with all of the above bound in.
"""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import msgspec

from explorer.faces.gallery.records import (
    Facts,
    Record,
    bytes_of,
    chip_of,
    clean_name,
    digest,
    embedding_of,
)
from explorer.faces.gallery.sealing import DoesNotOpen, Scrypt, Seal, new_scrypt
from explorer.network import atomic
from explorer.network.errors import UserError

NAME = b"CNXFACES"
VERSION = 1
SIZE_LIMIT = 1 << 30
"""Bytes of a file, some 40,000 pictures."""
_HEADER_LIMIT = 1024


class DoesNotFit(UserError):
    """The passphrase is another, or the bytes are: which of the two cannot be told."""


class _Packed(msgspec.Struct, array_like=True):
    name: str
    consent: bool
    created: float
    encoder: str
    embedding: bytes
    chip: bytes


def write(path: Path, passphrase: str, records: list[Record]) -> None:
    """Writes the file, whole or not at all. Raises UserError: a short passphrase, too much, no room."""
    packed = [
        _Packed(
            r.facts.name, r.facts.consent, r.facts.created, r.facts.encoder, bytes_of(r.embedding), r.chip
        )
        for r in records
    ]
    scrypt = new_scrypt(passphrase)
    header = msgspec.msgpack.encode(scrypt)
    start = NAME + bytes([VERSION]) + len(header).to_bytes(2, "little") + header
    plain = msgspec.msgpack.encode(packed)
    if len(plain) + len(start) + 28 > SIZE_LIMIT:
        raise UserError(f"the gallery is larger than {SIZE_LIMIT >> 20} MiB, too large for one file")
    atomic.write(path, start + Seal(scrypt.key(passphrase), start).close(plain, "gallery"))


def read(path: Path, passphrase: str) -> list[Record]:
    """What the file holds. Raises UserError: none of ours, too new, another passphrase, damaged."""
    data = _bytes(path)
    if data[: len(NAME)] != NAME:
        raise UserError(f"'{path}' is not an exported gallery; choose another file")
    if len(data) < 11:
        raise _damaged(path)
    if data[8] > VERSION:
        raise UserError(f"'{path}' was written by a newer ConvNet Explorer; install that to read it")
    length = int.from_bytes(data[9:11], "little")
    if length > _HEADER_LIMIT:
        raise _damaged(path)
    start = data[: 11 + length]
    try:
        scrypt = msgspec.msgpack.decode(start[11:], type=Scrypt)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _damaged(path) from None
    try:
        plain = Seal(scrypt.key(passphrase), start).open(data[len(start) :], "gallery")
    except DoesNotOpen:
        raise DoesNotFit(
            f"'{path}' does not open: the passphrase is another, or the file is damaged; type it again"
        ) from None
    return _records(plain, path)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; check the name") from None
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    if len(data) > SIZE_LIMIT:
        raise UserError(f"'{path}' is larger than {SIZE_LIMIT >> 20} MiB; it is not an exported gallery")
    return data


def _records(plain: bytes, path: Path) -> list[Record]:
    """Checked one by one: whoever knows the passphrase may still have written nonsense."""
    try:
        packed = msgspec.msgpack.decode(plain, type=list[_Packed])
        records = []
        for one in packed:
            facts = Facts(clean_name(one.name), one.consent, one.created, one.encoder[:100], digest(one.chip))
            chip_of(one.chip)
            if not isfinite(one.created):
                raise ValueError("no time")
            records.append(Record(facts, embedding_of(one.embedding), one.chip))
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, UserError):
        raise _damaged(path) from None
    return records


def _damaged(path: Path) -> UserError:
    return UserError(f"'{path}' is damaged; export the gallery again")
