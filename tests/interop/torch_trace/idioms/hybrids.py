"""Attention in its many variants: pooled, gated, rotated, cascaded, multi-query, by latent queries."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Pooled(nn.Module):
    """Keys from a smaller picture (PVT), pooled queries (MViT), a bias by a convolution of positions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.q, self.kv = nn.Conv2d(3, 16, 4, 4), nn.Linear(16, 16), nn.Linear(16, 32)
        self.sr, self.norm = nn.Conv2d(16, 16, 2, 2), nn.LayerNorm(16)
        self.pool, self.dw = nn.AdaptiveAvgPool2d(4), nn.Conv2d(16, 16, 3, padding=1, groups=16)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, C, H, W = x.shape
        x = x.flatten(2).transpose(1, 2)
        q = self.q(x).reshape(B, -1, 2, C // 2).permute(0, 2, 1, 3)
        y = x.permute(0, 2, 1).reshape(B, C, H, W)
        y = self.norm(self.sr(y).reshape(B, C, -1).permute(0, 2, 1))
        k, v = self.kv(y).reshape(B, -1, 2, 2, C // 2).permute(2, 0, 3, 1, 4).unbind(0)
        x = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, H * W, C)
        y = self.pool(x.transpose(1, 2).view(B, C, H, W)).reshape(B, C, -1).permute(0, 2, 1)
        return self.dw(x.transpose(1, 2).view(B, C, H, W)).flatten(2).transpose(1, 2) + y.mean(
            1, keepdim=True
        )


def rotated(x: Tensor, sin: Tensor, cos: Tensor) -> Tensor:
    """Pairs of features turned by an angle (Su 2021)."""
    turned = torch.stack([-x[..., 1::2], x[..., ::2]], -1).reshape(x.shape)
    return x * cos + turned * sin


class Rotary(nn.Module):
    """Rotary positions, queries and keys normalised, a gated MLP (EVA-02)."""

    bands: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.proj, self.norm = nn.Conv2d(3, 16, 8, 8), nn.LayerNorm(16)
        self.cls, self.qkv, self.out = (
            nn.Parameter(torch.rand(1, 1, 16)),
            nn.Linear(16, 48, bias=False),
            nn.Linear(16, 16),
        )
        self.q_bias, self.v_bias = nn.Parameter(torch.zeros(16)), nn.Parameter(torch.zeros(16))
        self.register_buffer("k_bias", torch.zeros(16), persistent=False)
        self.register_buffer("bands", torch.rand(16, 2), persistent=False)
        self.fc1_g, self.fc1_x, self.fc2 = nn.Linear(16, 24), nn.Linear(16, 24), nn.Linear(24, 16)
        self.sub = nn.LayerNorm(24)

    def forward(self, x: Tensor) -> Any:
        x = self.proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1)
        B, N, C = x.shape
        bias = torch.cat((self.q_bias, self.k_bias, self.v_bias))  # type: ignore[arg-type]
        q, k, v = F.linear(x, self.qkv.weight, bias).reshape(B, N, 3, 4, -1).permute(2, 0, 3, 1, 4).unbind(0)
        sin, cos = (f(self.bands).repeat_interleave(2, -1) for f in (torch.sin, torch.cos))
        q = torch.cat([q[:, :, :1, :], rotated(q[:, :, 1:, :], sin, cos)], dim=2).type_as(v)
        k = torch.cat([k[:, :, :1, :], rotated(k[:, :, 1:, :], sin, cos)], dim=2).type_as(v)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, N, C))
        y = self.norm(x)
        return x + self.fc2(self.sub(F.silu(self.fc1_g(y)) * self.fc1_x(y)))


