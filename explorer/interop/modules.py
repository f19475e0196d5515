"""The torch modules that torch lacks, one for each layer that names one of its own."""

from __future__ import annotations

from math import prod, sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.interop.modules_attention import (
    Einsum,
    MatMul,
    MultiheadAttention,
    PatchEmbedding,
    ScaledDotProductAttention,
    WindowAttention,
)
from explorer.interop.modules_axes import Part, Permute, Reduce, ReshapeLike, Roll, Select, Slice, SliceLike
from explorer.interop.modules_values import (
    ConstantPad,
    Divide,
    DynamicConv2d,
    Maxout,
    PadToMultiple,
    Pointwise,
    Power,
    ResizeLike,
    SamePad2d,
    Stretch,
    Subtract,
)

__all__ = [
    "RBF",
    "Add",
    "ChannelNorm",
    "Concat",
    "Constant",
    "ConstantPad",
    "Crop",
    "Divide",
    "DynamicConv2d",
    "Einsum",
    "L2Normalize",
    "L2Pool2d",
    "LocallyConnected2d",
    "MatMul",
    "Maxout",
    "MultiheadAttention",
    "Multiply",
    "PadToMultiple",
    "ParameterTensor",
    "Part",
    "PatchEmbedding",
    "Permute",
    "Pointwise",
    "Power",
    "Reduce",
    "ReshapeLike",
    "ResizeLike",
    "Roll",
    "SamePad2d",
    "Scale",
    "ScaledDotProductAttention",
    "ScaledTanh",
    "Select",
    "Slice",
    "SliceLike",
    "SpatialPyramidPool",
    "StochasticDepth",
    "Stretch",
    "Subsample",
    "Subtract",
    "TableConv2d",
    "WindowAttention",
]

Pair = tuple[int, int]


def _pair(size: int | Pair) -> Pair:
    return (size, size) if isinstance(size, int) else size


def _seed(tensors: tuple[Tensor | None, ...], fan_in: int) -> None:
    """Uniform within ±1/√fan_in, as torch begins its own convolutions and linear layers."""
    for tensor in tensors:
        if tensor is not None:
            nn.init.uniform_(tensor, -1 / sqrt(fan_in), 1 / sqrt(fan_in))


