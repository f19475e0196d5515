"""A network that learns: its module, its pictures and its optimizer; one step, one judgement at a time.

Knows no order of events and keeps nothing: the loop does. Loads torch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from explorer.interop.torch_module import build
from explorer.interop.weights import fill
from explorer.learning import features, freezing, matching
from explorer.learning.batches import Feed, batch_count, drawn, order, randomness, scale_for
from explorer.learning.checkpoint import Checkpoint
from explorer.learning.data_set import DataSet
from explorer.learning.judging import Judgement, at_once, dead_shares, judge
from explorer.learning.objective import Objective, optimizer
from explorer.learning.settings import TrainSettings
from explorer.learning.world import ALONE, World, own_device
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.problems import Severity


@dataclass(frozen=True)
class Stepped:
    """One step, over all processes: the mean loss of so many pictures, and how many were right."""

    loss: float
    correct: int
    pictures: int


def device_of(settings: TrainSettings) -> torch.device:
    """The device that the settings name; `auto` is the fastest here. Raises UserError for one that is not."""
    name = own_device(settings.device)
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UserError(f"there is no device '{name}' here; take 'cpu' or 'auto'")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise UserError("there is no device 'mps' here; take 'cpu' or 'auto'")
    return device


class Learner:
    """Begins from the weights that the network has, from a checkpoint, or from torch's own initialization.

    Frozen layers keep their weights and, where they normalize by batches, their statistics. Raises UserError
    where network, data and settings don't go together.
    """

    def __init__(
        self,
        network: Network,
        data: DataSet,
        settings: TrainSettings,
        world: World = ALONE,
        begin: Checkpoint | None = None,
    ) -> None:
        for problem in matching.problems(network, data):
            if problem.severity is Severity.ERROR:
                raise UserError(problem.message)
        if settings.batch_size < world.size:
            raise UserError(
                f"{world.size} processes share each batch; take a batch of at least {2 * world.size}"
            )
        self.network, self.data, self.settings, self.world = network, data, settings, world
        self.device = device_of(settings)
        shape = matching.input_shape(network)
        self.scale = _scale(network, data, shape[0] if len(shape) == 3 else data.input[0])
        feed = Feed(data, data.train, shape, self.device, settings.augment, self.scale)
        self.pictures = Feed(data, data.validation, shape, self.device, scale=self.scale)
        """The validation pictures as the whole network takes them."""
        self._train: features.Source = feed
        self._judged: features.Source = self.pictures
        self._feed = feed
        self.module = build(network, seed=settings.seed).to(self.device)
        fill(self.module, network)
        self.frozen = freezing.frozen(network, settings.freeze)
        for node in self.frozen:
            self.module.get_submodule(self.module.module_name(node)).requires_grad_(False)
        self.module.eval()  # until the first step
        self.weights = [weight for weight in self.module.parameters() if weight.requires_grad]
        if not self.weights:
            raise UserError(f"{network.name} has no weights to learn; add a convolution or a linear layer")
        self.optimizer = optimizer(settings, self.weights)
        if begin is not None:
            begin.restore(self.module, self.optimizer)
        if world.size > 1:  # only the first one may know a checkpoint
            self.module.load_state_dict(world.same(_on_cpu(self.module.state_dict())))
            self.optimizer.load_state_dict(world.same(_on_cpu(self.optimizer.state_dict())))
        self._objective = Objective(network, settings.label_smoothing)
        self._plain = Objective(network)
        self.batches = batch_count(len(data.train), settings.batch_size, world.size)
        self._at_once = at_once(network, settings.batch_size)
        self._part: nn.Module = self.module
        self._run: nn.Module = self.module

    def prepare(self, stopped: Callable[[], bool]) -> None:
        """Called once before the first step. Raises Stopped.

        What frozen layers make of all pictures is worked out, where it can be, and processes join.
        """
        settled = freezing.settled(self.network, self.frozen)
        if settled and not self.settings.augment:
            self._keep_features(settled, stopped)
        if self.world.size > 1:
            self._parallel()

    def _keep_features(self, settled: frozenset[str], stopped: Callable[[], bool]) -> None:
        tail = features.Tail(self.network, self.module, settled)
        train = features.features(tail, self._feed, self.device, stopped, self._at_once)
        held_out = (
            None
            if train is None
            else features.features(tail, self.pictures, self.device, stopped, self._at_once)
        )
        if train is not None and held_out is not None:
            self._train, self._judged = train, held_out
            self._part = self._run = tail

    def _parallel(self) -> None:
        """Gradients are the mean over all processes, and all begin from the first one's weights."""
        own = [self.device] if self.device.type == "cuda" else None
        dead_ends = not _all_used(self.network)
        self._run = nn.parallel.DistributedDataParallel(
            self._part, device_ids=own, find_unused_parameters=dead_ends
        )

    def order(self, epoch: int) -> list[NDArray[np.int64]]:
        """The epoch's batches of indices."""
        settings = self.settings
        return order(len(self.data.train), settings.batch_size, settings.seed, epoch, self.world.size)

    def step(self, indices: NDArray[np.int64], epoch: int, batch: int, lr: float) -> Stepped:
        """Learn from these pictures. Where the loss is no number the weights stay as they are."""
        settings, world = self.settings, self.world
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        own = world.share(indices)
        other = f" {world.rank}" if world.rank else ""
        taken, labels = self._train.take(own, drawn(settings.seed, f"augment{other}", epoch, batch))
        self._learning()
        key = drawn(settings.seed, f"dropout{other}", epoch, batch)
        with randomness(self.device, key), self._precision():
            scores = self._objective.scores(self.module, taken, self._run)
        loss = self._objective.loss(scores, labels)
        self.optimizer.zero_grad(set_to_none=True)
        # The processes' gradients are averaged: each counts by its share of the pictures.
        torch.autograd.backward(loss if world.size == 1 else loss * (len(own) * world.size / len(indices)))
        correct = int((scores[0].detach().argmax(1) == labels).sum())
        total, right = world.summed((float(loss.detach()) * len(own), correct))
        mean = total / len(indices) if world.size > 1 else float(loss.detach())
        if np.isfinite(mean):
            if settings.clip:
                torch.nn.utils.clip_grad_norm_(self.weights, settings.clip)
            self.optimizer.step()
        return Stepped(mean, int(right), len(indices))

    def _learning(self) -> None:
        if self.module.training:
            return
        self.module.train()
        for node in self.frozen:
            self.module.get_submodule(self.module.module_name(node)).eval()

    def _precision(self) -> torch.autocast | nullcontext[None]:
        if self.settings.mixed_precision and self.device.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return nullcontext()

    def judge(self, stopped: Callable[[], bool]) -> Judgement:
        """The figures on the validation split. Raises Stopped in the middle if asked to."""
        data, world = self.data, self.world
        return judge(
            self.module,
            self._plain,
            self._judged,
            data.validation,
            len(data.classes),
            stopped,
            self._at_once,
            self._part,
            world,
        )

    def dead_shares(self, stopped: Callable[[], bool]) -> dict[str, float]:
        """The share of dead units of each ReLU, on a probe of the validation pictures. Raises Stopped."""
        return dead_shares(self.network, self.module, self.pictures, stopped, self._at_once)


def _on_cpu(value: Any) -> Any:
    """A state to be sent: what lies on a GPU would come to all processes on that very GPU."""
    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(one) for key, one in value.items()}
    return [_on_cpu(one) for one in value] if isinstance(value, list) else value


def _scale(network: Network, data: DataSet, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What the network's weights were learned with, or the data's own."""
    trained = network.trained
    if trained is not None and len(trained.mean) == len(trained.deviation) == channels:
        return trained.mean, trained.deviation
    return scale_for(data, channels)


def _all_used(network: Network) -> bool:
    """Whether every layer with weights has a part in a result."""
    waiting = [node for results in matching.heads(network) for node in results]
    used: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node not in used:
            used.add(node)
            waiting += [link.source for link in network.topology.incoming[node]]
    return used.issuperset(freezing.learnable(network))
