"""Modules written the ways that people write them, each with the input that it takes."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Functional(nn.Module):
    """Everything as functions, with a view by the batch's size and a pool by the maps' size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1)
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv(x), 0.2)
        x = F.avg_pool2d(x, x.size()[2:])
        return F.log_softmax(self.fc(x.view(x.size(0), -1)), dim=1)


class Reused(nn.Module):
    """One module three times, with one set of weights, and one activation everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3)
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for _ in range(3):
            x = x + self.act(self.norm(self.conv(x)))
        return x


class Siblings(nn.Module):
    """A block that is called on both halves of a batch of features."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.SiLU())

    def forward(self, x: Tensor) -> Tensor:
        left, right = torch.split(x, 4, dim=1)
        return torch.cat((self.body(left), self.body(right)), 1)


class Containers(nn.Module):
    """Tuples, lists and dictionaries between and behind its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"a": nn.Conv2d(3, 4, 1), "b": nn.Conv2d(3, 6, 1)})
        self.heads = nn.ModuleList([nn.Conv2d(10, 2, 1), nn.Conv2d(10, 3, 3, padding=1)])

    def forward(self, x: Tensor) -> dict[str, Any]:
        found = {name: part(x) for name, part in self.parts.items()}
        joined = torch.cat(list(found.values()), dim=1)
        return OrderedDict(heads=tuple(head(joined) for head in self.heads), features=joined)


class InPlace(nn.Module):
    """Additions and activations that write into what they were given."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        y = self.two(x).relu_()
        y += x
        y *= 0.5
        y.add_(1).clamp_(min=0)
        return y  # type: ignore[no-any-return]


