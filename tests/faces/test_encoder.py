"""Embeddings of the bundled faces, and SFace in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.faces.decision import THRESHOLD, distance
from explorer.faces.encoder import SFace, unit
from explorer.faces.pipeline import Reading
from explorer.interop import model_files
from explorer.network.errors import UserError

Readings = dict[str, list[Reading]]


def test_embeddings_have_length_one(readings: Readings) -> None:
    for own in readings.values():
        for reading in own:
            assert reading.embedding.shape == (128,)
            assert reading.embedding.dtype == np.float32
            assert np.linalg.norm(reading.embedding) == pytest.approx(1, abs=1e-5)


def test_one_person_is_near_and_two_are_far(readings: Readings) -> None:
    flat = [(name, reading.embedding) for name, own in readings.items() for reading in own]
    same = [distance(a, b) for i, (n, a) in enumerate(flat) for m, b in flat[:i] if n == m]
    different = [distance(a, b) for i, (n, a) in enumerate(flat) for m, b in flat[:i] if n != m]
    assert len(same) == 11
    assert max(same) <= THRESHOLD < min(different)


def test_a_careful_embedding_does_not_depend_on_the_side(readings: Readings) -> None:
    encoder = SFace()
    chip = readings["Grace Hopper"][0].chip
    mirrored = np.ascontiguousarray(chip[:, ::-1])
    np.testing.assert_allclose(encoder.encode(chip), encoder.encode(mirrored), atol=1e-5)
    assert distance(encoder.encode(chip, careful=False), encoder.encode(mirrored, careful=False)) > 1e-3


def test_zeros_stay_zeros() -> None:
    assert unit(np.zeros(128, np.float32)).tolist() == [0] * 128


def test_a_damaged_model_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / model_files.SFACE.file
    damaged.write_bytes(b"\0" * 100)
    monkeypatch.setattr(model_files, "asset", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(UserError, match="is damaged"):
        model_files.checked_bytes.__wrapped__(model_files.SFACE)
