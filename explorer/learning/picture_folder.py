"""A folder of class folders as a data set: every picture is read once, in the size that is learned from."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.learning.data_set import DataSet, Split, fingerprint
from explorer.media.pictures import SUFFIXES, read_picture, to_input
from explorer.network.errors import UserError
from explorer.network.layer import Shape
from explorer.tasks.job import Context

USUAL: Shape = (3, 64, 64)
"""The size of the pictures where no network says another."""
IN_MEMORY = 1 << 30
"""Bytes of pictures beyond which they lie in a temporary file that is read through memory."""
VALIDATION = 0.2
"""The share of each class that is kept for validation where the folder has no split of its own."""
TRAIN_NAMES, VALIDATION_NAMES = ("train",), ("val", "valid", "validation", "test")
NAMED = 5


class Unreadable(UserError):
    """Files that are no pictures; the others could be read without them."""


@dataclass(frozen=True)
class _File:
    path: Path
    label: int
    validation: bool


def load(
    root: Path,
    shape: Shape | None = None,
    skip_unreadable: bool = False,
    seed: int = 0,
    context: Context | None = None,
) -> DataSet:
    """The pictures below `root`, resized and cut to `shape`. Raises UserError.

    Files that are no pictures are named in an `Unreadable`, or left out and named in `skipped`.
    """
    shape = USUAL if shape is None else shape
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise UserError(
            f"pictures have 1 or 3 channels, a height and a width, not {'×'.join(map(str, shape))}"
        )
    classes, files = _scan(root, seed)
    pictures = _room((len(files), *shape))
    read: list[int] = []
    skipped: list[str] = []
    for index, file in enumerate(files):
        if context is not None:
            context.progress(index / len(files), f"reading {root.name}")
        try:
            values = to_input(read_picture(file.path), *shape)
        except UserError as error:
            skipped.append(str(error))
            continue
        pictures[len(read)] = np.rint(values * 255).astype(np.uint8)
        read.append(index)
    if skipped and not skip_unreadable:
        more = f" and {len(skipped) - NAMED:,} more" if len(skipped) > NAMED else ""
        raise Unreadable(f"{'; '.join(skipped[:NAMED])}{more}. Remove such files, or leave them out")
    return _data_set(root, classes, [files[index] for index in read], pictures, tuple(skipped))


def _data_set(
    root: Path,
    classes: tuple[str, ...],
    files: list[_File],
    pictures: NDArray[np.uint8],
    skipped: tuple[str, ...],
) -> DataSet:
    """`files` lie with the training ones first, so that each split is one stretch of `pictures`."""
    labels = np.array([file.label for file in files], np.int64)
    edge = sum(not file.validation for file in files)
    if not 0 < edge < len(files):
        raise UserError(
            f"'{root}' has no picture to {'learn from' if edge == 0 else 'validate on'}; add some"
        )
    train = Split(pictures[:edge], labels[:edge])
    validation = Split(pictures[edge : len(files)], labels[edge:])
    name = root.name or str(root)
    digest = fingerprint(classes, train, validation)
    return DataSet(os.path.abspath(root), name, classes, train, validation, digest, skipped)


def _room(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if int(np.prod(shape)) <= IN_MEMORY:
        return np.empty(shape, np.uint8)
    try:
        with tempfile.TemporaryFile(prefix="convnet-explorer-") as file:  # lives on while it is mapped
            return np.memmap(file, np.uint8, "w+", shape=shape)
    except OSError as error:
        size = np.prod(shape) / 2**30
        raise UserError(f"the pictures take {size:.1f} GiB on the disk: {error.strerror or error}") from None


def _scan(root: Path, seed: int) -> tuple[tuple[str, ...], list[_File]]:
    """(classes, files with the training ones first)."""
    folders = {folder.name.lower(): folder for folder in _folders(root)}
    train = next((folders[name] for name in TRAIN_NAMES if name in folders), None)
    validation = next((folders[name] for name in VALIDATION_NAMES if name in folders), None)
    if train is not None and validation is not None:
        classes = tuple(folder.name for folder in _folders(train) if _pictures(folder))
        unknown = {folder.name for folder in _folders(validation) if _pictures(folder)} - set(classes)
        if unknown:
            raise UserError(
                f"'{validation}' has classes that '{train}' lacks: {', '.join(sorted(unknown)[:NAMED])}"
            )
        parts = [(train, False), (validation, True)]
        found = [
            _File(path, label, held)
            for part, held in parts
            for label, name in enumerate(classes)
            if (part / name).is_dir()
            for path in _pictures(part / name)
        ]
    else:
        kept = [(folder.name, paths) for folder in _folders(root) if (paths := _pictures(folder))]
        classes = tuple(name for name, _ in kept)
        found = _divided([paths for _, paths in kept], seed)
    if len(classes) < 2:
        raise UserError(
            f"'{root}' has {len(classes)} folders with pictures; make one folder a class, at least two"
        )
    return classes, sorted(found, key=lambda file: file.validation)


def _divided(classes: list[list[Path]], seed: int) -> list[_File]:
    """A fifth of each class, and of two pictures one, is kept for validation, drawn by the seed."""
    generator = np.random.default_rng(seed)
    found = []
    for label, paths in enumerate(classes):
        drawn = generator.permutation(len(paths))
        held = min(max(1, round(VALIDATION * len(paths))), len(paths) - 1)
        chosen = set(drawn[:held].tolist())
        found += [_File(path, label, index in chosen) for index, path in enumerate(paths)]
    return found


def _folders(root: Path) -> list[Path]:
    return [Path(entry.path) for entry in _listed(root) if entry.is_dir()]


def _pictures(folder: Path) -> list[Path]:
    return [
        Path(entry.path)
        for entry in _listed(folder)
        if entry.name.lower().endswith(SUFFIXES) and entry.is_file()
    ]


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((one for one in entries if not one.name.startswith(".")), key=lambda one: one.name)
    except OSError as error:
        raise UserError(f"'{folder}' cannot be read: {error.strerror or error}") from None
