"""Modules of our own that act on each value by itself, or put values around others."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: The functions that a Pointwise layer may name.
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "abs": torch.abs,
    "ceil": torch.ceil,
    "cos": torch.cos,
    "erf": torch.erf,
    "exp": torch.exp,
    "floor": torch.floor,
    "log": torch.log,
    "log1p": torch.log1p,
    "logsigmoid": F.logsigmoid,
    "mish": F.mish,
    "reciprocal": torch.reciprocal,
    "round": torch.round,
    "rsqrt": torch.rsqrt,
    "selu": F.selu,
    "sign": torch.sign,
    "sin": torch.sin,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "tanhshrink": F.tanhshrink,
}


class Pointwise(nn.Module):
    """A function of each value."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return FUNCTIONS[self.function](x)


class Power(nn.Module):
    """x to a fixed power."""

    def __init__(self, exponent: float) -> None:
        super().__init__()
        self.exponent = exponent

    def forward(self, x: Tensor) -> Tensor:
        return torch.pow(x, self.exponent)


class Subtract(nn.Module):
    """The first branch less the second."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a - b


class Divide(nn.Module):
    """The first branch by the second, value by value."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a / b


class Maxout(nn.Module):
    """The largest of every `pieces` channels."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, self.pieces, *x.shape[2:]).amax(2)


class Stretch(nn.Module):
    """Axes of 1 repeated until the shape is reached, or that of a second input."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        return x.expand(len(x), *(self.shape if like is None else like.shape[1:]))


class ConstantPad(nn.Module):
    """F.pad with one value along any axes, the last first; negative numbers cut off."""

    def __init__(self, padding: tuple[int, ...], value: float = 0.0) -> None:
        super().__init__()
        self.padding, self.value = padding, value

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, self.padding, value=self.value)


class PadToMultiple(nn.Module):
    """Zeros behind the values of some axes until their size is a multiple."""

    def __init__(self, multiple: int, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.multiple, self.dims = multiple, dims

    def forward(self, x: Tensor) -> Tensor:
        pads = [0] * (2 * (x.dim() - 1))
        for dim in self.dims:
            pads[2 * (x.dim() - 1 - dim) + 1] = -x.shape[dim] % self.multiple
        return F.pad(x, pads)


class SamePad2d(nn.Module):
    """What TensorFlow's 'same' puts around maps, so that the next window gives ⌈n / s⌉ positions."""

    def __init__(
        self,
        kernel_size: tuple[int, int],
        stride: tuple[int, int],
        dilation: tuple[int, int] = (1, 1),
        value: float = 0.0,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.dilation, self.value = kernel_size, stride, dilation, value

    def forward(self, x: Tensor) -> Tensor:
        pads: list[int] = []
        for axis in (1, 0):
            size, step = x.shape[2 + axis], self.stride[axis]
            span = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
            missing = max(0, (-(-size // step) - 1) * step + span - size)
            pads += [missing // 2, missing - missing // 2]
        return F.pad(x, pads, value=self.value)


class DynamicConv2d(nn.Module):
    """A convolution with the kernels of its second input, each picture with its own."""

    def __init__(
        self,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups

    def forward(self, x: Tensor, kernels: Tensor) -> Tensor:
        folded = x.reshape(1, -1, *x.shape[2:])
        groups = self.groups * len(x)
        y = F.conv2d(folded, kernels.flatten(0, 1), None, self.stride, self.padding, self.dilation, groups)
        return y.reshape(len(x), -1, *y.shape[2:])


class ResizeLike(nn.Module):
    """The first branch at the height and width of the second."""

    def __init__(self, mode: str = "nearest", align_corners: bool = False) -> None:
        super().__init__()
        self.mode, self.align_corners = mode, align_corners

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        size = [int(like.shape[2]), int(like.shape[3])]
        if self.mode in ("bilinear", "bicubic"):
            return F.interpolate(x, size, mode=self.mode, align_corners=self.align_corners)
        return F.interpolate(x, size, mode=self.mode)
