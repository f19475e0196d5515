"""What ends a training by itself, told so that a person knows what to do. Loads torch."""

from __future__ import annotations

import math
from collections import deque

import torch

from explorer.learning.settings import TrainSettings

DIVERGED = 100.0
"""Times ln(classes), the loss of guessing, that the loss of the last batches may reach."""
RECENT = 20


class Fault(Exception):
    """The training cannot go on; says why."""


class Watch:
    """Looks at each loss: one that is no number, or far worse than guessing for a while, ends it."""

    def __init__(self, classes: int) -> None:
        self._limit = DIVERGED * math.log(max(2, classes))
        self._recent: deque[float] = deque(maxlen=RECENT)

    def check(self, loss: float, where: str, kept: bool) -> None:
        """`where` names epoch and batch, `kept` says that there is a checkpoint. Raises Fault."""
        self._recent.append(loss)
        advice = "take a smaller learning rate." + (" The last checkpoint is kept." if kept else "")
        if not math.isfinite(loss):
            raise Fault(f"the loss is no number any more {where}; {advice}")
        mean = sum(self._recent) / len(self._recent)
        if len(self._recent) == RECENT and mean > self._limit:
            raise Fault(f"the loss has run away to {mean:.3g} {where}; {advice}")


def reason(error: Exception, settings: TrainSettings) -> str | None:
    """What a person can do about torch's complaint; None for one that is a fault of the program."""
    text = str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "memory" in text:
        half = max(1, settings.batch_size // 2)
        return (
            f"the memory is not enough for {settings.batch_size:,} pictures a batch; try a batch of {half:,}"
        )
    if isinstance(error, torch.distributed.DistError) or "gloo" in text:
        return (
            "another process of this training is gone, or cannot be reached; "
            "see what it said, and start all of them again with --resume"
        )
    if "more than 1 value per channel" in text:
        return "batch norm needs more than one value a channel; take a batch of at least 2 pictures"
    return None
