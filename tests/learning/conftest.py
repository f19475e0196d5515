"""A small network and a small part of the embedded sample, on which a training takes a second."""

from __future__ import annotations

import pytest

from explorer.learning.data import load
from explorer.learning.data_set import DataSet
from explorer.learning.settings import TrainSettings
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Dropout, Flatten, ReLU
from explorer.network.shorthand import conv, linear


@pytest.fixture
def network() -> Network:
    b = Builder("Small")
    b.input(1, 28, 28)
    b.add(conv(6, 5, stride=3), name="conv")
    b.add(BatchNorm(), name="norm")
    b.add(ReLU(), name="relu")
    b.add(Flatten(), name="flatten")
    b.add(Dropout(0.2), name="dropout")
    b.add(linear(10), name="fc")
    return b.network()


@pytest.fixture
def data() -> DataSet:
    return load("fashion-sample").limited(320, 100)


@pytest.fixture
def settings() -> TrainSettings:
    return TrainSettings(epochs=3, batch_size=48, threads=1, seed=7, device="cpu")
