"""Pictures made ready: sizes, the memory bound, what cannot be read, and who is kept unseen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.faces.folder import scan
from explorer.faces.sampler import PeopleSampler
from explorer.faces.siamese_data import ArrayPictures, FolderPictures, Loader, fit
from explorer.faces.siamese_split import Plane, pairs, split
from explorer.network.errors import UserError


def _folder(root: Path, people: int = 3, each: int = 3, side: int = 20) -> Path:
    drawn = np.random.default_rng(0)
    for person in range(people):
        (root / f"p{person:04}").mkdir(parents=True)
        for number in range(each):
            pixels = drawn.integers(0, 255, (side, side + 4, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / f"p{person:04}" / f"{number}.png")
    return root


def test_fit_takes_the_centre() -> None:
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, 20:60] = (255, 0, 0)
    colour = fit(picture, (3, 10, 10))
    assert colour.shape == (3, 10, 10)
    assert (colour[0] == 255).all()
    assert (colour[1:] == 0).all()
    assert fit(picture, (1, 10, 10)).tolist() == [[[76] * 10] * 10]
    assert fit(np.zeros((1, 1, 3), np.uint8), (3, 28, 28)).shape == (3, 28, 28)
    with pytest.raises(UserError, match="4 channels"):
        fit(picture, (4, 10, 10))


def test_a_corrupt_picture_is_named_once_and_left_out(tmp_path: Path) -> None:
    root = _folder(tmp_path / "people")
    (root / "p0001" / "1.png").write_bytes(b"\x89PNG broken")
    loader = Loader(FolderPictures(scan(root), faces=False), lambda picture: fit(picture, (3, 8, 8)))
    values, kept = loader.batch(range(9))
    assert values.shape == (8, 3, 8, 8)
    assert kept.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert list(loader.skipped) == [4]
    assert "1.png" in loader.skipped[4]


def test_pictures_without_a_face_are_left_out_where_faces_are_asked_for(tmp_path: Path) -> None:
    loader = Loader(FolderPictures(scan(_folder(tmp_path / "noise", 1, 1, 64)), faces=True), lambda one: one)
    assert loader.batch([0])[1].tolist() == []
    assert "no face" in loader.skipped[0]


def test_memory_stays_below_its_bound() -> None:
    pictures = ArrayPictures("t", ("a",), np.zeros(50, np.int64), np.zeros((50, 10, 10), np.uint8))
    made: list[int] = []

    def ready(picture: np.ndarray) -> np.ndarray:
        made.append(1)
        return fit(picture, (1, 10, 10))

    loader = Loader(pictures, ready, limit=1000)
    for _ in range(2):
        assert len(loader.batch(range(50))[1]) == 50
    assert loader.bytes == 1000
    assert len(made) == 50 + 40  # ten are kept


def test_ten_thousand_pictures_of_a_thousand_people_are_sampled_lazily() -> None:
    people = np.repeat(np.arange(1000), 10)
    parts = split(people, seed=1)
    assert len(parts.unseen) == 200
    assert len(parts.learned) == 8000
    assert len(parts.judged) == 600
    assert not set(people[parts.learned]) & set(parts.unseen)
    sampler = PeopleSampler(people[parts.learned], 8, 8, seed=1)
    batch = parts.learned[next(iter(sampler))]
    assert len(set(people[batch])) == 8


def test_too_few_people_are_refused() -> None:
    with pytest.raises(UserError, match="add people"):
        split(np.array([0, 0, 1, 1, 2]))


def test_all_pairs() -> None:
    a, b, same = pairs(np.array([0, 0, 1]))
    assert list(zip(a.tolist(), b.tolist(), same.tolist(), strict=True)) == [
        (0, 1, True), (0, 2, False), (1, 2, False),
    ]  # fmt: skip


def test_the_plane_moves_and_does_not_jump() -> None:
    drawn = np.random.default_rng(3)
    rows = drawn.normal(size=(30, 8)) * np.array([5, 4, 1, 1, 1, 1, 1, 1])
    plane = Plane()
    first = plane.place(rows)
    flipped = plane.place(-rows + drawn.normal(size=rows.shape) * 0.01)
    mirrored = plane.place(rows[:, ::-1])
    assert np.abs(flipped - first).max() < 0.2
    assert np.abs(mirrored - flipped).max() < 0.2
