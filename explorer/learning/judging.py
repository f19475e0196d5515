"""How good a network is, and how its training goes from the inside. Loads torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from explorer.interop.torch_module import NetworkModule
from explorer.learning.batches import Feed
from explorer.learning.data_set import Split
from explorer.learning.features import Source
from explorer.learning.objective import Objective
from explorer.learning.training_events import Mistake
from explorer.learning.world import ALONE, World
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import Conv2d, ReLU
from explorer.tasks.job import Stopped

MOST_AT_ONCE, ROOM = 256, 256 << 20
"""Pictures that go through a network together, and bytes that all they become may take."""
MISTAKES = 12
PROBE = 128
"""Pictures on which a unit has to be 0 to count as dead."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """The figures on a split. `confusion` counts [true, predicted]; the loss is without smoothing."""

    loss: float
    accuracy: float
    confusion: NDArray[np.int64]
    worst: tuple[Mistake, ...]


def at_once(network: Network, batch_size: int) -> int:
    """How many pictures to take together where nothing is learned: a batch of the training is never too many.

    Of large networks few, so that neither memory nor a person who stops waits for them.
    """
    one = max(1, infer(network).totals.activation_bytes)
    return min(MOST_AT_ONCE, max(batch_size, ROOM // one))


def judge(
    module: NetworkModule,
    objective: Objective,
    feed: Source,
    split: Split,
    classes: int,
    stopped: Callable[[], bool],
    chunk: int = MOST_AT_ONCE,
    run: nn.Module | None = None,
    world: World = ALONE,
) -> Judgement:
    """Runs a split in eval mode, each process its share; `stopped` is asked before each `chunk` of pictures.

    Raises Stopped where it says so. `run` stands for the module where the feed gives what only its last
    part takes.
    """
    module.eval()
    loss, confusion = 0.0, np.zeros((classes, classes), np.int64)
    own = world.share(np.arange(len(split)))
    shares, guesses = [], []
    with torch.inference_mode():
        for start in range(0, len(own), chunk):
            if stopped():
                raise Stopped
            taken, labels = feed.take(own[start : start + chunk])
            scores = objective.scores(module, taken, run)[0].float()
            loss += float(F.cross_entropy(scores, labels, reduction="sum"))
            share, guess = scores.softmax(1).max(1)
            shares.append(share.cpu().numpy())
            guesses.append(guess.cpu().numpy())
    if not len(split):
        return Judgement(nan, nan, confusion, ())
    certainty, answers = np.zeros(len(split), np.float32), np.zeros(len(split), np.int64)
    for part, part_shares, part_guesses in world.gathered((own, shares, guesses)):
        if len(part):
            certainty[part], answers[part] = np.concatenate(part_shares), np.concatenate(part_guesses)
    (loss,) = world.summed((loss,))
    np.add.at(confusion, (split.labels, answers), 1)
    wrong = np.flatnonzero(answers != split.labels)
    first = wrong[np.argsort(-certainty[wrong], kind="stable")][:MISTAKES]
    worst = tuple(
        Mistake(
            int(at), split.pictures[at].copy(), int(split.labels[at]), int(answers[at]), float(certainty[at])
        )
        for at in first
    )
    return Judgement(loss / len(split), float(np.trace(confusion) / len(split)), confusion, worst)


def gradient_norms(network: Network, module: NetworkModule) -> dict[str, float]:
    """The L2 norm of the gradient of each node's weights, in the order of the network."""
    found = {}
    for node in network.topology.order:
        own = module.get_submodule(module.module_name(node)).parameters()
        squares = [float(weight.grad.square().sum()) for weight in own if weight.grad is not None]
        if squares:
            found[node] = float(np.sqrt(sum(squares)))
    return found


def dead_shares(
    network: Network,
    module: NetworkModule,
    feed: Feed,
    stopped: Callable[[], bool],
    chunk: int = MOST_AT_ONCE,
) -> dict[str, float]:
    """For each ReLU the share of its maps (or units) that are 0 for every picture of a probe.

    Raises Stopped.
    """
    rectified = {node.id for node in network.nodes.values() if isinstance(node.layer, ReLU)}
    if not rectified:
        return {}
    module.eval()
    alive: dict[str, torch.Tensor] = {}
    count = min(PROBE, len(feed))
    with torch.inference_mode():
        for start in range(0, count, chunk):
            if stopped():
                raise Stopped
            pictures, _ = feed.take(np.arange(start, min(start + chunk, count)))
            for node, value in module.run_nodes(pictures):
                if node in rectified:
                    found = value.transpose(0, 1).flatten(1).amax(1) > 0
                    alive[node] = alive[node] | found if node in alive else found
    return {node: 1.0 - float(found.float().mean()) for node, found in alive.items()}


def first_filters(network: Network, module: NetworkModule) -> NDArray[np.float32] | None:
    """(out, in, kh, kw): a copy of the weights of the first convolution, None without one."""
    for node in network.topology.order:
        if isinstance(network.nodes[node].layer, Conv2d):
            weight = module.get_submodule(module.module_name(node)).weight
            assert isinstance(weight, torch.Tensor)
            return weight.detach().float().cpu().numpy().copy()
    return None
