"""Parts known only by their shapes: what they make of other sizes, and of rules that cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.network.graph import Link, Network, Node
from explorer.network.inference import infer
from explorer.network.layer import Shape
from explorer.network.layers import Input, Opaque

ROWS = ((5,), (4,), (1, 3))


def fed(layer: Opaque, shape: Shape) -> Network:
    return Network(
        nodes={"in": Node("in", "in", Input(shape)), "part": Node("part", "part", layer)},
        links={"link": Link("link", "in", "part")},
    )


def made(free: tuple[int, ...], follows: tuple[tuple[int, ...], ...], mac_axes: tuple[int, ...]) -> Opaque:
    return Opaque("Part", ((3, 8, 8),), ((5, 4, 8),), 0, 640, free, follows, mac_axes)


def test_sizes_and_macs_follow() -> None:
    found = infer(fed(made((2, 3), ROWS, (2, 3)), (3, 16, 24))).results["part"]
    assert found.output == (5, 4, 24)
    assert found.macs == 640 * 6


@pytest.mark.parametrize(
    ("free", "follows", "mac_axes"),
    [
        ((4,), ROWS, ()),
        ((3,), ((5,), (4,), (1, 9)), ()),
        ((3,), ((5,), (4,), (1, 0)), ()),
        ((3,), ROWS, (7,)),
        ((3,), ROWS[:2], ()),
    ],
)
@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 8, 16)])
def test_rules_that_do_not_fit_are_told(
    shape: Shape, free: tuple[int, ...], follows: tuple[tuple[int, ...], ...], mac_axes: tuple[int, ...]
) -> None:
    found = infer(fed(made(free, follows, mac_axes), shape)).results["part"]
    assert found.refusal is not None
    assert "does not fit its 3 axes; import it again" in found.refusal.message


places = st.lists(st.integers(1, 5), max_size=4).map(tuple)
rows = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple), max_size=4).map(tuple)


@given(free=places, follows=rows, mac_axes=places, shape=st.tuples(*[st.sampled_from((3, 8, 16))] * 3))
def test_whatever_a_file_says_is_worked_out_or_refused(
    free: tuple[int, ...],
    follows: tuple[tuple[int, ...], ...],
    mac_axes: tuple[int, ...],
    shape: Shape,
) -> None:
    found = infer(fed(made(free, follows, mac_axes), shape)).results["part"]
    assert found.known or found.refusal is not None
