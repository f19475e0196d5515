"""Makes `assets/data/digits-sample.xz` from scikit-learn's wheel.

    pip download --no-deps scikit-learn && unzip scikit_learn-*.whl sklearn/datasets/data/digits.csv.gz
    python packaging/digits_sample.py sklearn/datasets/data/digits.csv.gz assets/data/digits-sample.xz

All 1,797 pictures of 8 × 8 in the file's order; of the 17 levels 0 to 16 each becomes a byte, 16 being 255.
Inside the xz: 1,797 labels, a byte each, then 64 grey bytes a picture.
"""

from __future__ import annotations

import hashlib
import lzma
import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Reads the file that is named first, writes the one that is named second."""
    table = np.loadtxt(Path(sys.argv[1]), delimiter=",")
    pictures = np.rint(table[:, :64] * 255 / 16).astype(np.uint8)
    packed = lzma.compress(
        table[:, 64].astype(np.uint8).tobytes() + pictures.tobytes(), preset=9 | lzma.PRESET_EXTREME
    )
    target = Path(sys.argv[2])
    target.write_bytes(packed)
    print(f"{target}: {len(packed):,} bytes, sha256 {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
