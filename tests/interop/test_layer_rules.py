"""Every layer's rule against the module that torch makes of it."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.network.layer import Layer, Refused, Shape, shape_layer
from explorer.network.layers import (
    ELU,
    GELU,
    LAYERS,
    RBF,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    Add,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Constant,
    ConstantPad,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    Crop,
    DepthwiseConv2d,
    Divide,
    Dropout,
    Dropout2d,
    DynamicConv2d,
    Einsum,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    GroupNorm,
    Hardtanh,
    Identity,
    Input,
    InstanceNorm,
    L2Normalize,
    L2Pool2d,
    LayerNorm,
    LeakyReLU,
    Linear,
    LocallyConnected2d,
    LocalResponseNorm,
    LogSoftmax,
    MatMul,
    Maxout,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MultiheadAttention,
    Multiply,
    Opaque,
    Output,
    Pad,
    PadToMultiple,
    ParameterTensor,
    Part,
    PatchEmbedding,
    Permute,
    PixelShuffle,
    PixelUnshuffle,
    Pointwise,
    Power,
    PReLU,
    Reduce,
    ReLU,
    Reshape,
    ReshapeLike,
    ResizeLike,
    Roll,
    SamePad2d,
    Scale,
    ScaledDotProductAttention,
    ScaledTanh,
    Select,
    Slice,
    SliceLike,
    Softmax,
    SpatialPyramidPool,
    StochasticDepth,
    Stretch,
    Subsample,
    Subtract,
    TableConv2d,
    Unflatten,
    Upsample,
    WindowAttention,
)
from explorer.network.layers.line_and_volume import Through
from tests.interop.oracle import REFUSALS, layers_of, line_says, torch_says

PICTURE: Shape = (3, 224, 224)
MAPS: Shape = (64, 27, 31)

CASES: list[tuple[Layer, tuple[Shape, ...]]] = [
    (Conv2d(64, (7, 7), (2, 2), (3, 3), bias=False), (PICTURE,)),
    (Conv2d(96, (11, 11), (4, 4)), ((3, 227, 227),)),
    (Conv2d(32, (1, 7), padding="same"), (MAPS,)),
    (Conv2d(32, (4, 2), padding="same", dilation=(3, 2)), (MAPS,)),
    (Conv2d(128, (5, 3), (2, 3), (2, 0), (2, 1), groups=32), (MAPS,)),
    (Conv2d(8, (3, 3), padding=(26, 1), padding_mode="reflect"), (MAPS,)),
    (Conv2d(8, (3, 3), padding=(27, 1), padding_mode="circular"), (MAPS,)),
    (Conv2d(8, (3, 3), padding=(40, 1), padding_mode="replicate"), (MAPS,)),
    (DepthwiseConv2d(1, (3, 3), (2, 2), (1, 1), bias=False), (MAPS,)),
    (DepthwiseConv2d(3, (5, 5), padding="same"), (MAPS,)),
    (ConvTranspose2d(32, (2, 2), (2, 2)), (MAPS,)),
    (ConvTranspose2d(32, (4, 3), (2, 3), (1, 0), (1, 2), (1, 2), groups=16, bias=False), (MAPS,)),
    (DynamicConv2d(), ((64, 27, 31), (8, 64, 3, 3))),
    (DynamicConv2d((2, 1), (1, 2), (1, 2), 64), (MAPS, (128, 1, 3, 5))),
    (LocallyConnected2d(16, (9, 9)), ((16, 63, 63),)),
    (LocallyConnected2d(16, (7, 7), (2, 2)), ((16, 55, 55),)),
    (LocallyConnected2d(4, (4, 3), padding="same", bias=False), ((3, 9, 8),)),
    (TableConv2d(), ((6, 14, 14),)),
    (TableConv2d(((0,), (1, 2)), (3, 2), (2, 1), (1, 2)), ((4, 9, 8),)),
    (MaxPool2d((3, 3), (2, 2)), (MAPS,)),
    (MaxPool2d((3, 3), (2, 2), (1, 1), ceil_mode=True), ((64, 112, 112),)),
    (MaxPool2d((3, 2), (3, 5), (1, 1), (2, 3), True), (MAPS,)),
    (MaxPool2d((3, 3), (3, 3), ceil_mode=True), ((1, 1, 1),)),
    (AvgPool2d((5, 5), (3, 3)), ((512, 14, 14),)),
    (AvgPool2d((3, 3), (2, 2), (1, 1), True, False), (MAPS,)),
    (L2Pool2d((3, 3), (2, 2), ceil_mode=True), (MAPS,)),
    (L2Pool2d((3, 3), (1, 1), (1, 1)), (MAPS,)),
    (GlobalAvgPool2d(), (MAPS,)),
    (GlobalAvgPool2d(flatten=True), (MAPS,)),
    (GlobalMaxPool2d(flatten=True), (MAPS,)),
    (AdaptiveAvgPool2d((6, 40)), (MAPS,)),
    (AdaptiveMaxPool2d((1, 7)), (MAPS,)),
    (SpatialPyramidPool((7, 3, 2, 1)), ((512, 14, 14),)),
    (Subsample(), ((6, 28, 28),)),
    (Linear(4096), ((9216,),)),
    (Linear(10, bias=False), ((50, 84),)),
    (RBF(), ((84,),)),
    (BatchNorm(), (MAPS,)),
    (BatchNorm(1e-3, 0.01, False), ((100,),)),
    (BatchNorm(), ((64, 1, 1),)),
    (LocalResponseNorm(5, 1e-4, 0.75, 2.0), (MAPS,)),
    (LayerNorm(), (MAPS,)),
    (LayerNorm("last"), ((50, 84),)),
    (LayerNorm("channels", 1e-6), (MAPS,)),
    (GroupNorm(32), (MAPS,)),
    (InstanceNorm(affine=True), (MAPS,)),
    (L2Normalize(), ((128,),)),
    (Scale(2.0, 1.0), (MAPS,)),
    (Scale(trainable=True), (MAPS,)),
    (ReLU(), (MAPS,)),
    (PReLU(), (MAPS,)),
    (PReLU(per_channel=False), ((12,),)),
    (LeakyReLU(0.2), (MAPS,)),
    (ELU(0.5), (MAPS,)),
    (GELU("tanh"), (MAPS,)),
    (ScaledTanh(), (MAPS,)),
    (Hardtanh(0.0, 6.0), (MAPS,)),
    (Softmax(), ((1000,),)),
    (LogSoftmax(2), (MAPS,)),
    (Dropout(0.3), (MAPS,)),
    (Dropout2d(1.0), (MAPS,)),
    (StochasticDepth(1.0), (MAPS,)),
    (Add(), (MAPS, MAPS, MAPS)),
    (Multiply(), (MAPS, (64, 1, 1))),
    (Concat(), (MAPS, (3, 27, 31), (1, 27, 31))),
    (Concat(2), (MAPS, (64, 1, 31))),
    (Flatten(), (MAPS,)),
    (Flatten(2), (MAPS,)),
    (Reshape((32, -1, 31)), (MAPS,)),
    (ReshapeLike((8, 0, -2, -3)), (MAPS, (2, 27, 31))),
    (ReshapeLike((64, -1)), ((8, 8, 5), (5,))),
    (Upsample(), (MAPS,)),
    (Upsample((1.3, 0.7), None, "bilinear", True), (MAPS,)),
    (Upsample(size=(5, 90)), (MAPS,)),
    (Pad((1, 2, 3, 4), "constant", 0.5), (MAPS,)),
    (Pad((30, 0, 26, 0), "reflect"), (MAPS,)),
    (Pad((31, 0, 27, 0), "circular"), (MAPS,)),
    (Crop((20, 21)), (MAPS,)),
    (Crop((20, 21), (7, 10)), (MAPS,)),
    (Identity(), (MAPS,)),
    (Linear(7, over="last"), ((5, 4, 6),)),
    (Linear(7, False, "last"), ((2, 5, 4, 6),)),
    (Flatten(1, 2), (MAPS,)),
    (Flatten(2, 2), (MAPS,)),
    (Unflatten(1, (4, -1)), (MAPS,)),
    (Unflatten(3, (1, 31)), (MAPS,)),
    (Permute(), (MAPS,)),
    (Permute((2, 1)), ((5, 6),)),
    (Slice(2, 3, -2, 4), (MAPS,)),
    (SliceLike(2, 3), (MAPS, (1, 50, 9))),
    (SliceLike(), (MAPS, (1, 50, 9))),
    (Part(3, 2), (MAPS,)),
    (Part(2, 1, 3), (MAPS,)),
    (Select(1, -1), ((5, 6),)),
    (Select(1, 2), ((5,),)),
    (Roll((-3, 2), (2, 3)), (MAPS,)),
    (Reduce("mean", (2, 3)), (MAPS,)),
    (Reduce("amax", (1,), True), (MAPS,)),
    (Reduce("sum", (1,)), ((5,),)),
    (ParameterTensor((1, 5, 6), (5, 6)), ()),
    (ParameterTensor((5,), (5, 1, 1), False), ()),
    (Conv1d(8, 5, 2, 2, 3), ((4, 50),)),
    (Conv1d(8, groups=4, bias=False), ((4, 50),)),
    (Conv3d(8, (3, 1, 5), (1, 2, 2), (1, 0, 2), (1, 1, 2)), ((4, 6, 20, 21),)),
    (Conv3d(8, groups=2, bias=False), ((4, 6, 20, 21),)),
    (MaxPool1d(3, 2, 1, 2, True), ((4, 50),)),
    (MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)), ((4, 6, 20, 21),)),
    (AvgPool1d(3, 2, 1, True), ((4, 50),)),
    (AvgPool3d((2, 3, 3), (2, 2, 2), (1, 1, 1), True), ((4, 6, 20, 21),)),
    (PixelShuffle(3), ((18, 5, 7),)),
    (PixelUnshuffle(4), ((3, 8, 12),)),
    (ChannelShuffle(4), (MAPS,)),
    (Maxout(4), (MAPS,)),
    (Maxout(), ((10,),)),
    (Pointwise("softplus"), (MAPS,)),
    (Power(0.5), ((7,),)),
    (Subtract(), (MAPS, (64, 1, 1))),
    (Divide(), (MAPS, MAPS)),
    (MatMul(), ((8, 5, 6), (8, 6, 7))),
    (MatMul(), ((1, 5, 6), (8, 6, 7))),
    (Einsum("ghid,ghjd->ghij"), ((2, 3, 4, 5), (2, 3, 6, 5))),
    (Einsum("abc,abd->acd"), ((4, 1, 3), (1, 2, 5))),  # axes of 1 are stretched
    (Einsum("abc,abd->acd"), ((2, 1, 3), (2, 1, 5))),  # nothing to sum over: no matrix product
    (Einsum("abc,bd->d"), ((2, 3, 4), (3, 5))),  # what one side alone has is summed up before
    (ScaledDotProductAttention(), ((8, 5, 6), (8, 9, 6), (8, 9, 7))),
    (ScaledDotProductAttention(scale=0.1), ((8, 5, 6), (8, 9, 6), (8, 9, 6), (8, 5, 9))),
    (ScaledDotProductAttention(True), ((5, 6), (5, 6), (5, 6))),
    (MultiheadAttention(4), ((50, 64),)),
    (MultiheadAttention(4, False), ((50, 64), (9, 64))),
    (MultiheadAttention(2, dropout=0.5), ((50, 64), (9, 64), (9, 64))),
    (WindowAttention(2, (7, 7), (3, 3)), ((15, 16, 8),)),
    (WindowAttention(2, (7, 5), (0, 2), qkv_bias=False, proj_bias=False), ((15, 16, 8),)),
    (WindowAttention(4, (8, 8), (4, 4), 2), ((20, 16, 8),)),
    (PatchEmbedding(), (PICTURE,)),
    (PatchEmbedding(5, (3, 4), False), ((3, 11, 10),)),
    (ConstantPad((0, 0, 1, 2, -1, 3), 0.5), (MAPS,)),
    (ConstantPad((1, 2)), ((5,),)),
    (PadToMultiple(2, (1, 2)), ((5, 7, 3),)),
    (SamePad2d(), ((3, 224, 225),)),
    (SamePad2d((5, 4), (3, 2), (1, 2), 1.0), ((3, 17, 20),)),
    (Stretch((64, 27, 31)), ((64, 1, 1),)),
    (Stretch(), ((64, 1, 1), MAPS)),
    (ResizeLike(), (MAPS, (3, 50, 60))),
    (ResizeLike("bicubic", True), (MAPS, (3, 5, 6))),
    (Input((3, 8, 8)), ()),
    (Output("mse"), (MAPS,)),
    (Constant((2, 3), 4.0), ()),
]


def _name(case: object) -> str:
    return repr(case) if isinstance(case, Layer) else ""


@pytest.mark.parametrize(("layer", "inputs"), CASES, ids=_name)
def test_cases_agree_with_torch(layer: Layer, inputs: tuple[Shape, ...]) -> None:
    _agree(layer, inputs, "meta")


@pytest.mark.parametrize(
    ("layer", "inputs", "code"),
    [
        (Conv2d(8, (5, 5)), ((3, 4, 9),), "kernel_too_large"),
        (Conv2d(8, (3, 3), padding=(0, 1), dilation=(1, 4)), ((3, 6, 6),), "kernel_too_large"),
        (Conv2d(9, groups=2), ((4, 6, 6),), "groups_do_not_divide"),
        (Conv2d(8, groups=2), ((3, 6, 6),), "groups_do_not_divide"),
        (Conv2d(8, stride=(1, 2), padding="same"), ((3, 6, 6),), "same_with_stride"),
        (Conv2d(8, padding=(6, 0), padding_mode="reflect"), ((3, 6, 6),), "padding_too_large"),
        (Conv2d(8, padding=(0, 7), padding_mode="circular"), ((3, 6, 6),), "padding_too_large"),
        (ConvTranspose2d(8, output_padding=(2, 0)), ((3, 6, 6),), "output_padding_too_large"),
        (ConvTranspose2d(8, padding=(6, 0)), ((3, 6, 6),), "empty_output"),
        (ConvTranspose2d(8, groups=3), ((3, 6, 6),), "groups_do_not_divide"),
        (MaxPool2d((7, 2)), ((3, 6, 6),), "kernel_too_large"),
        (MaxPool2d((3, 3), padding=(2, 0)), ((3, 6, 6),), "padding_too_large"),
        (AvgPool2d((3, 3), padding=(0, 2)), ((3, 6, 6),), "padding_too_large"),
        (L2Pool2d((7, 7)), ((3, 6, 6),), "kernel_too_large"),
        (Subsample((7, 7)), ((3, 6, 6),), "kernel_too_large"),
        (TableConv2d(), ((5, 14, 14),), "wrong_channels"),
        (GroupNorm(4), ((6, 3, 3),), "groups_do_not_divide"),
        (GroupNorm(6), ((6, 1, 1),), "too_few_values"),
        (InstanceNorm(), ((6, 1, 1),), "too_few_values"),
        (LocalResponseNorm(), ((6,),), "needs_maps"),
        (Hardtanh(1.0, 1.0), ((6,),), "empty_range"),
        (Softmax(2), ((6,),), "no_such_axis"),
        (Flatten(2), ((6,),), "no_such_axis"),
        (Add(), ((6, 3, 3), (6, 3, 4)), "unequal_shapes"),
        (Multiply(), ((6, 3, 3), (2, 1, 1)), "unequal_shapes"),
        (Concat(), ((6, 3, 3), (6, 3, 4)), "unequal_sizes"),
        (Concat(2), ((6, 3, 3), (5, 3, 3)), "unequal_sizes"),
        (Reshape((4, -1)), ((6, 3, 3),), "wrong_size"),
        (Reshape((-1, -1)), ((6, 3, 3),), "wrong_size"),
        (Reshape((0, -1)), ((6, 3, 3),), "wrong_size"),
        (Upsample((0.1, 1.0)), ((6, 3, 3),), "empty_output"),
        (Pad((3, 0, 0, 0), "reflect"), ((6, 3, 3),), "padding_too_large"),
        (Conv1d(), ((4, 2),), "kernel_too_large"),
        (Conv3d(6, groups=4), ((6, 3, 3, 3),), "groups_do_not_divide"),
        (MaxPool1d(3, padding=2), ((4, 9),), "padding_too_large"),
        (PixelShuffle(), ((6, 3, 3),), "groups_do_not_divide"),
        (PixelUnshuffle(), ((6, 3, 4),), "wrong_size"),
        (ChannelShuffle(4), ((6, 3, 3),), "groups_do_not_divide"),
        (Maxout(4), ((6, 3, 3),), "groups_do_not_divide"),
        (MatMul(), ((5, 6), (5, 6)), "unequal_shapes"),
        (Einsum("ij,jk"), ((5, 6), (6, 5)), "no_such_axis"),
        (Einsum("ij,jk->ik"), ((5, 6), (5, 6)), "unequal_shapes"),
        (ScaledDotProductAttention(), ((5, 6), (5, 7), (5, 6)), "unequal_shapes"),
        (ScaledDotProductAttention(), ((1, 4), (1, 4), (1, 4), (1, 2)), "unequal_shapes"),
        (MultiheadAttention(5), ((5, 6),), "groups_do_not_divide"),
        (MultiheadAttention(2), ((5, 6), (5, 4)), "unequal_shapes"),
        (WindowAttention(5), ((5, 5, 6),), "groups_do_not_divide"),
        (PatchEmbedding(), ((3, 9, 20),), "kernel_too_large"),
        (ConstantPad((1, 2, 3)), ((6, 3, 3),), "no_such_axis"),
        (Stretch((6, 3, 4)), ((6, 3, 3),), "wrong_size"),
        (Flatten(1, 4), ((6, 3, 3),), "no_such_axis"),
        (Flatten(3, 2), ((6, 3, 3),), "empty_range"),
        (Unflatten(1, (4, -1)), ((6, 3, 3),), "wrong_size"),
        (Unflatten(1, (2, 2)), ((6, 3, 3),), "wrong_size"),
        (Permute((1, 2)), ((6, 3, 3),), "no_such_axis"),
        (Part(4, 3), ((6, 3, 3),), "wrong_size"),
        (Select(1, 6), ((6, 3, 3),), "wrong_size"),
        (Roll((1, 2), (1,)), ((6, 3, 3),), "wrong_size"),
        (Reduce("mean", (1, 1)), ((6, 3, 3),), "no_such_axis"),
        (ParameterTensor((5,), (6,)), (), "wrong_size"),
    ],
    ids=_name,
)
def test_both_refuse(layer: Layer, inputs: tuple[Shape, ...], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        shape_layer(layer, inputs)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")
    with pytest.raises(REFUSALS):
        torch_says(layer, inputs, "cpu")


@pytest.mark.parametrize(
    ("layer", "inputs", "code"),
    [
        # torch would take the width of the maps for the vector.
        (Linear(10), ((6, 3, 3),), "missing_flatten"),
        (RBF(10), ((6, 3, 3),), "missing_flatten"),
        # torch would take (C, L) for a picture without its batch.
        (Conv2d(8), ((6, 6),), "needs_maps"),
        (MaxPool2d(), ((6, 6),), "needs_maps"),
        (InstanceNorm(), ((6,),), "needs_maps"),
        # torch would line the batch up with the channels.
        (Add(), ((6, 3, 3), (6,)), "unequal_shapes"),
        # torch would give the smaller part that there is.
        (Crop((4, 3)), ((6, 3, 3),), "wrong_size"),
        (Crop((2, 2), (0, 2)), ((6, 3, 3),), "wrong_size"),
        # torch would give an empty tensor.
        (Slice(1, 3, 3), ((6, 3, 3),), "empty_output"),
        # torch knows nothing of it.
        (Opaque("swin", ((3, 8, 8),)), ((3, 9, 9),), "wrong_size"),
        (Opaque("swin", ((3, 8, 8),)), ((3, 8, 8), (3, 8, 8)), "wrong_size"),
    ],
    ids=_name,
)
def test_we_refuse_on_purpose(layer: Layer, inputs: tuple[Shape, ...], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        shape_layer(layer, inputs)
    assert refusal.value.code == code


RANDOM = [kind for kind in LAYERS if kind not in (Opaque, Crop)]
"""An opaque part is nothing that torch knows, and torch crops what it has."""


def _shapes(kind: type[Layer]) -> st.SearchStrategy[tuple[Shape, ...]]:
    size = st.integers(1, 9)
    shape = st.one_of(st.tuples(st.sampled_from([1, 2, 3, 4, 6]), size, size), st.tuples(size))
    fewest, most = kind.arity
    if fewest == most:
        return st.tuples(*[shape] * fewest)
    near = shape.flatmap(lambda s: st.lists(_varied(s), min_size=max(fewest, 1), max_size=most or 3))
    return near.map(tuple)


def _varied(shape: Shape) -> st.SearchStrategy[Shape]:
    """The shape itself, or with some sizes replaced by 1 or another."""
    return st.one_of(st.just(shape), st.tuples(*[st.sampled_from([n, n, 1, n + 1]) for n in shape]))


@pytest.mark.parametrize("kind", RANDOM, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=25)
def test_random_settings_agree_with_torch(kind: type[Layer], data: st.DataObject) -> None:
    inputs = data.draw(_shapes(kind), label="inputs")
    layer = data.draw(layers_of(kind), label="layer")
    _agree_or_both_refuse(layer, inputs)


@pytest.mark.parametrize("kind", [Conv2d, DepthwiseConv2d, ConvTranspose2d, MaxPool2d, AvgPool2d, L2Pool2d])
@given(data=st.data())
@settings(max_examples=80)
def test_sliding_windows_agree_with_torch(kind: type[Layer], data: st.DataObject) -> None:
    size = st.integers(1, 12)
    shape = data.draw(st.tuples(st.sampled_from([1, 2, 4]), size, size), label="input")
    layer = data.draw(layers_of(kind), label="layer")
    _agree_or_both_refuse(layer, (shape,))


@pytest.mark.parametrize("kind", [Conv1d, Conv3d, MaxPool1d, MaxPool3d, AvgPool1d, AvgPool3d])
@given(data=st.data())
@settings(max_examples=40)
def test_lines_and_volumes_agree_with_torch(kind: type[Through], data: st.DataObject) -> None:
    sizes = st.lists(st.integers(1, 9), min_size=kind.count, max_size=kind.count)
    shape = (data.draw(st.sampled_from([1, 2, 4]), label="channels"), *data.draw(sizes, label="sizes"))
    _agree_or_both_refuse(data.draw(layers_of(kind), label="layer"), (shape,))


def _agree_or_both_refuse(layer: Layer, inputs: tuple[Shape, ...]) -> None:
    code = _refusal(layer, inputs)
    if code is None:
        # FlopCounterMode does not see into the CPU's fused attention.
        fused = isinstance(layer, ScaledDotProductAttention | MultiheadAttention)
        _agree(layer, inputs, "meta" if fused else "cpu")
    elif not _on_purpose(layer, code, {len(shape) for shape in inputs}):
        assert _torch_refuses(layer, inputs, nothing_left=code == "empty_output")


def _refusal(layer: Layer, inputs: tuple[Shape, ...]) -> str | None:
    try:
        shape_layer(layer, inputs)
    except Refused as refusal:
        return refusal.code
    return None


def _torch_refuses(layer: Layer, inputs: tuple[Shape, ...], *, nothing_left: bool) -> bool:
    """Whether torch raises; some grouped transposed convolutions it lets end in nothing, which counts too."""
    try:
        theirs = torch_says(layer, inputs, "cpu")
    except REFUSALS:
        return True
    return nothing_left and 0 in theirs.output


def _on_purpose(layer: Layer, code: str, ranks: set[int]) -> bool:
    """Whether this is one of the refusals of `test_we_refuse_on_purpose`, or one of a module of our own."""
    if code == "same_with_stride":
        return isinstance(layer, LocallyConnected2d | TableConv2d)
    if code == "needs_maps" and isinstance(layer, Through):
        return True  # torch would take (C, H, W) for a volume without its batch
    if isinstance(layer, MatMul):
        return 1 in ranks  # torch would take the batch for rows
    if isinstance(layer, ScaledDotProductAttention):
        return code == "unequal_shapes"  # the CPU's fused kernel looks at fewer sizes than it should
    if isinstance(layer, Stretch):
        return ranks != {len(layer.shape)}  # torch would put axes before the batch
    return code == "missing_flatten" or (code == "needs_maps" and ranks != {3}) or len(ranks) > 1


def _agree(layer: Layer, inputs: tuple[Shape, ...], device: str) -> None:
    ours = shape_layer(layer, inputs)
    theirs = torch_says(layer, inputs or _given(layer), device)
    assert ours.outputs == (theirs.output,)
    assert {p.name: p.shape for p in ours.parameters} == theirs.parameters
    assert ours.weights + ours.biases == sum(prod(shape) for shape in theirs.parameters.values())
    assert ours.macs == theirs.macs
    line = line_says(layer, inputs or _given(layer))
    assert line == (theirs.output, ours.weights + ours.biases)
    derivation = layer.derivation(*inputs)
    assert not any(derivation.dropped) or derivation.dropped == layer.dropped(inputs)
    assert layer.connections(inputs, ours.outputs) >= ours.macs


def _given(layer: Layer) -> tuple[Shape, ...]:
    """What the module of a layer without inputs is called with."""
    return (layer.shape,) if isinstance(layer, Input) else ()