class Slices(nn.Module):
    """Slices along channels and places, steps, ends, a new axis and a number for an axis."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = torch.cat([x[:, ::2], x[:, -4:]], 1)
        x = x[:, :, 1:-1, ::2] + x[..., 1:-1, ::2]
        return x[:, None].squeeze(1)[:, :, 0]


class Views(nn.Module):
    """Channels shuffled by hand, permuted and flattened."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 12, 1)
        self.fc = nn.Linear(12, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        n, c, h, w = x.shape
        x = x.view(n, 3, c // 3, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)
        x = x.flatten(2).permute(0, 2, 1)
        return self.fc(x).mean(dim=1)  # type: ignore[no-any-return]


class OwnWeights(nn.Module):
    """Parameters that no module holds: a kernel, a scale for each channel, a token, a position."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(6, 3, 3, 3))
        self.gamma = nn.Parameter(torch.full((6, 1, 1), 0.5))
        self.token = nn.Parameter(torch.randn(1, 1, 6))
        self.position = nn.Parameter(torch.randn(1, 26, 6))
        self.beta = nn.Parameter(torch.randn(6))

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(x, self.kernel, stride=2) * self.gamma
        tokens = x.flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(x.shape[0], -1, -1), tokens], dim=1) + self.position
        return (tokens * self.beta)[:, 0]


class Standardized(nn.Conv2d):
    """A convolution whose weights are brought to mean 0 and variance 1 in every pass."""

    def forward(self, input: Tensor) -> Tensor:
        weight = self.weight - self.weight.mean(dim=(1, 2, 3), keepdim=True)
        weight = weight / (weight.std(dim=(1, 2, 3), keepdim=True) + 1e-5)
        return F.conv2d(input, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class WithStandardized(nn.Module):
    """Weights worked out from weights, and a filter that is a buffer."""

    blur: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv = Standardized(3, 8, 3, padding=1)
        self.register_buffer("blur", torch.ones(8, 1, 3, 3) / 9)
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(F.pad(self.conv(x), (1, 1, 1, 1), mode="reflect"), self.blur, stride=2, groups=8)
        return self.fc(x.mean((2, 3)))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """A small U-Net that resizes to the size of the skip."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1)
        self.up = nn.ConvTranspose2d(16, 16, 2, 2)
        self.out = nn.Conv2d(24, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = F.gelu(self.down1(x))
        deep = self.up(torch.tanh(self.down2(skip)))
        deep = F.interpolate(deep, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        return F.interpolate(self.out(torch.cat([deep, skip], 1)), scale_factor=2)


class Attention(nn.Module):
    """Attention by hand: heads split off with a reshape, the axis of q, k, v in front of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 4, 4)
        self.norm = nn.LayerNorm(12)
        self.qkv, self.proj = nn.Linear(12, 36), nn.Linear(12, 12)
        self.scale = nn.Parameter(torch.full((12,), 1e-2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).flatten(2).transpose(1, 2)
        b, n, c = x.shape
        qkv = self.qkv(self.norm(x)).reshape(b, n, 3, 4, c // 4).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        weights = (q * 3**-0.5 @ k.transpose(-2, -1)).softmax(dim=-1)
        fused = F.scaled_dot_product_attention(q, k, v)
        mixed = ((weights @ v) + fused).transpose(1, 2).reshape(b, n, c)
        return (x + self.scale * self.proj(mixed)).mean(1)  # type: ignore[no-any-return]


class SamePadding(nn.Module):
    """Padding worked out from the size, as networks from TensorFlow have it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2)
        self.depthwise = nn.Conv2d(8, 8, 5, 2, groups=8, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self._padded(self._padded(x, self.conv), self.depthwise)

    @staticmethod
    def _padded(x: Tensor, conv: nn.Conv2d) -> Tensor:
        need = [
            max((-(-n // s) - 1) * s + k - n, 0)
            for n, k, s in zip(x.shape[-2:], conv.kernel_size, conv.stride, strict=True)
        ]
        return conv(F.pad(x, [need[1] // 2, need[1] - need[1] // 2, need[0] // 2, need[0] - need[0] // 2]))  # type: ignore[no-any-return]


class Branching(nn.Module):
    """Control flow that looks at sizes, training mode and settings; a module that is never used."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)])
        self.head = nn.Linear(8, 3)
        self.aux = nn.Sequential(nn.Flatten(), nn.Linear(72, 3))
        self.unused = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Any:
        for index, conv in enumerate(self.convs):
            x = conv(x) if index == 0 or x.shape[1] != 8 else x + conv(x)
            if x.shape[-1] > 4:
                x = F.max_pool2d(x, 2)
        out = self.head(x.amax((-2, -1)))
        return (out, self.aux(x)) if self.training else out


def swish(x: Tensor) -> Tensor:
    """A function to be scripted."""
    return x * torch.sigmoid(x)


class Scripted(nn.Module):
    """A scripted function between two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch advises against it, but there is much of it
            self.swish = torch.jit.script(swish)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(self.swish(self.one(x)))  # type: ignore[no-any-return]


class Unusual(nn.Module):
    """Things that no layer describes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.rnn = nn.GRU(4, 6, batch_first=True)
        self.mix = nn.Parameter(torch.randn(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        grid = F.affine_grid(torch.eye(2, 3)[None].expand(len(x), -1, -1).to(x), list(x.shape))
        x = torch.where(x > 0, x, F.grid_sample(x, grid, align_corners=False))
        x = torch.einsum("bchw,cd->bdhw", x, self.mix)
        out, _ = self.rnn(x.flatten(2).transpose(1, 2))
        values, _ = out.max(dim=1)
        return values  # type: ignore[no-any-return]


class Lines(nn.Module):
    """Sound."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(2, 8, 9, 4, 4), nn.BatchNorm1d(8), nn.MaxPool1d(4), nn.Softplus())
        self.head = nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))  # type: ignore[no-any-return]


PICTURE = (3, 12, 12)

#: Module, input, and how many layers of it are opaque.
MODULES: list[tuple[type[nn.Module], tuple[int, ...], int]] = [
    (Functional, PICTURE, 0),
    (Reused, PICTURE, 0),
    (Siblings, (8, 12, 12), 0),
    (Containers, PICTURE, 0),
    (InPlace, PICTURE, 0),
    (Slices, PICTURE, 0),
    (Views, PICTURE, 0),
    (OwnWeights, PICTURE, 0),
    (Decoder, PICTURE, 0),
    (Attention, PICTURE, 0),
    (SamePadding, PICTURE, 0),
    (Branching, PICTURE, 0),
    (Scripted, PICTURE, 0),
    (Lines, (2, 128), 0),
    (WithStandardized, PICTURE, 0),
    (Unusual, PICTURE, 99),
]
