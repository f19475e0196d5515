"""Faces that were read once, and the pairs among them: what thresholds and distances are measured on.

A source is a gallery, a folder of people or a file of pairs. Where people are known, every two pictures are a
pair; a file of pairs says itself which it means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.faces.encoder import Embedding
from explorer.faces.folder import PeopleFolder
from explorer.faces.pairs import Pair
from explorer.faces.pipeline import FacePipeline, NoFace
from explorer.media.pictures import Picture, read_picture
from explorer.network.errors import UserError

MOST_PICTURES = 4000
"""Pictures that are read of one source: their chips stay in memory, 37 kB each."""
MOST_IMPOSTORS = 400_000
"""Pairs of two people; of more, as many are drawn."""

Progress = Callable[[int, int, str], bool]
"""Gets the pictures done, all, and the next one's name; says whether to go on."""


@dataclass(frozen=True)
class Missing:
    """A picture that is not compared, and why."""

    name: str
    reason: str
    readable: bool
    """A picture in which no face was found; False: no picture at all."""


@dataclass(frozen=True, eq=False)
class FaceSet:
    """n faces and p pairs of them.

    `embeddings` is (n, F), with rows of zeros and no chip where no face was found; `people[i]` is a number
    for the person of face i, or None if the source doesn't tell; `a`, `b`, `same` are (p,).
    """

    title: str
    names: tuple[str, ...]
    people: NDArray[np.int64] | None
    chips: tuple[Picture | None, ...]
    embeddings: NDArray[np.float32]
    found: NDArray[np.bool_]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    same: NDArray[np.bool_]
    folds: NDArray[np.int64] | None = None
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """(p,) squared L2; infinite where a face was not found."""
        cosine = np.empty(len(self.a))
        for start in range(0, len(self.a), 50_000):
            part = slice(start, start + 50_000)
            cosine[part] = np.einsum("ij,ij->i", self.embeddings[self.a[part]], self.embeddings[self.b[part]])
        distances = np.clip(2 - 2 * cosine, 0, 4)
        distances[~(self.found[self.a] & self.found[self.b])] = np.inf
        return distances

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """(p,) places of the pairs by distance, the nearest first."""
        return np.argsort(self.distances, kind="stable")

    @cached_property
    def genuine(self) -> NDArray[np.float64]:
        """Distances between two pictures of one person."""
        return self.distances[self.same]

    @cached_property
    def impostor(self) -> NDArray[np.float64]:
        """Distances between two people."""
        return self.distances[~self.same]

    @property
    def people_count(self) -> int | None:
        """How many people there are; None if nobody knows."""
        return None if self.people is None else len(np.unique(self.people))

    @property
    def complete(self) -> bool:
        """Whether there are pairs of both kinds, without which nothing can be measured."""
        return bool(self.same.any() and not self.same.all())


def of_embeddings(
    title: str,
    embeddings: NDArray[np.float32],
    people: Sequence[str],
    chips: Sequence[Picture | None],
    names: Sequence[str] | None = None,
) -> FaceSet:
    """From what a gallery holds: row i of (n, F) is a picture of `people[i]`."""
    numbers = np.unique(np.asarray(people, dtype=object).astype(str), return_inverse=True)[1].astype(np.int64)
    names = tuple(people) if names is None else tuple(names)
    found = np.ones(len(names), dtype=bool)
    return _crossed(title, names, numbers, tuple(chips), embeddings.astype(np.float32), found, ())


def read_folder(folder: PeopleFolder, title: str, pipeline: FacePipeline, progress: Progress) -> FaceSet:
    """Every face of a folder of people. Files that are no pictures are left out and named.

    When `progress` says to stop, what was read so far is the set.
    """
    order = _widely(folder.people)
    chosen = np.sort(order[:MOST_PICTURES])
    notes = list(folder.skipped)
    if len(chosen) < len(folder):
        notes.append(f"{len(chosen):,} of {len(folder):,} pictures are read: some of each person")
    paths = [folder.paths[index] for index in chosen]
    labels = [f"{folder.names[folder.people[index]]}, {folder.paths[index].name}" for index in chosen]
    faces = _read(paths, labels, pipeline, progress)
    people = folder.people[chosen[faces.kept]].astype(np.int64)
    return _crossed(
        title, faces.names, people, faces.chips, faces.embeddings, faces.found, faces.missing, tuple(notes)
    )


