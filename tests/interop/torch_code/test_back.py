"""There and back: the code of a network, imported, is the same network."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.interop import sources
from explorer.interop.torch_code import generate
from explorer.interop.torch_trace.importing import import_module
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layer import Layer
from explorer.network.layers import Input, Output
from explorer.zoo import catalogue

ZOO = [entry.name for entry in catalogue.entries()]
FOREIGN = (
    "googlenet", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5",
    "convnext_tiny", "swin_t", "densenet121",
)  # fmt: skip


def imported(text: str) -> Network:
    foreign = sources.parse(text)
    assert foreign is not None
    network: Network = sources.read(foreign, None).network
    return network


def back(network: Network, folder: Path) -> Network:
    """What comes of the network's code when it is imported."""
    code = generate(network)
    path = folder / "made.py"
    path.write_text(code.text, encoding="utf-8")
    foreign = sources.parse(f"{path}:{code.name}")
    assert foreign is not None
    shapes = [node.layer.shape for node in network.nodes.values() if isinstance(node.layer, Input)]
    again: Network = import_module(sources.make(foreign), shapes, network.name).network
    return again


def wired(network: Network) -> list[tuple[Layer, tuple[int, ...]]]:
    """Every layer in its order, and which of the others feed it; Outputs are results and no modules."""
    steps = [
        step for step in network.topology.steps if not isinstance(network.nodes[step.node].layer, Output)
    ]
    place = {step.node: index for index, step in enumerate(steps)}
    return [
        (network.nodes[step.node].layer, tuple(place[source] for source, _ in step.sources)) for step in steps
    ]


def weighted(network: Network) -> dict[str, int]:
    """The parameters of each layer that has any, by its path."""
    inference = infer(network)
    return {
        network.path(node): inference.results[node].parameters
        for node in network.topology.order
        if inference.results[node].parameters and node not in network.borrowers
    }


@pytest.mark.parametrize("name", ZOO)
def test_a_classic_network_comes_back_as_it_is(name: str, tmp_path: Path) -> None:
    network = catalogue.find(name).build()
    again = back(network, tmp_path)
    assert wired(again) == wired(network)
    assert weighted(again) == weighted(network)
    assert infer(again).totals == infer(network).totals


def test_densely_connected_blocks_are_loops() -> None:
    text = generate(imported("torchvision:densenet121")).text
    assert "    def forward(self, *features):\n" in text
    assert "            features.append(layer(*features))\n" in text
    assert len(text.splitlines()) < 200


@pytest.mark.parametrize("name", FOREIGN)
def test_a_convnet_of_torchvision_comes_back_as_it_is(name: str, tmp_path: Path) -> None:
    network = imported(f"torchvision:{name}")
    again = back(network, tmp_path)
    assert wired(again) == wired(network)
    assert infer(again).totals == infer(network).totals
