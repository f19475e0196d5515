"""Receptive fields as worked out against those that gradients show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from explorer.interop.torch_module import build
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.inference import AxisField, infer
from explorer.network.layer import Layer
from explorer.network.layers import (
    AdaptiveAvgPool2d,
    Add,
    AvgPool2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Crop,
    DepthwiseConv2d,
    Flatten,
    GlobalAvgPool2d,
    L2Pool2d,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Pad,
    SpatialPyramidPool,
    Subsample,
    TableConv2d,
    Upsample,
)

SIZE = 33

# torch says that 'same' with an even kernel copies its input; that is no matter here.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")


class Seen(NamedTuple):
    """First and last input row (or column) that moves one output."""

    first: int
    last: int


def _measure(network: Network, place: tuple[int, ...]) -> tuple[Seen, ...]:
    """Which rows and columns of the input have a gradient at one place of the output; () for none at all.

    A maximum moves with one value of its window, so a mean over the same window stands in for it; where that
    cannot be done (spatial pyramids), several inputs make up for it.
    """
    module = build(network, seed=0).double().eval()
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.5, 1.0)  # no weight that cancels another
    pyramid = any(isinstance(node.layer, SpatialPyramidPool) for node in network.nodes.values())
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(64 if pyramid else 1, 1, SIZE, SIZE, dtype=torch.double, generator=generator)
    inputs.requires_grad_()
    with means_for_maxima():
        out = module(inputs)
    value = out[(slice(None), slice(None), *place)] if out.dim() == 4 else out
    value.sum().backward()
    assert inputs.grad is not None
    touched = inputs.grad.abs().sum((0, 1)) > 0
    if not touched.any():
        return ()
    rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
    return Seen(int(rows[0]), int(rows[-1])), Seen(int(columns[0]), int(columns[-1]))


@contextmanager
def means_for_maxima() -> Iterator[None]:
    """While it lasts, max pooling takes the mean."""

    def mean(
        x: torch.Tensor, kernel: Any, stride: Any, padding: Any, *_: Any, ceil_mode: bool, **__: Any
    ) -> Any:
        return functional.avg_pool2d(x, kernel, stride, padding, ceil_mode)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functional, "max_pool2d", mean)
        yield


def _predicted(axis: AxisField, place: int) -> Seen:
    low = axis.low + place * axis.jump
    return Seen(max(round(low), 0), min(round(low + axis.size - 1), SIZE - 1))


def _chain(layers: list[Layer]) -> Network:
    b = Builder("chain")
    b.input(1, SIZE, SIZE)
    for layer in layers:
        b.add(layer)
    return b.network()


def _agree(network: Network, *, exact: bool = True) -> None:
    """The prediction is what is measured; unless `exact`, at the borders of the picture it may be wider."""
    end = infer(network).results[network.topology.order[-1]]
    assert end.field is not None
    assert end.output is not None
    sizes = end.output[1:] or (1, 1)
    for where in (0, 0.5, 1):
        place = tuple(int((size - 1) * where) for size in sizes)
        expected = [_predicted(axis, index) for axis, index in zip(end.field, place, strict=True)]
        if any(first > last for first, last in expected):
            continue  # it sees padding alone
        measured = _measure(network, place)
        if not measured and not exact:
            continue  # it sees padding between the layers alone
        for axis, predicted, seen in zip(end.field, expected, measured, strict=True):
            inside = predicted.last - predicted.first + 1 == axis.size
            spread = 0 if exact or inside else SIZE
            assert 0 <= seen.first - predicted.first <= spread
            assert 0 <= predicted.last - seen.last <= spread


_kernel = st.tuples(st.integers(1, 4), st.integers(1, 4))
_stride = st.tuples(st.integers(1, 2), st.integers(1, 2))
_pads = st.tuples(st.integers(0, 2), st.integers(0, 2))


def _pool(kind: Callable[..., Layer]) -> st.SearchStrategy[Layer]:
    return st.tuples(_kernel, _stride).flatmap(
        lambda both: st.builds(
            kind, st.just(both[0]), st.just(both[1]), st.tuples(*[st.integers(0, k // 2) for k in both[0]])
        )
    )


_convolutions: st.SearchStrategy[Layer] = st.builds(
    Conv2d,
    st.just(2),
    _kernel,
    _stride,
    st.one_of(st.just("valid"), _pads),
    st.tuples(*[st.integers(1, 3)] * 2),
)
_same: st.SearchStrategy[Layer] = st.builds(Conv2d, st.just(2), _kernel, padding=st.just("same"))
_layers = st.one_of(_convolutions, _same, _pool(MaxPool2d), _pool(AvgPool2d), _pool(L2Pool2d))


@given(st.lists(_layers, min_size=1, max_size=4))
@settings(max_examples=40)
def test_chains_see_what_gradients_show(layers: list[Layer]) -> None:
    network = _chain(layers)
    if infer(network).results[network.topology.order[-1]].output is not None:
        # At the borders the holes of dilation can fall on the last pixels: there it is an outer bound.
        _agree(network, exact=False)


@pytest.mark.parametrize(
    "layers",
    [
        [Conv2d(2, (7, 7), (2, 2), (3, 3)), MaxPool2d((3, 3), (2, 2), (1, 1)), Conv2d(2, padding=(1, 1))],
        [MaxPool2d((3, 3), (2, 2), ceil_mode=True), Conv2d(2, (2, 2), (2, 2))],
        [DepthwiseConv2d(2, padding="same"), Subsample()],
        [LocallyConnected2d(2, (5, 5), (2, 2)), TableConv2d(((0,), (0, 1)), (3, 3))],
        [Pad((3, 0, 1, 2)), Conv2d(2, (3, 3))],
        [Crop((20, 15)), Conv2d(2, (3, 3))],
        [Crop((20, 15), (2, 9)), Conv2d(2, (3, 3))],
        [AdaptiveAvgPool2d((11, 3))],
        [Conv2d(2), GlobalAvgPool2d()],
        [Conv2d(2), Flatten(), Linear(3)],
        [Conv2d(2, stride=(2, 2)), SpatialPyramidPool((2, 1))],
        [Upsample(size=(SIZE * 3, SIZE * 3)), Conv2d(1, (1, 1))],
    ],
    ids=lambda layers: "-".join(type(layer).__name__ for layer in layers),
)
def test_chosen_chains_see_what_gradients_show(layers: list[Layer]) -> None:
    _agree(_chain(layers))


@pytest.mark.parametrize(
    "layers",
    [
        [ConvTranspose2d(1, (2, 2), (2, 2))],
        [Conv2d(1, stride=(2, 2)), ConvTranspose2d(1, (3, 3), (2, 2), (1, 1))],
        [ConvTranspose2d(1, (5, 4), (3, 2), (2, 1), (1, 0))],
        [AdaptiveAvgPool2d((14, 10))],
        [Upsample(size=(50, 40), mode="bilinear")],
        [Upsample(size=(50, 40), mode="bilinear", align_corners=True), Conv2d(1)],
    ],
    ids=lambda layers: "-".join(type(layer).__name__ for layer in layers),
)
def test_fractional_steps_are_right_to_a_pixel(layers: list[Layer]) -> None:
    network = _chain(layers)
    end = infer(network).results[network.topology.order[-1]]
    assert end.field is not None
    assert end.output is not None
    widest = [0.0, 0.0]
    for step in range(4):
        place = tuple(int(size * 0.4) + step for size in end.output[1:])
        for way, (axis, index, seen) in enumerate(
            zip(end.field, place, _measure(network, place), strict=True)
        ):
            low = axis.low + index * axis.jump
            assert abs(low + (axis.size - 1) / 2 - (seen.first + seen.last) / 2) <= 1
            widest[way] = max(widest[way], seen.last - seen.first + 1)
    assert all(abs(wide - axis.size) < 1 for wide, axis in zip(widest, end.field, strict=True))


def test_branches_see_as_much_as_the_widest() -> None:
    b = Builder("branches")
    start = b.input(1, SIZE, SIZE)
    wide = b.add(Conv2d(2, (5, 5), padding="same"), start)
    wide = b.add(Conv2d(2, (3, 3), padding=(2, 2), dilation=(2, 2)), wide)
    narrow = b.add(Conv2d(2, (3, 3), padding="same"), start)
    both = b.add(Concat(), wide, narrow)
    short = b.add(Conv2d(4, (1, 1)), start)
    b.add(Add(), both, short)
    network = b.network()
    (rows, _columns) = infer(network).results[network.topology.order[-1]].field or ()
    assert (rows.size, rows.least_size) == (9, 1)
    seen = _measure(network, (16, 16))
    assert seen == (Seen(12, 20), Seen(12, 20))
