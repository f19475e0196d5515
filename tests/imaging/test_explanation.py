"""What is said of a pixel is what the pixel is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.imaging.chain import apply
from explorer.imaging.explanation import explain, number
from explorer.imaging.filtering import Filter, Pooling
from explorer.imaging.kernels import BY_NAME, Kernel, parse, random_kernel

PICTURE = np.random.default_rng(5).integers(0, 256, (23, 27, 3), dtype=np.uint8)


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    kernel = random_kernel(draw(st.integers(0, 99)), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    pooling = draw(
        st.sampled_from([None, Pooling("max", 2, 2), Pooling("average", 3, 2), Pooling("max", 3, 1)])
    )
    return Filter(
        kernel,
        stride=draw(st.integers(1, 3)),
        padding=draw(st.sampled_from(["valid", "same", 2])),
        border=draw(st.sampled_from(["zero", "reflect", "replicate"])),
        dilation=draw(st.integers(1, 2)),
        channels=draw(st.sampled_from(["each", "grey", "sum"])),
        flip=draw(st.booleans()),
        bias=draw(st.sampled_from([0.0, 30.5, -90.0])),
        relu=draw(st.booleans()),
        pooling=pooling,
        scale=draw(st.sampled_from([1.0, 0.5, -2.0])),
        offset=draw(st.sampled_from([0.0, 128.0])),
    )


@given(filters(), st.data())
def test_the_explained_value_is_the_one_that_is_shown(filter_: Filter, data: st.DataObject) -> None:
    stage = apply(PICTURE, filter_)
    row = data.draw(st.integers(0, stage.shown.shape[0] - 1))
    column = data.draw(st.integers(0, stage.shown.shape[1] - 1))
    channel = data.draw(st.integers(0, 2))
    found = explain(stage.planes, filter_, row, column, channel)
    shown = stage.shown[row, column] if stage.shown.ndim == 2 else stage.shown[row, column, channel]
    assert abs(found.shown - int(shown)) <= 1


def test_the_lines_derive_the_value() -> None:
    grey = np.full((3, 3), 10, np.uint8)
    grey[0, 0] = 40
    kernel = Kernel("k", "K", "Own", parse("-1 0; 0 2"))
    found = explain(grey, Filter(kernel, padding="valid", scale=0.5, offset=128), 0, 0)
    assert [line.replace("\u00a0", " ") for line in found.lines] == [
        "− 40 + 20 = −20",
        "−20 · 0.5 + 128 = 118",
    ]
    relu = explain(grey, Filter(kernel, padding="valid", relu=True), 0, 0)
    assert relu.lines[-1] == "ReLU: max(0, −20) = 0"
    far = explain(grey, Filter(kernel, padding="valid", scale=-100), 0, 0)
    assert far.lines[-1] == "outside of 0 to 255, shown as 255"


def test_pooling_is_written_out_and_its_window_is_the_largest() -> None:
    grey = np.arange(16, dtype=np.uint8).reshape(4, 4)
    found = explain(grey, Filter(BY_NAME["identity"], pooling=Pooling("max", 2, 2)), 0, 1)
    assert found.lines[-1] == "largest of 2, 3, 6, 7 = 7"
    assert (found.sight.row, found.sight.column) == (1, 3)
    assert len(found.windows) == 4
    mean = explain(grey, Filter(BY_NAME["identity"], pooling=Pooling("average", 2, 2)), 0, 0)
    assert mean.lines[-2:] == ("mean of 0, 1, 4, 5 = 2.5", "shown as 2")


def test_summed_channels_are_told_one_by_one() -> None:
    color = np.zeros((3, 3, 3), np.uint8)
    color[1, 1] = (1, 2, 4)
    found = explain(color, Filter(BY_NAME["identity"], channels="sum"), 1, 1)
    assert [line.split(":")[0] for line in found.lines[:3]] == ["red", "green", "blue"]
    assert found.lines[3].replace("\u00a0", " ") == "+ 1 + 2 + 4 = 7"


def test_many_products_are_counted() -> None:
    grey = np.full((9, 9), 3, np.uint8)
    assert "(49 products)" in explain(grey, Filter(BY_NAME["box-7"]), 4, 4).lines[0]


def test_a_pixel_outside_is_refused() -> None:
    with pytest.raises(IndexError):
        explain(np.zeros((3, 3), np.uint8), Filter(padding="valid"), 1, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.00001, "0"),
        (0.00042, "0.00042"),
        (-0.0123, "−0.0123"),
        (-1 / 3, "−0.333"),
        (12.0, "12"),
        (1.5, "1.5"),
        (1e6, "1,000,000"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text
