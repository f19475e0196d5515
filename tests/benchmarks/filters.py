"""Filtering a 1080p picture as the live view does, against the bare call of OpenCV for the same kernel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.imaging.filtering import Filter, show
from explorer.imaging.kernels import BY_NAME
from explorer.media.opencv import cv2
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

GOAL = 1.3
SIZE = (1080, 1920, 3)
KERNELS = ("edges-laplace-8", "unsharp", "gaussian-15")


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """A kernel of 3 × 3, one of 5 × 5, and one of 15 × 15 that is a column times a row."""
    picture = np.random.default_rng(0).integers(0, 256, SIZE, dtype=np.uint8)
    for name in KERNELS:
        kernel = BY_NAME[name]
        filter_ = Filter(kernel, scale=kernel.scale, offset=kernel.offset)
        weights = kernel.values * np.float32(kernel.scale)

        def ours(filter_: Filter = filter_) -> float:
            return seconds(lambda: show(picture, filter_))

        def bare(weights: np.ndarray = weights, offset: float = kernel.offset) -> float:
            border = cv2.BORDER_CONSTANT
            return seconds(lambda: cv2.filter2D(picture, cv2.CV_8U, weights, delta=offset, borderType=border))

        rows, columns = kernel.size
        yield in_turns(
            f"filter-{rows}x{columns}", ours, bare, f"≤ {GOAL} of cv2.filter2D",
            lambda _, ratio: ratio <= GOAL, pairs=pairs,
        )  # fmt: skip
