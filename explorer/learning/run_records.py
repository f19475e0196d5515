"""What is kept of a run, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from explorer.learning.settings import TrainSettings
from explorer.network.graph import Network
from explorer.network.project import loads


class RunState(StrEnum):
    """How a run ended. An unfinished one is being trained, or was killed; it can be resumed."""

    UNFINISHED = "unfinished"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Run:
    """A kept run. `network_text` is the project file of the network that was trained."""

    id: str
    name: str
    network_text: str
    data: str
    title: str
    fingerprint: str
    settings: TrainSettings
    version: str
    created: datetime
    state: RunState
    reason: str
    classes: tuple[str, ...]
    """Their names, in the order of the confusion matrix; () for a run that an earlier version kept."""
    epochs_done: int
    best_accuracy: float | None
    val_accuracy: float | None
    began_with: str = ""
    """What its first weights had learned, as `Trained.source` says it; "" where they were random."""

    @property
    def network(self) -> Network:
        return loads(self.network_text, self.name)


@dataclass(frozen=True)
class KeptMistake:
    """A `Mistake` without its picture: `index` is its number in the validation split."""

    index: int
    label: int
    predicted: int
    probability: float


@dataclass(frozen=True)
class EpochPoint:
    """The figures of one epoch, as `TrainEpoch` has them."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    lr: float
    seconds: float
    images_per_second: float
    confusion: list[list[int]]
    gradient_norms: dict[str, float]
    dead_share: dict[str, float]
    worst: tuple[KeptMistake, ...] = ()


@dataclass(frozen=True)
class BatchPoint:
    """The figures of one step."""

    step: int
    epoch: int
    loss: float
    accuracy: float
    lr: float
    images_per_second: float


@dataclass(frozen=True)
class Curves:
    """A run's figures, in order."""

    batches: tuple[BatchPoint, ...]
    epochs: tuple[EpochPoint, ...]
