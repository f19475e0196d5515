"""Output sizes along one axis: the formulas of the lecture, of torch, and their remainders."""

from __future__ import annotations


def extent(kernel_size: int, dilation: int) -> int:
    """Input positions that a dilated kernel spans: d·(f − 1) + 1."""
    return dilation * (kernel_size - 1) + 1


def convolved(size: int, extent: int, stride: int, padding: int) -> int:
    """⌊(n − f + p) / s⌋ + 1, where `padding` is what both ends get together. Less than 1 when nothing fits."""
    return (size + padding - extent) // stride + 1


def pooled(size: int, extent: int, stride: int, padding: int, ceil_mode: bool) -> int:
    """As `convolved` with `padding` at each end; in ceil mode a last window may hang over the end.

    As in torch, that window must begin inside the input or its leading padding.
    """
    room = size + 2 * padding - extent
    if not ceil_mode:
        return room // stride + 1
    out = -(-room // stride) + 1
    if (out - 1) * stride >= size + padding:
        out -= 1
    return out


def transposed(size: int, extent: int, stride: int, padding: int, output_padding: int) -> int:
    """(n − 1)·s − 2p + f + output_padding, the size whose convolution has `size` outputs."""
    return (size - 1) * stride - 2 * padding + extent + output_padding


def unseen(size: int, extent: int, stride: int, before: int, out: int) -> int:
    """Real input positions (padding left out) along one axis that no window covers."""
    if out < 1:
        return size
    covered = 0
    reached = 0
    for index in (range(out) if stride > extent else (0,)):
        start = index * stride - before
        end = start + extent if stride > extent else (out - 1) * stride - before + extent
        start, end = max(start, reached, 0), min(end, size)
        if end > start:
            covered += end - start
            reached = end
    return size - covered


def pads_of_same(extent: int) -> tuple[int, int]:
    """What torch's padding='same' puts before and after: an even extent gets one more after."""
    total = extent - 1
    return total // 2, total - total // 2
