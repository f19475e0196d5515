"""Lists of pairs, right and wrong, and their distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.assets import asset
from explorer.faces.pairs import measure, read_pairs
from explorer.faces.pipeline import FacePipeline
from explorer.network.errors import UserError

GOOD = """a,b,same
Viktor/1.jpg,Viktor/2.jpg,1
Viktor/1.jpg,Kim/1.jpg,0
Nora/1.jpg,Nora/2.jpg,yes
Kim/1.jpg,Gina/1.jpg,no
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_reading_with_and_without_folds(tmp_path: Path) -> None:
    pairs = read_pairs(_written(tmp_path, GOOD))
    assert [(pair.same, pair.fold) for pair in pairs] == [(True, 0), (False, 0), (True, 1), (False, 1)]
    assert pairs[0].a == tmp_path / "Viktor" / "1.jpg"
    text = "\ufeffB, A ,SAME,fold,more\nx.jpg,y.jpg,1,3,z\nx.jpg,z.jpg,0,4,z\n"
    given = read_pairs(_written(tmp_path, text))
    assert [(pair.b.name, pair.fold) for pair in given] == [("x.jpg", 3), ("x.jpg", 4)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not begin with its columns"),
        ("x,y\n1,2\n", "does not begin with its columns"),
        ("a,b,same\nx,y,maybe\n", "line 2: same is 'maybe'"),
        ("a,b,same\nx,,1\n", "line 2: there is nothing in column b"),
        ("a,b,same\nx\n", "line 2: same is ''"),
        ("a,b,same,fold\nx,y,1,-1\n", "line 2: fold is '-1'"),
        ("a,b,same\nx,y,1\n", "pairs of one person"),
        ("a,b,same,fold\nx,y,1,0\nx,z,0,0\n", "all pairs in one fold"),
        ('a,b,same\nx,"y,1\n', "write it as plain CSV"),
    ],
)
def test_wrong_files(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        read_pairs(_written(tmp_path, text))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    with pytest.raises(UserError, match="there is no file"):
        read_pairs(path)
    path.write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(UserError, match="UTF-8"):
        read_pairs(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_pairs(tmp_path)


def test_distances_of_pairs(tmp_path: Path, pipeline: FacePipeline) -> None:
    Image.new("RGB", (50, 50)).save(tmp_path / "blank.png")
    root = asset("faces").as_posix()
    rows = [f"{root}/{a},{root}/{b},{same}" for a, b, same in (line.split(",") for line in GOOD.split()[1:])]
    rows.append(f"{root}/Kim/1.jpg,blank.png,1")
    seen: list[tuple[int, int]] = []
    measured = measure(
        read_pairs(_written(tmp_path, "\n".join(["a,b,same", *rows]))),
        pipeline,
        careful=False,
        progress=lambda done, pictures: seen.append((done, pictures)),
    )
    assert measured.genuine[:2].max() < 1.2 < measured.impostor.min()
    assert np.isinf(measured.genuine[2])
    assert [path.name for path in measured.undetected] == ["blank.png"]
    assert seen[-1] == (7, 7)
    assert measured.seconds_per_face > 0
