"""Layers that go by the sizes, or by the numbers, of a second input with axes of its own: against torch.

Drawn so that they fit: of two shapes drawn each by itself hardly any would.
"""

from __future__ import annotations

from math import prod

from hypothesis import given
from hypothesis import strategies as st

from explorer.network.layer import Shape
from explorer.network.layers import DynamicConv2d, Einsum, ReshapeLike, SliceLike, Stretch
from tests.interop.test_layer_rules import _agree as agree

SIZE = st.integers(1, 6)
SHAPE = st.lists(SIZE, min_size=1, max_size=4).map(tuple)


@given(shape=SHAPE, other=SHAPE, data=st.data())
def test_slice_like(shape: Shape, other: Shape, data: st.DataObject) -> None:
    dim, like = (data.draw(st.integers(1, len(one))) for one in (shape, other))
    agree(SliceLike(dim, like), (shape, other), "cpu")


@given(like=SHAPE, left=SIZE, data=st.data())
def test_reshape_like(like: Shape, left: int, data: st.DataObject) -> None:
    axes = data.draw(st.lists(st.integers(1, len(like)), max_size=3, unique=True))
    sizes = data.draw(st.permutations([0, *(-axis for axis in axes)]))
    inside = prod(like[axis - 1] for axis in axes)
    agree(ReshapeLike(tuple(sizes)), ((left, inside), like), "cpu")


@given(wanted=SHAPE, data=st.data())
def test_stretch_to_another(wanted: Shape, data: st.DataObject) -> None:
    shape = tuple(data.draw(st.sampled_from((1, size))) for size in wanted)
    agree(Stretch(), (shape, wanted), "cpu")


@given(
    groups=st.integers(1, 3), each=st.integers(1, 3), out=st.integers(1, 3), size=st.tuples(SIZE, SIZE),
    data=st.data(),
)  # fmt: skip
def test_kernels_of_another_branch(
    groups: int, each: int, out: int, size: tuple[int, int], data: st.DataObject
) -> None:
    pads = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    kernel = tuple(data.draw(st.integers(1, side + 2 * pad)) for side, pad in zip(size, pads, strict=True))
    layer = DynamicConv2d(data.draw(st.tuples(SIZE, SIZE)), pads, (1, 1), groups)
    agree(layer, ((groups * each, *size), (groups * out, each, *kernel)), "cpu")


LETTERS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map("".join)


@given(one=LETTERS, other=LETTERS, sizes=st.tuples(SIZE, SIZE, SIZE, SIZE), data=st.data())
def test_einsum(one: str, other: str, sizes: tuple[int, ...], data: st.DataObject) -> None:
    both = sorted({*one, *other})
    out = "".join(data.draw(st.lists(st.sampled_from(both), min_size=1, unique=True)))
    known = dict(zip("abcd", sizes, strict=True))
    shapes = tuple(
        tuple(data.draw(st.sampled_from((known[name], 1))) for name in names) for names in (one, other)
    )
    agree(Einsum(f"{one},{other}->{out}"), shapes, "cpu")
