"""Layers that keep their weights: which they are, that they stay as they were, and run only once."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from explorer.interop.torch_module import build
from explorer.interop.weights import of_module
from explorer.learning import features
from explorer.learning.data_set import DataSet
from explorer.learning.events import Event
from explorer.learning.freezing import border, frozen, learnable, settled
from explorer.learning.learner import Learner
from explorer.learning.loop import train
from explorer.learning.settings import Augment, TrainSettings, changed
from explorer.learning.training_events import TrainBatch, TrainEpoch
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.layers import Add, BatchNorm, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU
from explorer.zoo import catalogue


@pytest.fixture
def residual() -> Network:
    """Frozen parts whose values two layers take, so that there are two borders."""
    b = Builder("Two borders")
    b.input(1, 28, 28)
    with b.block("body"):
        b.add(Conv2d(4, (5, 5), stride=(3, 3)), name="conv1")
        b.add(BatchNorm(), name="norm")
        skip = b.add(ReLU(), name="relu")
        b.add(Conv2d(4, (3, 3), padding="same"), name="conv2")
    with b.block("head"):
        inner = b.add(Conv2d(4, (3, 3), padding="same"), name="conv")
        b.add(Add(), inner, skip, name="add")
        b.add(MaxPool2d((2, 2), (2, 2)), name="pool")
        b.add(Flatten(), name="flatten")
        b.add(Dropout(0.2), name="dropout")
        b.add(Linear(10), name="fc")
    return b.network()


def paths(network: Network, nodes: Any) -> set[str]:
    return {network.path(node) for node in nodes}


def test_patterns_name_layers_and_blocks(residual: Network) -> None:
    assert paths(residual, frozen(residual, ["body"])) == {"body.conv1", "body.norm", "body.conv2"}
    assert paths(residual, frozen(residual, ["*.conv*"])) == {"body.conv1", "body.conv2", "head.conv"}
    assert paths(residual, frozen(residual, ["body.norm", "head.fc"])) == {"body.norm", "head.fc"}
    assert frozen(residual, []) == frozenset()
    with pytest.raises(UserError, match="'boddy' names no layer"):
        frozen(residual, ["boddy"])
    with pytest.raises(UserError, match="leave at least one"):
        frozen(residual, ["*"])


def test_what_is_settled_and_where_it_ends(residual: Network) -> None:
    whole = settled(residual, frozen(residual, ["body"]))
    assert paths(residual, whole) == {"input", "body.conv1", "body.norm", "body.relu", "body.conv2"}
    assert [residual.path(node) for node in border(residual, whole)] == ["body.relu", "body.conv2"]
    # A norm that learns ends it, and what learns below leaves nothing settled above.
    assert paths(residual, settled(residual, frozen(residual, ["*.conv*"]))) == {"input", "body.conv1"}
    assert settled(residual, frozen(residual, ["head"])) == frozenset()


def test_all_but_the_head_of_alexnet_is_settled_up_to_its_dropout() -> None:
    alexnet = catalogue.find("alexnet-tower").build()
    nodes = learnable(alexnet)
    found = settled(alexnet, frozenset(nodes[:-1]))
    assert set(nodes[:6]) <= found
    assert not set(nodes[6:]) & found


def figures(events: list[Event]) -> list[tuple[float, float]]:
    return [
        (event.loss, event.val_loss) if isinstance(event, TrainEpoch) else (event.loss, event.accuracy)
        for event in events
        if isinstance(event, TrainBatch | TrainEpoch)
    ]


def test_values_kept_give_the_same_training_with_fewer_forward_calls(
    residual: Network, data: DataSet, settings: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = changed(settings, {"freeze": ["body"]})
    calls = []
    forward = torch.nn.Conv2d.forward

    def counted(self: torch.nn.Conv2d, value: torch.Tensor) -> torch.Tensor:
        if self.in_channels == 1:
            calls.append(len(value))
        return forward(self, value)

    monkeypatch.setattr(torch.nn.Conv2d, "forward", counted)
    kept = figures(list(train(residual, data, settings)))
    few = sum(calls)
    calls.clear()
    monkeypatch.setattr(features, "MOST_BYTES", 0)
    anew = figures(list(train(residual, data, settings)))
    many = sum(calls)
    assert kept == [pytest.approx(pair, abs=1e-4) for pair in anew]
    probes = 3 * len(data.validation)  # dead units are looked for with pictures, after each epoch
    assert few - probes == len(data.train) + len(data.validation)
    assert many - probes >= 3 * (len(data.train) + len(data.validation))


def test_pictures_that_change_at_random_are_not_kept(
    residual: Network, data: DataSet, settings: TrainSettings
) -> None:
    augmented = changed(settings, {"freeze": ["body"], "augment": [Augment.FLIP]})
    learner = Learner(residual, data, augmented)
    learner.prepare(lambda: False)
    taken, _ = learner._train.take(data.train.labels[:4])
    assert taken.shape == (4, 1, 28, 28)


def test_frozen_layers_keep_weights_and_statistics(
    residual: Network, data: DataSet, settings: TrainSettings
) -> None:
    learner = Learner(residual, data, changed(settings, {"freeze": ["body"]}))
    before = {name: value.clone() for name, value in learner.module.state_dict().items()}
    for number, batch in enumerate(learner.order(1)):
        learner.step(batch, 1, number, 0.1)
    after = learner.module.state_dict()
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith("body."), name


def test_a_training_begins_from_the_weights_that_the_network_has(
    network: Network, data: DataSet, settings: TrainSettings
) -> None:
    module = build(network, seed=77)
    trained = Trained("a test", ("a",) * 10, (0.25,), (0.5,))
    weighted = apply(network, of_module(network, module, trained).edits)
    learner = Learner(weighted, data, settings)
    for name, value in module.state_dict().items():
        assert torch.equal(learner.module.state_dict()[name], value)
    assert learner.scale == ((0.25,), (0.5,))
    assert Learner(network, data, settings).scale == data.scale
