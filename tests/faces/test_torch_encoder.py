"""SFace in torch: equal to OpenCV, and on the canvas."""

from __future__ import annotations

import numpy as np

from explorer.faces.encoder import SFace, unit
from explorer.faces.pipeline import Reading
from explorer.faces.torch_encoder import TorchSFace, weighted_sface
from explorer.interop.execute import run_picture
from explorer.interop.weights import ready


def test_it_equals_opencv(readings: dict[str, list[Reading]]) -> None:
    fast, ours = SFace(), TorchSFace()
    noise = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    for chip in (noise, *(own[0].chip for own in list(readings.values())[:3])):
        for careful in (True, False):
            np.testing.assert_allclose(ours.encode(chip, careful), fast.encode(chip, careful), atol=1e-4)
    assert ours.version == fast.version


def test_on_the_canvas_it_has_its_weights_and_embeds_as_it_does(readings: dict[str, list[Reading]]) -> None:
    network = weighted_sface()
    assert ready(network)[1] == frozenset(), "no layer is left random"
    chip = readings["Viktor"][0].chip
    vector = list(run_picture(network, chip))[-1].vector
    assert vector is not None
    np.testing.assert_allclose(unit(vector), SFace().encode(chip, careful=False), atol=1e-4)
