"""Every network of the zoo, built in torch on the meta device: weights, MACs and the sizes of all layers."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.interop.torch_module import build, input_shapes
from explorer.network.inference import infer
from explorer.zoo import catalogue
from explorer.zoo.catalogue import Entry


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)
def test_torch_counts_the_same(entry: Entry) -> None:
    network = entry.build()
    inference = infer(network)
    module = build(network, inference, device="meta").eval()
    assert sum(parameter.numel() for parameter in module.parameters()) == entry.parameters
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        inputs = [torch.empty(1, *shape, device="meta") for shape in input_shapes(network)]
        sizes = {node: tuple(value.shape[1:]) for node, value in module.run_nodes(*inputs)}
    nodes = [node.id for node in network.nodes.values() if not node.training_only]
    assert sizes == {node: inference.results[node].output for node in nodes}
    assert counter.get_total_flops() == 2 * entry.macs
