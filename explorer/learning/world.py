"""Whether a training is one process or several under `torchrun`, and what several must agree on. Loads torch.

Every process goes through the same batches and takes its share of each; gradients are averaged by torch's
DistributedDataParallel, figures are summed here, and only the first process writes and speaks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed

from explorer.network.errors import UserError

T = TypeVar("T")


class World:
    """One process by itself: it has all of every batch, and what it says holds."""

    rank = 0
    size = 1

    @property
    def first(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def share(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The part of a batch that is this process's."""
        return indices[self.rank :: self.size]

    def summed(self, values: Sequence[float]) -> list[float]:
        """Each number summed over all processes."""
        return list(values)

    def any(self, flag: bool) -> bool:
        """Whether it is so in any process: all get the same answer."""
        return flag

    def same(self, value: T) -> T:
        """What the first process has."""
        return value

    def gathered(self, value: T) -> list[T]:
        """What each process has, the first one's first."""
        return [value]

    def wait(self) -> None:
        """Until all are here."""


ALONE = World()


class _Several(World):
    def __init__(self, device: torch.device) -> None:
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        self._device = device

    def summed(self, values: Sequence[float]) -> list[float]:
        sums = torch.tensor(values, dtype=torch.float64, device=self._device)
        distributed.all_reduce(sums)
        return list(sums.tolist())

    def any(self, flag: bool) -> bool:
        return self.summed([float(flag)])[0] > 0

    def same(self, value: T) -> T:
        box = [value]
        distributed.broadcast_object_list(box, 0, device=self._device)
        return box[0]

    def gathered(self, value: T) -> list[T]:
        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, value)
        return found

    def wait(self) -> None:
        self.any(False)


def several() -> bool:
    """Whether `torchrun` started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ


def own_device(name: str) -> str:
    """Of the device that settings name, the one that is this process's: each has a GPU of its own."""
    if several() and name == "mps":
        raise UserError("several processes meet on CPUs or on CUDA devices; take 'cpu', 'cuda' or 'auto'")
    if not several() or name == "cpu" or not torch.cuda.is_available():
        return "cpu" if several() and name == "auto" else name
    if ":" in name:
        raise UserError(f"under torchrun each process takes a GPU of its own: name 'cuda', not '{name}'")
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}"


@contextmanager
def joined(device: str) -> Iterator[World]:
    """The processes that torchrun started, met through NCCL on GPUs and gloo else; alone without torchrun."""
    if not several():
        yield ALONE
        return
    own = torch.device(own_device(device))
    if own.type == "cuda":
        torch.cuda.set_device(own)
    distributed.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield _Several(own)
    finally:
        distributed.destroy_process_group()
