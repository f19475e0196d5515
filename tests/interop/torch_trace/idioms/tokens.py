"""Attention over tokens and windows, mixers of tokens, as hybrid networks have them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Mlp(nn.Module):
    """Two linear layers with what drops between them."""

    def __init__(self, inside: int, hidden: int) -> None:
        super().__init__()
        self.fc1, self.act, self.drop1 = nn.Linear(inside, hidden), nn.GELU(), nn.Dropout(0.1)
        self.norm, self.fc2 = nn.Identity(), nn.Linear(hidden, inside)

    def forward(self, x: Tensor) -> Any:
        return self.fc2(self.norm(self.drop1(self.act(self.fc1(x)))))


class Vit(nn.Module):
    """Patches, a class token, positions that are resampled, fused and unfused attention, layer scale."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, 16, 8, 8)
        self.cls_token, self.reg = nn.Parameter(torch.rand(1, 1, 16)), nn.Parameter(torch.rand(1, 2, 16))
        self.pos_embed = nn.Parameter(torch.rand(1, 17, 16))
        self.norm1, self.norm2, self.norm = (nn.LayerNorm(16) for _ in range(3))
        self.q_norm, self.k_norm = nn.LayerNorm(4), nn.LayerNorm(4)
        self.qkv, self.out, self.mlp = nn.Linear(16, 48), nn.Linear(16, 16), Mlp(16, 32)
        self.gamma, self.head = nn.Parameter(torch.ones(16)), nn.Linear(16, 5)

    def positions(self, x: Tensor, h: int, w: int) -> Tensor:
        """The table, resampled for another grid."""
        if (h, w) == (4, 4):
            return self.pos_embed
        first, grid = self.pos_embed[:, :1], self.pos_embed[:, 1:]
        grid = grid.reshape(1, 4, 4, -1).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(h, w), mode="bicubic", antialias=False)
        return torch.cat([first, grid.permute(0, 2, 3, 1).reshape(1, -1, 16)], dim=1)

    def attend(self, x: Tensor, fused: bool) -> Any:
        """Self-attention."""
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, 4, C // 4).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        q, k = self.q_norm(q), self.k_norm(k)
        if fused:
            x = F.scaled_dot_product_attention(q, k, v, dropout_p=0.0)
        else:
            q = q * (C // 4) ** -0.5
            x = (q @ k.transpose(-2, -1)).softmax(dim=-1) @ v
        return self.out(x.transpose(1, 2).reshape(B, N, C))

    def forward_features(self, x: Tensor) -> Any:
        """Tokens."""
        x = self.proj(x)
        h, w = x.shape[-2:]
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1) + self.positions(x, h, w)
        x = torch.cat([x[:, :1], self.reg.expand(x.shape[0], -1, -1), x[:, 1:]], dim=1)
        x = x + self.gamma * self.attend(self.norm1(x), True)
        x = x + self.attend(self.norm1(x), False)
        return self.norm(x + self.mlp(self.norm2(x)))

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Any:
        """Scores."""
        x = x[:, 3:].mean(dim=1) if not pre_logits else x[:, 0]
        return x if pre_logits else self.head(x)

    def forward(self, x: Tensor) -> Any:
        return self.forward_head(self.forward_features(x))


def relative_index(side: int) -> Tensor:
    """(side², side²) numbers into a table of relative positions."""
    grid = torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")).flatten(1)
    offset = (grid[:, :, None] - grid[:, None, :]).permute(1, 2, 0) + side - 1
    return offset[..., 0] * (2 * side - 1) + offset[..., 1]


