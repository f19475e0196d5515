"""What goes in and comes out in unusual ways: dictionaries, objects, None, lazy layers, wrapped functions."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F


class Pyramid(nn.Module):
    """Features of several sizes, joined from the top down, as a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            [nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1), nn.Conv2d(16, 24, 3, 2, 1)]
        )
        self.inner = nn.ModuleList([nn.Conv2d(c, 8, 1) for c in (8, 16, 24)])

    def forward(self, x: Tensor) -> Any:
        found = []
        for stage in self.stages:
            x = F.relu(stage(x))
            found.append(x)
        last = self.inner[-1](found[-1])
        out = OrderedDict({"p3": last})
        for index in (1, 0):
            lateral = self.inner[index](found[index])
            last = lateral + F.interpolate(last, size=lateral.shape[-2:], mode="nearest")
            out[f"p{index + 1}"] = last
            out.move_to_end(f"p{index + 1}", last=False)
        out["pool"] = F.max_pool2d(out["p3"], 1, 2, 0)
        return out


@dataclass
class Answer:
    """What a module may return."""

    logits: Tensor
    features: list[Tensor]
    extra: Tensor | None = None


class Pair(NamedTuple):
    """Two results, one of them missing."""

    logits: Tensor
    aux: Tensor | None


class ReturnsObjects(nn.Module):
    """An object with fields, in a tuple with named fields, one None."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3, 2, 1), nn.Linear(8, 4)

    def forward(self, x: Tensor, mask: Tensor | None = None, **options: Any) -> Any:
        maps = self.conv(x)
        logits = self.fc(maps.mean([-2, -1]))
        return Answer(logits, [maps, maps.relu()]), Pair(logits.softmax(-1), None), None, {"n": 3, "x": x}


@fx.wrap
def gated(x: Tensor, factor: float) -> Tensor:
    """A function that torch.fx is told to leave alone."""
    return x * factor if float(factor) > 0 else x


class Wrapped(nn.Module):
    """Checks, loops over named children, numbers from numpy and from buffers, methods called by name."""

    steps: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(OrderedDict(a=nn.Conv2d(3, 8, 3), b=nn.BatchNorm2d(8), c=nn.ReLU(True)))
        self.register_buffer("steps", torch.tensor([2, 3]))
        self.register_buffer("version", torch.tensor(1, dtype=torch.int64))
        self.rates = np.linspace(0.0, 0.1, 3)

    def forward(self, x: Tensor) -> Any:
        torch._assert(x.dim() == 4, "four axes")
        assert x.shape[1] == 3, f"{x.shape}"
        for _, child in self.body.named_children():
            x = child(x)
        x = gated(x, float(self.rates[1]))
        x = getattr(x, "mul")(2.0).add(1.0)  # noqa: B009
        x = x.narrow(1, 0, 6).index_select(1, torch.tensor([0, 2, 4], device=x.device))
        x = x.type_as(x).to(x.dtype).contiguous(memory_format=torch.channels_last)
        return torch.flatten(x, start_dim=1, end_dim=2).swapaxes(1, 2).unsqueeze(-1).squeeze(-1)


class Lazy(nn.Module):
    """Layers that find their sizes in the first run, in a batch that is changed there and back."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4)
        )

    def forward(self, x: Tensor) -> Any:
        return self.body(x)


class KeepsCount(nn.Module):
    """Writes into its own buffers, also in eval mode, and reads its numbers."""

    count: Tensor
    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self.register_buffer("mean", torch.zeros(1, 8, 1, 1))

    def forward(self, x: Tensor) -> Any:
        x = self.conv(x)
        self.count += 1
        self.mean.mul_(0.9).add_(0.1 * x.mean((0, 2, 3), keepdim=True))
        self.seen = x
        return x - self.mean


class ReadsNumbers(nn.Module):
    """Asks tensors for their numbers, which the meta device does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.widths = nn.Conv2d(3, 8, 3), nn.Parameter(torch.tensor([4.0]))

    def forward(self, x: Tensor) -> Any:
        x = self.conv(x)
        if x.mean().item() > 1e6:
            x = x / 2
        return x[:, : int(self.widths.item())] * torch.tensor(x.numpy(force=True).shape[1] / 8)


class Splits(nn.Module):
    """A batch that is doubled and averaged again, as with pictures and their mirror images."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2)
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        both = torch.cat([x, x.flip(3)], dim=0)
        scores = self.fc(self.conv(both).mean((2, 3)))
        one, other = scores.chunk(2, dim=0)
        return (one + other) / 2


class Multiscale(nn.Module):
    """Scaled pictures, tiles and crops, einsum with one operand, sums along an axis."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.mix = nn.Conv2d(3, 8, 3, padding=1), nn.Parameter(torch.rand(8, 8))

    def forward(self, x: Tensor) -> Any:
        half = F.interpolate(x, scale_factor=0.5, mode="bilinear", recompute_scale_factor=True)
        y = self.conv(half)
        y = F.interpolate(y, size=x.shape[2:], mode="bicubic", align_corners=True) + self.conv(x)
        y = torch.einsum("bchw,cd->bdhw", y, self.mix)
        y = y.repeat(1, 2, 1, 1).tile(1, 1, 2, 1)[:, :, : x.shape[2]]
        y = torch.einsum("nchw->nhwc", y).movedim(-1, 1)
        return torch.cumsum(y, dim=2).topk(3, dim=1)[0].sum(1)


class Deep(nn.Module):
    """Many modules, one behind the other."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.blocks = nn.Sequential(
            *(nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()) for _ in range(60))
        )

    def forward(self, x: Tensor) -> Any:
        return self.blocks(self.stem(x))


class OwnSize(nn.Module):
    """Says itself which input it takes, and refuses others."""

    def __init__(self) -> None:
        super().__init__()
        self.default_cfg = {"input_size": (3, 40, 40), "num_classes": 4}
        self.conv, self.fc = nn.Conv2d(3, 2, 3, 2, 1), nn.Linear(2 * 20 * 20, 4)

    def forward(self, x: Tensor) -> Any:
        torch._assert(x.shape[-1] == 40, f"Input size ({x.shape[-1]}) doesn't match model (40).")
        return self.fc(self.conv(x).flatten(1))


PICTURE = (3, 32, 32)
MODULES: list[tuple[type[nn.Module], tuple[int, ...]]] = [
    *((kind, PICTURE) for kind in (Pyramid, ReturnsObjects, Wrapped, Lazy, KeepsCount, ReadsNumbers, Splits)),
    *((kind, PICTURE) for kind in (Multiscale, Deep)),
    (OwnSize, (3, 40, 40)),
]
