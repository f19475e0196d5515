"""Where windows stand along one axis, against windows laid out one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.network.layers import AdaptiveAvgPool2d
from explorer.network.layers.sliding import Axis
from explorer.network.sizes import unseen

_pads = st.integers(0, 12)
axes = st.builds(
    Axis, st.integers(1, 30), st.integers(1, 9), st.integers(1, 12), _pads, _pads, ceil=st.just(False)
)


@given(axes)
def test_windows_are_as_many_as_fit(axis: Axis) -> None:
    padded = axis.before + axis.size + axis.after
    fitting = sum(start + axis.span <= padded for start in range(0, padded, axis.stride))
    assert max(axis.out, 0) == fitting


@given(st.integers(1, 30), st.integers(1, 9), st.integers(1, 12), st.data())
def test_ceil_mode_counts_windows_that_begin_inside(
    size: int, span: int, stride: int, data: st.DataObject
) -> None:
    pad = data.draw(st.integers(0, span // 2))
    axis = Axis(size, span, stride, pad, pad, ceil=True)
    # As many as reach every place where one fits, and one more if something is left and it begins inside.
    whole = Axis(size, span, stride, pad, pad).out
    hangs = axis.room % stride != 0 and whole * stride < size + pad
    assert axis.out == whole + hangs


@given(axes)
def test_unseen_pixels_are_those_under_no_window(axis: Axis) -> None:
    covered = set()
    for index in range(max(axis.out, 0)):
        start = index * axis.stride - axis.before
        covered |= set(range(start, start + axis.span))
    expected = len(set(range(axis.size)) - covered)
    assert unseen(axis.size, axis.span, axis.stride, axis.before, axis.out) == expected


@given(st.integers(1, 60), st.integers(1, 60))
def test_adaptive_windows_are_as_wide_as_the_widest(size: int, out: int) -> None:
    widest = max(-(-(i + 1) * size // out) - i * size // out for i in range(out))
    window = (AdaptiveAvgPool2d((out, 1)).window(((1, size, 1),)) or ())[0]
    assert window.extent == widest
