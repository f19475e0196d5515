"""All kinds of layers, each one small declared class.

A rule raises `Refused(code, message, **details)`. The codes, and what `details` holds for a mend:

- `needs_maps` (shape): the layer works on (C, H, W), the input is something else
- `missing_flatten` (shape): the layer works on a vector, the input is maps
- `kernel_too_large` (spans, size): the window is larger than its padded input
- `padding_too_large` (limit): more than half of a pooling window, or more than the input has to mirror
- `same_with_stride` (spans): padding 'same' with a stride above 1
- `groups_do_not_divide` (in_channels): channels cannot be shared evenly by the groups
- `unequal_shapes` (shapes): branches that cannot be added or multiplied
- `unequal_sizes` (shapes, dim): branches that cannot be concatenated
- `wrong_size` (values | size | shapes): a reshape, crop or opaque layer that its input does not fit
- `wrong_channels` (in_channels, expected): a connection table made for another number of maps
- `output_padding_too_large` (limit): as large as both stride and dilation of a transposed convolution
- `no_such_axis` (axes): an axis that the input does not have
- `too_few_values`: a normalization over a single value
- `empty_range`: an upper bound that is not above the lower
- `empty_output` (output): nothing is left

Inference adds `missing_input`, `too_many_inputs`, `port_taken` and `cycle`.
"""

from __future__ import annotations

from typing import Union

import msgspec

from explorer.network.layer import Layer
from explorer.network.layers.activation import (
    ELU,
    GELU,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSoftmax,
    PReLU,
    ReLU,
    ReLU6,
    ScaledTanh,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from explorer.network.layers.attention import (
    MultiheadAttention,
    PatchEmbedding,
    ScaledDotProductAttention,
    WindowAttention,
)
from explorer.network.layers.axes import Part, Permute, Reduce, Roll, Select, Slice, SliceLike, Unflatten
from explorer.network.layers.boundary import Input, Output
from explorer.network.layers.convolution import Conv2d, DepthwiseConv2d
from explorer.network.layers.dense import RBF, Linear
from explorer.network.layers.dynamic import DynamicConv2d
from explorer.network.layers.fields import FieldInfo, fields_of
from explorer.network.layers.given import Constant, Opaque, ParameterTensor
from explorer.network.layers.line_and_volume import (
    AvgPool1d,
    AvgPool3d,
    Conv1d,
    Conv3d,
    MaxPool1d,
    MaxPool3d,
)
from explorer.network.layers.local import LocallyConnected2d, Subsample, TableConv2d
from explorer.network.layers.merge import Add, Concat, Multiply
from explorer.network.layers.normalization import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Normalize,
    LayerNorm,
    LocalResponseNorm,
    Scale,
)
from explorer.network.layers.padding import ConstantPad, PadToMultiple, ResizeLike, SamePad2d, Stretch
from explorer.network.layers.pointwise import Divide, Pointwise, Power, Subtract
from explorer.network.layers.pooling import AvgPool2d, L2Pool2d, MaxPool2d
from explorer.network.layers.products import Einsum, MatMul
from explorer.network.layers.regularize import Dropout, Dropout2d, StochasticDepth
from explorer.network.layers.resample import Crop, Pad, Upsample
from explorer.network.layers.reshape import Flatten, Identity, Reshape, ReshapeLike
from explorer.network.layers.shuffling import ChannelShuffle, Maxout, PixelShuffle, PixelUnshuffle
from explorer.network.layers.transposed import ConvTranspose2d
from explorer.network.layers.whole import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    SpatialPyramidPool,
)

#: Every kind of layer, in the order of the library.
LAYERS: tuple[type[Layer], ...] = (
    Input,
    Output,
    Conv2d,
    DepthwiseConv2d,
    ConvTranspose2d,
    LocallyConnected2d,
    TableConv2d,
    Conv1d,
    Conv3d,
    DynamicConv2d,
    PatchEmbedding,
    MaxPool2d,
    AvgPool2d,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    L2Pool2d,
    SpatialPyramidPool,
    Subsample,
    MaxPool1d,
    AvgPool1d,
    MaxPool3d,
    AvgPool3d,
    Reduce,
    Linear,
    RBF,
    MultiheadAttention,
    WindowAttention,
    BatchNorm,
    LocalResponseNorm,
    LayerNorm,
    GroupNorm,
    InstanceNorm,
    L2Normalize,
    Scale,
    ReLU,
    PReLU,
    LeakyReLU,
    ReLU6,
    ELU,
    GELU,
    SiLU,
    Sigmoid,
    Tanh,
    ScaledTanh,
    Hardswish,
    Hardsigmoid,
    Hardtanh,
    Softmax,
    LogSoftmax,
    Maxout,
    Pointwise,
    Power,
    Dropout,
    Dropout2d,
    StochasticDepth,
    Add,
    Multiply,
    Concat,
    Subtract,
    Divide,
    MatMul,
    Einsum,
    ScaledDotProductAttention,
    Flatten,
    Unflatten,
    Reshape,
    Permute,
    Slice,
    Part,
    Select,
    Roll,
    PixelShuffle,
    PixelUnshuffle,
    ChannelShuffle,
    Upsample,
    Pad,
    Crop,
    SliceLike,
    ReshapeLike,
    ResizeLike,
    ConstantPad,
    PadToMultiple,
    SamePad2d,
    Stretch,
    Identity,
    Constant,
    ParameterTensor,
    Opaque,
)

LAYER_TYPES: dict[str, type[Layer]] = {layer.__name__: layer for layer in LAYERS}

#: Any layer, for msgspec to decode by its `type`.
AnyLayer = Union[LAYERS]  # type: ignore[valid-type]  # noqa: UP007  # noqa: UP007

# msgspec works out a type when it first decodes it, and two threads that do so at once crash the process.
# The import is the one place where only one thread can be.
msgspec.json.Decoder(AnyLayer)

__all__ = [
    "ELU",
    "GELU",
    "LAYERS",
    "LAYER_TYPES",
    "RBF",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "Add",
    "AnyLayer",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm",
    "ChannelShuffle",
    "Concat",
    "Constant",
    "ConstantPad",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose2d",
    "Crop",
    "DepthwiseConv2d",
    "Divide",
    "Dropout",
    "Dropout2d",
    "DynamicConv2d",
    "Einsum",
    "FieldInfo",
    "Flatten",
    "GlobalAvgPool2d",
    "GlobalMaxPool2d",
    "GroupNorm",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "Input",
    "InstanceNorm",
    "L2Normalize",
    "L2Pool2d",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "LocallyConnected2d",
    "LogSoftmax",
    "MatMul",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Maxout",
    "MultiheadAttention",
    "Multiply",
    "Opaque",
    "Output",
    "PReLU",
    "Pad",
    "PadToMultiple",
    "ParameterTensor",
    "Part",
    "PatchEmbedding",
    "Permute",
    "PixelShuffle",
    "PixelUnshuffle",
    "Pointwise",
    "Power",
    "ReLU",
    "ReLU6",
    "Reduce",
    "Reshape",
    "ReshapeLike",
    "ResizeLike",
    "Roll",
    "SamePad2d",
    "Scale",
    "ScaledDotProductAttention",
    "ScaledTanh",
    "Select",
    "SiLU",
    "Sigmoid",
    "Slice",
    "SliceLike",
    "Softmax",
    "SpatialPyramidPool",
    "StochasticDepth",
    "Stretch",
    "Subsample",
    "Subtract",
    "TableConv2d",
    "Tanh",
    "Unflatten",
    "Upsample",
    "WindowAttention",
    "fields_of",
]
