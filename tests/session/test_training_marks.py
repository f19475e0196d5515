"""A training's figures belong to nodes that are as they were, of the network that fits best."""

from __future__ import annotations

import pytest

from explorer.network import operations
from explorer.network.edits import apply
from explorer.network.graph import Network
from explorer.session.training_marks import TrainingMarks
from explorer.zoo import catalogue


@pytest.fixture
def network() -> Network:
    return catalogue.find("lenet5").build()


def test_bars_are_logarithmic_and_words_are_short(network: Network) -> None:
    marks = TrainingMarks()
    norms = {"features.conv1": 1.0, "classifier.fc3": 0.01}
    marks.tell(0, network, "LeNet-5, epoch 1", norms, {"flatten": 0.25})
    title, found = marks.at(network)
    assert title == "LeNet-5, epoch 1"
    assert found["features.conv1"].share == 1.0
    assert found["classifier.fc3"].share == pytest.approx(0.5)
    assert found["classifier.fc3"].text == "∇ 0.01"
    assert found["flatten"].text == "25 % dead"
    marks.tell(0, network, "later", {"features.conv1": 0.0, "classifier.fc3": float("nan")}, {})
    assert {mark.share for mark in marks.at(network)[1].values()} == {0.0}


def test_a_node_that_is_another_now_has_no_mark(network: Network) -> None:
    marks, told = TrainingMarks(), []
    marks.changed.connect(lambda: told.append(True))
    norms = dict.fromkeys(("features.conv1", "features.conv2", "classifier.fc1"), 1.0)
    marks.tell(0, network, "", norms, {})
    wider = apply(network, operations.set_fields(network, "features.conv1", {"out_channels": 9}).edits)
    assert set(marks.at(wider)[1]) == {"features.conv2", "classifier.fc1"}
    cut = apply(network, operations.delete(network, str, ("features.tanh1",)).edits)
    assert "features.conv1" in marks.at(cut)[1]
    marks.begin()
    assert marks.at(network) == ("", {})
    assert len(told) == 2


def test_of_several_networks_each_gets_its_own() -> None:
    plain, residual = (catalogue.find(name).build() for name in ("plain20", "resnet20"))
    marks = TrainingMarks()
    for number, network in enumerate((plain, residual)):
        norms = {node: float(number + 1) for node in network.nodes}
        marks.tell(number, network, network.name, norms, {})
    for number, network in enumerate((plain, residual)):
        title, found = marks.at(network)
        assert title == network.name
        assert {mark.value for mark in found.values()} == {number + 1.0}
        assert len(found) == len(network.nodes)
