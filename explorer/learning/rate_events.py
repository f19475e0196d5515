"""What a learning-rate range test tells."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.learning.events import Event


@dataclass(frozen=True, kw_only=True)
class RateTried(Event):
    """A batch at one rate. `loss` is the running mean. Never printed."""

    lr: float
    loss: float
    share: float
    """How far the test is, from 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class RateFound(Event):
    """The end of the test, and the rate that it advises. Never printed."""

    lr: float
    least_at: float
    """Where the loss was least."""
