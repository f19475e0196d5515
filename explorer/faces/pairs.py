"""Pairs of pictures with the truth about them, from a file, and their distances."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.faces.decision import distance
from explorer.faces.encoder import Embedding
from explorer.faces.pipeline import FacePipeline, NoFace
from explorer.media.pictures import read_picture
from explorer.network.errors import UserError

COLUMNS = "a,b,same and, if folds are given, fold"
_TRUE, _FALSE = frozenset({"1", "true", "yes", "same"}), frozenset({"0", "false", "no", "different"})
_FILE_LIMIT = 64 << 20


@dataclass(frozen=True)
class Pair:
    """Two pictures, whether they are of one person, and the fold of the cross-validation."""

    a: Path
    b: Path
    same: bool
    fold: int


def read_pairs(path: Path | str, folds: int = 10) -> list[Pair]:
    """The pairs of a CSV file with the columns a,b,same[,fold]; paths are relative to the file.

    Without a column `fold`, pairs of each kind are dealt out to `folds` folds in turn. Raises UserError that
    names the line and what is wrong with it.
    """
    path = Path(path)
    reader = csv.DictReader(io.StringIO(_text(path)), restkey="more", strict=True)
    pairs: list[Pair] = []
    dealt = {True: 0, False: 0}
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if not {"a", "b", "same"} <= set(names) or len(set(names)) < len(names):
            raise UserError(f"'{path}' does not begin with its columns ({COLUMNS}); write them in line 1")
        reader.fieldnames = names
        for row in reader:
            where = f"'{path}', line {reader.line_num}"
            same = _truth(row, where)
            fold = _fold(row, where) if "fold" in names else dealt[same] % folds
            dealt[same] += 1
            pairs.append(Pair(_picture(path, row, "a", where), _picture(path, row, "b", where), same, fold))
    except csv.Error as error:
        raise UserError(f"'{path}', line {reader.line_num}: {error}; write it as plain CSV") from None
    if not dealt[True] or not dealt[False]:
        raise UserError(f"'{path}' needs pairs of one person (same = 1) and pairs of two (same = 0)")
    if len({pair.fold for pair in pairs}) < 2:
        raise UserError(f"'{path}' has all pairs in one fold; give at least two, or leave the column out")
    return pairs


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _FILE_LIMIT:
            raise UserError(f"'{path}' is larger than {_FILE_LIMIT >> 20} MiB; a list of pairs is smaller")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; check the name") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UserError(f"'{path}' cannot be read: {reason}") from None


def _truth(row: dict[str, str | None], where: str) -> bool:
    word = (row.get("same") or "").strip().lower()
    if word not in _TRUE | _FALSE:
        raise UserError(f"{where}: same is '{word}'; write 1 for one person and 0 for two")
    return word in _TRUE


def _fold(row: dict[str, str | None], where: str) -> int:
    word = (row.get("fold") or "").strip()
    if not (word.isascii() and word.isdigit() and len(word) < 6):
        raise UserError(f"{where}: fold is '{word}'; write a whole number from 0")
    return int(word)


def _picture(path: Path, row: dict[str, str | None], column: str, where: str) -> Path:
    name = (row.get(column) or "").strip()
    if not name:
        raise UserError(f"{where}: there is nothing in column {column}; name a picture")
    return path.parent / name


@dataclass(frozen=True, eq=False)
class Measured:
    """The pairs' squared L2 distances, infinite where a face was not found, and what it took.

    `undetected` are the pictures without a face, `seconds_per_face` is for finding and encoding, without
    reading the file.
    """

    distances: NDArray[np.float64]
    same: NDArray[np.bool_]
    folds: tuple[int, ...]
    undetected: tuple[Path, ...]
    seconds_per_face: float

    @property
    def genuine(self) -> NDArray[np.float64]:
        return self.distances[self.same]

    @property
    def impostor(self) -> NDArray[np.float64]:
        return self.distances[~self.same]


def measure(
    pairs: list[Pair],
    pipeline: FacePipeline,
    careful: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Measured:
    """The distances of all pairs; every picture is read once. `progress` gets pictures done and in all.

    Raises UserError for a picture that cannot be read.
    """
    pictures = list(dict.fromkeys(path for pair in pairs for path in (pair.a, pair.b)))
    embeddings: dict[Path, Embedding | None] = {}
    spent = 0.0
    for path in pictures:
        picture = read_picture(path)
        begun = time.perf_counter()
        try:
            embeddings[path] = pipeline.read(picture, careful=careful, name=f"'{path}'").embedding
        except NoFace:
            embeddings[path] = None
        spent += time.perf_counter() - begun
        if progress is not None:
            progress(len(embeddings), len(pictures))
    distances = np.full(len(pairs), np.inf)
    for index, pair in enumerate(pairs):
        a, b = embeddings[pair.a], embeddings[pair.b]
        if a is not None and b is not None:
            distances[index] = distance(a, b)
    return Measured(
        distances,
        np.array([pair.same for pair in pairs]),
        tuple(pair.fold for pair in pairs),
        tuple(path for path, embedding in embeddings.items() if embedding is None),
        spent / max(1, len(pictures)),
    )
