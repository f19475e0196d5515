"""Faces that nobody has: readings, keys and galleries for the tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from explorer.faces.gallery.keys import Key, new_passphrase_key
from explorer.faces.gallery.records import Embedding
from explorer.faces.gallery.stored import StoredGallery
from explorer.media.pictures import Picture

PASSPHRASE = "correct horse"
ENCODER = "made-encoder-1"


@dataclass(frozen=True, eq=False)
class Made:
    """As a Reading: a chip, its embedding and what made it."""

    chip: Picture
    embedding: Embedding
    encoder: str = ENCODER


def made(seed: int, encoder: str = ENCODER) -> Made:
    """Another face for each seed; its chip is as random as its embedding."""
    chance = np.random.default_rng(seed)
    chip = chance.integers(0, 256, (112, 112, 3), dtype=np.uint8)
    embedding = chance.normal(size=128).astype(np.float32)
    return Made(chip, embedding / np.linalg.norm(embedding), encoder)


@cache
def key() -> Key:
    """Locked by `PASSPHRASE`, cheaply."""
    return new_passphrase_key(PASSPHRASE, 1 << 8)


def stored(folder: Path) -> StoredGallery:
    """The gallery in a folder."""
    return StoredGallery.open(folder / "people.gallery", key())


class Inverting:
    """An encoder of another version: it says the mean of each channel, eight times over."""

    version = "made-encoder-2"
    size = 24

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        mean = chip.reshape(-1, 3).mean(axis=0).astype(np.float32)
        tiled: Embedding = np.tile(mean, 8)
        return tiled / np.float32(np.linalg.norm(tiled))
