"""Attention over channels and places, as convolutional networks carry it between their blocks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SqueezeExcites(nn.Module):
    """By convolutions, by linear layers, by a line of channels (ECA, wrapped round), by eSE."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.reduce, self.expand = nn.Conv2d(16, 4, 1), nn.Conv2d(4, 16, 1)
        self.fc = nn.Sequential(nn.Linear(16, 4, bias=False), nn.ReLU(), nn.Linear(4, 16, bias=False))
        self.line = nn.Conv1d(1, 1, 3, padding=1, bias=False)
        self.wrapped = nn.Conv1d(1, 1, 3, padding=0, bias=False)
        self.ese = nn.Conv2d(16, 16, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        x = x * torch.sigmoid(self.expand(F.relu(self.reduce(x.mean((2, 3), keepdim=True)))))
        b, c, _, _ = x.size()
        x = x * self.fc(F.adaptive_avg_pool2d(x, 1).view(b, c)).sigmoid().view(b, c, 1, 1).expand_as(x)
        y = self.line(x.mean((2, 3)).view(x.shape[0], 1, -1)).sigmoid().view(x.shape[0], -1, 1, 1)
        x = x * y.expand_as(x)
        y = F.pad(x.mean((2, 3)).view(x.shape[0], 1, -1), (1, 1), mode="circular")
        x = x * self.wrapped(y).view(x.shape[0], -1, 1, 1).sigmoid().expand_as(x)
        return x * F.hardsigmoid(self.ese(x.mean((2, 3), keepdim=True)))


class Cbam(nn.Module):
    """Channels, then places (Woo 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.fc1, self.fc2 = nn.Conv2d(16, 4, 1, bias=False), nn.Conv2d(4, 16, 1, bias=False)
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        mean = self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True))))
        most = self.fc2(F.relu(self.fc1(x.amax((2, 3), keepdim=True))))
        x = x * torch.sigmoid(mean + most)
        both = torch.cat([x.mean(dim=1, keepdim=True), x.max(dim=1, keepdim=True)[0]], dim=1)
        return x * self.conv(both).sigmoid()


class GatherExcite(nn.Module):
    """Means over a neighbourhood, brought back to the size of the maps (Hu 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        size = x.shape[-2:]
        gathered = F.avg_pool2d(x, kernel_size=7, stride=4, padding=3, count_include_pad=False)
        if gathered.shape[-1] != 1 or gathered.shape[-2] != 1:
            gathered = F.interpolate(gathered, size=size)
        return x * torch.sigmoid(gathered)


class NonLocal(nn.Module):
    """Every place with every other (Wang 2018), global context (Cao 2019) and bilinear attention."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.t, self.p, self.g = (nn.Conv2d(8, 4, 1, bias=False) for _ in range(3))
        self.z = nn.Conv2d(4, 8, 1)
        self.mask, self.add = nn.Conv2d(8, 1, 1), nn.Conv2d(8, 8, 1)
        self.conv1, self.conv2 = nn.Conv2d(8, 4, 1), nn.Conv2d(16, 8, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        t, p, g = self.t(x), self.p(x), self.g(x)
        b, c, h, w = t.size()
        t = t.view(b, c, -1).permute(0, 2, 1)
        p, g = p.view(b, c, -1), g.view(b, c, -1).permute(0, 2, 1)
        attention = F.softmax(torch.bmm(t, p) * c**-0.5, dim=2)
        y = torch.bmm(attention, g).permute(0, 2, 1).reshape(b, c, h, w)
        x = self.z(y) + x
        b, c, h, w = x.shape
        attention = F.softmax(self.mask(x).reshape(b, 1, h * w), dim=-1).unsqueeze(3)
        context = torch.matmul(x.reshape(b, c, h * w).unsqueeze(1), attention).view(b, c, 1, 1)
        x = x + self.add(context)
        y = self.conv1(x)
        b, c, h, w = y.shape
        y = y.reshape(b, c, h * w)
        y = torch.bmm(y, y.transpose(1, 2)) * (1 / (h * w))
        y = F.relu(self.conv2(y.reshape(b, -1, 1, 1)))
        return x * y.sigmoid()


class SelectiveKernel(nn.Module):
    """Branches weighed against each other (Li 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.paths = nn.ModuleList([nn.Conv2d(16, 16, 3, padding=d, dilation=d, groups=4) for d in (1, 2)])
        self.down, self.norm, self.up = nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8), nn.Conv2d(8, 32, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        paths = torch.stack([op(x) for op in self.paths], dim=1)
        assert paths.shape[1] == 2
        a = paths.sum(1).mean((2, 3), keepdim=True)
        a = self.up(F.relu(self.norm(self.down(a)), inplace=True))
        b, c, h, w = a.shape
        a = torch.softmax(a.view(b, 2, c // 2, h, w), dim=1)
        return torch.sum(paths * a, dim=1)


class SplitAttention(nn.Module):
    """Splits of a group weighed against each other (ResNeSt, Zhang 2020)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.conv = nn.Conv2d(16, 32, 3, padding=1, groups=4)
        self.fc1, self.fc2 = nn.Conv2d(16, 8, 1, groups=2), nn.Conv2d(8, 32, 1, groups=2)

    def forward(self, x: Tensor) -> Any:
        x = F.relu(self.conv(self.stem(x)))
        batch, channels, h, w = x.shape
        x = x.reshape((batch, 2, channels // 2, h, w))
        gap = x.sum(dim=1).mean((2, 3), keepdim=True)
        a = self.fc2(F.relu(self.fc1(gap)))
        a = a.view(batch, 2, 2, -1).transpose(1, 2)
        a = F.softmax(a, dim=1).reshape(batch, -1).view(batch, -1, 1, 1)
        return (x * a.reshape((batch, 2, channels // 2, 1, 1))).sum(dim=1).contiguous()


class Lambda(nn.Module):
    """A lambda layer (Bello 2021): a linear function for every place, with a convolution for positions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.qkv = nn.Conv2d(16, 2 * 4 + 4 + 8, 1, bias=False)
        self.norm_q, self.norm_v = nn.BatchNorm2d(8), nn.BatchNorm2d(8)
        self.lam = nn.Conv3d(1, 4, (7, 7, 1), padding=(3, 3, 0))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        b, _, h, w = x.shape
        m = h * w
        q, k, v = torch.split(self.qkv(x), [8, 4, 8], dim=1)
        q = self.norm_q(q).reshape(b, 2, 4, m).transpose(-1, -2)
        v = self.norm_v(v).reshape(b, 8, m).transpose(-1, -2)
        k = F.softmax(k.reshape(b, 4, m), dim=-1)
        content = q @ (k @ v).unsqueeze(1)
        positions = self.lam(v.reshape(b, 1, h, w, 8))
        positions = positions.reshape(b, 1, 4, h * w, 8).transpose(2, 3)
        positions = (q.unsqueeze(-2) @ positions).squeeze(-2)
        return (content + positions).transpose(-1, -2).reshape(b, 16, h, w)


def relative(q: Tensor, keys: Tensor, permuted: tuple[int, ...]) -> Tensor:
    """Relative positions along one axis, shifted into place by reshapes."""
    b, h, w, _ = q.shape
    x = q @ keys.transpose(-1, -2)
    x = x.reshape(-1, w, 2 * w - 1)
    x = F.pad(x, [0, 1]).flatten(1)
    x = F.pad(x, [0, w - 1]).reshape(-1, w + 1, 2 * w - 1)
    x = x[:, :w, w - 1 :]
    return x.reshape((b, h, 1, w, w)).expand(-1, -1, h, -1, -1).permute(permuted)


class Bottleneck(nn.Module):
    """Attention over all places with relative positions (BoTNet, Srinivas 2021): one size only."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 4, 4)
        self.qkv = nn.Conv2d(16, 48, 1, bias=False)
        self.height, self.width = nn.Parameter(torch.rand(15, 8)), nn.Parameter(torch.rand(15, 8))
        self.pool = nn.AvgPool2d(2, 2)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        b, c, h, w = x.shape
        torch._assert(h == 8, "one size")
        q, k, v = self.qkv(x).split([16, 16, 16], dim=1)
        q = q.reshape(b * 2, 8, -1).transpose(-1, -2)
        k = k.reshape(b * 2, 8, -1)
        v = v.reshape(b * 2, 8, -1).transpose(-1, -2)
        grid = q.reshape(-1, h, w, 8)
        bias = relative(grid, self.width, (0, 1, 3, 2, 4))
        bias = bias + relative(grid.transpose(1, 2), self.height, (0, 3, 1, 4, 2))
        attention = (q @ k * 8**-0.5 + bias.reshape(-1, h * w, h * w)).softmax(dim=-1)
        return self.pool((attention @ v).transpose(-1, -2).reshape(b, c, h, w))


class Halo(nn.Module):
    """Blocks that look beyond their edges (HaloNet, Vaswani 2021), unfolded by strides."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 4, 4)
        self.q, self.kv = nn.Conv2d(16, 16, 1, bias=False), nn.Conv2d(16, 32, 1, bias=False)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        b, _, h, w = x.shape
        rows, columns = h // 4, w // 4
        q = self.q(x).reshape(-1, 8, rows, 4, columns, 4).permute(0, 1, 3, 5, 2, 4)
        q = q.reshape(b * 2, 8, -1, rows * columns).transpose(1, 3)
        kv = F.pad(self.kv(x), [1, 1, 1, 1]).unfold(2, 6, 4).unfold(3, 6, 4)
        kv = kv.reshape(b * 2, 16, rows * columns, -1).permute(0, 2, 3, 1)
        k, v = torch.split(kv, [8, 8], dim=-1)
        attention = (q @ k.transpose(-1, -2) * 8**-0.5).softmax(dim=-1)
        out = (attention @ v).transpose(1, 3)
        out = out.reshape(-1, 4, 4, rows, columns).permute(0, 3, 1, 4, 2)
        return out.contiguous().view(b, 16, h, w)


class Coordinates(nn.Module):
    """Coordinate attention (Hou 2021) and strip pooling: one axis at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.conv, self.h, self.w = nn.Conv2d(16, 8, 1), nn.Conv2d(8, 16, 1), nn.Conv2d(8, 16, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        _, _, h, w = x.size()
        tall, wide = x.mean(3, keepdim=True), x.mean(2, keepdim=True).permute(0, 1, 3, 2)
        y = F.hardswish(self.conv(torch.cat([tall, wide], dim=2)))
        tall, wide = torch.split(y, [h, w], dim=2)
        wide = wide.permute(0, 1, 3, 2)
        x = x * self.w(wide).sigmoid() * self.h(tall).sigmoid()
        return x + F.adaptive_avg_pool2d(x, (None, 1)).expand(-1, -1, h, w)


MODULES: list[tuple[type[nn.Module], tuple[int, ...]]] = [
    (kind, (3, 32, 32))
    for kind in (
        *(SqueezeExcites, Cbam, GatherExcite, NonLocal, SelectiveKernel, SplitAttention, Lambda, Bottleneck),
        *(Halo, Coordinates),
    )
]
