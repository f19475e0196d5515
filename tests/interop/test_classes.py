"""Classes are named when every weight was learned, and withheld otherwise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from explorer.interop.classes import top_classes
from explorer.interop.execute import run_picture
from explorer.interop.torch_module import build
from explorer.interop.weights import of_module, ready
from explorer.network.edits import apply
from explorer.network.graph import Network, Trained
from explorer.network.layer import Layer
from explorer.network.layers import Conv2d, Flatten, Input, Linear, LogSoftmax, Output, Softmax
from tests.network.chain import chain

NAMES = ("ant", "bee", "cat")


def trained(*ends: Layer) -> Network:
    network = chain(Input((1, 6, 6)), Conv2d(2, (3, 3)), Flatten(), Linear(3), *ends)
    made = of_module(network, build(network, seed=3), Trained("a test", NAMES, (0.4,), (0.3,)))
    return apply(network, made.edits)


@pytest.mark.parametrize("ends", [(), (Softmax(),), (LogSoftmax(),), (Softmax(), Output())])
def test_the_likeliest_come_first_whatever_the_end(ends: tuple[Layer, ...]) -> None:
    network = trained(*ends)
    picture = np.random.default_rng(1).integers(0, 256, (6, 6), dtype=np.uint8)
    module, random = ready(network)
    assert not random
    vectors = {one.node: one.vector for one in run_picture(network, picture) if one.vector is not None}
    found = top_classes(network, vectors, random, 2)
    assert found is not None
    module.eval()
    scaled = (torch.from_numpy(picture)[None, None] / 255 - 0.4) / 0.3
    scores = build(trained(), seed=3).eval()(scaled)
    shares, order = torch.softmax(scores[0], 0).sort(descending=True)
    assert [one.name for one in found] == [NAMES[index] for index in order[:2].tolist()]
    np.testing.assert_allclose([one.probability for one in found], shares[:2].detach(), rtol=1e-5)


def test_one_random_layer_withholds_every_name() -> None:
    network = trained()
    conv, fc = (node for node in network.nodes if network.nodes[node].tensors)
    vectors = {fc: np.zeros(3, np.float32)}
    assert top_classes(network, vectors, (), 3) is not None
    assert top_classes(network, vectors, {conv}, 3) is None
    unknown = Network(network.name, "", network.nodes, network.links)
    assert top_classes(unknown, vectors, (), 3) is None
    nodes = {**network.nodes, conv: replace(network.nodes[conv], tensors={})}
    assert ready(Network("x", "", nodes, network.links))[1] == {conv}
