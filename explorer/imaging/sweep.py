"""One output pixel, explained: the window it saw, the products, their sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.imaging.filtering import Filter, Planes, Response, sizes
from explorer.imaging.kernels import Values

_PAD_MODES = {"reflect": "reflect", "replicate": "edge"}


@dataclass(frozen=True)
class Sight:
    """What one output pixel saw. Rows and columns count from 0, in pixels of the picture.

    `rows` and `columns` are where each row and column of the kernel lies: negative or past the end where
    it lies on padding. `pixels` and `products` are (kernel height, kernel width, channels), and so are the
    `weights`, with one channel where the kernel is the same for all.
    """

    row: int
    column: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    weights: Values
    pixels: Response
    products: Response

    @property
    def sums(self) -> tuple[float, ...]:
        """The sum of the products, channel by channel."""
        return tuple(float(value) for value in self.products.sum(axis=(0, 1), dtype=np.float64))

    @property
    def total(self) -> float:
        """All channels summed, as a convolution over several input channels does."""
        return sum(self.sums)

    def spelled(self, channel: int = 0) -> str:
        """`+ 188 − 185 = 3`: the products that are not zero, and their sum."""
        terms = [value for value in self.products[..., channel].ravel() if value != 0]
        written = " ".join(f"{'−' if value < 0 else '+'} {abs(value):g}" for value in np.round(terms, 3))
        return f"{written or '0'} = {round(self.sums[channel], 3):g}".replace("= -", "= −")


def look(planes: Planes, filter_: Filter, row: int, column: int) -> Sight:
    """What output (row, column) of `filter_` saw of `planes`, (H, W) or (H, W, C); pooling left out.

    Raises IndexError outside the output, UserError when there is none.
    """
    values = planes[..., None] if planes.ndim == 2 else planes
    down, across = sizes(filter_, values.shape[0], values.shape[1])
    if not (0 <= row < down.out and 0 <= column < across.out):
        raise IndexError(f"({row}, {column}) is outside of {down.out} × {across.out}")
    (top, _), (left, _) = filter_.pads
    height, width = filter_.kernel.size
    rows = tuple(row * filter_.stride - top + index * filter_.dilation for index in range(height))
    columns = tuple(column * filter_.stride - left + index * filter_.dilation for index in range(width))
    pixels = _padded(values, filter_, rows, columns)
    weights = filter_.layers if pixels.shape[2] == 3 else filter_.weights[..., None]
    return Sight(row, column, rows, columns, weights, pixels, pixels * weights)


def _padded(values: Planes, filter_: Filter, rows: tuple[int, ...], columns: tuple[int, ...]) -> Response:
    height, width = values.shape[:2]
    if filter_.border == "zero":
        inside = np.array([[0 <= y < height and 0 <= x < width for x in columns] for y in rows])
        taken = values[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)].astype(np.float32)
        masked: Response = taken * inside[..., None].astype(np.float32)
        return masked
    (top, bottom), (left, right) = filter_.pads
    mode = _PAD_MODES[filter_.border]
    down = np.pad(np.arange(height), (top, bottom), mode=mode)  # type: ignore[call-overload]
    across = np.pad(np.arange(width), (left, right), mode=mode)  # type: ignore[call-overload]
    taken = values[down[np.add(rows, top)]][:, across[np.add(columns, left)]]
    result: Response = taken.astype(np.float32)
    return result
