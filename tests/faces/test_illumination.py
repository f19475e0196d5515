"""Evening out the light: what each way does to a chip, and an experiment on few real faces."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.faces.encoder import SFace
from explorer.faces.face_set import of_embeddings
from explorer.faces.illumination import FACTORS, MEAN, Evening, brightened, evened, sample, try_lights
from explorer.faces.pipeline import Reading

Readings = dict[str, list[Reading]]


def test_brightness_is_multiplied_and_clipped() -> None:
    chip = np.array([[[10, 100, 200]]], dtype=np.uint8)
    assert brightened(chip, 2.0).tolist() == [[[20, 200, 255]]]
    assert brightened(chip, 0.2).tolist() == [[[2, 20, 40]]]


def test_each_way_brings_dark_and_bright_together(readings: Readings) -> None:
    chip = readings["Grace Hopper"][0].chip
    dark = brightened(chip, 0.35)
    assert evened(dark, Evening.NONE) is dark
    apart = abs(float(dark.mean()) - float(chip.mean()))
    for way in (Evening.EQUALISED, Evening.STANDARDISED, Evening.GAMMA):
        one, two = evened(chip, way), evened(dark, way)
        assert one.dtype == np.uint8
        assert one.shape == chip.shape
        assert abs(float(one.mean()) - float(two.mean())) < apart / 3, way
    assert float(evened(dark, Evening.STANDARDISED).mean()) == pytest.approx(MEAN, abs=6)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("way", list(Evening))
def test_a_flat_chip_breaks_nothing(value: int, way: Evening) -> None:
    assert np.isfinite(evened(np.full((112, 112, 3), value, np.uint8), way)).all()


def test_an_experiment_on_real_faces(readings: Readings) -> None:
    names = ["Nora", "Nora", "Grace Hopper"]
    read = [readings["Nora"][0], readings["Nora"][1], readings["Grace Hopper"][0]]
    rows = np.stack([one.embedding for one in read])
    faces = of_embeddings("made", rows, names, [one.chip for one in read])
    tried = sample(faces)
    assert len(tried.rows) == 3
    assert tried.same.sum() == 2, "one pair, each way round"
    calls: list[tuple[int, int]] = []
    found = list(try_lights(faces, tried, SFace(), 1.2, lambda done, all_: calls.append((done, all_))))
    assert {(lit.factor, lit.way) for lit in found} == {(f, way) for f in FACTORS for way in Evening}
    assert calls[0][0] == 0
    assert calls[-1] == (len(calls) - 1, len(calls))
    at = {(lit.factor, lit.way): lit for lit in found}
    assert at[1.0, Evening.NONE].accepted == 1
    assert at[2.0, Evening.NONE].distance > at[1.0, Evening.NONE].distance
    assert at[1.0, Evening.NONE].strangers == 0


def test_a_sample_prefers_pairs_of_one_person() -> None:
    rows = np.eye(12, dtype=np.float32)
    names = ["a", "b", "c", "d", "e", "f", "g", "g", "h", "h", "i", "i"]
    tried = sample(of_embeddings("made", rows, names, [None] * 12), most=6)
    assert len(tried.rows) == 6
    assert tried.same.sum() == 6, "three pairs, each way round"


def test_an_experiment_needs_both_kinds() -> None:
    faces = of_embeddings("made", np.eye(3, dtype=np.float32), ["a", "b", "c"], [None] * 3)
    with pytest.raises(ValueError, match="one person"):
        next(try_lights(faces, sample(faces), SFace(), 1.2))
