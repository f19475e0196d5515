"""A network with its weights, and pictures as it sees them: where every look inside begins. Loads torch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from explorer.interop.execute import fit_picture, normalization
from explorer.interop.torch_module import NetworkModule, input_shapes
from explorer.interop.weights import ready
from explorer.media.pictures import Picture
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.layers import LogSoftmax, Output, Softmax

Check = Callable[[], None]
"""Called between two nodes or two passes; ends the work by raising."""
Inputs = tuple[Tensor, ...]


def never() -> None:
    """The check of those who do not stop."""


@dataclass(frozen=True, eq=False)
class Subject:
    """One network, its module in eval mode without gradients of its weights, and what of it is random.

    Several Jobs may look into one subject: each holds `lock` while it runs the module.
    """

    network: Network
    inference: Inference
    module: NetworkModule
    random: frozenset[str]
    picture_input: int
    lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def of(cls, network: Network, inference: Inference | None = None, seed: int = 0) -> Subject:
        """Raises UserError for a network that cannot run, or that takes no picture."""
        shapes = input_shapes(network)
        places = [at for at, shape in enumerate(shapes) if len(shape) == 3 and shape[0] in (1, 3)]
        if not places:
            raise UserError(
                f"{network.name} takes no picture: an Input of 1 or 3 channels, rows and columns is needed."
            )
        module, random = ready(network, seed)
        module.eval().requires_grad_(False)
        return cls(network, inference or infer(network), module, random, places[0])

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the input that takes the picture."""
        channels, height, width = input_shapes(self.network)[self.picture_input]
        return channels, height, width

    @property
    def input_node(self) -> str:
        """The id of the Input that takes the picture."""
        return self.module.inputs[self.picture_input]

    def inputs(self, picture: Picture) -> Inputs:
        """A batch of one for every Input: the picture's middle, scaled, normalised; noise for the others."""
        generator = torch.Generator().manual_seed(0)
        return tuple(
            fit_picture(picture, shape, generator, self.network.trained)
            for shape in input_shapes(self.network)
        )

    def seen(self, inputs: Inputs) -> Picture:
        """The picture as the network sees it, (H, W) or (H, W, 3) uint8, no longer normalised."""
        value = inputs[self.picture_input]
        mean, deviation = normalization(value.shape[1], self.network.trained)
        bytes_ = ((value[:1] * deviation + mean) * 255).round().clamp(0, 255).to(torch.uint8)[0]
        picture = bytes_[0] if len(bytes_) == 1 else bytes_.permute(1, 2, 0)
        found: Picture = np.ascontiguousarray(picture.numpy())
        return found

    def ground(self) -> float:
        """What black is to the network, where it takes grey pictures; the mean colour otherwise: 0."""
        if self.shape[0] != 1:
            return 0.0
        mean, deviation = normalization(1, self.network.trained)
        return float(-mean / deviation)

    def run(
        self, inputs: Inputs, check: Check = never, until: str | None = None
    ) -> Iterator[tuple[str, Tensor]]:
        """(node, value) in the order of evaluation, up to and with node `until`."""
        for node, value in self.module.run_nodes(*inputs):
            check()
            yield node, value
            if node == until:
                return

    def value(self, inputs: Inputs, node: str, check: Check = never) -> Tensor:
        """What one node puts out, with the batch."""
        for at, value in self.run(inputs, check, node):
            if at == node:
                return value
        raise UserError(f"{self.network.path(node)} is not evaluated.")

    @property
    def scores(self) -> str:
        """The node that gives the scores of the classes, before any softmax. Raises UserError."""
        node = self.module.result_nodes[-1]
        while isinstance(self.network.nodes[node].layer, Output | Softmax | LogSoftmax):
            node = self.network.topology.incoming[node][0].source
        output = self.inference.results[node].output
        if output is None or len(output) != 1:
            raise UserError(f"{self.network.name} ends in no vector of scores, so it has no classes.")
        return node
