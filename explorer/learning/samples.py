"""Pictures to learn from that ship with the program: no download needed."""

from __future__ import annotations

import hashlib
import lzma
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from explorer.assets import asset
from explorer.network.errors import UserError

FASHION_SHA256 = "e6eca51b06fbc69a86c0bf8d1a06d3e493707bd407ba4800d92a9a2e66d11511"
DIGITS_SHA256 = "88bcad81c71e13d12731b9c0f0ff22773d9cdf98ef976619a8d58085e7bc6623"
DIGITS = tuple("0123456789")
FASHION_CLASSES = (
    "T-shirt",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_TRAIN, _TEST = 5000, 1000
_DIGITS, _DIGITS_TRAIN = 1797, 1437


@dataclass(frozen=True, eq=False)
class Sample:
    """Grey pictures (n, H, W) uint8 with their labels (n,), the same number of each class."""

    classes: tuple[str, ...]
    train: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


@cache
def fashion_sample() -> Sample:
    """5,000 + 1,000 pictures of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), 28 × 28; read-only, 4.7 MB.

    Raises UserError when the file is missing or not the one that was shipped.
    """
    whole = _unpacked("fashion-sample.xz", FASHION_SHA256)
    labels, pictures = np.split(whole, [_TRAIN + _TEST])
    pictures = pictures.reshape(-1, 28, 28)
    return Sample(FASHION_CLASSES, pictures[:_TRAIN], labels[:_TRAIN], pictures[_TRAIN:], labels[_TRAIN:])


@cache
def digits_sample() -> Sample:
    """1,437 + 360 pictures of handwritten digits (Alpaydin and Kaynak 1998), 8 × 8; read-only.

    The last fifth is not learned from. Raises UserError when the file is missing or not the one shipped.
    """
    whole = _unpacked("digits-sample.xz", DIGITS_SHA256)
    labels, pictures = np.split(whole, [_DIGITS])
    pictures, edge = pictures.reshape(-1, 8, 8), _DIGITS_TRAIN
    return Sample(DIGITS, pictures[:edge], labels[:edge], pictures[edge:], labels[edge:])


def _unpacked(name: str, sha256: str) -> NDArray[np.uint8]:
    path = asset("data", name)
    packed = path.read_bytes()
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise UserError(f"'{path}' is damaged (its SHA-256 is another); install ConvNet Explorer again.")
    return np.frombuffer(lzma.decompress(packed), np.uint8)
