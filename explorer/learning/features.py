"""What frozen layers make of the pictures, worked out once for a whole training. Loads torch.

Where everything below some layers is frozen, their values are the same in every epoch: the pictures go
through the frozen part once, and only what learns is evaluated from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.interop.torch_module import NetworkModule
from explorer.learning.batches import Feed
from explorer.learning.freezing import border
from explorer.network.graph import Network
from explorer.tasks.job import Stopped

MOST_BYTES = 1 << 30
"""Of values kept; where they would take more, each picture goes through the whole network each time."""


class Source(Protocol):
    """Batches for a module: pictures, or what frozen layers made of them, with their labels."""

    def __len__(self) -> int: ...

    def take(self, indices: NDArray[np.int64], key: int | None = None) -> tuple[Tensor, Tensor]:
        """(what the module takes, labels) on the device."""


class Features:
    """The values at the border of the frozen part, all in one row a picture, for one split."""

    def __init__(self, values: Tensor, feed: Feed, device: torch.device) -> None:
        self._values, self._feed, self._device = values, feed, device

    def __len__(self) -> int:
        return len(self._values)

    def take(self, indices: NDArray[np.int64], key: int | None = None) -> tuple[Tensor, Tensor]:
        """(rows, labels). There is nothing to draw: pictures that change at random are never kept so."""
        return self._values[torch.from_numpy(indices)].to(self._device), self._feed.labels(indices)


class Tail(nn.Module):
    """The part of a network that learns: takes the rows of `Features`, returns what the whole would."""

    def __init__(self, network: Network, whole: NetworkModule, settled: frozenset[str]) -> None:
        super().__init__()
        self.whole = whole
        self._settled, self._border = settled, border(network, settled)
        self._shapes: list[torch.Size] = []

    @property
    def row(self) -> int:
        """How many values a row has, once `rows` was called."""
        return sum(shape.numel() for shape in self._shapes)

    def rows(self, pictures: Tensor) -> Tensor:
        """(N, values): what the frozen part makes of pictures."""
        given = {next(iter(self.whole.inputs)): pictures}
        found = dict(self.whole.run_part(self._settled, given, {}, len(pictures)))
        self._shapes = [found[node].shape[1:] for node in self._border]
        return torch.cat([found[node].flatten(1) for node in self._border], 1)

    def forward(self, rows: Tensor) -> Tensor | tuple[Tensor, ...]:
        parts = torch.split(rows, [shape.numel() for shape in self._shapes], 1)
        known = {
            node: part.reshape(len(rows), *shape)
            for node, part, shape in zip(self._border, parts, self._shapes, strict=True)
        }
        wanted = self.whole.result_nodes
        left = self.whole.nodes.keys() - self._settled
        found = {n: v for n, v in self.whole.run_part(left, {}, known, len(rows)) if n in wanted}
        results = tuple(found[node] for node in wanted)
        return results[0] if len(results) == 1 else results


def features(
    tail: Tail, feed: Feed, device: torch.device, stopped: Callable[[], bool], chunk: int
) -> Features | None:
    """A split through the frozen part, `chunk` by `chunk`; None beyond `MOST_BYTES`. Raises Stopped."""
    tail.whole.eval()
    values = torch.empty(0)
    with torch.no_grad():
        for start in range(0, len(feed), chunk):
            if stopped():
                raise Stopped
            indices = np.arange(start, min(start + chunk, len(feed)))
            rows = tail.rows(feed.take(indices)[0])
            if not start:
                if len(feed) * tail.row * rows.element_size() > MOST_BYTES:
                    return None
                values = torch.empty((len(feed), tail.row), dtype=rows.dtype)
            values[start : start + len(rows)] = rows.cpu()
    return Features(values, feed, device)
