"""How whole families of networks are wired: branches, trees, cascades, dense and dual paths, cells."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils import checkpoint


def conv(inside: int, out: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, norm, activation."""
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(inside, out, kernel, stride, kernel // 2, groups=groups, bias=False),
            bn=nn.BatchNorm2d(out),
            act=nn.ReLU(inplace=True),
        )
    )


class MixedKernels(nn.ModuleDict):
    """Channels split, a kernel size for each part (MixNet, Tan 2019): a dictionary with a forward."""

    def __init__(self) -> None:
        super().__init__()
        self.splits = [6, 5, 5]
        for index, (width, kernel) in enumerate(zip(self.splits, (3, 5, 7), strict=True)):
            self.add_module(str(index), nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width))

    def forward(self, x: Tensor) -> Any:
        parts = torch.split(x, self.splits, 1)
        return torch.cat([one(parts[index]) for index, one in enumerate(self.values())], dim=1)


class Mobile(nn.Module):
    """Inverted residuals with mixed kernels and a hard swish."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8, 3, 2)
        self.expand, self.mix, self.project = conv(8, 16, 1), MixedKernels(), nn.Conv2d(16, 8, 1, bias=False)
        self.head = nn.Conv2d(8, 20, 1)
        self.classifier: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        x = self.project(F.hardswish(self.mix(self.expand(x)))) + x
        x = F.hardswish(self.head(F.adaptive_avg_pool2d(x, 1)))
        return self.classifier(x.flatten(1))


class Ghost(nn.Module):
    """Half of the maps from cheap operations, cut to the wanted number (Han 2020), with a long-range gate."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.primary = conv(3, 8, 3, 2), conv(8, 8, 1)
        self.cheap = conv(8, 8, 3, groups=8)
        self.short = nn.Sequential(nn.Conv2d(8, 15, 1), nn.Conv2d(15, 15, (1, 5), padding=(0, 2), groups=15))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        gate = self.short(F.avg_pool2d(x, kernel_size=2, stride=2))
        one = self.primary(x)
        out = torch.cat([one, self.cheap(one)], dim=1)[:, :15, :, :]
        size = (out.shape[-2], out.shape[-1])
        return out * F.interpolate(torch.sigmoid(gate), size=size, mode="nearest")


