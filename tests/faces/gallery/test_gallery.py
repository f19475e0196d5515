"""What both galleries do: the one in memory and the one on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from explorer.faces.gallery.gallery import Gallery, MemoryGallery
from explorer.faces.gallery.stored import keep
from explorer.network.errors import UserError
from tests.faces.gallery.made import ENCODER, Inverting, key, made, stored


@pytest.fixture(params=["memory", "stored"])
def gallery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gallery]:
    gallery: Gallery = MemoryGallery() if request.param == "memory" else stored(tmp_path)
    yield gallery
    gallery.close()


def test_enrolled_people_come_back(gallery: Gallery) -> None:
    changes: list[int] = []
    gallery.changed.connect(lambda: changes.append(1))
    assert gallery.people() == ()
    first, second, third = made(1), made(2), made(3)
    gallery.enrol("Zoë", first, True)
    gallery.enrol("  Ada   Lovelace ", second, True)
    gallery.enrol("Zoë", third, True)
    assert [(p.name, p.count, p.consent) for p in gallery.people()] == [
        ("Ada Lovelace", 1, True),
        ("Zoë", 2, True),
    ]
    assert all(p.created > 1_600_000_000 for p in gallery.people())
    assert len(changes) == 3
    matrix, names = gallery.embeddings(ENCODER)
    assert names == ("Zoë", "Ada Lovelace", "Zoë")
    assert np.array_equal(matrix, np.stack([first.embedding, second.embedding, third.embedding]))
    assert matrix.dtype == np.float32
    assert not matrix.flags.writeable
    chips = gallery.chips("Zoë")
    assert len(chips) == 2
    assert np.array_equal(chips[0], first.chip)
    assert np.array_equal(chips[1], third.chip)


def test_letters_that_look_the_same_are_one_name(gallery: Gallery) -> None:
    gallery.enrol("Zoë", made(1), True)
    gallery.enrol("Zoe\u0308", made(2), True)
    assert [p.count for p in gallery.people()] == [2]


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "bell\x07", "\ud800"])
def test_names_that_are_none(gallery: Gallery, name: str) -> None:
    with pytest.raises(UserError):
        gallery.enrol(name, made(1), True)
    assert gallery.people() == ()


def test_delete_and_rename(gallery: Gallery) -> None:
    for seed, name in enumerate(["Ada", "Ben", "Ada"]):
        gallery.enrol(name, made(seed), True)
    gallery.rename("Ada", "Adele")
    assert [(p.name, p.count) for p in gallery.people()] == [("Adele", 2), ("Ben", 1)]
    with pytest.raises(UserError, match="already"):
        gallery.rename("Ben", "Adele")
    gallery.rename("Ben", "Ben")
    gallery.delete("Adele")
    assert [p.name for p in gallery.people()] == ["Ben"]
    assert gallery.embeddings(ENCODER)[1] == ("Ben",)
    for act in (
        lambda: gallery.delete("Ada"),
        lambda: gallery.rename("Ada", "x"),
        lambda: gallery.chips("Ada"),
    ):
        with pytest.raises(UserError, match="'Ada'"):
            act()


def test_other_encoders_are_not_compared_but_encoded_anew(gallery: Gallery) -> None:
    gallery.enrol("Ada", made(1), True)
    gallery.enrol("Ben", made(2, "older"), True)
    assert gallery.embeddings(ENCODER)[1] == ("Ada",)
    assert gallery.embeddings("older")[1] == ("Ben",)
    encoder = Inverting()
    assert gallery.embeddings(encoder.version)[0].shape == (0, 128)
    assert gallery.outdated(encoder.version) == 2
    assert gallery.encode_anew(encoder) == 2
    assert gallery.encode_anew(encoder) == 0
    matrix, names = gallery.embeddings(encoder.version)
    assert names == ("Ada", "Ben")
    assert np.array_equal(matrix, np.stack([encoder.encode(made(seed).chip) for seed in (1, 2)]))
    assert gallery.embeddings(ENCODER)[1] == ()
    assert np.array_equal(gallery.chips("Ada")[0], made(1).chip)


def test_export_and_import(gallery: Gallery, tmp_path: Path) -> None:
    for seed in range(3):
        gallery.enrol(f"Person {seed % 2}", made(seed), True)
    gallery.export(tmp_path / "people.faces", "a long passphrase")
    other = MemoryGallery()
    other.enrol("Person 0", made(0, "another encoder"), True)  # the same picture
    assert other.import_(tmp_path / "people.faces", "a long passphrase") == 2
    assert [(p.name, p.count) for p in other.people()] == [("Person 0", 2), ("Person 1", 1)]
    assert gallery.import_(tmp_path / "people.faces", "a long passphrase") == 0
    ours = {tuple(row) for row in gallery.embeddings(ENCODER)[0]}
    assert {tuple(row) for row in other.embeddings(ENCODER)[0]} == ours - {tuple(made(0).embedding)}


def test_keep_on_this_computer(tmp_path: Path) -> None:
    memory = MemoryGallery()
    for seed in range(4):
        memory.enrol(f"Person {seed}", made(seed), True)
    kept = keep(memory, tmp_path / "people.gallery", lambda _: key())
    assert kept.people() == memory.people()
    kept.close()
    again = keep(memory, tmp_path / "people.gallery", lambda _: key())
    assert again.people() == memory.people()  # twice keeps nobody twice
    again.close()


def test_nobody_is_kept_who_did_not_agree(tmp_path: Path) -> None:
    memory = MemoryGallery()
    memory.enrol("Ada", made(1), True)
    memory.enrol("Ben", made(2), False)
    assert [p.consent for p in memory.people()] == [True, False]
    with pytest.raises(UserError, match="'Ben' did not agree"):
        keep(memory, tmp_path / "people.gallery", lambda _: key())
    gallery = stored(tmp_path)
    assert gallery.people() == ()
    with pytest.raises(UserError, match="agree"):
        gallery.enrol("Ben", made(2), False)
    gallery.close()
