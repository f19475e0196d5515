"""The experiments can start as they stand, and their contenders differ in what they say."""

from __future__ import annotations

import math

import pytest

from explorer.learning.control import Control
from explorer.learning.data import load
from explorer.learning.experiments.presets import PRESETS, SAMPLE, Preset, find
from explorer.learning.loop import train
from explorer.learning.matching import problems
from explorer.learning.settings import changed
from explorer.learning.training_events import TrainBatch
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.network.problems import Severity


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_each_contender_learns_from_its_data(preset: Preset) -> None:
    data = load(preset.data if preset.data.startswith(SAMPLE) else SAMPLE)
    names = set()
    for build in preset.contenders:
        network, control = build(), Control()
        names.add(network.name)
        assert not [one for one in problems(network, data) if one.severity is Severity.ERROR]
        settings = changed(preset.settings, {"batch_size": 8, "threads": 1, "device": "cpu"})
        losses = []
        for event in train(network, data, settings, control=control):
            if isinstance(event, TrainBatch):
                losses.append(event.loss)
                control.stop()
        assert len(losses) == 1
        assert math.isfinite(losses[0])
    assert len(names) == len(preset.contenders)


def parameters(name: str) -> list[int]:
    return [infer(build()).totals.parameters for build in find(name).contenders]


def test_contenders_are_as_large_as_is_said() -> None:
    conv, dense = parameters("convolution")
    assert abs(conv - dense) <= 8
    for name in ("residual-20", "residual-56"):
        plain, residual = parameters(name)
        assert plain == residual
    assert parameters("pooling") == sorted(parameters("pooling"), reverse=True)
    naive, reduced = (infer(build()).totals for build in find("inception").contenders)
    assert naive.macs > 3.5 * reduced.macs


def test_unknown_experiments_are_named() -> None:
    with pytest.raises(UserError, match="residual-20"):
        find("residual-21")


def test_a_named_set_can_be_cut() -> None:
    data = load(f"{SAMPLE}:2000")
    assert (len(data.train), len(data.validation)) == (2000, 1000)
    assert data.fingerprint == load(f"{SAMPLE}:2000").fingerprint != load(SAMPLE).fingerprint
    assert data.title == "Fashion sample, 2,000 pictures"
    for wrong in ("0", "5001", "x", "-1"):
        with pytest.raises(UserError, match="1 to 5,000"):
            load(f"{SAMPLE}:{wrong}")