class Cascade(nn.Module):
    """Res2Net (Gao 2019): each split adds the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 16, 3, 2)
        self.convs = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1, bias=False) for _ in range(3)])
        self.pool = nn.AvgPool2d(3, 1, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        spx = torch.split(x, 4, 1)
        out, sp = [], spx[0]
        for i, one in enumerate(self.convs):
            sp = spx[i] if i == 0 else sp + spx[i]
            sp = F.relu(one(sp))
            out.append(sp)
        out.append(self.pool(spx[-1]))
        return torch.cat(out, 1) + x


class DenseLayer(nn.Module):
    """Takes all maps before it as a list, and may keep none of them (checkpointing)."""

    def __init__(self, inside: int) -> None:
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(inside), nn.Conv2d(inside, 4, 3, padding=1)

    def run(self, given: list[Tensor]) -> Tensor:
        """On the list."""
        return self.conv(F.relu(self.norm(torch.cat(given, 1))))  # type: ignore[no-any-return]

    def forward(self, x: Any) -> Any:
        given = [x] if isinstance(x, Tensor) else x

        def closure(*inputs: Tensor) -> Tensor:
            return self.run(list(inputs))

        return checkpoint.checkpoint(closure, *given, use_reentrant=False)


class Dense(nn.ModuleDict):
    """Every layer sees all before it (Huang 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        for index in range(3):
            self.add_module(f"denselayer{index + 1}", DenseLayer(8 + 4 * index))

    def forward(self, x: Tensor) -> Any:
        features = [self.stem(x)]
        for name, layer in self.items():
            if name != "stem":
                features.append(layer(features))
        return torch.cat(features, 1)


class DualPath(nn.Module):
    """A residual and a dense path as a tuple (Chen 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8, 3, 2)
        self.blocks = nn.ModuleList([conv(8 + 4 * i + (4 if i else 0), 12) for i in range(3)])
        self.first = nn.Conv2d(8, 12, 1)

    def step(self, x: Any, block: nn.Module, first: bool) -> tuple[Tensor, Tensor]:
        """One block."""
        joined = torch.cat(x, dim=1) if isinstance(x, tuple) else x
        if first:
            s = self.first(joined)
            residual, dense = s[:, :8, :, :], s[:, 8:, :, :]
        else:
            residual, dense = x[0], x[1]
        out = block(joined)
        return residual + out[:, :8, :, :], torch.cat([dense, out[:, 8:, :, :]], dim=1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        for index, block in enumerate(self.blocks):
            x = self.step(x, block, index == 0)  # type: ignore[assignment]
        return torch.cat(x, dim=1)  # type: ignore[arg-type]


class Tree(nn.Module):
    """Deep aggregation (Yu 2018): children are handed down in lists."""

    def __init__(self, levels: int, inside: int, out: int, root: int = 0) -> None:
        super().__init__()
        root = root or 2 * out
        self.project = nn.Conv2d(inside, out, 1) if inside != out else None
        if levels == 1:
            self.tree1: nn.Module = conv(inside, out)
            self.tree2: nn.Module = conv(out, out)
            self.root = conv(root, out, 1)
        else:
            self.tree1 = Tree(levels - 1, inside, out)
            self.tree2 = Tree(levels - 1, out, out, root + out)
        self.levels = levels

    def forward(self, x: Tensor, shortcut: Any = None, children: Any = None) -> Any:
        children = [] if children is None else children
        shortcut = x if self.project is None else self.project(x)
        if self.levels == 1:
            one = self.tree1(x) + shortcut
            two = self.tree2(one)
            return self.root(torch.cat([two, one, *children], 1)) + two
        one = self.tree1(x, shortcut)
        children.append(one)
        return self.tree2(one, children=children)


class HighResolution(nn.Module):
    """Branches of several sizes that are fused into each other (Sun 2019), None where nothing is to do."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.down = conv(3, 8), conv(8, 16, 3, 2)
        self.transition = nn.ModuleList([nn.Identity(), None])  # type: ignore[list-item]
        up = nn.Sequential(nn.Conv2d(16, 8, 1), nn.Upsample(scale_factor=2))
        self.fuse = nn.ModuleList(
            [
                nn.ModuleList([nn.Identity(), up]),
                nn.ModuleList([conv(8, 16, 3, 2), None]),  # type: ignore[list-item]
            ]
        )

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        xs = [self.transition[0](x), self.down(x)]
        fused = []
        rows: Any = self.fuse
        for row in rows:
            y = None
            for one, value in zip(row, xs, strict=True):
                term = value if one is None or isinstance(one, nn.Identity) else one(value)
                y = term if y is None else y + term
            fused.append(F.relu(y))  # type: ignore[arg-type]
        return fused


class CrossStage(nn.Module):
    """Partial paths (CSP, Wang 2020; ELAN; VoVNet): chunks, lists that grow, one join at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.expand = conv(3, 8, 3, 2), conv(8, 16, 1)
        self.blocks = nn.ModuleList([conv(8, 8) for _ in range(3)])
        self.last = conv(40, 16, 1)
        self.attention = nn.ModuleDict({"attn": nn.Conv2d(16, 16, 1)})

    def forward(self, x: Tensor) -> Any:
        x = self.expand(self.stem(x))
        y = list(x.chunk(2, dim=1))
        y.extend(one(y[-1]) for one in self.blocks)
        x = self.last(torch.cat(y, dim=1))
        return x * self.attention["attn"](x.mean((2, 3), keepdim=True)).clamp(0, 1)


class Reparametrizable(nn.Module):
    """Branches that can be merged later, one of them a norm alone (RepVGG, Ding 2021; MobileOne)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8, 3, 2)
        self.identity: nn.Module | None = nn.BatchNorm2d(8)
        self.large, self.small = conv(8, 8)[:2], conv(8, 8, 1)[:2]
        self.scales = nn.ModuleList([conv(8, 8)[:2] for _ in range(2)])
        self.se = nn.Identity()
        self.act = nn.GELU()

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        identity = self.identity(x) if self.identity is not None else 0
        x = self.act(self.large(x) + self.small(x) + identity)
        out: Any = 0
        for one in self.scales:
            out = out + one(x)
        return self.act(self.se(out + sum(one(x) for one in self.scales)))


class Cells(nn.Module):
    """NASNet's cells (Zoph 2018): odd paddings, crops, average pools off by one pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, bias=False)
        self.path1, self.path2 = nn.Conv2d(8, 8, 1, bias=False), nn.Conv2d(8, 8, 1, bias=False)
        self.depth, self.point = nn.Conv2d(8, 8, 5, 2, 2, groups=8), nn.Conv2d(8, 16, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        one = self.path1(F.avg_pool2d(x, 1, 2, count_include_pad=False))
        two = F.pad(x, (-1, 1, -1, 1))
        two = self.path2(F.avg_pool2d(two, 1, stride=2, count_include_pad=False))
        pooled = F.pad(x, (1, 0, 1, 0))
        pooled = F.max_pool2d(pooled, 3, stride=2, padding=1)[:, :, 1:, 1:]
        left = torch.cat([one, two], 1)
        right = self.point(self.depth(F.pad(F.relu(x), (1, 0, 1, 0)))[:, :, 1:, 1:].contiguous())
        size = [min(a, b) for a, b in zip(left.shape[2:], right.shape[2:], strict=True)]
        total = left[:, :, : size[0], : size[1]] + right[:, :, : size[0], : size[1]]
        return total * pooled.mean((2, 3), keepdim=True)[:, :1]


class InceptionLike(nn.Module):
    """Branches of other kernels in lists, a residual that is scaled (Szegedy 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8, 3, 2)
        self.branch0, self.branch1 = conv(8, 4, 1), nn.Sequential(conv(8, 4, 1), conv(4, 4))
        self.one_a = nn.Conv2d(4, 4, (1, 3), padding=(0, 1))
        self.one_b = nn.Conv2d(4, 4, (3, 1), padding=(1, 0))
        self.up = nn.Conv2d(16, 8, 1)
        self.scale = 0.17

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        y = self.branch1(x)
        branches = [self.branch0(x), torch.cat((self.one_a(y), self.one_b(y)), 1)]
        branches += [F.max_pool2d(branches[0], 3, 1, 1)]
        x = self.up(torch.cat(branches, 1)) * self.scale + x
        return F.relu(x, inplace=True)


