"""The kernels that ship, and kernels as people type them: `1 0 -1; 0 0 0; -1 0 1`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, exp, isfinite, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.network.errors import UserError

LARGEST = 15
"""Most rows and columns of a kernel."""

Values = NDArray[np.float32]
Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Kernel:
    """A kernel and how its result is best looked at: shown = response · `scale` + `offset`.

    Rows from top to bottom, as cross-correlation applies them: the value at the left weighs the pixel at
    the left. `colors` are three kernels for red, green and blue whose results are summed, as a filter of a
    network has them; `rows` is then their mean, which stands in for them where colours are not summed.
    """

    name: str
    title: str
    group: str
    rows: Rows
    scale: float = 1.0
    offset: float = 0.0
    note: str = ""
    colors: tuple[Rows, ...] = ()

    @property
    def values(self) -> Values:
        """(height, width) float32."""
        return np.array(self.rows, dtype=np.float32)

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])


def _of(name: str, title: str, group: str, text: str, **looks: Any) -> Kernel:
    return Kernel(name, title, group, parse(text), **looks)


def parse(text: str) -> tuple[tuple[float, ...], ...]:
    """Rows separated by `;`, numbers by spaces or commas; fractions like 1/9 are fine. Raises UserError."""
    rows = [row.replace(",", " ").split() for row in text.split(";") if row.strip()]
    if not rows:
        raise UserError("The kernel is empty; write rows of numbers like '1 0 -1; 0 0 0; -1 0 1'.")
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise UserError(f"The kernel's rows have {lengths} numbers; every row needs as many.")
    if len(rows) > LARGEST or len(rows[0]) > LARGEST:
        raise UserError(
            f"The kernel is {len(rows)} × {len(rows[0])}; at most {LARGEST} × {LARGEST} can be applied."
        )
    return tuple(tuple(_number(entry) for entry in row) for row in rows)


def _number(entry: str) -> float:
    above, _, below = entry.partition("/")
    try:
        value = float(above) / float(below) if below else float(above)
    except (ValueError, ZeroDivisionError):
        raise UserError(f"'{entry}' in the kernel is not a number; write 1, -0.5 or 1/9.") from None
    if not isfinite(value) or abs(value) > 1e6:
        raise UserError(f"'{entry}' in the kernel is too large; numbers up to 1,000,000 can be used.")
    return value


def _box(side: int) -> tuple[tuple[float, ...], ...]:
    return ((1 / side**2,) * side,) * side


def _gaussian(side: int, sigma: float) -> Values:
    at = np.arange(side) - (side - 1) / 2
    line = np.exp(-(at**2) / (2 * sigma**2))
    line /= line.sum()
    return np.asarray(np.outer(line, line), dtype=np.float32)


def _laplacian_of_gaussian(side: int, sigma: float) -> Values:
    """Marr and Hildreth 1980, its mean taken away so that a flat picture gives 0."""
    at = np.arange(side) - (side - 1) / 2
    radius = at[:, None] ** 2 + at[None, :] ** 2
    values = (radius / (2 * sigma**2) - 1) * np.exp(-radius / (2 * sigma**2)) / (pi * sigma**4)
    return np.asarray(values - values.mean(), dtype=np.float32)


def _gabor(side: int, turn: float, wavelength: float = 5.0, sigma: float = 2.4) -> Values:
    """A wave under a bell (Gabor 1946): what single cells of the first visual area answer to."""
    middle = (side - 1) / 2
    values = np.array(
        [
            [
                exp(-((x - middle) ** 2 + (y - middle) ** 2) / (2 * sigma**2))
                * cos(2 * pi * ((x - middle) * cos(turn) + (y - middle) * np.sin(turn)) / wavelength)
                for x in range(side)
            ]
            for y in range(side)
        ]
    )
    values -= values.mean()
    return np.asarray(values / np.abs(values).sum() * 2, dtype=np.float32)


def _exact(values: Values) -> tuple[tuple[float, ...], ...]:
    """Not rounded, so that a separable kernel stays one."""
    return tuple(tuple(row) for row in values.tolist())


def _rows(values: Values) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(value), 5) for value in row) for row in values)


_LECTURE, _EDGES, _SMOOTH, _SHARP, _DETECT = "Of the lecture", "Edges", "Smoothing", "Sharpening", "Detectors"
_GREY: dict[str, Any] = {"scale": 0.5, "offset": 128.0}

KERNELS: tuple[Kernel, ...] = (
    _of("identity", "Identity", _LECTURE, "0 0 0; 0 1 0; 0 0 0"),
    _of("edges-diagonal", "Edges, diagonal", _LECTURE, "1 0 -1; 0 0 0; -1 0 1", note="answers to corners"),
    _of("edges-laplace-4", "Edges, Laplace 4", _LECTURE, "0 1 0; 1 -4 1; 0 1 0"),
    _of("edges-laplace-8", "Edges, Laplace 8", _LECTURE, "-1 -1 -1; -1 8 -1; -1 -1 -1"),
    _of("sobel-x", "Sobel x", _EDGES, "-1 0 1; -2 0 2; -1 0 1", **_GREY),
    _of("sobel-y", "Sobel y", _EDGES, "-1 -2 -1; 0 0 0; 1 2 1", **_GREY),
    _of("scharr-x", "Scharr x", _EDGES, "-3 0 3; -10 0 10; -3 0 3", scale=0.125, offset=128.0),
    _of("scharr-y", "Scharr y", _EDGES, "-3 -10 -3; 0 0 0; 3 10 3", scale=0.125, offset=128.0),
    _of("prewitt-x", "Prewitt x", _EDGES, "-1 0 1; -1 0 1; -1 0 1", **_GREY),
    _of("prewitt-y", "Prewitt y", _EDGES, "-1 -1 -1; 0 0 0; 1 1 1", **_GREY),
    _of("roberts", "Roberts cross", _EDGES, "1 0; 0 -1", **_GREY),
    _of("gradient-x", "Difference x", _EDGES, "-1 1", **_GREY),
    _of("gradient-y", "Difference y", _EDGES, "-1; 1", **_GREY),
    Kernel("box-3", "Box blur 3×3", _SMOOTH, _box(3)),
    Kernel("box-7", "Box blur 7×7", _SMOOTH, _box(7)),
    _of("binomial-3", "Gaussian 3×3", _SMOOTH, "1/16 2/16 1/16; 2/16 4/16 2/16; 1/16 2/16 1/16"),
    Kernel("gaussian-7", "Gaussian 7×7, σ 1.5", _SMOOTH, _exact(_gaussian(7, 1.5))),
    Kernel("gaussian-15", "Gaussian 15×15, σ 3", _SMOOTH, _exact(_gaussian(15, 3.0))),
    Kernel(
        "motion-9",
        "Motion blur",
        _SMOOTH,
        _rows(np.eye(9, dtype=np.float32) / np.float32(9)),
        note="along the diagonal",
    ),
    _of("sharpen", "Sharpen", _SHARP, "0 -1 0; -1 5 -1; 0 -1 0"),
    _of("sharpen-strong", "Sharpen, strong", _SHARP, "-1 -1 -1; -1 9 -1; -1 -1 -1"),
    _of(
        "unsharp",
        "Unsharp mask 5×5",
        _SHARP,
        "-1/256 -4/256 -6/256 -4/256 -1/256; -4/256 -16/256 -24/256 "
        "-16/256 -4/256; -6/256 -24/256 476/256 -24/256 -6/256; -4/256 -16/256 -24/256 -16/256 -4/256; "
        "-1/256 -4/256 -6/256 -4/256 -1/256",
    ),
    _of("emboss", "Emboss", _SHARP, "-2 -1 0; -1 1 1; 0 1 2"),
    Kernel(
        "log-9",
        "Laplacian of Gaussian",
        _DETECT,
        _rows(_laplacian_of_gaussian(9, 1.4)),
        scale=8.0,
        offset=128.0,
    ),
    Kernel("gabor-0", "Gabor, upright", _DETECT, _rows(_gabor(11, 0.0)), scale=1.5, offset=128.0),
    Kernel("gabor-45", "Gabor, diagonal", _DETECT, _rows(_gabor(11, pi / 4)), scale=1.5, offset=128.0),
    Kernel("gabor-90", "Gabor, lying", _DETECT, _rows(_gabor(11, pi / 2)), scale=1.5, offset=128.0),
    _of("line-x", "Line, lying", _DETECT, "-1 -1 -1; 2 2 2; -1 -1 -1"),
    _of("line-y", "Line, upright", _DETECT, "-1 2 -1; -1 2 -1; -1 2 -1"),
    _of("corner", "Corner", _DETECT, "-1 -1 0; -1 0 1; 0 1 1", **_GREY),
)

BY_NAME = {kernel.name: kernel for kernel in KERNELS}


def find(text: str) -> Kernel:
    """The kernel of that name, or the one that is spelled out. Raises UserError."""
    kernel = BY_NAME.get(text.strip().lower())
    if kernel is not None:
        return kernel
    if any(mark.isdigit() for mark in text) and not any(mark.isalpha() for mark in text):
        return Kernel("typed", "Typed", "Own", parse(text))
    raise UserError(
        f"There is no kernel '{text}'; there is {', '.join(BY_NAME)}, "
        "or write rows of numbers like '0 1 0; 1 -4 1; 0 1 0'."
    )


def random_kernel(seed: int, height: int = 3, width: int = 3) -> Kernel:
    """A kernel as a fresh convolution has it: uniform within ±1/√(height·width), seeded."""
    bound = 1 / (height * width) ** 0.5
    values = np.random.default_rng(seed).uniform(-bound, bound, (height, width)).astype(np.float32)
    return Kernel(f"random-{seed}", f"Random {seed}", "Own", _rows(values), **_GREY)


def separated(values: Sequence[Sequence[float]] | Values) -> tuple[Values, Values] | None:
    """A column and a row whose outer product is the kernel, or None when there is none.

    A separable kernel of f × f costs 2·f products a pixel instead of f².
    """
    matrix = np.asarray(values, dtype=np.float64)
    if not matrix.any():
        return None
    left, strength, right = np.linalg.svd(matrix)
    if len(strength) > 1 and strength[1] > 1e-4 * strength[0]:
        return None
    root = strength[0] ** 0.5
    column, row = left[:, 0] * root, right[0] * root
    if column[np.argmax(np.abs(column))] < 0:
        column, row = -column, -row
    return column.astype(np.float32), row.astype(np.float32)


def frequency_response(values: Values, side: int = 64) -> Values:
    """What the kernel lets through, (side, side): |DFT|, the mean frequency in the middle.

    1 means unchanged. Columns are horizontal frequencies from −½ to ½ cycles a pixel, rows vertical ones.
    """
    return np.abs(np.fft.fftshift(np.fft.fft2(values, (side, side)))).astype(np.float32)
