"""A folder of people: one folder a person, named like them, with their pictures in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.assets import asset
from explorer.media.pictures import SUFFIXES, Picture, read_picture
from explorer.network.errors import UserError


@dataclass(frozen=True)
class Unreadable:
    """A file that was to be a picture, and why it is none."""

    path: Path
    reason: str


@dataclass(frozen=True, eq=False)
class PeopleFolder:
    """What a folder holds. `paths[i]` is a picture of `names[people[i]]`; nothing is decoded yet."""

    root: Path
    names: tuple[str, ...]
    paths: tuple[Path, ...]
    people: NDArray[np.int32]
    skipped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def picture(self, index: int) -> Picture:
        """One picture, (H, W, 3) uint8. Raises UserError naming the file when it cannot be read."""
        return read_picture(self.paths[index])

    def of(self, person: int) -> tuple[Path, ...]:
        """One person's pictures."""
        return tuple(self.paths[index] for index in np.flatnonzero(self.people == person))

    def check(self, progress: Callable[[int], None] | None = None) -> tuple[Unreadable, ...]:
        """Decodes each picture once and names those that cannot be read; `progress` gets the count so far."""
        found = []
        for index, path in enumerate(self.paths):
            try:
                read_picture(path)
            except UserError as error:
                found.append(Unreadable(path, str(error)))
            if progress is not None:
                progress(index + 1)
        return tuple(found)

    def without(self, paths: frozenset[Path]) -> PeopleFolder:
        """The same less some pictures, and less people who have none left."""
        kept = [index for index, path in enumerate(self.paths) if path not in paths]
        left = sorted({int(self.people[index]) for index in kept})
        number = {person: place for place, person in enumerate(left)}
        people = np.array([number[int(self.people[index])] for index in kept], dtype=np.int32)
        return PeopleFolder(
            self.root,
            tuple(self.names[person] for person in left),
            tuple(self.paths[index] for index in kept),
            people,
            self.skipped,
        )

    @cached_property
    def fingerprint(self) -> str:
        """Says whether two scans saw the same: a digest of names, sizes and times of change."""
        digest = hashlib.sha256()
        for path in self.paths:
            try:
                status = path.stat()
                seen = f"{status.st_size} {status.st_mtime_ns}"
            except OSError:
                seen = "gone"
            digest.update(f"{path.relative_to(self.root).as_posix()}\0{seen}\n".encode())
        return digest.hexdigest()


def scan(root: Path | str) -> PeopleFolder:
    """What a folder of people holds, in the order of names. Hidden files and folders are passed over.

    Raises UserError when it is no folder or holds no person with a picture.
    """
    root = Path(root)
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise UserError(f"'{root}' {what}; name a folder that has one folder a person")
    names: list[str] = []
    paths: list[Path] = []
    people: list[int] = []
    skipped: list[str] = []
    for person in _listed(root):
        if not person.is_dir():
            skipped.append(f"'{person.name}' is not in a person's folder")
            continue
        own = _pictures(Path(person.path))
        if not own:
            skipped.append(f"'{person.name}' holds no picture")
            continue
        people.extend([len(names)] * len(own))
        names.append(person.name)
        paths.extend(own)
    if not names:
        raise UserError(f"'{root}' has no folder with pictures in it; make one folder a person")
    return PeopleFolder(root, tuple(names), tuple(paths), np.array(people, dtype=np.int32), tuple(skipped))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if not e.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"'{folder}' cannot be read: {error.strerror or error}") from None


def _pictures(folder: Path) -> list[Path]:
    return [
        Path(entry.path)
        for entry in _listed(folder)
        if entry.name.lower().endswith(SUFFIXES) and entry.is_file()
    ]


def bundled_people() -> PeopleFolder:
    """The faces that ship, for whoever has no camera; their licences are in `assets/LICENSES.md`."""
    return scan(asset("faces"))
