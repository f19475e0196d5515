"""The names and shapes of all weights are torchvision's, so that its weights fit."""

from __future__ import annotations

import pytest

from explorer.network.inference import infer
from explorer.zoo import catalogue


def _ours(name: str) -> dict[str, tuple[int, ...]]:
    network = catalogue.find(name).build()
    inference = infer(network)
    return {
        f"{network.path(node)}.{tensor.name}": tensor.shape
        for node in network.topology.order
        for tensor in inference.results[node].tensors
    }


def _torchvisions(name: str) -> dict[str, tuple[int, ...]]:
    import torch
    from torchvision import models

    with torch.device("meta"):
        model = getattr(models, name)(weights=None)
    return {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"])
def test_resnets_have_torchvisions_names(name: str) -> None:
    assert _ours(name) == _torchvisions(name)


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_vggs_have_torchvisions_shapes_in_its_order(name: str) -> None:
    assert list(_ours(name).values()) == list(_torchvisions(name).values())
