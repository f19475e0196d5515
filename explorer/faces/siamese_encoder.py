"""Encoders that can be trained: a small one, any network of the canvas, or the bundled one with a new head.

Import this module only where torch may be loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.faces.encoder import SFace
from explorer.faces.siamese_data import fit
from explorer.interop.torch_module import input_shapes
from explorer.interop.weights import match, ready
from explorer.media.pictures import Picture
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.inference import infer
from explorer.network.layers import BatchNorm, Flatten, LogSoftmax, Output, ReLU, Softmax
from explorer.network.operations import Change
from explorer.network.shorthand import conv, linear, max_pool

FEATURES = 64
MOST_FEATURES = 8192


@dataclass(frozen=True)
class Trainable:
    """An encoder to train. `module` takes a batch of what `ready` makes and gives (N, F) on the unit sphere.

    `network` is None for the bundled encoder with a new head.
    """

    title: str
    module: nn.Module
    ready: Callable[[Picture], NDArray[Any]]
    features: int
    network: Network | None
    only_faces: bool = False


class Embedding(nn.Module):
    """A network whose result is flattened and scaled to length 1. It begins with the network's own weights.

    Pixels come as bytes and go in as the network was trained to have them, or as −1 to 1.
    """

    def __init__(self, network: Network, channels: int, seed: int) -> None:
        super().__init__()
        self.body, _ = ready(network, seed)
        self._node = _embedding_node(network)
        mean, deviation = pixel_scale(network, channels)
        self._mean = torch.tensor(mean).reshape(1, channels, 1, 1)
        self._deviation = torch.tensor(deviation).reshape(1, channels, 1, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        inner = (pixels.float() / 255 - self._mean) / self._deviation
        for node, value in self.body.run_nodes(inner):
            if node == self._node:
                return F.normalize(value.flatten(1), dim=1)
        raise AssertionError("the node is one of the network's")


class Head(nn.Module):
    """A linear layer on the frozen encoder's embeddings; at first it changes nothing."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, features)
        nn.init.eye_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, embeddings: Tensor) -> Tensor:
        return F.normalize(self.linear(embeddings), dim=1)


def small_network(side: int = 28, channels: int = 1, features: int = FEATURES) -> Network:
    """Three convolutions and a linear layer: learns in seconds. (channels, side, side) → (features,)."""
    b = Builder("Small encoder")
    b.input(channels, side, side)
    for number, width in enumerate((16, 32, 64), 1):
        b.add(conv(width, 3, padding=1, bias=False), name=f"conv{number}")
        b.add(BatchNorm(), name=f"norm{number}")
        b.add(ReLU(), name=f"relu{number}")
        b.add(max_pool(2, 2), name=f"pool{number}")
    b.add(Flatten(), name="flatten")
    b.add(linear(features), name="embedding")
    return b.network()


def of_network(network: Network, seed: int = 0) -> Trainable:
    """Any network with one picture for its input; a softmax at its end is left away.

    Raises UserError for networks that cannot run, take no picture, or give too many numbers.
    """
    shapes = input_shapes(network)
    if len(shapes) != 1 or len(shapes[0]) != 3:
        raise UserError(
            f"'{network.name}' has {len(shapes)} inputs; an encoder takes one picture (C, H, W): "
            "the two sides of a Siamese pair are one encoder, used twice"
            if len(shapes) != 1
            else f"'{network.name}' takes {shapes[0]}; an encoder takes a picture (C, H, W)"
        )
    channels, height, width = shapes[0]
    if channels not in (1, 3):
        raise UserError(f"'{network.name}' takes {channels} channels; a picture has 1 (grey) or 3 (RGB)")
    module = Embedding(network, channels, seed)
    outputs = infer(network).results[_embedding_node(network)].outputs
    features = int(np.prod(outputs[0]))
    if not 2 <= features <= MOST_FEATURES:
        raise UserError(
            f"'{network.name}' gives {features:,} numbers; an embedding has 2 to {MOST_FEATURES:,}: "
            "end the network with a Linear layer"
        )
    shape = (channels, height, width)
    return Trainable(network.name, module, lambda picture: fit(picture, shape), features, network)


def pixel_scale(network: Network, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of pixels from 0 to 1 for each channel: the network's own, or those of −1 to 1."""
    trained = network.trained
    if trained is not None and len(trained.mean) == len(trained.deviation) == channels:
        return trained.mean, trained.deviation
    return (0.5,) * channels, (0.5,) * channels


def weighted(trainable: Trainable, data: str) -> Network:
    """The network that learned, with its weights, which were learned on `data`.

    Raises UserError for the bundled encoder with a new head, which is no network of the canvas.
    """
    if trainable.network is None:
        raise UserError(f"'{trainable.title}' is no network of the canvas; open SFace itself")
    return apply(trainable.network, change_for(trainable, trainable.network, data).edits)


def change_for(trainable: Trainable, network: Network, data: str) -> Change:
    """The edit that gives a network what was learned, layer by layer where name and shape are still the same.

    Raises UserError where nothing fits.
    """
    body = trainable.module.body if isinstance(trainable.module, Embedding) else nn.Module()
    channels = input_shapes(network)[0][0]
    mean, deviation = pixel_scale(network, channels)
    learned = Trained(f"{data}, as a Siamese network", mean=mean, deviation=deviation)
    return match(network, body.state_dict(), learned, "Apply Siamese weights")[0]


def sface_head() -> Trainable:
    """The bundled encoder, frozen, and a new layer on it: only the layer learns, so a face is read once."""
    encoder = SFace()
    return Trainable(
        "SFace, frozen, and a new head",
        Head(SFace.size),
        lambda chip: encoder.encode(_square(chip), careful=False),
        SFace.size,
        None,
        only_faces=True,
    )


def _square(chip: Picture) -> Picture:
    return np.ascontiguousarray(fit(chip, (3, 112, 112)).transpose(1, 2, 0))


def _embedding_node(network: Network) -> str:
    """The last node but outputs and a softmax: those would squeeze the sphere into a corner."""
    incoming = network.topology.incoming
    ends = [
        node.id
        for node in network.nodes.values()
        if not network.topology.outgoing[node.id] and not node.training_only
    ]
    if len(ends) != 1:
        raise UserError(f"'{network.name}' has {len(ends)} ends; an encoder has one: its embedding")
    node = ends[0]
    while isinstance(network.nodes[node].layer, Output | Softmax | LogSoftmax) and incoming[node]:
        node = incoming[node][0].source
    return node
