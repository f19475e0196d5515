"""The numbers of a layer, derived in the open, against those worked out by hand."""

from __future__ import annotations

import pytest

from explorer.network.layer import Layer, Shape
from explorer.network.layers import (
    RBF,
    Add,
    AvgPool2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Crop,
    DepthwiseConv2d,
    Flatten,
    Hardtanh,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    SpatialPyramidPool,
    Subsample,
    TableConv2d,
)
from explorer.network.layers.activation import LARGEST


def test_first_convolution_of_resnet() -> None:
    found = Conv2d(64, (7, 7), (2, 2), (3, 3), bias=False).derivation((3, 224, 224))
    assert found.formula == "⌊(n + 2p − f) / s⌋ + 1"
    assert found.substituted == "⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112"
    assert found.steps == ("⌊111.5⌋ + 1 = 112",)
    assert found.remainder == (1, 1)
    assert found.dropped == (0, 0)  # what is left over is padding
    assert found.parameters == "weights 7·7·3·64 = 9,408"
    assert found.macs == "9,408 · 112 · 112 = 118,013,952"


def test_valid_convolution_of_the_lecture() -> None:
    layer = Conv2d(8, (3, 3), (2, 2))
    assert layer.output((1, 63, 63)) == ((8, 31, 31),)
    assert Conv2d(8, padding="same").output((1, 63, 63)) == ((8, 63, 63),)


def test_axes_that_differ_are_both_shown() -> None:
    found = Conv2d(8, (3, 3), (2, 2)).derivation((1, 64, 63))
    assert found.substituted == "⌊(64 + 2·0 − 3) / 2⌋ + 1 = 31, ⌊(63 + 2·0 − 3) / 2⌋ + 1 = 31"
    assert found.remainder == (1, 0)
    assert found.dropped == (1, 0)


def test_uneven_same_padding_is_told_as_a_sum() -> None:
    found = Conv2d(8, (4, 4), padding="same", dilation=(2, 2)).derivation((1, 9, 9))
    assert found.substituted == "⌊(9 + 2·3 − 7) / 1⌋ + 1 = 9"
    assert found.note == "f = d·(k − 1) + 1 = 7"
    even = Conv2d(8, (2, 2), padding="same").derivation((1, 9, 9))
    assert even.formula == "⌊(n + p − f) / s⌋ + 1"
    assert even.substituted == "⌊(9 + 1 − 2) / 1⌋ + 1 = 9"


def test_stride_beyond_the_kernel_drops_pixels_between() -> None:
    found = Conv2d(8, (1, 1), (2, 2)).derivation((1, 56, 56))
    assert found.dropped == (28, 28)
    assert Conv2d(8, (1, 1), (2, 2)).dropped(((1, 56, 56),)) == (28, 28)


def test_ceil_mode_says_what_hangs_over() -> None:
    found = MaxPool2d((3, 3), (2, 2), ceil_mode=True).derivation((64, 112, 112))
    assert found.formula == "⌈(n + 2p − f) / s⌉ + 1"
    assert found.substituted == "⌈(112 + 2·0 − 3) / 2⌉ + 1 = 56"
    assert "hangs 1 over the edge" in found.note
    assert MaxPool2d((3, 3), (2, 2)).derivation((64, 112, 112)).dropped == (1, 1)


def test_a_last_window_that_begins_outside_is_left_out() -> None:
    layer = AvgPool2d((2, 2), (3, 3), (1, 1), ceil_mode=True)
    found = layer.derivation((1, 5, 5))
    assert layer.output((1, 5, 5)) == ((1, 2, 2),)
    assert found.substituted == "⌈(5 + 2·1 − 2) / 3⌉ + 1 = 3"
    assert found.steps == ("⌈1.66667⌉ + 1 = 3, of which 2 count",)
    assert "left out" in found.note


