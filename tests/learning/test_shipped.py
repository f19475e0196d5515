"""The networks that come trained: they are there, they fit, and they know the pictures of the sample."""

from __future__ import annotations

import pytest

from explorer.assets import assets_folder
from explorer.interop.weights import unweighted
from explorer.learning.data import load
from explorer.learning.learner import Learner
from explorer.learning.settings import TrainSettings
from explorer.learning.shipped import SHIPPED, Shipped, change_for, checkpoint, fitting, trained
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.zoo import catalogue, lenet

HERE = [one for one in SHIPPED if (assets_folder() / "weights" / one.file).is_file()]


@pytest.mark.parametrize("one", HERE, ids=lambda one: one.name)
def test_each_knows_pictures_that_it_has_not_learned_from(one: Shipped) -> None:
    network = trained(one.name)
    assert unweighted(network, infer(network)) == frozenset()
    assert network.trained is not None
    data = load("fashion-sample")
    assert network.trained.classes == data.classes
    learner = Learner(network, data, TrainSettings(threads=1, device="cpu"))
    assert learner.scale == checkpoint(one).about.scale
    told = checkpoint(one).about.val_accuracy
    assert told is not None
    found = learner.judge(lambda: False).accuracy  # of 1,000 of the 10,000 test pictures
    assert abs(found - told) < 0.035
    assert found > 0.85


def test_lenet_5_has_over_90_percent_of_the_test_pictures_right() -> None:
    told = checkpoint(SHIPPED[0]).about
    assert told.data == "fashion-mnist"
    assert told.val_accuracy is not None
    assert told.val_accuracy >= 0.90


def test_a_network_takes_what_fits_it_as_one_edit() -> None:
    network = lenet.lenet5()
    assert fitting(network) is SHIPPED[0]
    weighted = apply(network, change_for(network).edits)
    assert weighted.trained is not None
    assert all(edit.before != edit.after for edit in change_for(network).edits)
    assert fitting(weighted) is SHIPPED[0]


def test_what_has_no_weights_is_told_which_have() -> None:
    with pytest.raises(UserError, match=r"no weights ship for AlexNet.*lenet5"):
        change_for(catalogue.find("alexnet").build())
    with pytest.raises(UserError, match="does not come trained"):
        trained("vgg16")
    assert len({one.file for one in SHIPPED}) == len(SHIPPED)
