"""One kernel over one picture: cross-correlation as convolutional networks do it, equal to torch's conv2d."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explorer.imaging.kernels import BY_NAME, Kernel, Values, separated
from explorer.media.opencv import cv2
from explorer.network.errors import UserError
from explorer.network.sizes import convolved, extent, pads_of_same, unseen

SEPARATE_FROM = 25
"""Values of a kernel from which on two passes are faster than one."""
MOST_SEPARATE = 60_000_000
"""Values of a picture up to which two passes are taken."""
MOST_SPANNED = 1 << 26
"""Pixels under a dilated kernel, which is laid out in full: 256 MiB in float32."""
Response = NDArray[np.float32]
"""(H, W) or (H, W, C) float32."""
Planes = NDArray[Any]
"""(H, W) or (H, W, C), uint8 or float32."""
Padding = Literal["valid", "same"] | int
Border = Literal["zero", "reflect", "replicate"]
Channels = Literal["each", "grey", "sum"]

_BORDERS = {"zero": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE}


@dataclass(frozen=True)
class Pooling:
    """Pooling after the filter: `size` × `size`, every `stride` pixels, without padding."""

    kind: Literal["max", "average"] = "max"
    size: int = 2
    stride: int = 2


@dataclass(frozen=True)
class Filter:
    """A kernel and how it is applied.

    `channels`: each colour by itself, the grey picture, or all colours summed into one map as a
    convolution with three input channels does. `flip` turns the kernel by 180°, which makes it a convolution
    in the mathematical sense. The response is `relu(Σ kernel · pixels + bias)`, pooled; shown is that ·
    `scale` + `offset`.
    """

    kernel: Kernel = field(default_factory=lambda: BY_NAME["identity"])
    stride: int = 1
    padding: Padding = "same"
    border: Border = "zero"
    dilation: int = 1
    channels: Channels = "each"
    flip: bool = False
    bias: float = 0.0
    relu: bool = False
    pooling: Pooling | None = None
    scale: float = 1.0
    offset: float = 0.0

    @property
    def weights(self) -> Values:
        """The kernel as it is laid on the picture."""
        values = self.kernel.values
        return values[::-1, ::-1].copy() if self.flip else values

    @property
    def deep(self) -> bool:
        """Whether each colour has a kernel of its own, and the results are summed."""
        return self.channels == "sum" and bool(self.kernel.colors)

    @property
    def layers(self) -> Values:
        """The kernels as they are laid on the colours, (rows, columns, colours); one if not `deep`."""
        if not self.deep:
            return self.weights[..., None]
        values = np.array(self.kernel.colors, dtype=np.float32).transpose(1, 2, 0)
        return np.ascontiguousarray(values[::-1, ::-1] if self.flip else values)

    @property
    def spans(self) -> tuple[int, int]:
        """Rows and columns of the picture under the kernel."""
        rows, columns = self.kernel.size
        return extent(rows, self.dilation), extent(columns, self.dilation)

    @property
    def pads(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(before, after) for rows and columns; an even kernel gets one more after, as in torch."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        if self.padding == "same":
            rows, columns = self.spans
            return pads_of_same(rows), pads_of_same(columns)
        return (self.padding, self.padding), (self.padding, self.padding)


@dataclass(frozen=True)
class Size:
    """How an axis comes out: ⌊(n + p − f) / s⌋ + 1, with what the floor and the window leave over."""

    size: int
    span: int
    padding: int
    stride: int
    out: int
    dropped: int

    @property
    def remainder(self) -> int:
        return (self.size + self.padding - self.span) % self.stride

    @property
    def spelled(self) -> str:
        return f"⌊({self.size} + {self.padding} − {self.span}) / {self.stride}⌋ + 1 = {self.out}"


def sizes(filter_: Filter, height: int, width: int) -> tuple[Size, Size]:
    """The filter's output rows and columns, pooling left out. Raises UserError when nothing comes out."""
    rows, columns = filter_.spans
    if rows * columns > MOST_SPANNED:
        raise UserError(f"The kernel spans {rows:,} × {columns:,} pixels; take less dilation.")
    found = []
    for what, n, span, (before, after) in zip(
        ("rows", "columns"), (height, width), filter_.spans, filter_.pads, strict=True
    ):
        if filter_.border == "reflect" and max(before, after) >= n:
            raise UserError(
                f"Reflecting {max(before, after)} pixels needs more {what} than the picture's {n}; "
                "take a smaller kernel or zero padding."
            )
        out = convolved(n, span, filter_.stride, before + after)
        if out < 1:
            raise UserError(
                f"The kernel spans {span} {what}, but the picture has only {n + before + after}, padding "
                "counted in; "
                "take a smaller kernel, less dilation or padding 'same'."
            )
        found.append(
            Size(n, span, before + after, filter_.stride, out, unseen(n, span, filter_.stride, before, out))
        )
    return found[0], found[1]


def respond(picture: Planes, filter_: Filter) -> Response:
    """The response before scale and offset, (H, W) or (H, W, C) float32, at the picture's own values."""
    planes = planes_of(picture, filter_.channels)
    down, across = sizes(filter_, planes.shape[0], planes.shape[1])
    if filter_.deep and planes.ndim == 3:
        layers = filter_.layers
        swept = [
            _correlate(
                np.ascontiguousarray(planes[..., one]), filter_, cv2.CV_32F,
                np.ascontiguousarray(layers[..., one]), 0.0,
            )
            for one in range(planes.shape[2])
        ]  # fmt: skip
        summed = np.asarray(np.sum(swept, axis=0, dtype=np.float32))
        response = _step(summed, filter_, down.out, across.out)
    else:
        response = _correlate(planes, filter_, cv2.CV_32F, filter_.weights, 0.0)
        response = _step(response, filter_, down.out, across.out)
    if filter_.channels == "sum" and response.ndim == 3:
        response = response.sum(axis=2, dtype=np.float32)
    if filter_.bias:
        response = response + np.float32(filter_.bias)
    if filter_.relu:
        response = np.maximum(response, 0)
    return response if filter_.pooling is None else pool(response, filter_.pooling)


