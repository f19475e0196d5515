"""What the figures assume: the batch, the optimizer, and whether operations are MACs or FLOPs."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.network.inference import Totals
from explorer.ui.shell.settings import Settings

SMALLEST_BATCH, LARGEST_BATCH = 1, 1024


class Optimizer(Enum):
    """An optimizer by its name and the tensors it keeps beside each parameter and its gradient."""

    SGD = ("SGD", 0)
    MOMENTUM = ("SGD with momentum", 1)
    ADAM = ("Adam", 2)

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def kept(self) -> int:
        return self.value[1]


class Memory(NamedTuple):
    """Bytes that a training step holds, in float32.

    `activations` are the outputs of all layers, kept for the backward pass, for the whole batch; what a
    convolution algorithm or the allocator takes beside that is left out.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def training(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations


def training_memory(totals: Totals, batch: int, optimizer: Optimizer) -> Memory:
    """What training takes at a batch: weights, their gradients, the optimizer's state, kept activations."""
    weights = totals.parameter_bytes
    return Memory(weights, weights, optimizer.kept * weights, batch * totals.activation_bytes)


class Assumptions(QObject):
    """The batch, the optimizer and the unit of operations, for all panels alike, and kept between starts."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        batch = round(settings.number("build/batch", 32))
        self._batch = min(max(batch, SMALLEST_BATCH), LARGEST_BATCH)
        index = round(settings.number("build/optimizer", 1))
        self._optimizer = list(Optimizer)[index] if 0 <= index < len(Optimizer) else Optimizer.MOMENTUM
        self._flops = settings.flag("build/flops", False)

    @property
    def batch(self) -> int:
        return self._batch

    @property
    def optimizer(self) -> Optimizer:
        return self._optimizer

    @property
    def flops(self) -> bool:
        """Whether operations are shown as FLOPs, two to a MAC."""
        return self._flops

    def set_batch(self, batch: int) -> None:
        batch = min(max(batch, SMALLEST_BATCH), LARGEST_BATCH)
        if batch != self._batch:
            self._batch = batch
            self._settings.set_number("build/batch", batch)
            self.changed.emit()

    def set_optimizer(self, optimizer: Optimizer) -> None:
        if optimizer is not self._optimizer:
            self._optimizer = optimizer
            self._settings.set_number("build/optimizer", list(Optimizer).index(optimizer))
            self.changed.emit()

    def set_flops(self, flops: bool) -> None:
        if flops != self._flops:
            self._flops = flops
            self._settings.set_flag("build/flops", flops)
            self.changed.emit()
