"""A training at one moment, as one safetensors file: weights, the optimizer's state, and where it stands.

The weights bear their module's names; tensors of the optimizer are `optimizer/WEIGHT/KEY`, and all that is no
tensor is JSON in the header. Nothing is pickled, so a file from anywhere can be read. Loads torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as spell_tensors
from torch import Tensor, nn

from explorer.learning.settings import TrainSettings
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.project import dumps, loads

FORMAT = "convnet-explorer-training/1"
MOST_HEADER = 100 << 20
_HEADER = "convnet_explorer"
_OPTIMIZER = "optimizer/"


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where a training stands: `batch` batches of epoch `epoch` (from 1) are done.

    Random numbers are made of seed, epoch and batch, so there is no state of a generator to keep.
    """

    epoch: int = 1
    batch: int = 0
    loss_sum: float = 0.0
    """Loss times pictures, over this epoch."""
    correct: int = 0
    seen: int = 0
    best_accuracy: float = -1.0


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint is of. `scale` is what pictures in [0, 1] are normalised by: (mean, deviation)."""

    format: str = FORMAT
    network: str
    data: str
    fingerprint: str
    classes: tuple[str, ...]
    scale: tuple[tuple[float, ...], tuple[float, ...]]
    settings: TrainSettings
    position: Position
    optimizer_groups: list[dict[str, Any]] = msgspec.field(default_factory=list)
    val_accuracy: float | None = None

    @property
    def trained(self) -> Trained:
        """What a network that takes these weights says of them."""
        epochs = self.position.epoch - (self.position.batch == 0)
        found = "" if self.val_accuracy is None else f", {100 * self.val_accuracy:.1f} % right in validation"
        return Trained(f"{self.data}, {epochs} epochs{found}", self.classes, *self.scale)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """`weights` is the state of the module; `optimizer` is empty for one that is only to be used."""

    about: About
    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]

    @property
    def network(self) -> Network:
        return loads(self.about.network, "the checkpoint")

    def restore(self, module: nn.Module, optimizer: torch.optim.Optimizer | None = None) -> None:
        """Put the state into a module of the same network, and into its optimizer. Raises UserError."""
        try:
            module.load_state_dict(self.weights)
            if optimizer is not None:
                optimizer.load_state_dict(self._optimizer_state())
        except (RuntimeError, ValueError, KeyError):
            raise UserError(
                "the checkpoint is damaged or of another network; start the training anew"
            ) from None

    def _optimizer_state(self) -> dict[str, Any]:
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in self.optimizer.items():
            weight, key = name.removeprefix(_OPTIMIZER).split("/")
            state.setdefault(int(weight), {})[key] = tensor
        return {"state": state, "param_groups": self.about.optimizer_groups}


def spell(
    network: Network, module: nn.Module, optimizer: torch.optim.Optimizer | None, about: dict[str, Any]
) -> bytes:
    """The bytes of the file. `about` holds the other fields of `About`."""
    tensors = {name: _own(value) for name, value in module.state_dict().items()}
    groups: list[dict[str, Any]] = []
    if optimizer is not None:
        state = optimizer.state_dict()
        groups = state["param_groups"]
        for weight, values in state["state"].items():
            for key, value in values.items():
                if isinstance(value, Tensor):
                    tensors[f"{_OPTIMIZER}{weight}/{key}"] = _own(value)
    told = About(network=dumps(network), optimizer_groups=groups, **about)
    return spell_tensors(tensors, {_HEADER: msgspec.json.encode(told).decode()})


def _own(value: Tensor) -> Tensor:
    return value.detach().cpu().contiguous().clone()


def read_if_own(path: Path) -> Checkpoint | None:
    """The checkpoint in a file; None for a file of weights that others wrote. Raises UserError."""
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            head = file.read(length) if length <= MOST_HEADER else b""
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    return read(path) if _HEADER.encode() in head else None


def read(path: Path) -> Checkpoint:
    """The checkpoint in a file. Raises UserError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    try:
        length = int.from_bytes(data[:8], "little")
        text = json.loads(data[8 : 8 + length])["__metadata__"][_HEADER]
        about = msgspec.json.decode(text, type=About)
        tensors = read_tensors(data)
    except (ValueError, KeyError, TypeError, RecursionError, SafetensorError):
        raise UserError(f"'{path}' is damaged, or no checkpoint of a training here; choose another") from None
    optimizer = {name: tensor for name, tensor in tensors.items() if name.startswith(_OPTIMIZER)}
    weights = {name: tensor for name, tensor in tensors.items() if name not in optimizer}
    return Checkpoint(about, weights, optimizer)