@pytest.mark.parametrize(
    ("layer", "shape", "parameters"),
    [
        (Linear(4096), (25088,), "weights 25,088·4,096 = 102,760,448 + biases 4,096"),
        (DepthwiseConv2d(2), (16, 9, 9), "weights 3·3·1·32 = 288 + biases 32"),
        (ConvTranspose2d(8), (16, 9, 9), "weights 2·2·16·8 = 512 + biases 8"),
        (
            LocallyConnected2d(16, (9, 9)),
            (16, 63, 63),
            "weights 9·9·16·16 at 55·55 places = 62,726,400 + biases 48,400",
        ),
        (TableConv2d(), (6, 14, 14), "weights 5·5·60 = 1,500 + biases 16"),
        (Subsample(), (6, 28, 28), "coefficients 6 + biases 6"),
        (RBF(), (84,), "0, the patterns are fixed"),
    ],
)
def test_parameters_are_told(layer: Layer, shape: Shape, parameters: str) -> None:
    assert layer.derivation(shape).parameters == parameters


def test_sums_of_shapes_are_told() -> None:
    assert Concat().derivation((64, 28, 28), (128, 28, 28)).substituted == "64 + 128 = 192"
    assert Flatten().derivation((256, 6, 6)).substituted == "256 · 6 · 6 = 9,216"
    assert SpatialPyramidPool((7, 3, 2, 1)).derivation((512, 14, 14)).substituted == (
        "512 · (7² + 3² + 2² + 1²) = 32,256"
    )
    assert Add().derivation((8, 4, 4), (8, 1, 1)).substituted == "(8 × 4 × 4) + (8 × 1 × 1) = 8 × 4 × 4"
    assert Crop((4, 3)).derivation((1, 9, 9)).note == "Cut off: 2 above, 3 below, 3 left, 3 right"


LENET: tuple[tuple[Layer, Shape, int], ...] = (
    (Conv2d(6, (5, 5)), (1, 32, 32), 122_304),
    (Subsample(), (6, 28, 28), 5_880),
    (TableConv2d(), (6, 14, 14), 151_600),
    (Subsample(), (16, 10, 10), 2_000),
    (Conv2d(120, (5, 5)), (16, 5, 5), 48_120),
    (Linear(84), (120,), 10_164),
    (RBF(), (84,), 840),
)


def test_connections_are_those_of_lecun_1998() -> None:
    found = [layer.connections((shape,), layer.output(shape)) for layer, shape, _ in LENET]
    assert found == [count for _, _, count in LENET]
    assert sum(found) == 340_908


@pytest.mark.parametrize(
    ("layer", "summary"),
    [
        (Conv2d(64, (7, 7), (2, 2), (3, 3)), "64 · 7×7 / 2, pad 3"),
        (Conv2d(64, (1, 3), (1, 2), padding="same"), "64 · 1×3 / 1×2, same"),
        (Conv2d(64, dilation=(2, 2), groups=4), "64 · 3×3, dilation 2×2, 4 groups"),
        (MaxPool2d((3, 3), (2, 2), (1, 1)), "max 3×3 / 2, pad 1"),
        (AvgPool2d(ceil_mode=True), "avg 2×2 / 2, ceil"),
        (Linear(4096), "4096"),
        (Hardtanh(-3, LARGEST), "at least -3"),
        (Hardtanh(-LARGEST, 0.5), "at most 0.5"),
        (TableConv2d(), "16 · 5×5, 60 links"),
    ],
)
def test_summary_is_what_a_card_says(layer: Layer, summary: str) -> None:
    assert layer.summary() == summary


@pytest.mark.parametrize(
    ("layer", "shapes", "line"),
    [
        (
            Conv2d(64, (7, 7), (2, 2), (3, 3), bias=False),
            ((3, 224, 224),),
            "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)",
        ),
        (
            Conv2d(8, (1, 3), padding="same"),
            ((3, 9, 9),),
            'nn.Conv2d(3, 8, kernel_size=(1, 3), padding="same")',
        ),
        (DepthwiseConv2d(), ((32, 9, 9),), "nn.Conv2d(32, 32, kernel_size=3, groups=32)"),
        (MaxPool2d(), ((3, 9, 9),), "nn.MaxPool2d(2)"),
        (MaxPool2d((3, 3), (2, 2)), ((3, 9, 9),), "nn.MaxPool2d(3, stride=2)"),
        (Add(), ((3,), (3,)), "lambda a, b: a + b"),
        (Concat(), ((3,), (3,)), "lambda *branches: torch.cat(branches, dim=1)"),
    ],
)
def test_torch_line_is_what_people_write(layer: Layer, shapes: tuple[Shape, ...], line: str) -> None:
    assert layer.torch_line(*shapes) == line
