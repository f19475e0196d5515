"""What a data set is: two splits of pictures, uint8 (C, H, W), with the numbers of their classes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from explorer.network.layer import Shape

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures (N, C, H, W) uint8, in memory or mapped from a file, and the numbers of their classes (N,)."""

    pictures: Pictures
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self, classes: int) -> NDArray[np.int64]:
        """How many pictures each class has: the balance."""
        return np.bincount(self.labels, minlength=classes)


@dataclass(frozen=True, eq=False)
class DataSet:
    """What is learned from and what it is judged on. `fingerprint` tells whether two are the same."""

    name: str
    title: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    fingerprint: str
    skipped: tuple[str, ...] = ()
    """What was left out because it could not be read, a sentence each."""

    @property
    def input(self) -> Shape:
        """The shape of one picture, (C, H, W)."""
        return tuple(map(int, self.train.pictures.shape[1:]))

    @cached_property
    def scale(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """(mean, deviation) of the training pictures' values in [0, 1], channel by channel."""
        channels = self.train.pictures.shape[1]
        total, squares, count = np.zeros(channels), np.zeros(channels), 0
        for start in range(0, len(self.train), 512):
            part = self.train.pictures[start : start + 512].astype(np.float64) / 255
            total += part.sum((0, 2, 3))
            squares += np.square(part).sum((0, 2, 3))
            count += part.size // channels
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
        return tuple(mean.tolist()), tuple(np.where(deviation < 1e-6, 1.0, deviation).tolist())

    def limited(self, train: int, validation: int) -> DataSet:
        """The first so many pictures of each split: for experiments and quick looks."""
        cut = f"{self.fingerprint}-{train}-{validation}"
        return replace(
            self,
            train=Split(self.train.pictures[:train], self.train.labels[:train]),
            validation=Split(self.validation.pictures[:validation], self.validation.labels[:validation]),
            fingerprint=hashlib.sha256(cut.encode()).hexdigest(),
        )


@dataclass(frozen=True)
class DataInfo:
    """A line of `explorer data`. `bytes` is what a download costs; 0 for what ships."""

    name: str
    title: str
    here: bool
    bytes: int
    pictures: int
    classes: int
    input: Shape


def fingerprint(classes: Sequence[str], *splits: Split) -> str:
    """A digest of all pictures and labels."""
    digest = hashlib.sha256("\0".join(classes).encode())
    for split in splits:
        digest.update(f"{split.pictures.shape}".encode())
        for start in range(0, len(split), 1024):
            digest.update(np.ascontiguousarray(split.pictures[start : start + 1024]).data)
        digest.update(np.ascontiguousarray(split.labels).data)
    return digest.hexdigest()
