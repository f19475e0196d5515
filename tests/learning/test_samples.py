"""The embedded pictures: what they are, and that a damaged file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.learning import samples
from explorer.network.errors import UserError


def test_balanced_and_whole() -> None:
    sample = samples.fashion_sample()
    assert sample.train.shape == (5000, 28, 28)
    assert sample.test.shape == (1000, 28, 28)
    assert np.bincount(sample.train_labels).tolist() == [500] * 10
    assert np.bincount(sample.test_labels).tolist() == [100] * 10
    assert len(np.unique(sample.train.reshape(5000, -1), axis=0)) > 4950  # pictures, not repetitions
    # trousers are narrow, bags are wide: labels belong to their pictures
    wide = [float((sample.train[sample.train_labels == k] > 0).any(1).sum(1).mean()) for k in (1, 8)]
    assert wide[0] < wide[1]


def test_digits_are_whole_and_look_like_themselves() -> None:
    sample = samples.digits_sample()
    assert sample.train.shape == (1437, 8, 8)
    assert sample.test.shape == (360, 8, 8)
    assert (sample.train.min(), sample.train.max()) == (0, 255)
    assert min(np.bincount(sample.test_labels, minlength=10)) > 25
    # the middle of a 0 is empty, that of a 1 is not
    middle = [float(sample.train[sample.train_labels == digit][:, 3:5, 3:5].mean()) for digit in (0, 1)]
    assert middle[0] < 0.3 * middle[1]


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "fashion-sample.xz"
    broken.write_bytes(b"no xz")
    monkeypatch.setattr(samples, "asset", lambda *parts: broken)
    samples.fashion_sample.cache_clear()
    with pytest.raises(UserError, match=r"fashion-sample\.xz.*damaged"):
        samples.fashion_sample()
    samples.fashion_sample.cache_clear()