class TalkingHeads(nn.Module):
    """Scores mixed among heads before and after softmax (CaiT; EfficientFormer v2 by convolutions)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qkv = nn.Conv2d(3, 16, 8, 8), nn.Linear(16, 48)
        self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)
        self.conv = nn.Conv2d(4, 4, 1)
        self.scale = nn.Parameter(torch.ones(4, 1, 1))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).flatten(2).transpose(1, 2)
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, 4, C // 4).permute(2, 0, 3, 1, 4).unbind(0)
        attn = (q @ k.transpose(-2, -1)) * self.scale.exp().clamp(max=100.0)
        attn = self.one(attn.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).softmax(dim=-1)
        attn = self.conv(self.two(attn.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))
        return (attn @ v).transpose(1, 2).reshape(B, N, C)


class Cascaded(nn.Module):
    """Each head takes what the one before gave (EfficientViT, Liu 2023), biases by offsets."""

    idxs: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 8, 8)
        self.qkvs = nn.ModuleList([nn.Conv2d(8, 16, 1) for _ in range(2)])
        self.dws = nn.ModuleList([nn.Conv2d(4, 4, k, padding=k // 2, groups=4) for k in (5, 3)])
        self.biases = nn.Parameter(torch.rand(2, 16))
        self.register_buffer("idxs", torch.arange(256).view(16, 16) % 16, persistent=False)
        self.proj = nn.Conv2d(16, 16, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, _, H, W = x.shape
        parts = x.chunk(2, dim=1)
        feat, outs = parts[0], []
        for head, (qkv, dw) in enumerate(zip(self.qkvs, self.dws, strict=True)):
            if head > 0:
                feat = feat + parts[head]
            q, k, v = qkv(feat).view(B, -1, H, W).split([4, 4, 8], dim=1)
            q, k, v = dw(q).flatten(2), k.flatten(2), v.flatten(2)
            attn = (q * 0.5).transpose(-2, -1) @ k + self.biases[head][self.idxs]
            feat = (v @ attn.softmax(dim=-1).transpose(-2, -1)).view(B, -1, H, W)
            outs.append(feat)
        return self.proj(F.relu(torch.cat(outs, 1)))


class MultiQuery(nn.Module):
    """One key and value for all heads (MobileNetV4): einsum and fused."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.q = nn.Conv2d(3, 16, 4, 4), nn.Conv2d(16, 32, 1)
        self.k, self.v = nn.Conv2d(16, 8, 1), nn.Conv2d(16, 8, 1)
        self.down, self.out = nn.Conv2d(16, 16, 3, 2, 1, groups=16), nn.Conv2d(32, 16, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, _, H, W = x.shape
        q = self.q(x).reshape(B, 4, 8, -1).transpose(-1, -2).contiguous()
        y = self.down(x)
        k = self.k(y).reshape(B, 1, 8, -1).transpose(-1, -2)
        v = self.v(y).reshape(B, 1, 8, -1).transpose(-1, -2)
        attn = torch.einsum("bnlk,bmpk->bnlp", q, k).softmax(-1)
        o = attn @ v
        o = o.transpose(1, 2).reshape(B, H, W, 32).permute(0, 3, 1, 2)
        return self.out(o) + x


class Latent(nn.Module):
    """A learned query that looks at all tokens (attention pooling), and a token that is worked out (CLIP)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 8, 8)
        self.latent, self.position = nn.Parameter(torch.rand(1, 1, 16)), nn.Parameter(torch.rand(17, 16))
        self.q, self.kv, self.qkv, self.proj = (
            nn.Linear(16, 16),
            nn.Linear(16, 32),
            nn.Linear(16, 48),
            nn.Linear(16, 8),
        )

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        B, C, H, W = x.shape
        t = x.flatten(2).transpose(1, 2)
        q = self.q(self.latent.expand(B, -1, -1)).reshape(B, 1, 4, 4).transpose(1, 2)
        k, v = self.kv(t).reshape(B, H * W, 2, 4, 4).permute(2, 0, 3, 1, 4).unbind(0)
        one = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, 1, C)[:, 0]
        t = torch.cat([t.mean(1, keepdim=True), t], dim=1) + self.position.unsqueeze(0).to(t.dtype)
        q, k, v = self.qkv(t).reshape(B, -1, 3, 4, 4).permute(2, 0, 3, 1, 4).unbind(0)
        two = F.scaled_dot_product_attention(q[:, :, :1], k, v).transpose(1, 2).reshape(B, C)
        return self.proj(one + two)


class GlobalQuery(nn.Module):
    """Windows that all ask with the queries of the whole picture (GC ViT, Hatamizadeh 2023)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.down = nn.Conv2d(3, 8, 2, 2), nn.Conv2d(8, 8, 3, 4, 1)
        self.kv, self.proj = nn.Linear(8, 16), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        query = F.adaptive_max_pool2d(self.down(x), (4, 4))
        x = x.permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        nh, nw = H // 4, W // 4
        t = x.view(B, nh, 4, nw, 4, C).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, C)
        k, v = self.kv(t).reshape(-1, 16, 2, 2, C // 2).permute(2, 0, 3, 1, 4).unbind(0)
        q = query.permute(0, 2, 3, 1).reshape(B, 1, 16, C)
        q = q.expand(B, nh * nw, 16, C).reshape(-1, 16, 2, C // 2).permute(0, 2, 1, 3)
        t = self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(-1, 16, C))
        t = t.view(B, nh, nw, 4, 4, C).permute(0, 1, 3, 2, 4, 5).reshape(B, H, W, C)
        return x + t


class PaddedWindows(nn.Module):
    """Windows over maps that are padded to a multiple, and cut again (TinyViT, Twins)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.qkv, self.local = nn.Linear(8, 24), nn.Conv2d(8, 8, 3, padding=1, groups=8)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        bottom, right = (5 - H % 5) % 5, (5 - W % 5) % 5
        y = F.pad(x, (0, 0, 0, right, 0, bottom)) if right or bottom else x
        h, w = H + bottom, W + right
        t = y.view(B, h // 5, 5, w // 5, 5, C).transpose(2, 3).reshape(-1, 25, C)
        q, k, v = self.qkv(t).view(-1, 25, 2, 12).split([4, 4, 4], dim=3)
        t = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
        t = t.transpose(1, 2).reshape(-1, 25, C)
        y = t.view(B, h // 5, w // 5, 5, 5, C).transpose(2, 3).reshape(B, h, w, C)
        if right or bottom:
            y = y[:, :H, :W].contiguous()
        x = (x + y).reshape(B, H * W, C)
        return self.local(x.transpose(1, 2).reshape(B, C, H, W)).view(B, C, H * W).transpose(1, 2)


class ChannelGroups(nn.Module):
    """Attention between channels (DaViT), additive (SwiftFormer), behind split convolutions (EdgeNeXt)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qkv = nn.Conv2d(3, 16, 4, 4), nn.Linear(16, 48)
        self.w_g, self.query, self.key = (
            nn.Parameter(torch.randn(16, 1)),
            nn.Linear(16, 16),
            nn.Linear(16, 16),
        )
        self.final = nn.Linear(16, 16)
        self.convs = nn.ModuleList([nn.Conv2d(6, 6, 3, padding=1, groups=6) for _ in range(2)])

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        spx = torch.split(x, [6, 6, 4], dim=1)
        outs, sp = [], spx[0]
        for i, conv in enumerate(self.convs):
            sp = conv(sp if i == 0 else sp + spx[i])
            outs.append(sp)
        x = torch.cat([*outs, spx[-1]], 1)
        x = x.flatten(2).mT
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, 4, C // 4).permute(2, 0, 3, 1, 4).unbind(0)
        attn = ((k * N**-0.5).transpose(-1, -2) @ v).softmax(dim=-1)
        x = (attn @ q.transpose(-1, -2)).transpose(-1, -2).transpose(1, 2).reshape(B, N, C)
        query, key = F.normalize(self.query(x), dim=-1), F.normalize(self.key(x), dim=-1)
        a = F.normalize(query @ self.w_g * 0.25, dim=1)
        g = torch.sum(a * query, dim=1)
        g = g.unsqueeze(1).repeat(1, key.shape[1], 1)
        return self.final(g * key) + query


class PartialConv(nn.Module):
    """A convolution over some of the channels (FasterNet), one scale for all (HGNet), a gate (MambaOut)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.conv = nn.Conv2d(3, 16, 3, 2, 1), nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.scale, self.bias = nn.Parameter(torch.tensor([1.0])), nn.Parameter(torch.tensor([0.0]))
        self.fc = nn.Linear(16, 24)
        self.mid = nn.Conv2d(8, 8, 7, padding=3, groups=8)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        one, two = torch.split(x, [4, 12], dim=1)
        y = self.scale * torch.cat((self.conv(one), two), 1) + self.bias
        y = self.fc(y.permute(0, 2, 3, 1))
        g, i, c = torch.split(y, [8, 8, 8], dim=-1)
        c = self.mid(c.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return torch.cat((F.gelu(g) * i, c), dim=-1).permute(0, 3, 1, 2).add_(x)


class Blocks(nn.Module):
    """Blocks of the picture as an axis of their own (NesT), tokens pooled by a convolution (PiT)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qkv = nn.Conv2d(3, 8, 2, 2), nn.Linear(8, 24)
        self.position, self.pool = nn.Parameter(torch.rand(1, 4, 64, 8)), nn.Conv2d(8, 16, 3, 2, 1, groups=8)
        self.cls_fc, self.cls = nn.Linear(8, 16), nn.Parameter(torch.rand(1, 1, 8))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        x = x.reshape(B, H // 8, 8, W // 8, 8, C).transpose(2, 3).reshape(B, (H // 8) * (W // 8), -1, C)
        x = x + self.position
        B, T, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, T, N, 3, 2, C // 2).permute(3, 0, 4, 1, 2, 5).unbind(0)
        x = F.scaled_dot_product_attention(q, k, v).permute(0, 2, 3, 4, 1).reshape(B, T, N, C)
        x = x.reshape(B, 2, 2, 8, 8, C).transpose(2, 3).reshape(B, 16, 16, C)
        maps = self.pool(x.permute(0, 3, 1, 2))
        return torch.cat((self.cls_fc(self.cls.expand(B, -1, -1)), maps.flatten(2).transpose(1, 2)), 1)


class GatedPositions(nn.Module):
    """Relative places worked out in the run, weighed against content (ConViT); two heads (DeiT)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qk, self.v = nn.Conv2d(3, 8, 8, 8), nn.Linear(8, 16), nn.Linear(8, 8)
        self.pos, self.gate = nn.Linear(3, 2), nn.Parameter(torch.ones(2))
        self.dist = nn.Parameter(torch.rand(1, 1, 8))
        self.head, self.head_dist = nn.Linear(8, 5), nn.Linear(8, 5)

    def places(self, n: int) -> Tensor:
        """(1, n, n, 3)."""
        side = int(n**0.5)
        ind = torch.arange(side).view(1, -1) - torch.arange(side).view(-1, 1)
        indx, indy = ind.repeat(side, side), ind.repeat_interleave(side, dim=0).repeat_interleave(side, dim=1)
        found = torch.zeros(1, n, n, 3)
        found[:, :, :, 2] = (indx**2 + indy**2).unsqueeze(0)
        found[:, :, :, 1] = indy.unsqueeze(0)
        found[:, :, :, 0] = indx.unsqueeze(0)
        return found.to(self.v.weight.device)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x).flatten(2).transpose(1, 2)
        B, N, C = x.shape
        q, k = self.qk(x).reshape(B, N, 2, 2, C // 2).permute(2, 0, 3, 1, 4).unbind(0)
        pos = self.pos(self.places(N).expand(B, -1, -1, -1)).permute(0, 3, 1, 2).softmax(dim=-1)
        gate = self.gate.view(1, -1, 1, 1).sigmoid()
        attn = (1.0 - gate) * (q @ k.transpose(-2, -1) * 0.5).softmax(-1) + gate * pos
        attn = attn / attn.sum(dim=-1).unsqueeze(-1)
        x = (attn @ self.v(x).reshape(B, N, 2, C // 2).permute(0, 2, 1, 3)).transpose(1, 2).reshape(B, N, C)
        x = torch.cat((self.dist.expand(B, -1, -1), x), 1)
        return (self.head(x[:, 0]) + self.head_dist(x[:, 1])) / 2


PICTURE = (3, 32, 32)
MODULES: list[tuple[type[nn.Module], tuple[int, ...]]] = [
    (kind, PICTURE)
    for kind in (
        *(Pooled, Rotary, TalkingHeads, Cascaded, MultiQuery, Latent, GlobalQuery, PaddedWindows),
        *(ChannelGroups, PartialConv, Blocks, GatedPositions),
    )
]
