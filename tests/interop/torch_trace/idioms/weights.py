"""Convolutions and linear layers whose weights are worked out: standardised, mixed, shared, fixed."""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations


class StandardizedByBatchNorm(nn.Conv2d):
    """Weights standardised by a batch norm over them."""

    def forward(self, input: Tensor) -> Any:
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(flat, None, None, training=True, momentum=0.0, eps=1e-6).reshape_as(self.weight)
        return F.conv2d(input, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class ScaledStandardized(nn.Conv2d):
    """With a trained gain for each filter and a scale by the fan-in (Brock 2021)."""

    def __init__(self, *args: Any, gamma: float = 1.7, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gain = nn.Parameter(torch.full((self.out_channels, 1, 1, 1), 1.1))
        self.scale = gamma * self.weight[0].numel() ** -0.5

    def forward(self, x: Tensor) -> Any:
        weight = F.batch_norm(
            self.weight.reshape(1, self.out_channels, -1),
            None,
            None,
            weight=(self.gain * self.scale).view(-1),
            training=True,
            momentum=0.0,
            eps=1e-5,
        ).reshape_as(self.weight)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


def same_padded(x: Tensor, kernel: Any, stride: Any, dilation: Any = (1, 1), value: float = 0.0) -> Tensor:
    """Padding as TensorFlow has it, by ceilings of quotients."""
    high, wide = x.size()[-2:]
    rows = max((math.ceil(high / stride[0]) - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1 - high, 0)
    columns = max((math.ceil(wide / stride[1]) - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1 - wide, 0)
    if rows > 0 or columns > 0:
        x = F.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2], value=value)
    return x


class StandardizedSame(ScaledStandardized):
    """Standardised, padded as TensorFlow pads."""

    def forward(self, x: Tensor) -> Any:
        return super().forward(same_padded(x, self.kernel_size, self.stride))


class Standardization(nn.Module):
    """Three sorts of standardised convolution, one behind the other, with scaled activations (NFNet)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = StandardizedByBatchNorm(3, 8, 3, 2, 1)
        self.conv1 = ScaledStandardized(8, 16, 3, 1, 1, groups=2)
        self.conv2 = StandardizedSame(16, 16, 3, 2)
        self.skip_gain = nn.Parameter(torch.zeros(()))
        self.alpha, self.beta = 0.2, 0.97
        self.head = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        out = F.gelu(x) * 1.7015 * self.beta
        out = self.conv1(out)
        out = F.silu(out, inplace=True).mul_(1.7881)
        out = self.conv2(out).mul_(self.skip_gain)
        out = out * self.alpha + F.avg_pool2d(torch.cat([x, x], 1), 2, ceil_mode=True)
        return self.head(out.mean((2, 3)))


class Parametrized(nn.Module):
    """Spectral and weight norm, new and old, of convolutions and of a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.one = parametrizations.spectral_norm(nn.Conv2d(3, 8, 3, padding=1))
        self.two = parametrizations.weight_norm(nn.Conv2d(8, 8, 3, 2, 1, bias=False))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch has newer ones, but there is much of it
            self.three = nn.utils.weight_norm(nn.Conv2d(8, 8, 3, padding=1))
            self.four = nn.utils.spectral_norm(nn.Conv2d(8, 12, 3, 2, 1))
        self.head = parametrizations.weight_norm(nn.Linear(12, 5))

    def forward(self, x: Tensor) -> Any:
        x = self.four(F.relu(self.three(F.relu(self.two(self.one(x))))))
        return self.head(x.amax((2, 3)))


class Blurred(nn.Module):
    """Max pooling that is smoothed before it skips pixels (Zhang 2019): the filter is fixed."""

    filt: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        row = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("filt", (row[:, None] * row[None, :])[None, None].repeat(8, 1, 1, 1))

    def forward(self, x: Tensor) -> Any:
        x = F.max_pool2d(self.conv(x), 2, 1)
        x = F.pad(x, [1, 1, 1, 1], "reflect")
        return F.conv2d(x, self.filt, stride=2, groups=x.shape[1])


class BlurredAny(nn.Module):
    """The same, with one filter stretched over the channels that come."""

    filt: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("filt", torch.outer(row, row)[None, None] / 64, persistent=False)
        self.pad = nn.ReflectionPad2d((1, 2, 1, 2))

    def forward(self, x: Tensor) -> Any:
        x = self.pad(self.conv(x))
        return F.conv2d(x, self.filt.expand(x.shape[1], -1, -1, -1), stride=2, groups=x.shape[1])


class ConditionalConv(nn.Module):
    """Kernels mixed for each picture by a routing (Yang 2019): the batch becomes groups."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.route = nn.Linear(8, 4)
        self.weight = nn.Parameter(torch.randn(4, 12 * 8 * 3 * 3) * 0.1)
        self.head = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        routing = torch.sigmoid(self.route(F.adaptive_avg_pool2d(x, 1).flatten(1)))
        b, c, h, w = x.shape
        kernels = torch.matmul(routing, self.weight).view(b * 12, 8, 3, 3)
        x = F.conv2d(x.reshape(1, b * c, h, w), kernels, None, 1, 1, groups=b)
        x = x.permute([1, 0, 2, 3]).view(b, 12, x.shape[-2], x.shape[-1])
        return self.head(x.mean((2, 3)))


class Merged(nn.Module):
    """Kernels of several branches added up, and a bias of three parts of which one is fixed."""

    zeros: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.large, self.small = nn.Conv2d(3, 8, 5, padding=2), nn.Conv2d(3, 8, 3, padding=1)
        self.qkv = nn.Linear(8, 24, bias=False)
        self.q_bias, self.v_bias = nn.Parameter(torch.randn(8)), nn.Parameter(torch.randn(8))
        self.register_buffer("zeros", torch.zeros(8), persistent=False)

    def forward(self, x: Tensor) -> Any:
        weight = self.large.weight + F.pad(self.small.weight, [1, 1, 1, 1])
        x = F.conv2d(x, weight, self.large.bias, padding=2)
        bias = torch.cat((self.q_bias, self.zeros, self.v_bias))
        return F.linear(x.flatten(2).mT, self.qkv.weight, bias).mean(1)


class CosineHead(nn.Module):
    """Unit vectors against unit vectors, with a temperature."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1)
        self.weight = nn.Parameter(torch.randn(5, 8))
        self.temperature = nn.Parameter(torch.tensor(2.0))

    def forward(self, x: Tensor) -> Any:
        x = self.conv(x).mean((2, 3))
        cosine = F.linear(F.normalize(x, dim=1), F.normalize(self.weight, dim=1))
        return cosine * self.temperature.clamp(max=4.0).exp()


class TwoSizesOfOneKernel(nn.Module):
    """One kernel under two dilations, and a slice of another (slimmable): only some weights are shared."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.wide = nn.Conv2d(8, 16, 1)

    def forward(self, x: Tensor) -> Any:
        weight, bias = self.conv.weight, self.conv.bias
        x = F.conv2d(x, weight, bias, padding=1) + F.conv2d(x, weight, bias, padding=2, dilation=2)
        return F.conv2d(x, self.wide.weight[:10], self.wide.bias[:10])  # type: ignore[index]


class Involution(nn.Module):
    """A kernel for every place, worked out from what is there (Li 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.reduce, self.span = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 9 * 2, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        b, _, h, w = x.shape
        kernel = self.span(F.relu(self.reduce(x))).view(b, 2, 9, h, w).unsqueeze(2)
        patches = F.unfold(x, 3, padding=1).view(b, 2, 4, 9, h, w)
        return (kernel * patches).sum(dim=3).view(b, 8, h, w)


MODULES: list[tuple[type[nn.Module], tuple[int, ...]]] = [
    (kind, (3, 32, 32))
    for kind in (
        *(Standardization, Parametrized, Blurred, BlurredAny, ConditionalConv, Merged, CosineHead),
        *(TwoSizesOfOneKernel, Involution),
    )
]