def show(picture: NDArray[np.uint8], filter_: Filter) -> NDArray[np.uint8]:
    """The result as it is shown: response · scale + offset, rounded and clipped to 0–255.

    Without ReLU, pooling and summed channels this is one pass of `cv2.filter2D` over bytes: scale goes into
    the kernel, bias and offset into the sum.
    """
    if filter_.relu or filter_.pooling is not None or filter_.channels == "sum":
        return to_bytes(respond(picture, filter_), filter_)
    planes = planes_of(picture, filter_.channels)
    down, across = sizes(filter_, planes.shape[0], planes.shape[1])
    weights = filter_.weights * np.float32(filter_.scale)
    shown = _correlate(planes, filter_, cv2.CV_8U, weights, filter_.bias * filter_.scale + filter_.offset)
    stepped: NDArray[np.uint8] = _step(shown, filter_, down.out, across.out)
    return stepped


def to_bytes(response: Response, filter_: Filter) -> NDArray[np.uint8]:
    """Response · scale + offset, rounded to even and clipped to 0–255."""
    shown = np.rint(response * np.float32(filter_.scale) + np.float32(filter_.offset))
    return np.asarray(np.clip(shown, 0, 255), dtype=np.uint8)


def pool(response: Response, pooling: Pooling) -> Response:
    """Each channel pooled. Raises UserError when the picture is smaller than the window."""
    side, stride = pooling.size, pooling.stride
    if min(response.shape[:2]) < side:
        raise UserError(
            f"Pooling over {side} × {side} needs a larger result than "
            f"{response.shape[0]} × {response.shape[1]}."
        )
    windows = np.lib.stride_tricks.sliding_window_view(response, (side, side), axis=(0, 1))[
        ::stride, ::stride
    ]
    pooled = windows.max(axis=(-2, -1)) if pooling.kind == "max" else windows.mean(axis=(-2, -1))
    return np.ascontiguousarray(pooled, dtype=np.float32)


def planes_of(picture: Planes, channels: Channels) -> Planes:
    """What is filtered: the picture itself, or its grey version (ITU-R 601 luma) where that is asked for."""
    if channels == "grey" and picture.ndim == 3:
        grey: Planes = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        return grey
    return picture


def _correlate(planes: Planes, filter_: Filter, depth: int, weights: Values, offset: float) -> Planes:
    """The response at every position of the padded picture whose window lies in it, at stride 1."""
    factors = _factors(weights.tobytes(), weights.shape[0], weights.shape[1])
    weights = dilated(weights, filter_.dilation)
    (top, bottom), (left, right) = filter_.pads
    rows, columns = weights.shape
    height, width = planes.shape[:2]
    if top + bottom < rows and left + right < columns:
        # Not more comes out than goes in, so OpenCV can pad as it goes, the output standing at the anchor.
        border = _BORDERS[filter_.border]
        full = _sweep(planes, depth, weights, factors, (left, top), offset, border)
        result: Planes = full[: height + top + bottom - rows + 1, : width + left + right - columns + 1]
        return result
    padded = cv2.copyMakeBorder(planes, top, bottom, left, right, _BORDERS[filter_.border])
    full = _sweep(padded, depth, weights, factors, (0, 0), offset, cv2.BORDER_CONSTANT)
    result = full[: padded.shape[0] - rows + 1, : padded.shape[1] - columns + 1]
    return result


_Factors = tuple[Values, Values]


@lru_cache(maxsize=64)
def _factors(weights: bytes, rows: int, columns: int) -> _Factors | None:
    """Column and row of a large kernel that is their product to float32's own precision."""
    if rows * columns < SEPARATE_FROM or min(rows, columns) < 3:
        return None
    kernel = np.frombuffer(weights, np.float32).reshape(rows, columns)
    found = separated(kernel)
    if found is None or np.abs(np.outer(*found) - kernel).max() > 1e-6 * np.abs(kernel).max():
        return None
    return found


def _sweep(
    planes: Planes, depth: int, weights: Values, factors: _Factors | None, anchor: tuple[int, int],
    offset: float, border: int,
) -> Planes:  # fmt: skip
    """One pass, or two of 1 × f and f × 1 in float32 where the kernel is a column times a row."""
    if factors is None or planes.size > MOST_SEPARATE:  # the float32 between the passes takes room
        return cv2.filter2D(planes, depth, weights, anchor=anchor, delta=offset, borderType=border)
    column, row = factors
    swept = cv2.sepFilter2D(planes, cv2.CV_32F, row, column, anchor=anchor, delta=offset, borderType=border)
    # In whole bytes OpenCV would round between the passes; rounded once, at the end, it is filter2D's result.
    return swept if depth == cv2.CV_32F else cv2.add(swept, 0.0, dtype=depth)  # type: ignore[call-overload]


def _step(response: Planes, filter_: Filter, rows: int, columns: int) -> Planes:
    stepped = response[:: filter_.stride, :: filter_.stride][:rows, :columns]
    return np.ascontiguousarray(stepped)


def dilated(weights: Values, dilation: int) -> Values:
    """The kernel with `dilation` − 1 zeros between its neighbours."""
    if dilation == 1:
        return weights
    rows, columns = weights.shape
    spread = np.zeros((extent(rows, dilation), extent(columns, dilation)), dtype=np.float32)
    spread[::dilation, ::dilation] = weights
    return spread
