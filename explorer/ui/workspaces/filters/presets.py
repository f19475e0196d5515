"""Pictures to begin with: those that ship, and the lecture's 63 × 63."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.assets import asset
from explorer.imaging.filtering import Padding
from explorer.learning.samples import FASHION_CLASSES, fashion_sample
from explorer.media.pictures import SUFFIXES, Picture, read_picture, to_input

SAME_NOTE = "The lecture's “same”: ⌊(63 + 2 − 3) / 1⌋ + 1 = 63, with 8 filters 63 × 63 × 8 = 31,752 values."
VALID_NOTE = (
    "The lecture's “valid” with stride 2: ⌊(63 − 3) / 2⌋ + 1 = 31, with 8 filters 31 × 31 × 8 = 7,688 "
    "values. The lecture prints 30 × 30 × 8 = 7,200: that is a slip."
)


@dataclass(frozen=True)
class Preset:
    """The lecture's example: how the kernel is applied to a grey picture of 63 × 63."""

    title: str
    padding: Padding
    stride: int
    note: str


LECTURE = (
    Preset("Lecture: 63 × 63, same", "same", 1, SAME_NOTE),
    Preset("Lecture: 63 × 63, valid, stride 2", "valid", 2, VALID_NOTE),
)
SIDE = 63
FIRST = "still-life.png"


def bundled() -> tuple[Path, ...]:
    """The pictures that ship."""
    return tuple(sorted(path for path in asset("pictures").iterdir() if path.suffix in SUFFIXES))


def title_of(path: Path) -> str:
    """`Still life` for still-life.png."""
    return path.stem.replace("-", " ").capitalize()


def small_picture() -> Picture:
    """The lecture's picture: (63, 63) uint8, grey."""
    values = to_input(read_picture(asset("pictures", FIRST)), 1, SIDE, SIDE)
    picture: Picture = np.rint(values[0] * 255).astype(np.uint8)
    return picture


def fashion_picture(label: int, which: int = 0) -> tuple[Picture, str]:
    """A picture of Fashion-MNIST that no shipped network learned from, (28, 28) grey, and its title."""
    sample = fashion_sample()
    at = np.flatnonzero(sample.test_labels == label)[which]
    return sample.test[at], FASHION_CLASSES[label]
