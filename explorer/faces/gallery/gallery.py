"""What every gallery does, and the one that is forgotten when the window closes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from explorer.faces.gallery import transfer
from explorer.faces.gallery.records import (
    Embedding,
    Enrollable,
    Person,
    Record,
    chip_of,
    clean_name,
    matrix_of,
    people_of,
    record_of,
)
from explorer.media.pictures import Picture
from explorer.network.errors import UserError
from explorer.network.observe import Signal

if TYPE_CHECKING:
    from explorer.faces.encoder import Encoder


class Gallery(Protocol):
    """The enrolled people. Safe from any thread; `changed` is emitted on the thread that changes them.

    `people`, `embeddings` and `outdated` answer at once; the rest may wait for a disk.
    """

    changed: Signal[[]]

    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of names."""

    def enrol(self, name: str, reading: Enrollable, consent: bool) -> None:
        """One more picture of a person, who may be new. Raises UserError."""

    def delete(self, name: str) -> None:
        """All that is held of a person, for good. Raises UserError if there is no such person."""

    def rename(self, name: str, new_name: str) -> None:
        """Raises UserError if there is no such person, or one of the new name."""

    def embeddings(self, version: str) -> tuple[Embedding, tuple[str, ...]]:
        """(n, 128) float32, read-only, and n names: of what encoder `version` made, and nothing else."""

    def outdated(self, version: str) -> int:
        """How many pictures were encoded by another encoder and wait to be encoded anew."""

    def encode_anew(self, encoder: Encoder) -> int:
        """Encodes the pictures of other encoders from their chips; how many."""

    def chips(self, name: str) -> tuple[Picture, ...]:
        """The pictures of a person, (112, 112, 3) each, oldest first."""

    def records(self) -> list[Record]:
        """All that is held, oldest first."""

    def add(self, records: Iterable[Record]) -> int:
        """All of them or, when an error is raised, none; those that are there already are left out."""

    def export(self, path: Path, passphrase: str) -> None:
        """Everything into one encrypted file. Raises UserError."""

    def import_(self, path: Path, passphrase: str) -> int:
        """Adds what such a file holds; how many pictures were new. Raises UserError."""

    def close(self) -> None:
        """Nothing can be asked afterwards."""


class MemoryGallery:
    """A gallery that leaves no trace: enrolment starts here."""

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self._lock = threading.RLock()
        self._records: list[Record] = []

    def people(self) -> tuple[Person, ...]:
        with self._lock:
            return people_of(record.facts for record in self._records)

    def enrol(self, name: str, reading: Enrollable, consent: bool) -> None:
        self.add([record_of(name, reading, consent)])

    def delete(self, name: str) -> None:
        with self._lock:
            self._require(name)
            self._records = [record for record in self._records if record.facts.name != name]
        self.changed.emit()

    def rename(self, name: str, new_name: str) -> None:
        new_name = clean_name(new_name)
        with self._lock:
            self._require(name)
            refuse_taken(name, new_name, self.people())
            self._records = [
                renamed(record, new_name) if record.facts.name == name else record for record in self._records
            ]
        self.changed.emit()

    def embeddings(self, version: str) -> tuple[Embedding, tuple[str, ...]]:
        with self._lock:
            return matrix_of([(record.facts, record.embedding) for record in self._records], version)

    def outdated(self, version: str) -> int:
        with self._lock:
            return sum(record.facts.encoder != version for record in self._records)

    def encode_anew(self, encoder: Encoder) -> int:
        old = [record for record in self.records() if record.facts.encoder != encoder.version]
        anew = {id(record): encoded(record, encoder) for record in old}  # takes its time: nobody waits for it
        with self._lock:
            self._records = [anew.get(id(record), record) for record in self._records]
        if old:
            self.changed.emit()
        return len(old)

    def chips(self, name: str) -> tuple[Picture, ...]:
        with self._lock:
            self._require(name)
            return tuple(chip_of(record.chip) for record in self._records if record.facts.name == name)

    def records(self) -> list[Record]:
        with self._lock:
            return list(self._records)

    def add(self, records: Iterable[Record]) -> int:
        with self._lock:
            known = {record.facts.identity for record in self._records}
            new = list({r.facts.identity: r for r in records if r.facts.identity not in known}.values())
            self._records.extend(new)
        if new:
            self.changed.emit()
        return len(new)

    def export(self, path: Path, passphrase: str) -> None:
        transfer.write(path, passphrase, self.records())

    def import_(self, path: Path, passphrase: str) -> int:
        return self.add(transfer.read(path, passphrase))

    def close(self) -> None:
        with self._lock:
            self._records = []

    def _require(self, name: str) -> None:
        require_person(name, self.people())


def require_person(name: str, people: Iterable[Person]) -> None:
    """Raises UserError if nobody of that name is enrolled."""
    if all(person.name != name for person in people):
        raise UserError(f"nobody is enrolled as '{name}'; check the name")


def refuse_taken(name: str, new_name: str, people: Iterable[Person]) -> None:
    """Raises UserError if somebody else has the new name: two people are not made one by accident."""
    if new_name != name and any(person.name == new_name for person in people):
        raise UserError(f"somebody is enrolled as '{new_name}' already; choose another name")


def renamed(record: Record, name: str) -> Record:
    """The record under another name."""
    return Record(msgspec.structs.replace(record.facts, name=name), record.embedding, record.chip)


def encoded(record: Record, encoder: Encoder) -> Record:
    """The record with the embedding that `encoder` makes of its chip."""
    embedding = encoder.encode(chip_of(record.chip))
    return Record(msgspec.structs.replace(record.facts, encoder=encoder.version), embedding, record.chip)
