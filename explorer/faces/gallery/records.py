"""What a gallery holds of one enrolled picture, and what is computed from many of them."""

from __future__ import annotations

import hashlib
import io
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.media.pictures import Picture, decode_picture
from explorer.network.errors import UserError

NAME_LIMIT = 100
"""Characters of a name."""
CHIP_LIMIT = 256 << 10
"""Bytes of a chip as PNG: 112 × 112 × 3 values are 37 kB before they are packed."""
SIZE_LIMIT = 4096
"""Numbers of an embedding."""
_SIDE = 112
_PNG = b"\x89PNG\r\n\x1a\n"

Embedding = NDArray[np.float32]


class Enrollable(Protocol):
    """What is enrolled: a `Reading` of the pipeline. `encoder` is the version that made the embedding."""

    @property
    def chip(self) -> Picture: ...
    @property
    def embedding(self) -> Embedding: ...
    @property
    def encoder(self) -> str: ...


class Facts(msgspec.Struct, frozen=True):
    """The words of a record. `created` is in seconds since 1970, UTC; `picture` tells chips apart."""

    name: str
    consent: bool
    created: float
    encoder: str
    picture: str

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for the same picture of the same person: what is imported twice is kept once."""
        return self.name, self.picture


@dataclass(frozen=True, eq=False)
class Record:
    """One enrolled picture: `embedding` of length 1, `chip` as the bytes of a PNG, lossless."""

    facts: Facts
    embedding: Embedding
    chip: bytes


@dataclass(frozen=True)
class Person:
    """One who is enrolled, by `count` pictures, the first one at `created` (seconds since 1970, UTC)."""

    name: str
    count: int
    created: float
    consent: bool


def record_of(name: str, reading: Enrollable, consent: bool) -> Record:
    """A new record, of now. Raises UserError for a name that is none."""
    chip = png_of(reading.chip)
    facts = Facts(clean_name(name), consent, time.time(), reading.encoder, digest(chip))
    embedding = np.array(reading.embedding, dtype=np.float32).ravel()
    embedding.flags.writeable = False
    return Record(facts, embedding, chip)


def digest(chip: bytes) -> str:
    """What tells one chip from another."""
    return hashlib.sha256(chip).hexdigest()[:32]


def clean_name(name: str) -> str:
    """The name with single spaces and composed letters. Raises UserError for one that is no name."""
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise UserError("a person needs a name; type one")
    if len(cleaned) > NAME_LIMIT:
        raise UserError(f"a name has at most {NAME_LIMIT} characters, this one {len(cleaned)}; shorten it")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in cleaned):
        raise UserError("the name has characters that cannot be shown; type it again")
    return cleaned


def png_of(chip: Picture) -> bytes:
    """A chip (112, 112, 3) as the bytes of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(chip)).save(buffer, "PNG")
    return buffer.getvalue()


def chip_of(png: bytes) -> Picture:
    """The chip (112, 112, 3) in the bytes of a PNG. Raises UserError for anything else."""
    if len(png) > CHIP_LIMIT:
        raise UserError("a picture of the gallery is too large to be a face chip")
    # By its header, before it is decoded: a few kilobytes may claim to be a billion pixels.
    if png[:8] != _PNG or png[16:24] != _SIDE.to_bytes(4, "big") * 2:
        raise UserError(f"a picture of the gallery is no PNG of {_SIDE} × {_SIDE} pixels")
    chip = decode_picture(png, "a picture of the gallery")
    if chip.shape != (_SIDE, _SIDE, 3):
        raise UserError(f"a picture of the gallery is not {_SIDE} × {_SIDE} pixels")
    return chip


def embedding_of(data: bytes) -> Embedding:
    """The embedding in little-endian bytes, read-only. Raises ValueError for what can't be one."""
    embedding = np.frombuffer(data, "<f4").astype(np.float32)
    if not 0 < embedding.size <= SIZE_LIMIT or not np.isfinite(embedding).all():
        raise ValueError("not an embedding")
    embedding.flags.writeable = False
    return embedding


def bytes_of(embedding: Embedding) -> bytes:
    """Little-endian, four bytes a number."""
    return embedding.astype("<f4").tobytes()


def people_of(facts: Iterable[Facts]) -> tuple[Person, ...]:
    """In the order of their names."""
    found: dict[str, list[Facts]] = defaultdict(list)
    for one in facts:
        found[one.name].append(one)
    return tuple(
        Person(name, len(every), min(one.created for one in every), all(one.consent for one in every))
        for name, every in sorted(found.items(), key=lambda item: (item[0].casefold(), item[0]))
    )


def matrix_of(rows: Sequence[tuple[Facts, Embedding]], version: str) -> tuple[Embedding, tuple[str, ...]]:
    """The embeddings (n, size) that encoder `version` made, read-only, and whose they are."""
    ours = [(facts.name, embedding) for facts, embedding in rows if facts.encoder == version]
    if not ours:
        return np.zeros((0, 128), np.float32), ()
    matrix = np.stack([embedding for _, embedding in ours])
    matrix.flags.writeable = False
    return matrix, tuple(name for name, _ in ours)
