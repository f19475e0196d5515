"""Every filter against torch's conv2d, and the bytes that are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.imaging.filtering import Filter, Pooling, pool, respond, show, sizes, to_bytes
from explorer.imaging.kernels import BY_NAME, KERNELS, Kernel
from explorer.imaging.sweep import look
from explorer.network.errors import UserError

torch = pytest.importorskip("torch")


def torchs(picture: np.ndarray, f: Filter) -> np.ndarray:
    """The same filter by torch.nn.functional, channel by channel."""
    (top, bottom), (left, right) = f.pads
    planes = picture[..., None] if picture.ndim == 2 else picture
    x = torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1))).float()[:, None]
    mode = {"zero": "constant", "reflect": "reflect", "replicate": "replicate"}[f.border]
    x = torch.nn.functional.pad(x, (left, right, top, bottom), mode=mode)
    bias = torch.tensor([f.bias]) if f.bias else None
    y = torch.nn.functional.conv2d(
        x, torch.from_numpy(f.weights)[None, None], bias, stride=f.stride, dilation=f.dilation
    )[:, 0].permute(1, 2, 0)
    return np.asarray(y.numpy() if picture.ndim == 3 else y.numpy()[..., 0])


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    value = st.floats(-3, 3, width=32).map(lambda v: round(v, 3))
    row = st.tuples(*[value] * columns)
    kernel = Kernel("any", "Any", "Own", draw(st.tuples(*[row] * rows)))
    padding: Any = draw(st.sampled_from(["same", "valid"]) | st.integers(0, 9))
    return Filter(
        kernel,
        draw(st.integers(1, 4)),
        padding,
        draw(st.sampled_from(["zero", "reflect", "replicate"])),
        draw(st.integers(1, 3)),
        flip=draw(st.booleans()),
        bias=draw(st.sampled_from([0.0, 0.75, -2.5])),
    )


@given(
    st.lists(st.integers(-4, 4), min_size=5, max_size=15),
    st.lists(st.integers(-4, 4), min_size=5, max_size=15),
    st.sampled_from(["same", "valid", 3]),
    st.sampled_from(["zero", "reflect", "replicate"]),
    st.integers(1, 3),
    st.booleans(),
)
@settings(max_examples=60)
def test_large_separable_kernels_are_equal_to_torch_too(
    column: list[int], row: list[int], padding: Any, border: Any, stride: int, flip: bool
) -> None:
    rows = tuple(tuple(y * x / 64 for x in row) for y in column)
    f = Filter(Kernel("any", "Any", "Own", rows), stride, padding, border, flip=flip)
    picture = np.random.default_rng(1).random((31, 40, 3), dtype=np.float32)
    expected = torchs(picture, f)
    bound = 1e-5 * max(1.0, float(np.abs(f.weights).sum()))
    assert np.abs(respond(picture, f) - expected).max() <= bound
    bytes_ = np.rint(picture * 255).astype(np.uint8)
    exact = torchs(bytes_, f)
    clipped = np.clip(np.rint(exact), 0, 255)
    far = np.abs(exact - np.floor(exact) - 0.5) > 1e-2  # elsewhere the last bit may decide the rounding
    assert np.array_equal(show(bytes_, f)[far], clipped[far])


@given(filters(), st.integers(1, 24), st.integers(1, 24), st.sampled_from([0, 3]), st.integers(0, 2**32 - 1))
@settings(max_examples=300)
def test_equal_to_torch(f: Filter, height: int, width: int, colours: int, seed: int) -> None:
    shape = (height, width, colours) if colours else (height, width)
    picture = np.random.default_rng(seed).random(shape, dtype=np.float32)
    try:
        response = respond(picture, f)
    except UserError:
        with pytest.raises((RuntimeError, ValueError)):
            torchs(picture, f)
        return
    expected = torchs(picture, f)
    assert response.shape == expected.shape
    bound = 1e-5 * max(1.0, float(np.abs(f.weights).sum()))
    assert np.abs(response - expected).max() <= bound
    down, across = sizes(f, height, width)
    assert response.shape[:2] == (down.out, across.out)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_every_kernel_on_a_picture(kernel: Kernel) -> None:
    picture = np.random.default_rng(1).random((40, 52, 3), dtype=np.float32)
    for f in (Filter(kernel), Filter(kernel, padding="valid", stride=2), Filter(kernel, border="replicate")):
        assert np.abs(respond(picture, f) - torchs(picture, f)).max() <= 2e-5


@given(filters(), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_what_is_shown_is_the_response_scaled_rounded_and_clipped(f: Filter, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (17, 19, 3), dtype=np.uint8)
    try:
        response = respond(picture, f)
    except UserError:
        assume(False)
    shown = show(picture, f)
    # Half-way values may round either way between one pass over bytes and two over floats.
    assert np.abs(shown.astype(int) - to_bytes(response, f).astype(int)).max() <= 1


def test_the_lectures_sizes() -> None:
    same = Filter(BY_NAME["identity"], padding="same")
    valid = Filter(BY_NAME["identity"], padding="valid", stride=2)
    assert [size.out for size in sizes(same, 63, 63)] == [63, 63]
    assert [size.out for size in sizes(valid, 63, 63)] == [31, 31]
    assert sizes(valid, 63, 63)[0].spelled == "⌊(63 + 0 − 3) / 2⌋ + 1 = 31"


def test_identity_changes_nothing() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    assert np.array_equal(show(picture, Filter()), picture)


def test_channels_grey_and_summed() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    each = respond(picture, Filter(BY_NAME["sobel-x"]))
    assert respond(picture, Filter(BY_NAME["sobel-x"], channels="sum")) == pytest.approx(
        each.sum(axis=2), abs=1e-2
    )
    assert respond(picture, Filter(BY_NAME["sobel-x"], channels="grey")).shape == (12, 12)


def test_relu_and_pooling_as_torch() -> None:
    picture = np.random.default_rng(4).random((11, 14), dtype=np.float32)
    base = Filter(BY_NAME["edges-laplace-4"], relu=True)
    x = torch.relu(torch.from_numpy(torchs(picture, base)))[None, None]
    for kind, function in (
        ("max", torch.nn.functional.max_pool2d),
        ("average", torch.nn.functional.avg_pool2d),
    ):
        f = Filter(BY_NAME["edges-laplace-4"], relu=True, pooling=Pooling(kind, 3, 2))  # type: ignore[arg-type]
        assert respond(picture, f) == pytest.approx(function(x, 3, 2)[0, 0].numpy(), abs=1e-5)


def test_too_small_a_picture_is_said() -> None:
    picture = np.zeros((2, 9), dtype=np.uint8)
    with pytest.raises(UserError, match="spans 3 rows, but the picture has only 2"):
        respond(picture, Filter(BY_NAME["sobel-x"], padding="valid"))
    with pytest.raises(UserError, match="Reflecting"):
        respond(picture, Filter(BY_NAME["gaussian-7"], border="reflect"))
    with pytest.raises(UserError, match="Pooling"):
        pool(np.zeros((2, 2), dtype=np.float32), Pooling(size=3))


@given(filters(), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_the_sweep_sums_to_the_response(f: Filter, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (9, 11, 3), dtype=np.uint8).astype(np.float32)
    try:
        response = respond(picture, f)
    except UserError:
        assume(False)
    row, column = int(rng.integers(response.shape[0])), int(rng.integers(response.shape[1]))
    sight = look(picture, f, row, column)
    sums = response[row, column] - f.bias
    assert sight.sums == pytest.approx(sums.tolist(), abs=0.05)
    assert sight.total == pytest.approx(float(sums.sum()), abs=0.1)
    with pytest.raises(IndexError):
        look(picture, f, response.shape[0], 0)


def test_the_sweep_in_words() -> None:
    picture = np.arange(25, dtype=np.float32).reshape(5, 5)
    sight = look(picture, Filter(BY_NAME["edges-diagonal"]), 2, 2)
    assert sight.spelled() == "+ 6 − 8 − 16 + 18 = 0"
    assert (sight.rows, sight.columns) == ((1, 2, 3), (1, 2, 3))
    assert look(picture, Filter(BY_NAME["edges-diagonal"]), 0, 0).rows == (-1, 0, 1)
