"""Batches: each picture once an epoch, sizes, normalisation, augmentation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.learning.batches import Feed, augmented, batch_count, fit, order
from explorer.learning.data_set import DataSet
from explorer.learning.settings import Augment

CPU = torch.device("cpu")


@pytest.mark.parametrize(("pictures", "size"), [(10, 3), (9, 3), (12, 5), (4, 8), (1, 8), (6, 1), (7, 7)])
def test_every_picture_once(pictures: int, size: int) -> None:
    batches = order(pictures, size, seed=3, epoch=2)
    assert len(batches) == batch_count(pictures, size)
    seen = sorted(np.concatenate(batches).tolist())
    left_out = pictures % size == 1 and size > 1 and pictures > 1
    assert len(seen) == pictures - left_out
    assert len(set(seen)) == len(seen)


def test_order_goes_by_seed_and_epoch() -> None:
    orders = [np.concatenate(order(50, 10, seed, epoch)).tolist() for seed in (1, 2) for epoch in (1, 2)]
    assert len({tuple(one) for one in orders}) == 4
    assert np.concatenate(order(50, 10, 1, 1)).tolist() == orders[0]


def test_pictures_are_normalised(data: DataSet) -> None:
    values, labels = Feed(data, data.train, (1, 28, 28), CPU).take(np.arange(320))
    assert values.shape == (320, 1, 28, 28)
    assert float(values.mean()) == pytest.approx(0, abs=1e-4)
    assert float(values.std()) == pytest.approx(1, abs=1e-3)
    assert labels.tolist() == data.train.labels.tolist()


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 20, 40), (784,)])
def test_shapes(shape: tuple[int, ...], data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    ready, _ = Feed(data, data.train, shape, CPU).take(np.array([4, 2]))
    assert ready.shape == (2, *shape)
    monkeypatch.setattr("explorer.learning.batches.MADE_READY", 0)
    each, _ = Feed(data, data.train, shape, CPU).take(np.array([4, 2]))
    assert torch.equal(ready, each)


def test_fit() -> None:
    red = torch.zeros(1, 3, 10, 20, dtype=torch.uint8)
    red[:, 0] = 255
    assert set(fit(red, (1, 5, 5)).flatten().tolist()) == {76}
    assert fit(red, (3, 10, 20)) is red
    grey = torch.full((2, 1, 8, 8), 9, dtype=torch.uint8)
    assert fit(grey, (3, 4, 6)).shape == (2, 3, 4, 6)


def test_flip() -> None:
    pictures = torch.arange(40, dtype=torch.uint8).view(10, 1, 1, 4)
    turned = augmented(pictures, (Augment.FLIP,), 5)
    same = (turned == pictures).flatten(1).all(1)
    mirrored = (turned == pictures.flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 0 < int(same.sum()) < 10


def test_crop() -> None:
    pictures = torch.arange(1, 65, dtype=torch.uint8).view(1, 1, 8, 8).repeat(40, 2, 1, 1)
    moved = augmented(pictures, (Augment.CROP,), 5)
    shifts = set()
    padded = torch.nn.functional.pad(pictures[0, 0], (1, 1, 1, 1))
    for picture in moved:
        found = [
            (y, x)
            for y in range(3)
            for x in range(3)
            if torch.equal(padded[y : y + 8, x : x + 8], picture[0])
        ]
        assert len(found) == 1
        assert torch.equal(picture[0], picture[1])
        shifts.add(found[0])
    assert len(shifts) > 4
