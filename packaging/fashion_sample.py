"""Makes `assets/data/fashion-sample.xz` from Debian's package `dataset-fashion-mnist`.

    apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb unpacked
    python packaging/fashion_sample.py unpacked/usr/share/datasets/fashion-mnist assets/data/fashion-sample.xz

The first 500 training and the first 100 test pictures of each of the ten classes, in the order of the
original files. Inside the xz: 5,000 + 1,000 labels, a byte each, then 28 × 28 grey bytes a picture.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TAKEN = {"train": 500, "t10k": 100}


def original(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(pictures (n, 28, 28), labels (n,)) of one pair of IDX files."""
    images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    return (
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
    )


def balanced(folder: Path) -> bytes:
    """The part that ships, as it lies inside the xz."""
    pictures, names = [], []
    for part, each in TAKEN.items():
        images, labels = original(folder, part)
        chosen = np.sort(np.concatenate([np.flatnonzero(labels == label)[:each] for label in range(10)]))
        pictures.append(images[chosen].tobytes())
        names.append(labels[chosen].tobytes())
    return b"".join((*names, *pictures))


def main() -> None:
    """Reads the folder that is named first, writes the file that is named second."""
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    packed = lzma.compress(balanced(folder), preset=9 | lzma.PRESET_EXTREME)
    target.write_bytes(packed)
    print(f"{target}: {len(packed):,} bytes, sha256 {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
