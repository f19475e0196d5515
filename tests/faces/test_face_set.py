"""Faces read from folders, files of pairs and galleries, and the pairs among them."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

import numpy as np
import pytest
from PIL import Image

from explorer.assets import asset
from explorer.faces import face_set
from explorer.faces.face_set import FaceSet, of_embeddings, read_folder, read_pair_file
from explorer.faces.folder import scan
from explorer.faces.pairs import read_pairs
from explorer.faces.pipeline import FacePipeline


def go_on(done: int, all_: int, name: str) -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures of Nora, one of Grace Hopper, one grey picture, one file that is none."""
    root = tmp_path / "people"
    for person, number in (("Nora", 1), ("Nora", 2), ("Grace Hopper", 1)):
        (root / person).mkdir(parents=True, exist_ok=True)
        copy(asset("faces", person, f"{number}.jpg"), root / person / f"{number}.jpg")
    Image.new("RGB", (200, 200), "gray").save(root / "Nora" / "3.png")
    (root / "Grace Hopper" / "2.jpg").write_bytes(b"nothing of the kind")
    return root


def test_a_folder_with_faceless_and_broken_files(folder: Path, pipeline: FacePipeline) -> None:
    faces = read_folder(scan(folder), "people", pipeline, go_on)
    assert [name.split(", ")[1] for name in faces.names] == ["1.jpg", "1.jpg", "2.jpg", "3.png"]
    assert faces.people_count == 2
    assert [(one.name, one.readable) for one in faces.missing] == [
        ("Grace Hopper, 2.jpg", False),
        ("Nora, 3.png", True),
    ]
    assert int(faces.same.sum()) == 3, "the picture without a face stays in the count: it is an error"
    assert np.isinf(faces.genuine).sum() == 2
    assert np.isinf(faces.impostor).sum() == 1
    assert faces.genuine.min() < 1.2 < faces.impostor.min()
    assert faces.chips[3] is None
    assert faces.complete


def test_stopping_keeps_what_was_read(folder: Path, pipeline: FacePipeline) -> None:
    faces = read_folder(scan(folder), "people", pipeline, lambda done, all_, name: done < 1)
    assert faces.names == ("Grace Hopper, 1.jpg",)
    assert not faces.complete


def test_a_file_of_pairs(folder: Path, pipeline: FacePipeline) -> None:
    lines = ["a,b,same,fold", "Nora/1.jpg,Nora/2.jpg,1,0", "Nora/1.jpg,Grace Hopper/1.jpg,0,0"]
    lines += ["Nora/2.jpg,Nora/3.png,1,1", "Nora/2.jpg,Grace Hopper/1.jpg,0,1"]
    lines += ["Nora/2.jpg,Grace Hopper/2.jpg,0,1"]
    path = folder / "pairs.csv"
    path.write_text("\n".join(lines))
    faces = read_pair_file(read_pairs(path), "pairs", pipeline, go_on)
    assert len(faces.a) == 4, "a pair with a file that is no picture is left out"
    assert faces.same.tolist() == [True, False, True, False]
    assert faces.folds is not None
    assert faces.folds.tolist() == [0, 0, 1, 1]
    assert faces.people is None
    assert faces.people_count is None
    assert np.isinf(faces.distances).tolist() == [False, False, True, False]


def unit_rows(count: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    found: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


def made(people: list[str]) -> FaceSet:
    return of_embeddings("made", unit_rows(len(people)), people, [None] * len(people))


def test_distances_are_squared_l2() -> None:
    faces = made(["a", "a", "b", "c"])
    assert len(faces.distances) == 6
    for place, (a, b) in enumerate(zip(faces.a, faces.b, strict=True)):
        expected = np.square(faces.embeddings[a] - faces.embeddings[b]).sum()
        assert faces.distances[place] == pytest.approx(expected, abs=1e-5)
        assert faces.same[place] == ({a, b} == {0, 1})


def test_of_too_many_pairs_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_set, "MOST_IMPOSTORS", 100)
    faces = made([f"p{number // 2}" for number in range(60)])
    assert int(faces.same.sum()) == 30, "pairs of one person are all there"
    assert int((~faces.same).sum()) == 100
    assert len({(a, b) for a, b in zip(faces.a, faces.b, strict=True)}) == 130
    assert "drawn" in faces.notes[-1]


def test_of_too_many_pictures_some_of_everybody_are_read(
    folder: Path, pipeline: FacePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_set, "MOST_PICTURES", 2)
    faces = read_folder(scan(folder), "people", pipeline, go_on)
    assert faces.names == ("Grace Hopper, 1.jpg", "Nora, 1.jpg")
    assert "2 of 5 pictures" in faces.notes[0]
