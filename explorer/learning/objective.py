"""What a training makes small, and by which rule the weights follow. Loads torch."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.interop.torch_module import NetworkModule
from explorer.learning.settings import Optimizer, TrainSettings
from explorer.network.graph import Network
from explorer.network.layers import RBF, Output, Softmax
from explorer.network.problems import last_before

AUXILIARY = 0.3
"""The weight of a head that only training has (Szegedy et al. 2014, GoogLeNet)."""
_LEAST = 1e-12


class Objective:
    """The cross-entropy of a network's scores, with its auxiliary heads' at 0.3 each."""

    def __init__(self, network: Network, label_smoothing: float = 0.0) -> None:
        self._ends = {node.id: _end(network, node.id) for node in network.nodes.values()}
        self._smoothing = label_smoothing

    def scores(self, module: NetworkModule, taken: Tensor, run: nn.Module | None = None) -> list[Tensor]:
        """(N, classes) unnormalised logarithms of probabilities, the main head's first.

        `taken` goes through `run`, which stands for the module: parallel to others, or only its last part.
        """
        given = (module if run is None else run)(taken)
        values = given if isinstance(given, tuple) else (given,)
        return [
            _scores(value, self._ends[node]) for node, value in zip(module.result_nodes, values, strict=True)
        ]

    def loss(self, scores: list[Tensor], labels: Tensor) -> Tensor:
        """The mean over the batch."""
        parts = [F.cross_entropy(part.float(), labels, label_smoothing=self._smoothing) for part in scores]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole + AUXILIARY * part
        return whole


def _end(network: Network, node: str) -> type:
    """The kind of layer whose values come out at a node, seen through an Output and what passes on."""
    layer = network.nodes[node].layer
    if isinstance(layer, Output):
        before = last_before(network, node)
        layer = layer if before is None else before.layer
    return type(layer)


def _scores(value: Tensor, end: type) -> Tensor:
    value = value.flatten(1)  # the logarithms that a LogSoftmax gives are scores as they are
    if end is Softmax:
        return value.clamp_min(_LEAST).log()
    if end is RBF:
        return -value  # the smallest distance is the network's answer
    return value


def optimizer(settings: TrainSettings, weights: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """As torch has them. Biases and norms decay like the rest, which is what the papers of the zoo did."""
    rate, decay = settings.lr, settings.weight_decay
    chosen = list(weights)
    if settings.optimizer is Optimizer.ADAM:
        return torch.optim.Adam(chosen, rate, weight_decay=decay)
    if settings.optimizer is Optimizer.ADAMW:
        return torch.optim.AdamW(chosen, rate, weight_decay=decay)
    if settings.optimizer is Optimizer.RMSPROP:
        return torch.optim.RMSprop(chosen, rate, momentum=settings.momentum, weight_decay=decay)
    nesterov = settings.nesterov and settings.momentum > 0
    return torch.optim.SGD(chosen, rate, settings.momentum, weight_decay=decay, nesterov=nesterov)
