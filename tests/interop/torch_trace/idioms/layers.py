"""Normalizations, activations, poolings and what drops values, as people write them by hand."""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _stem(out: int = 8) -> nn.Module:
    return nn.Conv2d(3, out, 3, 2, 1)


class NormActivation(nn.BatchNorm2d):
    """A batch norm that applies its activation and a dropping in between itself."""

    def __init__(self, features: int, act: Any = nn.ReLU) -> None:
        super().__init__(features)
        self.drop: nn.Module = nn.Identity()
        self.act: nn.Module = act(inplace=True) if act is not None else nn.Identity()

    def forward(self, input: Tensor) -> Any:
        torch._assert(input.ndim == 4, f"expected 4D input (got {input.ndim}D input)")
        if self.momentum is None:
            momentum = 0.0
        else:
            momentum = self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        use = self.training or (self.running_mean is None and self.running_var is None)
        x = F.batch_norm(
            input,
            self.running_mean if not self.training or self.track_running_stats else None,
            self.running_var if not self.training or self.track_running_stats else None,
            self.weight,
            self.bias,
            use,
            momentum,
            self.eps,
        )
        return self.act(self.drop(x))


class LayerNorm2d(nn.LayerNorm):
    """Over the channels, by way of channels last."""

    def forward(self, input: Tensor) -> Any:
        x = input.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class LayerNormByHand(nn.Module):
    """Over the channels, by mean and variance."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(features)), nn.Parameter(torch.rand(features))
        self.eps = 1e-6

    def forward(self, x: Tensor) -> Any:
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        x = (x - u) / torch.sqrt(s + self.eps)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class RmsNorm2d(nn.Module):
    """Root mean square over the channels, by hand and by torch's function."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(features))
        self.last = nn.RMSNorm(features, eps=1e-6)

    def forward(self, x: Tensor) -> Any:
        v = torch.mean(x.square(), dim=1, keepdim=True)
        x = x * torch.rsqrt(v + 1e-6)
        x = x * self.weight.reshape(1, -1, 1, 1)
        return self.last(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Norms(nn.Module):
    """Norms of all sorts."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.body = nn.Sequential(
            NormActivation(8),
            LayerNorm2d(8),
            LayerNormByHand(8),
            RmsNorm2d(8),
            nn.GroupNorm(1, 8),
            nn.GroupNorm(4, 8, affine=False),
            nn.InstanceNorm2d(8, affine=True),
            NormActivation(8, partial(nn.LeakyReLU, 0.01)),
            nn.LocalResponseNorm(5),
        )

    def forward(self, x: Tensor) -> Any:
        return self.body(self.stem(x))


class NormsWithoutShift(nn.Module):
    """Layer norms without a bias; batch norm without running values; instance norm with them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.one = nn.LayerNorm(8, bias=False)
        self.two = nn.BatchNorm2d(8, momentum=None)
        self.three = nn.InstanceNorm2d(8, affine=True, track_running_stats=True)
        self.four = nn.GroupNorm(2, 8)

    def forward(self, x: Tensor) -> Any:
        x = self.one(self.stem(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = self.four(self.three(self.two(x)))
        return F.layer_norm(x, x.shape[1:])


class EvoNorms(nn.Module):
    """EvoNorm B0, S0 (Liu 2020) and filter response normalisation (Singh 2020)."""

    running_var: Tensor
    weight: Tensor
    bias: Tensor
    v: Tensor
    tau: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        for name in ("weight", "bias", "v", "tau"):
            setattr(self, name, nn.Parameter(torch.rand(8)))
        self.register_buffer("running_var", torch.ones(8))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        shape = (1, -1, 1, 1)
        v = self.v.view(shape)
        left = self.running_var.add(1e-3).sqrt_().view(shape).expand_as(x)
        right = x * v + (x.var(dim=(2, 3), unbiased=False, keepdim=True) + 1e-3).sqrt()
        x = x / left.max(right)
        b = x.shape[0]
        grouped = x.reshape(b, 4, -1)
        std = grouped.float().var(2, keepdim=True, unbiased=False).add(1e-3).sqrt().expand(grouped.shape)
        x = (x * (x * v).sigmoid()) / std.reshape(x.shape)
        x = x * self.weight.view(shape) + self.bias.view(shape)
        rms = x.square().mean(dim=(2, 3), keepdim=True)
        return torch.maximum(x * (rms + 1e-6).rsqrt(), self.tau.reshape(1, -1, 1, 1))


class GlobalResponse(nn.Module):
    """Global response norm (Woo 2023), channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.weight, self.bias = nn.Parameter(torch.rand(8)), nn.Parameter(torch.rand(8))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1)
        g = x.norm(p=2, dim=(1, 2), keepdim=True)
        n = g / (g.mean(dim=-1, keepdim=True) + 1e-6)
        return x + torch.addcmul(self.bias.view(1, 1, 1, -1), self.weight.view(1, 1, 1, -1), x * n)


class SwishFunction(torch.autograd.Function):
    """Swish that keeps nothing for the way back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.mul(torch.sigmoid(x))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        return grad


def hard_mish(x: Tensor) -> Tensor:
    """A function to be scripted."""
    return 0.5 * x * (x + 2).clamp(min=0, max=2)


class Activations(nn.Module):
    """Functions by all spellings, in place and not, with keywords and without."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.scale, self.shift = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))
        self.prelu = nn.PReLU(8)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch advises against it, but there is much of it
            self.hard_mish = torch.jit.script(hard_mish)

    def forward(self, x: Tensor) -> Any:
        x = SwishFunction.apply(self.stem(x))
        x = self.hard_mish(x)
        x = x.mul_(F.relu6(x + 3.0) / 6.0)
        x = x * F.softplus(x).tanh()
        x = F.hardtanh(x, 0.0, 6.0, inplace=True)
        x = self.prelu(x) * F.hardsigmoid(input=x)
        x = self.scale * F.relu(x) ** 2 + self.shift
        x = torch.nn.functional.gelu(x, approximate="tanh")
        x = torch.clamp(x, min=-3)
        x = x.clamp_max(4).add(x, alpha=0.5).sub_(0.1)
        x = torch.where(x > 0, x, 0.1 * x)
        x = torch.add(x, torch.ones_like(x), out=torch.empty_like(x))
        return x.softmax(1).log().neg().exp_() / math.sqrt(8)


class Bounds(nn.Module):
    """One bound far from the values, another among them: neither may cost the values their digits."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).clamp(min=-1e5)
        x = torch.max(x, torch.tensor(torch.finfo(x.dtype).min)).clamp_max(1e7)
        return torch.minimum(torch.full((), 0.5), x).clamp_min(-0.25)


class FixedProducts(nn.Module):
    """Channels mixed by a matrix that nobody trains, as of a cosine transform."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.register_buffer("basis", torch.randn(8, 5))
        self.head = nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1) @ self.basis
        return self.head(x.mean((1, 2)))


class Drops(nn.Module):
    """What only training does: dropped paths by a shape tuple, blocks, layers, with layer scale."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.gamma = nn.Parameter(1e-5 * torch.ones(8, 1, 1))
        self.drop = nn.Dropout2d(0.1)

    @staticmethod
    def path(x: Tensor, share: float, training: bool) -> Tensor:
        """Stochastic depth as a function."""
        if share == 0.0 or not training:
            return x
        shape = (x.shape[0],) + (1,) * (x.ndim - 1)
        keep = x.new_empty(shape).bernoulli_(1 - share)
        return x * keep.div_(1 - share)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        x = x + self.path(self.gamma * self.drop(x), 0.1, self.training)
        return F.dropout(x, p=0.2, training=self.training)


class Poolings(nn.Module):
    """Average and maximum joined, adaptive ones, a median by unfolding, a pool that TensorFlow pads."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _stem()
        self.head = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        x = F.pad(x, (0, 1, 0, 1), mode="replicate")
        x = 0.5 * (F.avg_pool2d(x, 3, 2, 1, count_include_pad=False) + F.max_pool2d(x, 3, 2, 1))
        x = F.lp_pool2d(x.abs(), 2.0, 2, stride=1)
        x = nn.ZeroPad2d((1, 0, 1, 0))(x)[:, :, 1:, 1:]
        both = torch.cat((F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1)), 1)
        mean = 0.5 * (x.mean((2, 3), keepdim=True) + x.amax((2, 3), keepdim=True))
        return self.head((both + torch.cat([mean, mean], 1)).flatten(1))


class MedianPool(nn.Module):
    """The middle value of a window, by unfolding a tensor along both axes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.last = _stem(), nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Any:
        x = F.pad(self.stem(x), (1, 1, 1, 1), mode="reflect")
        x = x.unfold(2, 3, 1).unfold(3, 3, 1)
        x = x.contiguous().view((*x.size()[:4], -1)).median(dim=-1)[0]
        return self.last(x)


class SpaceToDepth(nn.Module):
    """Blocks of pixels as channels, by views and by strided slices; and back."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.mix = nn.Conv2d(48, 16, 3, padding=1), nn.Conv2d(64, 16, 1)

    def forward(self, x: Tensor) -> Any:
        n, c, h, w = x.size()
        x = x.view(n, c, h // 4, 4, w // 4, 4)
        x = x.permute(0, 3, 5, 1, 2, 4).contiguous()
        x = self.conv(x.view(n, c * 16, h // 4, w // 4))
        x = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
        return F.pixel_shuffle(self.mix(x), 2)


MODULES: list[tuple[type[nn.Module], tuple[int, ...]]] = [
    (kind, (3, 32, 32))
    for kind in (
        *(Norms, NormsWithoutShift, EvoNorms, GlobalResponse, Activations, Drops, Poolings, MedianPool),
        *(SpaceToDepth, Bounds, FixedProducts),
    )
]