class LocallyConnected2d(nn.Module):
    """A convolution in which every place has a kernel of its own: a matrix product a place (Taigman 2014).

    `in_shape` is (C, H, W); `padding` is (left, right, above, below).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: tuple[int, int, int, int] = (0, 0, 0, 0),
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = _pair(kernel_size), _pair(stride), padding
        sizes = in_shape[1] + padding[2] + padding[3], in_shape[2] + padding[0] + padding[1]
        self.places = tuple(
            (size - kernel) // step + 1
            for size, kernel, step in zip(sizes, self.kernel_size, self.stride, strict=True)
        )
        seen = in_shape[0] * prod(self.kernel_size)
        self.weight = nn.Parameter(torch.empty(prod(self.places), out_channels, seen))
        self.bias = nn.Parameter(torch.empty(out_channels, *self.places)) if bias else None
        _seed((self.weight, self.bias), seen)

    def forward(self, x: Tensor) -> Tensor:
        windows = F.unfold(F.pad(x, self.padding), self.kernel_size, stride=self.stride)
        products = torch.bmm(self.weight, windows.permute(2, 1, 0)).permute(2, 1, 0)
        out = products.reshape(x.size(0), -1, *self.places)
        return out if self.bias is None else out + self.bias


class TableConv2d(nn.Module):
    """A convolution in which output map i sees the input maps `table[i]` alone (LeCun 1998, table I).

    `padding` is (left, right, above, below). One kernel for each entry of the table, row by row.
    """

    source: Tensor
    target: Tensor

    def __init__(
        self,
        table: tuple[tuple[int, ...], ...],
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> None:
        super().__init__()
        self.table, self.stride, self.padding = table, _pair(stride), padding
        links = [(entry, row) for row, entries in enumerate(table) for entry in entries]
        self.register_buffer("source", torch.tensor([entry for entry, _ in links]), persistent=False)
        self.register_buffer("target", torch.tensor([row for _, row in links]), persistent=False)
        self.weight = nn.Parameter(torch.empty(len(links), 1, *_pair(kernel_size)))
        self.bias = nn.Parameter(torch.empty(len(table)))
        _seed((self.weight, self.bias), prod(_pair(kernel_size)) * max(map(len, table)))

    def forward(self, x: Tensor) -> Tensor:
        seen = F.pad(x, self.padding)[:, self.source]
        maps = F.conv2d(seen, self.weight, stride=self.stride, groups=len(self.weight))
        out = self.bias.view(1, -1, 1, 1).expand(x.size(0), -1, *maps.shape[2:])
        return torch.index_add(out, 1, self.target, maps)


class Subsample(nn.Module):
    """w·(sum of the window) + b, with one w and b a map (LeCun 1998)."""

    def __init__(self, channels: int, kernel_size: int | Pair, stride: int | Pair | None = None) -> None:
        super().__init__()
        self.kernel_size = _pair(kernel_size)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        self.weight = nn.Parameter(torch.full((channels,), 1 / prod(self.kernel_size)))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        # Not divisor_override=1, which torch's exporter to ONNX leaves out.
        sums = F.avg_pool2d(x, self.kernel_size, self.stride) * prod(self.kernel_size)
        return sums * self.weight.view(-1, 1, 1) + self.bias.view(-1, 1, 1)


class L2Pool2d(nn.Module):
    """nn.LPPool2d with norm 2, and with padding, which adds nothing to the sum of squares."""

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.padding, self.ceil_mode = _pair(kernel_size), _pair(padding), ceil_mode
        self.stride = self.kernel_size if stride is None else _pair(stride)

    def forward(self, x: Tensor) -> Tensor:
        below, right = (self._more(size, axis) for axis, size in enumerate(x.shape[-2:]))
        # Not divisor_override=1, which torch's exporter to ONNX leaves out: windows are made whole instead.
        whole = F.pad(x * x, (0, right, 0, below))
        means = F.avg_pool2d(whole, self.kernel_size, self.stride, self.padding)
        return (means * prod(self.kernel_size)).sqrt()

    def _more(self, size: int, axis: int) -> int:
        """Zeros that the last window needs behind the padding, with `ceil_mode`."""
        kernel, stride, pad = self.kernel_size[axis], self.stride[axis], _pair(self.padding)[axis]
        left = (size + 2 * pad - kernel) % stride
        if not self.ceil_mode or left == 0:
            return 0
        # A window that would begin in the padding behind is dropped, as torch does.
        begins = size + 2 * pad - left + stride - kernel
        return stride - left if begins < size + pad else 0


class SpatialPyramidPool(nn.Module):
    """Adaptive max pooling into grids of b × b, flattened one behind the other (He 2014)."""

    def __init__(self, bins: tuple[int, ...]) -> None:
        super().__init__()
        self.bins = bins

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([F.adaptive_max_pool2d(x, bins).flatten(1) for bins in self.bins], 1)


class RBF(nn.Module):
    """Squared distance to fixed patterns of ±1 (LeCun 1998 draws them as bitmaps; here they are random)."""

    patterns: Tensor

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        signs = torch.empty(out_features, in_features).uniform_(-1, 1).sign()
        self.register_buffer("patterns", signs)

    def forward(self, x: Tensor) -> Tensor:
        return (x[:, None, :] - self.patterns).square().sum(2)


class ChannelNorm(nn.Module):
    """Layer norm over the channels at each place of (N, C, …), as ConvNeXt has it (Liu 2022)."""

    def __init__(self, channels: int, eps: float = 1e-5, elementwise_affine: bool = True) -> None:
        super().__init__()
        self.channels, self.eps = channels, eps
        self.weight = nn.Parameter(torch.ones(channels)) if elementwise_affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if elementwise_affine else None

    def forward(self, x: Tensor) -> Tensor:
        last = F.layer_norm(x.movedim(1, -1), (self.channels,), self.weight, self.bias, self.eps)
        return last.movedim(-1, 1)


class L2Normalize(nn.Module):
    """Vectors along `dim` scaled to length 1."""

    def __init__(self, dim: int = 1, eps: float = 1e-12) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x, dim=self.dim, eps=self.eps)


class Scale(nn.Module):
    """factor·x + offset; with `channels`, both are trained for each channel."""

    def __init__(self, factor: float = 1.0, offset: float = 0.0, channels: int | None = None) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset
        self.weight = None if channels is None else nn.Parameter(torch.full((channels,), float(factor)))
        self.bias = None if channels is None else nn.Parameter(torch.full((channels,), float(offset)))

    def forward(self, x: Tensor) -> Tensor:
        if self.weight is None or self.bias is None:
            return x * self.factor + self.offset
        along = (-1, *[1] * (x.dim() - 2))
        return x * self.weight.view(along) + self.bias.view(along)


class ScaledTanh(nn.Module):
    """amplitude·tanh(slope·x)."""

    def __init__(self, amplitude: float = 1.7159, slope: float = 2 / 3) -> None:
        super().__init__()
        self.amplitude, self.slope = amplitude, slope

    def forward(self, x: Tensor) -> Tensor:
        return self.amplitude * torch.tanh(self.slope * x)


class StochasticDepth(nn.Module):
    """In training, an example becomes 0 with chance p, and the others grow by 1/(1 − p) (Huang 2016)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = torch.rand(x.size(0), *[1] * (x.dim() - 1), device=x.device) >= self.p
        return x * kept / (1 - self.p) if self.p < 1 else x * 0


