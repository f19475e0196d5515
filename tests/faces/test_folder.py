"""Folders of people, whole and broken."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.faces.folder import bundled_people, scan
from explorer.network.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two people with two pictures each, and things that are none."""
    drawn = np.random.default_rng(0)
    for person in ("Ada", "Zoë"):
        (tmp_path / person).mkdir()
        for number in (1, 2):
            picture = Image.fromarray(drawn.integers(0, 256, (20, 20, 3), np.uint8))
            picture.save(tmp_path / person / f"{number}.png")
    (tmp_path / "Ada" / "notes.txt").write_text("not a picture")
    (tmp_path / "Ada" / "broken.jpg").write_bytes(b"not a picture either")
    (tmp_path / "Empty").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "loose.png").write_bytes(b"")
    return tmp_path


def test_a_scan(root: Path) -> None:
    folder = scan(root)
    assert folder.names == ("Ada", "Zoë")
    assert [path.name for path in folder.paths] == ["1.png", "2.png", "broken.jpg", "1.png", "2.png"]
    assert folder.people.tolist() == [0, 0, 0, 1, 1]
    assert [path.name for path in folder.of(1)] == ["1.png", "2.png"]
    assert folder.skipped == ("'Empty' holds no picture", "'loose.png' is not in a person's folder")
    assert folder.picture(0).shape == (20, 20, 3)


def test_unreadable_pictures_are_named_and_can_be_left_out(root: Path) -> None:
    folder = scan(root)
    seen: list[int] = []
    (broken,) = folder.check(seen.append)
    assert broken.path.name == "broken.jpg"
    assert "not a picture" in broken.reason
    assert seen == [1, 2, 3, 4, 5]
    rest = folder.without(frozenset({broken.path}))
    assert len(rest) == 4
    nobody = rest.without(frozenset(rest.of(0)))
    assert nobody.names == ("Zoë",)
    assert nobody.people.tolist() == [0, 0]


def test_the_fingerprint_follows_the_files(root: Path) -> None:
    before = scan(root).fingerprint
    assert scan(root).fingerprint == before
    path = root / "Zoë" / "1.png"
    os.utime(path, ns=(1, 1))
    touched = scan(root).fingerprint
    path.rename(path.with_name("3.png"))
    assert len({before, touched, scan(root).fingerprint}) == 3
    folder = scan(root)
    folder.paths[0].unlink()
    assert folder.fingerprint not in (before, touched)


def test_what_is_no_folder_of_people(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        scan(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is not a folder"):
        scan(tmp_path / "file")
    with pytest.raises(UserError, match="one folder a person"):
        scan(tmp_path)


def test_the_bundled_people() -> None:
    folder = bundled_people()
    assert len(folder.names) >= 12
    assert len(folder) >= 20
    assert sum(len(folder.of(person)) > 1 for person in range(len(folder.names))) >= 4
    assert folder.check() == ()
