"""Pictures collected class by class are a folder that can be learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.learning.collected import LEAST_PICTURES, SIDE, Collection
from explorer.learning.data import load
from explorer.network.errors import UserError


def test_what_is_collected_is_data(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "own")
    assert "Two classes" in collection.lacking
    for name, level in (("cup", 40), ("pen", 200)):
        collection.name(name)
        for _ in range(LEAST_PICTURES):
            collection.add(name, np.full((120, 200, 3), level, np.uint8))
    assert collection.counts == {"cup": LEAST_PICTURES, "pen": LEAST_PICTURES}
    assert collection.lacking == ""
    data = load(collection.folder, shape=(3, SIDE, SIDE))
    assert data.classes == ("cup", "pen")
    assert len(data.train) + len(data.validation) == 2 * LEAST_PICTURES
    levels = {int(picture.mean()) for picture in data.train.pictures}
    assert levels == {40, 200}
    collection.take_back("pen")
    assert "“pen” needs" in collection.lacking or "Two classes" in collection.lacking
    collection.throw_away()
    assert not collection.folder.exists()


def test_the_middle_square_is_kept(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    collection.name("a")
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, 100:200] = 255
    collection.add("a", wide)
    from PIL import Image

    assert np.asarray(Image.open(tmp_path / "a" / "00001.png")).min() > 200


@pytest.mark.parametrize(("text", "name"), [("  a/b ", "a-b"), ("..", ""), ("", ""), ("Tasse", "Tasse")])
def test_names_that_a_folder_cannot_have(tmp_path: Path, text: str, name: str) -> None:
    collection = Collection(tmp_path)
    if name:
        assert collection.name(text) == name
    else:
        with pytest.raises(UserError, match="needs a name"):
            collection.name(text)
