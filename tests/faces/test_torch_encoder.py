"""SFace in torch: equal to OpenCV, and its weights by the nodes' paths."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from explorer.faces.encoder import SFace, unit
from explorer.faces.models import SFACE, checked_bytes
from explorer.faces.onnx_tensors import read_weights
from explorer.faces.pipeline import Reading
from explorer.faces.torch_encoder import TorchSFace, sface_weights, weighted_sface
from explorer.interop.execute import run_picture
from explorer.interop.weights import ready
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.zoo import catalogue


def test_it_equals_opencv(readings: dict[str, list[Reading]]) -> None:
    fast, ours = SFace(), TorchSFace()
    noise = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    for chip in (noise, *(own[0].chip for own in list(readings.values())[:3])):
        for careful in (True, False):
            np.testing.assert_allclose(ours.encode(chip, careful), fast.encode(chip, careful), atol=1e-4)
    assert ours.version == fast.version


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


def test_blocks_are_dequantised_each_with_its_own_scale() -> None:
    weights = read_weights(checked_bytes(SFACE))
    weight = weights["conv_14_conv2d_weight"].reshape(1024, 16, 64)
    scales = weights["conv_14_conv2d_weight_scales"]
    steps = weight / scales[:, :, None]
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-3)
    assert np.abs(steps).max() <= 255


@pytest.mark.parametrize("data", [b"", b"\x08", b"\x3a\x05abc", b"not a model at all", b"\x3a\x02\x2a\x7f"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="not an ONNX file"):
        read_weights(data)


def test_on_the_canvas_it_has_its_weights_and_embeds_as_it_does(readings: dict[str, list[Reading]]) -> None:
    network = weighted_sface()
    assert ready(network)[1] == frozenset(), "no layer is left random"
    chip = readings["Viktor"][0].chip
    vector = list(run_picture(network, chip))[-1].vector
    assert vector is not None
    np.testing.assert_allclose(unit(vector), SFace().encode(chip, careful=False), atol=1e-4)
