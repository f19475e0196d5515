"""The weights that ship for SFace, by the nodes of the zoo's network."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from explorer.interop.sface import sface_weights
from explorer.interop.weights import ready
from explorer.learning.shipped import change_for, come_for
from explorer.network.edits import apply
from explorer.network.inference import infer
from explorer.zoo import catalogue


def test_every_parameter_of_the_network_has_its_weights() -> None:
    network = catalogue.find("sface").build()
    inference = infer(network)
    weights = sface_weights()
    wanted = {
        f"{network.path(node)}.{tensor.name}": tensor.shape
        for node in network.topology.order
        for tensor in inference.results[node].tensors
    }
    assert sum(prod(shape) for shape in wanted.values()) == 9_642_880
    assert {name: weights[name].shape for name in wanted} == wanted
    beside = weights.keys() - wanted.keys()
    assert {name.rpartition(".")[2] for name in beside} == {"running_mean", "running_var"}


def test_the_shared_weights_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        sface_weights()["pre_fc1.bias"][0] = 1


def test_the_zoo_s_network_takes_them_as_one_edit() -> None:
    network = catalogue.find("sface").build()
    assert come_for(network)
    weighted = apply(network, change_for(network).edits)
    module, left = ready(weighted)
    assert left == frozenset()
    assert weighted.trained is not None
    assert (weighted.trained.mean, weighted.trained.deviation) == ((0, 0, 0), (1, 1, 1))
    held = next(value for name, value in module.state_dict().items() if name.startswith("pre_fc1"))
    np.testing.assert_array_equal(held.numpy(), sface_weights()["pre_fc1.weight"])
    assert not come_for(catalogue.find("dlib-face").build())
