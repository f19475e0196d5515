"""The learning rate at every step: of the step alone, so that a resumed training meets the same."""

from __future__ import annotations

from math import cos, pi

from explorer.learning.settings import Schedule, TrainSettings

START, END = 1 / 25, 1e-4
"""One-cycle begins at a 25th of the height, ends at a ten-thousandth of that (Smith 2018, as in torch)."""
RISE = 0.3
"""The share of one-cycle in which the rate rises."""


def rate(settings: TrainSettings, step: int, batches: int) -> float:
    """The learning rate for step 0, 1, … of a training with so many batches an epoch."""
    total = settings.epochs * batches
    warm = min(round(settings.warmup * batches), total)
    if step < warm:
        return settings.lr * (step + 1) / (warm + 1)
    return settings.lr * _share(settings, step - warm, max(1, total - warm), batches)


def _share(settings: TrainSettings, step: int, total: int, batches: int) -> float:
    if settings.schedule is Schedule.STEP:
        return settings.step_factor ** (step // (settings.step_epochs * batches))
    if settings.schedule is Schedule.COSINE:
        return _between(1.0, 0.0, step / total)
    if settings.schedule is Schedule.ONE_CYCLE:
        height = max(1.0, RISE * total - 1)
        if step < height:
            return _between(START, 1.0, step / height)
        return _between(1.0, START * END, (step - height) / max(1.0, total - 1 - height))
    return 1.0


def _between(begin: float, end: float, part: float) -> float:
    """From `begin` to `end` along half a cosine."""
    return end + (begin - end) * (1 + cos(pi * min(1.0, part))) / 2