class Add(nn.Module):
    """The sum of all inputs."""

    def forward(self, *branches: Tensor) -> Tensor:
        total = branches[0]
        for branch in branches[1:]:
            total = total + branch
        return total


class Multiply(nn.Module):
    """The product of all inputs, value by value."""

    def forward(self, *branches: Tensor) -> Tensor:
        product = branches[0]
        for branch in branches[1:]:
            product = product * branch
        return product


class Concat(nn.Module):
    """All inputs one behind the other along `dim`."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *branches: Tensor) -> Tensor:
        return torch.cat(branches, self.dim)


class Crop(nn.Module):
    """A window of the maps: from `offset` (rows, columns) on, or the middle."""

    def __init__(self, size: int | Pair, offset: int | Pair | None = None) -> None:
        super().__init__()
        self.size, self.offset = _pair(size), None if offset is None else _pair(offset)

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = self.size
        above, left = self.offset or ((x.shape[2] - rows) // 2, (x.shape[3] - columns) // 2)
        return x[:, :, above : above + rows, left : left + columns]


class ParameterTensor(nn.Module):
    """Weights of `shape`, read as `view`, as often as the batch has examples."""

    weight: Tensor

    def __init__(self, shape: tuple[int, ...], view: tuple[int, ...], trainable: bool = True) -> None:
        super().__init__()
        self.view = view
        if trainable:
            self.weight = nn.Parameter(torch.empty(shape).normal_(std=0.02))
        else:
            self.register_buffer("weight", torch.zeros(shape))

    def forward(self, batch: int = 1) -> Tensor:
        return self.weight.reshape(1, *self.view).expand(batch, *self.view)


class Constant(nn.Module):
    """One value everywhere, as often as the batch has examples."""

    value: Tensor

    def __init__(self, shape: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.register_buffer("value", torch.full(shape, float(value)), persistent=False)

    def forward(self, batch: int = 1) -> Tensor:
        return self.value.expand(batch, *self.value.shape)
