"""What the training of a classifier tells beyond what every training tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from explorer.learning.events import Batch, Epoch, Event


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """The training begins, or goes on after `step` steps. Never printed."""

    run: str
    """The id of the run in the store; "" where it is not kept."""
    network: str
    data: str
    classes: tuple[str, ...]
    epochs: int
    batches: int
    step: int
    parameters: int
    device: str
    threads: int


@dataclass(frozen=True, kw_only=True)
class TrainBatch(Batch):
    """`step` counts from 1 over all epochs. `loss` and `accuracy` are this batch's; rates are fractions."""

    step: int
    accuracy: float
    lr: float
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainPulse(Event):
    """The network as it is within an epoch, told about once a second. Never printed."""

    lossless: ClassVar[bool] = False
    epoch: int
    gradient_norms: dict[str, float]
    """L2 norm of the gradient of a node's weights, by node id, at the last batch."""
    first_filters: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Mistake:
    """A validation picture that was taken for another class with great confidence."""

    index: int
    """Its number in the validation split."""
    picture: NDArray[np.uint8] | None
    """(C, H, W), as the data set has it; None where that is not read."""
    label: int
    predicted: int
    probability: float
    """What the network gave the predicted class."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainEpoch(Epoch):
    """The figures after an epoch.

    `loss` and `accuracy` are means over the training pictures as they were learned from; `val_` ones
    are of the validation split, after the epoch, without augmentation or label smoothing.
    """

    _SHOWN: ClassVar[frozenset[str]] = frozenset(
        {"confusion", "worst", "gradient_norms", "dead_share", "first_filters"}
    )

    accuracy: float
    val_loss: float
    val_accuracy: float
    lr: float
    best: bool
    """Whether no epoch before had a better `val_accuracy`."""
    confusion: NDArray[np.int64]
    """[true class, predicted class], counts."""
    worst: tuple[Mistake, ...] = ()
    gradient_norms: dict[str, float] = field(default_factory=dict)
    """L2 norm of the gradient of a node's weights, by node id, at the last batch."""
    dead_share: dict[str, float] = field(default_factory=dict)
    """Share of a ReLU's maps (or units) that are 0 on every picture of a probe, by node id."""
    first_filters: NDArray[np.float32] | None = None
    """(out, in, kh, kw): the weights of the first convolution."""

    def line(self) -> dict[str, Any]:
        """Figures only: pictures and what is by class or by node are for the window."""
        return {key: value for key, value in super().line().items() if key not in self._SHOWN}