def partition(x: Tensor, side: int) -> Tensor:
    """(B, H, W, C) as windows."""
    b, h, w, c = x.shape
    x = x.view(b, h // side, side, w // side, side, c)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, side, side, c)


class Windows(nn.Module):
    """Shifted windows with a mask and a table of relative positions (Liu 2021), merged afterwards."""

    index: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 8, 2, 2), nn.LayerNorm(8)
        self.table = nn.Parameter(torch.rand(49, 2))
        self.register_buffer("index", relative_index(4), persistent=False)
        self.qkv, self.proj = nn.Linear(8, 24), nn.Linear(8, 8)
        self.reduction, self.norm2 = nn.Linear(32, 16, bias=False), nn.LayerNorm(32)

    def mask(self, h: int, w: int, x: Tensor) -> Tensor:
        """Windows that hold pieces from several sides."""
        image = torch.zeros((1, h, w, 1), dtype=x.dtype, device=x.device)
        count = 0
        for rows in (slice(0, -4), slice(-4, -2), slice(-2, None)):
            for columns in (slice(0, -4), slice(-4, -2), slice(-2, None)):
                image[:, rows, columns, :] = count
                count += 1
        windows = partition(image, 4).view(-1, 16)
        mask = windows.unsqueeze(1) - windows.unsqueeze(2)
        return mask.masked_fill(mask != 0, -100.0).masked_fill(mask == 0, 0.0)

    def forward(self, x: Tensor) -> Any:
        x = self.norm(self.stem(x).permute(0, 2, 3, 1))
        b, h, w, c = x.shape
        mask = self.mask(h, w, x)
        shifted = torch.roll(x, shifts=(-2, -2), dims=(1, 2))
        t = partition(shifted, 4).view(-1, 16, c)
        n = t.shape[0]
        q, k, v = self.qkv(t).reshape(n, 16, 3, 2, c // 2).permute(2, 0, 3, 1, 4).unbind(0)
        attention = q * (c // 2) ** -0.5 @ k.transpose(-2, -1)
        bias = self.table[self.index.view(-1)].view(16, 16, -1).permute(2, 0, 1).contiguous()
        attention = attention + bias.unsqueeze(0)
        windows = mask.shape[0]
        attention = attention.view(-1, windows, 2, 16, 16) + mask.unsqueeze(1).unsqueeze(0)
        attention = attention.view(-1, 2, 16, 16).softmax(-1)
        t = self.proj((attention @ v).transpose(1, 2).reshape(n, 16, c)).view(-1, 4, 4, c)
        t = t.view(-1, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, h, w, c)
        x = x + torch.roll(t, shifts=(2, 2), dims=(1, 2))
        x = x.reshape(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 4, 2, 5).flatten(3)
        return self.reduction(self.norm2(x))


class GridAttention(nn.Module):
    """Windows, then a grid (MaxViT, Tu 2022), with a table of positions worked out by a lookup."""

    index: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 2, 2)
        self.table = nn.Parameter(torch.rand(2, 7, 7))
        self.register_buffer("index", relative_index(4))
        self.qkv, self.proj = nn.Linear(8, 24), nn.Linear(8, 8)

    def attend(self, x: Tensor) -> Any:
        """Over the windows of (N, 4, 4, C)."""
        B = x.shape[0]
        q, k, v = self.qkv(x).view(B, -1, 2, 12).transpose(1, 2).chunk(3, dim=3)
        bias = self.table.reshape(2, -1)[:, self.index.flatten()].view(2, 16, 16)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias[None])
        return self.proj(x.transpose(1, 2).reshape(B, 4, 4, -1))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        t = x.view(B, H // 4, 4, W // 4, 4, C).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 4, 4, C)
        t = self.attend(t).view(B, H // 4, W // 4, 4, 4, C).permute(0, 1, 3, 2, 4, 5).contiguous()
        x = x + t.view(B, H, W, C)
        t = x.view(B, 4, H // 4, 4, W // 4, C).permute(0, 2, 4, 1, 3, 5).contiguous().view(-1, 4, 4, C)
        t = self.attend(t).view(-1, H // 4, W // 4, 4, 4, C).permute(0, 3, 1, 4, 2, 5).contiguous()
        return (x + t.view(-1, H, W, C)).permute(0, 3, 1, 2)


class Levit(nn.Module):
    """Linear layers with batch norms, biases of attention by offsets, tokens that shrink (Graham 2021)."""

    bias_idxs: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 4, 4)
        self.qkv, self.bn = nn.Linear(16, 64, bias=False), nn.BatchNorm1d(64)
        self.proj = nn.Sequential(nn.Hardswish(), nn.Linear(32, 16))
        points = list(itertools.product(range(8), range(8)))
        offsets: dict[tuple[int, int], int] = {}
        idxs = [
            offsets.setdefault((abs(a[0] - b[0]), abs(a[1] - b[1])), len(offsets))
            for a in points
            for b in points
        ]
        self.biases = nn.Parameter(torch.rand(2, len(offsets)))
        self.register_buffer("bias_idxs", torch.tensor(idxs).view(64, 64), persistent=False)
        self.cache: dict[str, Tensor] = {}

    def bias(self, device: torch.device) -> Tensor:
        """Worked out once for each device in eval mode."""
        if self.training:
            return self.biases[:, self.bias_idxs]
        key = str(device)
        if key not in self.cache:
            self.cache[key] = self.biases[:, self.bias_idxs]
        return self.cache[key]

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).flatten(2).transpose(1, 2)
        B, N, _ = x.shape
        y = self.qkv(x)
        y = self.bn(y.flatten(0, 1)).reshape_as(y)
        q, k, v = y.view(B, N, 2, -1).split([8, 8, 16], dim=3)
        q, k, v = q.permute(0, 2, 1, 3), k.permute(0, 2, 3, 1), v.permute(0, 2, 1, 3)
        attention = (q @ k * 8**-0.5 + self.bias(x.device)).softmax(dim=-1)
        x = self.proj((attention @ v).transpose(1, 2).reshape(B, N, 32))
        return x.view(B, 8, 8, -1)[:, ::2, ::2].reshape(B, 16, -1)


class CrossCovariance(nn.Module):
    """Attention between channels (XCiT, El-Nouby 2021), with sines for positions made in the run."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.positions = nn.Conv2d(3, 16, 4, 4), nn.Conv2d(16, 16, 1)
        self.qkv, self.temperature = nn.Linear(16, 48), nn.Parameter(torch.ones(4, 1, 1))

    def sines(self, b: int, h: int, w: int) -> Any:
        """(B, 16, h, w)."""
        device, dtype = self.positions.weight.device, self.positions.weight.dtype
        y = torch.arange(1, h + 1, dtype=torch.float32, device=device).unsqueeze(1).repeat(1, 1, w)
        x = torch.arange(1, w + 1, dtype=torch.float32, device=device).repeat(1, h, 1)
        y = y / (y[:, -1:, :] + 1e-6) * 2 * math.pi
        x = x / (x[:, :, -1:] + 1e-6) * 2 * math.pi
        powers = torch.arange(8, dtype=torch.float32, device=device)
        powers = 10000 ** (2 * torch.div(powers, 2, rounding_mode="floor") / 8)
        px, py = x[:, :, :, None] / powers, y[:, :, :, None] / powers
        px = torch.stack([px[:, :, :, 0::2].sin(), px[:, :, :, 1::2].cos()], dim=4).flatten(3)
        py = torch.stack([py[:, :, :, 0::2].sin(), py[:, :, :, 1::2].cos()], dim=4).flatten(3)
        both = torch.cat((py, px), dim=3).permute(0, 3, 1, 2)
        return self.positions(both.to(dtype).repeat(b, 1, 1, 1))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, C, H, W = x.shape
        x = (x + self.sines(B, H, W)).reshape(B, C, H * W).permute(0, 2, 1)
        q, k, v = self.qkv(x).reshape(B, H * W, 3, 4, C // 4).permute(2, 0, 3, 4, 1).unbind(0)
        q, k = F.normalize(q, p=2.0, dim=-1), F.normalize(k, p=2.0, dim=-1)
        attention = ((q @ k.transpose(-2, -1)) * self.temperature).softmax(dim=-1)
        return (attention @ v).permute(0, 3, 1, 2).reshape(B, H * W, C)


class LinearAttention(nn.Module):
    """ReLU attention in groups of channels (EfficientViT, Cai 2022) and separable (MobileViT v2)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qkv = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 24, 1, bias=False)
        self.aggregate = nn.Conv2d(24, 24, 5, padding=2, groups=24, bias=False)
        self.proj, self.sep = nn.Conv2d(16, 8, 1), nn.Conv2d(8, 17, 1)
        self.last = nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, _, H, W = x.shape
        qkv = self.qkv(x)
        both = torch.cat([qkv, self.aggregate(qkv)], 1)
        both = both.reshape(B, -1, 12, H * W).transpose(-1, -2)
        q, k, v = both.chunk(3, dim=-1)
        q, k = F.relu(q), F.relu(k)
        v = F.pad(v, (0, 1), mode="constant", value=1.0)
        kv = k.transpose(-1, -2) @ v
        out = q.float() @ kv.float()
        out = out[..., :-1] / (out[..., -1:] + 1e-6)
        x = x + self.proj(out.transpose(-1, -2).reshape(B, -1, H, W))
        patches = F.interpolate(x, size=(math.ceil(H / 2) * 2, math.ceil(W / 2) * 2), mode="bilinear")
        b, c, h, w = patches.shape
        patches = patches.reshape(b, c, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4)
        patches = patches.reshape(b, c, 4, -1)
        query, key, value = self.sep(patches).split([1, 8, 8], dim=1)
        context = (key * F.softmax(query, dim=-1)).sum(dim=-1, keepdim=True)
        patches = self.last(F.relu(value) * context.expand_as(value))
        patches = patches.reshape(b, c, 2, 2, h // 2, w // 2).permute(0, 1, 4, 2, 5, 3)
        return patches.reshape(b, c, h, w)


class MobileVit(nn.Module):
    """Unfolding by reshapes that fold the batch in (Mehta 2022)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
        self.mlp = Mlp(8, 16)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, C, H, W = x.shape
        h, w = math.ceil(H / 2) * 2, math.ceil(W / 2) * 2
        nh, nw = h // 2, w // 2
        if h != H or w != W:
            x = F.interpolate(x, size=(h, w), mode="bilinear", align_corners=False)
        x = x.reshape(B * C * nh, 2, nw, 2).transpose(1, 2)
        x = x.reshape(B, C, nh * nw, 4).transpose(1, 3).reshape(B * 4, nh * nw, C)
        x = self.block(x)
        x = x + self.mlp(x)
        x = x.contiguous().view(B, 4, nh * nw, -1)
        x = x.transpose(1, 3).reshape(B * C * nh, nw, 2, 2)
        x = x.transpose(1, 2).reshape(B, C, h, w)
        if h != H or w != W:
            x = F.interpolate(x, size=(H, W), mode="bilinear", align_corners=False)
        return x


class Outlook(nn.Module):
    """Weights for a window from its middle, unfolded and folded (VOLO, Yuan 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.v, self.attn, self.proj = nn.Linear(8, 8, bias=False), nn.Linear(8, 9 * 9 * 2), nn.Linear(8, 8)
        self.unfold, self.pool = nn.Unfold(3, padding=1, stride=2), nn.AvgPool2d(2, 2, ceil_mode=True)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        v = self.v(x).permute(0, 3, 1, 2)
        h, w = math.ceil(H / 2), math.ceil(W / 2)
        v = self.unfold(v).reshape(B, 2, C // 2, 9, h * w).permute(0, 1, 4, 3, 2)
        attn = self.pool(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        attn = self.attn(attn).reshape(B, h * w, 2, 9, 9).permute(0, 2, 1, 3, 4)
        x = ((attn * 2**-0.5).softmax(dim=-1) @ v).permute(0, 1, 4, 3, 2).reshape(B, C * 9, h * w)
        x = F.fold(x, output_size=(H, W), kernel_size=3, padding=1, stride=2)
        return self.proj(x.permute(0, 2, 3, 1))


class Mixers(nn.Module):
    """Mixer, gMLP, ResMLP, class attention (CaiT): tokens multiplied among each other."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 8, 8), nn.LayerNorm(16)
        self.tokens, self.channels = Mlp(16, 8), Mlp(16, 32)
        self.alpha, self.beta = nn.Parameter(torch.ones(1, 1, 16)), nn.Parameter(torch.zeros(1, 1, 16))
        self.gate, self.gate_norm, self.linear = nn.Linear(16, 16), nn.LayerNorm(8), nn.Linear(8, 16)
        self.cls = nn.Parameter(torch.rand(1, 1, 16))
        self.q, self.k, self.v = (nn.Linear(16, 16) for _ in range(3))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).flatten(2).transpose(1, 2)
        x = x + self.tokens(self.norm(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.channels(torch.addcmul(self.beta, self.alpha, x))
        u, v = x.chunk(2, dim=-1)
        x = self.linear(u * self.gate(self.gate_norm(v).transpose(-1, -2)).transpose(-1, -2))
        cls = self.cls.expand(x.shape[0], -1, -1)
        u = torch.cat((cls, x), dim=1)
        B, N, C = u.shape
        q = self.q(u[:, 0]).unsqueeze(1).reshape(B, 1, 4, C // 4).permute(0, 2, 1, 3)
        k = self.k(u).reshape(B, N, 4, C // 4).permute(0, 2, 1, 3)
        v = self.v(u).reshape(B, N, 4, C // 4).permute(0, 2, 1, 3)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, 1, C) + cls


class Sequencer(nn.Module):
    """Rows and columns read by recurrent networks both ways (Tatsunami 2022)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.rows = nn.LSTM(8, 4, batch_first=True, bidirectional=True)
        self.columns = nn.GRU(8, 4, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(16, 8)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        v, _ = self.columns(x.permute(0, 2, 1, 3).reshape(-1, H, C))
        v = v.reshape(B, W, H, -1).permute(0, 2, 1, 3)
        h, _ = self.rows(x.reshape(-1, W, C))
        return self.fc(torch.cat([v, h.reshape(B, H, W, -1)], dim=-1))


class GlobalFilter(nn.Module):
    """Multiplied among frequencies (GFNet, Rao 2021), with complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.weight = nn.Parameter(torch.randn(8, 5, 8, 2) * 0.02)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1).to(torch.float32)
        f = torch.fft.rfft2(x, dim=(1, 2), norm="ortho") * torch.view_as_complex(self.weight)
        x = torch.fft.irfft2(f, s=(x.shape[1], x.shape[2]), dim=(1, 2), norm="ortho")
        return self.head(x.mean((1, 2)))


PICTURE = (3, 32, 32)
MODULES: list[tuple[type[nn.Module], tuple[int, ...]]] = [
    (kind, PICTURE)
    for kind in (
        *(Vit, Windows, GridAttention, Levit, CrossCovariance, LinearAttention, MobileVit, Outlook, Mixers),
        *(Sequencer, GlobalFilter),
    )
]
