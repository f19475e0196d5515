"""What a training tells of itself: typed events, the same for the window, the command line and tests.

A training is a generator of these. `lossless` ones must all arrive (figures); of the others, which are there
to be looked at, only the newest matters. `line()` is what the command line prints: one JSON object a line.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events. `name` is "" for what is only shown and never printed."""

    name: ClassVar[str] = ""
    lossless: ClassVar[bool] = True

    def line(self) -> dict[str, Any]:
        """As a JSON object: `event` and the fields. Numbers that JSON doesn't know become null."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"event": self.name, **{key: _plain(value) for key, value in found.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


@dataclass(frozen=True, kw_only=True)
class Batch(Event):
    """One step of the optimizer. `batch` counts from 1 within its epoch, `epoch` from 1."""

    name: ClassVar[str] = "batch"
    epoch: int
    batch: int
    batches: int
    loss: float
    pictures: int
    ms: float


@dataclass(frozen=True, kw_only=True)
class Epoch(Event):
    """The end of an epoch, or 0: before the first one. `loss` is the mean over its batches."""

    name: ClassVar[str] = "epoch"
    epoch: int
    epochs: int
    loss: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True, kw_only=True)
class Skipped(Event):
    """A picture that is left out from here on, and why: named once."""

    name: ClassVar[str] = "skipped"
    file: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    """Weights were written."""

    name: ClassVar[str] = "saved"
    file: str
    epoch: int


@dataclass(frozen=True, kw_only=True)
class Done(Event):
    """The training is over: all epochs, or as many as there were before it was stopped."""

    name: ClassVar[str] = "done"
    epochs: int
    seconds: float
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """The training cannot go on; the message says where and what to do. Epoch 0: it could not begin."""

    name: ClassVar[str] = "error"
    message: str
    epoch: int
    batch: int
