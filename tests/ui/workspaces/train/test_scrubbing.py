"""Going back to an epoch: what it was like, and its weights for the open network as one step."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch

from explorer.interop.weights import ready
from explorer.network import operations
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import QUICK, tiny, until


@pytest.fixture
def trained(make: Callable[..., TrainWorkspace]) -> TrainWorkspace:
    """After three epochs of the open network."""
    train = make(tiny(), msgspec.structs.replace(QUICK, epochs=3))
    train.toggle()
    until(lambda: bool(train.run.states) and not train.run.running)
    return train


def test_an_epoch_is_looked_at_again(trained: TrainWorkspace) -> None:
    overlay = trained.overlay
    assert overlay.scrubber.isVisible()
    assert overlay.scrubber.epoch == 3
    told = overlay._told[overlay.single or ""].epoch
    assert told is not None
    overlay.scrubber.slider.setValue(0)
    assert overlay.scrubber.epoch == 1
    assert overlay.scrubber.words.text().startswith("1 of 3, ")
    assert trained.diagnosis.confusion_title.text() == "Confusion, epoch 1"
    past = overlay._past[1]
    assert past is not None
    assert past.epoch is not None
    assert past.epoch.first_filters is not None
    assert told.first_filters is not None
    assert not np.array_equal(past.epoch.first_filters, told.first_filters)
    overlay.scrubber.slider.setValue(2)
    assert trained.diagnosis.confusion_title.text() == "Confusion, epoch 3"


def test_weights_are_applied_as_one_step(trained: TrainWorkspace, said: list[Message]) -> None:
    tab = trained.tab
    assert tab is not None
    store, run = trained.kept.store, trained.overlay.single
    assert store is not None
    assert run is not None
    before = tab.document.network
    trained.overlay.scrubber.slider.setValue(1)
    trained.overlay.scrubber.apply.click()
    until(lambda: tab.document.network is not before)
    network = tab.document.network
    assert network.trained is not None
    assert network.trained.classes[0] == "T-shirt"
    module, random = ready(network)
    assert not random
    kept = store.at_epoch(run, 2).weights
    assert all(torch.equal(value, kept[name]) for name, value in module.state_dict().items())
    assert "undo takes them back" in said[-1].text
    tab.document.undo()
    assert tab.document.network == before


def test_where_another_network_is_open_the_trained_one_opens(trained: TrainWorkspace) -> None:
    tab = trained.tab
    assert tab is not None
    conv = next(node.id for node in tab.document.network.nodes.values() if node.name == "conv")
    change = operations.set_fields(tab.document.network, conv, {"out_channels": 9})
    tab.document.apply(change.title, change.edits)
    before = tab.document.network
    trained.scrubbing.apply()
    until(lambda: len(trained.surroundings.session.tabs) == 2)
    assert tab.document.network is before
    opened = trained.surroundings.session.active
    assert opened is not None
    assert not ready(opened.document.network)[1]


def test_a_network_with_weights_goes_on_from_them(trained: TrainWorkspace) -> None:
    trained.scrubbing.apply()
    tab = trained.tab
    assert tab is not None
    until(lambda: tab.document.network.trained is not None)
    first = trained.run.states[0].epoch
    assert first is not None
    trained.toggle()
    until(lambda: len(trained.kept.runs) == 2 and not trained.run.running)
    again = trained.overlay._kept.store
    assert again is not None
    runs = [again.points(run.id)[0] for run in trained.kept.runs]
    assert runs[0].loss < runs[1].loss