def read_pair_file(pairs: Sequence[Pair], title: str, pipeline: FacePipeline, progress: Progress) -> FaceSet:
    """The pictures of a list of pairs. Pairs with a file that is no picture are left out and named."""
    paths = list(dict.fromkeys(path for pair in pairs for path in (pair.a, pair.b)))
    notes = []
    if len(paths) > MOST_PICTURES:
        notes.append(f"{MOST_PICTURES:,} of {len(paths):,} pictures are read: those of the first pairs")
    faces = _read(paths[:MOST_PICTURES], _labels(paths[:MOST_PICTURES]), pipeline, progress)
    place = {paths[index]: row for row, index in enumerate(faces.kept)}
    kept = [pair for pair in pairs if pair.a in place and pair.b in place]
    return FaceSet(
        title,
        faces.names,
        None,
        faces.chips,
        faces.embeddings,
        faces.found,
        np.array([place[pair.a] for pair in kept], dtype=np.int64),
        np.array([place[pair.b] for pair in kept], dtype=np.int64),
        np.array([pair.same for pair in kept], dtype=bool),
        np.array([pair.fold for pair in kept], dtype=np.int64),
        faces.missing,
        tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class _Faces:
    """`kept` are the places, in the list that was given, of the files that are pictures."""

    kept: NDArray[np.int64]
    names: tuple[str, ...]
    chips: tuple[Picture | None, ...]
    embeddings: NDArray[np.float32]
    found: NDArray[np.bool_]
    missing: tuple[Missing, ...]


def _read(paths: Sequence[Path], labels: Sequence[str], pipeline: FacePipeline, progress: Progress) -> _Faces:
    kept: list[int] = []
    chips: list[Picture | None] = []
    embeddings: list[Embedding] = []
    missing: list[Missing] = []
    nothing = np.zeros(pipeline.encoder.size, dtype=np.float32)
    for index, (path, label) in enumerate(zip(paths, labels, strict=True)):
        if not progress(index, len(paths), label):
            break
        try:
            reading = pipeline.read(read_picture(path), name=f"'{label}'")
        except NoFace as error:
            missing.append(Missing(label, error.hint.value, True))
            chips.append(None)
            embeddings.append(nothing)
        except UserError as error:
            missing.append(Missing(label, str(error), False))
            continue
        else:
            chips.append(reading.chip)
            embeddings.append(reading.embedding)
        kept.append(index)
    matrix = np.stack(embeddings) if embeddings else np.zeros((0, len(nothing)), dtype=np.float32)
    found = np.array([chip is not None for chip in chips], dtype=bool)
    names = tuple(labels[index] for index in kept)
    return _Faces(np.array(kept, dtype=np.int64), names, tuple(chips), matrix, found, tuple(missing))


def _labels(paths: Sequence[Path]) -> list[str]:
    """Folder and file: in most data sets the folder is the person."""
    return [f"{path.parent.name}, {path.name}" if path.parent.name else path.name for path in paths]


def _widely(people: NDArray[np.integer]) -> NDArray[np.int64]:
    """Everybody's first picture, then everybody's second, and so on."""
    seen: dict[int, int] = {}
    turn = np.empty(len(people), dtype=np.int64)
    for index, person in enumerate(people):
        turn[index] = seen[int(person)] = seen.get(int(person), -1) + 1
    return np.argsort(turn, kind="stable").astype(np.int64)


def _crossed(
    title: str,
    names: tuple[str, ...],
    people: NDArray[np.int64],
    chips: tuple[Picture | None, ...],
    embeddings: NDArray[np.float32],
    found: NDArray[np.bool_],
    missing: tuple[Missing, ...],
    notes: tuple[str, ...] = (),
) -> FaceSet:
    a, b, drawn = _all_pairs(people)
    if drawn:
        notes = (*notes, f"{MOST_IMPOSTORS:,} pairs of two people are drawn from all there are")
    return FaceSet(
        title, names, people, chips, embeddings, found, a, b, people[a] == people[b], None, missing, notes
    )


def _all_pairs(people: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """Every pair of one person, and those of two or as many as are taken; whether these were drawn."""
    count = len(people)
    if count * (count - 1) // 2 <= MOST_IMPOSTORS:
        a, b = np.triu_indices(count, 1)
        return a.astype(np.int64), b.astype(np.int64), False
    own = [np.flatnonzero(people == person) for person in np.unique(people)]
    pairs = [(rows[i], rows[j]) for rows in own for i, j in zip(*np.triu_indices(len(rows), 1), strict=True)]
    same = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    drawn = np.random.default_rng(0).integers(0, count, (2 * MOST_IMPOSTORS, 2))
    drawn = np.unique(np.sort(drawn[people[drawn[:, 0]] != people[drawn[:, 1]]], axis=1), axis=0)
    drawn = np.random.default_rng(1).permutation(drawn)[:MOST_IMPOSTORS]
    both = np.concatenate([same, drawn])
    return both[:, 0], both[:, 1], True