class TripleTwo(nn.Module):
    """Hands on a list of two (SelecSLS, Mehta 2020) and shuffles channels by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8, 3, 2)
        self.a, self.b, self.c = conv(8, 8), conv(8, 4), conv(12, 4)
        self.last = conv(20, 8, 1)

    def block(self, x: list[Tensor]) -> list[Tensor]:
        """One block."""
        one = self.a(x[0])
        two = self.b(one)
        three = self.c(torch.cat([one, two], 1))
        return [self.last(torch.cat([one, two, three, x[1]], 1)), x[1]]

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        out, _ = self.block([x, x[:, :4]])
        b, c, h, w = out.shape
        out = out.reshape(b, 2, c // 2, h, w).permute(0, 2, 1, 3, 4).reshape(b, -1, h, w)
        return torch.channel_shuffle(out, 4)


class MetaFormer(nn.Module):
    """ConvNeXt, PoolFormer, ConvMixer, InceptionNeXt, StarNet, VAN, Focal and RepViT in small."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 4, 4), nn.GroupNorm(1, 16)
        self.dw, self.ln = nn.Conv2d(16, 16, 7, padding=3, groups=16), nn.LayerNorm(16, eps=1e-6)
        self.fc1, self.fc2 = nn.Linear(16, 32), nn.Linear(32, 16)
        self.gamma = nn.Parameter(torch.ones(16))
        self.square, self.strip = (
            nn.Conv2d(4, 4, 3, padding=1, groups=4),
            nn.Conv2d(4, 4, (1, 11), padding=(0, 5), groups=4),
        )
        self.f1, self.f2, self.g = nn.Conv2d(16, 32, 1), nn.Conv2d(16, 32, 1), nn.Conv2d(32, 16, 1)
        self.focal = nn.Conv2d(16, 35, 1)
        self.levels = nn.ModuleList([nn.Conv2d(16, 16, k, padding=k // 2, groups=16) for k in (3, 5)])
        self.h = nn.Conv2d(16, 16, 1)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        y = self.dw(x).permute(0, 2, 3, 1)
        y = self.fc2(F.gelu(self.fc1(self.ln(y)))).mul(self.gamma).permute(0, 3, 1, 2)
        x = y + x
        x = x + F.avg_pool2d(self.norm(x), 3, 1, 1, count_include_pad=False) - x
        one, two, three = torch.split(x, [4, 4, 8], dim=1)
        x = torch.cat((self.square(one), self.strip(two), three), dim=1)
        x = x + self.g(F.relu6(self.f1(x)) * self.f2(x))
        q, context, gates = torch.split(self.focal(x), [16, 16, 3], dim=1)
        every: Any = 0
        for index, level in enumerate(self.levels):
            context = F.gelu(level(context))
            every = every + context * gates[:, index : index + 1]
        mean = F.gelu(context.mean((2, 3), keepdim=True))
        return q * self.h(every + mean * gates[:, 2:])


class Pieces(nn.Module):
    """A convolution of the four quarters of a picture, as examples of their own, with a mask of ones."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Any:
        B, C, H, W = x.shape
        x = x * torch.ones_like(x) + x.new_zeros(1)
        x = x.reshape(B, C, 2, H // 2, 2, W // 2).permute(0, 2, 4, 1, 3, 5).reshape(-1, C, H // 2, W // 2)
        x = F.relu(self.conv(x))
        x = x.reshape(B, 2, 2, 8, x.shape[-2], x.shape[-1]).permute(0, 3, 1, 4, 2, 5).flatten(4).flatten(2, 3)
        return self.last(x)


PICTURE = (3, 32, 32)
MODULES: list[tuple[Any, tuple[int, ...]]] = [
    *((kind, PICTURE) for kind in (Mobile, Ghost, Cascade, Dense, DualPath, HighResolution, CrossStage)),
    *((kind, PICTURE) for kind in (Reparametrizable, Cells, InceptionLike, TripleTwo, MetaFormer, Pieces)),
    (lambda: Tree(3, 3, 8), PICTURE),
]
