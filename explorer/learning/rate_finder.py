"""The learning-rate range test (Smith 2015): the rate grows from batch to batch until the loss runs away.

Loads torch. Nothing is kept of what is learned here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.events import Event
from explorer.learning.learner import Learner
from explorer.learning.rate_events import RateFound, RateTried
from explorer.learning.settings import TrainSettings
from explorer.network.errors import UserError
from explorer.network.graph import Network

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 100
KEPT = 0.9
"""Of the running mean of the loss at each batch."""
AWAY = 4.0
"""Times the least loss so far: from there on it has run away."""
BELOW = 10.0
"""The rate that is advised is so many times smaller than the one with the least loss."""


def find_rate(
    network: Network, data: DataSet, settings: TrainSettings, control: Control | None = None
) -> Iterator[Event]:
    """Tries rates from 1e-5 to 10 on the first batches; ends with `RateFound`, or early when it is stopped.

    Raises UserError where the parts don't go together, or where no rate makes the loss smaller.
    """
    control = control or Control()
    learner = Learner(network, data, settings)
    learner.prepare(lambda: control.stopped)
    mean, first, least, least_at = 0.0, math.nan, math.inf, LOWEST
    batches = (batch for epoch in count(1) for batch in learner.order(epoch))
    for step, batch in zip(range(STEPS), batches, strict=False):
        if not control.turn():
            return
        lr = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))
        loss = learner.step(batch, 1, step, lr).loss
        mean = KEPT * mean + (1 - KEPT) * loss
        smooth = mean / (1 - KEPT ** (step + 1))
        if not math.isfinite(smooth):
            break
        first = smooth if step == 0 else first
        if smooth < least:
            least, least_at = smooth, lr
        yield RateTried(lr=lr, loss=smooth, share=(step + 1) / STEPS)
        if step > STEPS // 10 and smooth > AWAY * least:
            break
    if not least < 0.95 * first:
        raise UserError(f"no rate made the loss of {network.name} smaller within {STEPS} batches; choose one")
    yield RateFound(lr=_rounded(least_at / BELOW), least_at=least_at)


def _rounded(rate: float) -> float:
    """To one digit: the test is no more exact than that."""
    power = 10.0 ** math.floor(math.log10(rate))
    return float(f"{round(rate / power) * power:.6g}")
