"""Output sizes along one axis: the formulas of the lecture, of torch, and their remainders."""

from __future__ import annotations


def extent(kernel_size: int, dilation: int) -> int:
    """Input positions that a dilated kernel spans: d·(f − 1) + 1."""
    return dilation * (kernel_size - 1) + 1


def convolved(size: int, extent: int, stride: int, padding: int) -> int:
    """⌊(n − f + p) / s⌋ + 1, where `padding` is that of both ends together; below 1 if nothing fits."""
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
    over = (out - 1) * stride - before + extent - size  # how far the last window hangs over the end
    if stride <= extent:
        return size - max(0, min(size, size + over) - max(0, -before))
    covered = out * extent - _first(before, extent, stride, out) - _first(over, extent, stride, out)
    return size - max(0, covered)


def _first(positions: int, extent: int, stride: int, out: int) -> int:
    """How many of the first `positions` are covered by windows that stand apart."""
    whole, rest = divmod(max(0, positions), stride)
    return min(out * extent, whole * extent + min(rest, extent))


def pads_of_same(extent: int) -> tuple[int, int]:
    """What torch's padding='same' puts before and after: an even extent gets one more after."""
    total = extent - 1
    return total // 2, total - total // 2
