"""`explorer filter`: a kernel over a real picture, and what is said of wrong use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.__main__ import main
from explorer.assets import asset
from explorer.media.pictures import read_picture

PICTURE = "pictures/still-life.png"


def test_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "edges.png"
    picture = str(asset(PICTURE))
    assert main(["filter", picture, "-o", str(out), "--kernel", "1 0 -1; 0 0 0; -1 0 1", "--stride", "2",
                 "--padding", "valid", "--grey", "--json"]) == 0  # fmt: skip
    found = json.loads(capsys.readouterr().out)
    height, width = read_picture(picture).shape[:2]
    assert found == {
        "input": [3, height, width],
        "output": [1, (height - 3) // 2 + 1, (width - 3) // 2 + 1],
        "file": str(out),
    }
    with Image.open(out) as written:
        assert (written.width, written.height) == (found["output"][2], found["output"][1])


def test_the_identity_gives_the_picture_back(tmp_path: Path) -> None:
    out = tmp_path / "same.png"
    assert main(["filter", str(asset(PICTURE)), "-o", str(out), "--kernel", "identity"]) == 0
    assert np.array_equal(read_picture(out), read_picture(asset(PICTURE)))


def test_the_bias_is_added_before_the_scale(tmp_path: Path) -> None:
    grey, out = tmp_path / "flat.png", tmp_path / "out.png"
    Image.fromarray(np.full((8, 8, 3), 100, np.uint8)).save(grey)
    arguments = ["--kernel", "-1", "--bias", "150", "--scale", "2", "--offset", "7"]
    assert main(["filter", str(grey), "-o", str(out), *arguments]) == 0
    assert np.unique(read_picture(out)).tolist() == [2 * (150 - 100) + 7]


def test_without_scale_negative_responses_are_black(tmp_path: Path) -> None:
    grey = tmp_path / "flat.png"
    Image.fromarray(np.full((8, 8, 3), 100, np.uint8)).save(grey)
    out = tmp_path / "out.png"
    assert main(["filter", str(grey), "-o", str(out), "--kernel", "-1"]) == 0
    assert read_picture(out).max() == 0
    assert (
        main(["filter", str(grey), "-o", str(out), "--kernel", "-1", "--scale", "0.5", "--offset", "128"])
        == 0
    )
    assert set(read_picture(out).ravel()) == {78}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.png", "--kernel", "sobelx"], "no kernel"),
        (["-o", "x.png", "--kernel", "1 2; 3"], "rows have 2, 1"),
        (["-o", "x.xyz", "--kernel", "identity"], "x.xyz"),
        (["-o", "x.png", "--kernel", "identity", "--padding", "-1"], "padding"),
        (["-o", "x.png", "--kernel", "identity", "--stride", "0"], "stride"),
        (["-o", "x.png", "--kernel", "identity", "--scale", "nan"], "scale"),
        (["-o", "x.png", "--kernel", "identity", "--offset", "inf"], "offset"),
        (["-o", "x.png", "--kernel", "identity", "--dilation", "1000000"], "less dilation"),
        (["-o", "no/such/folder/x.png", "--kernel", "identity"], "no/such/folder"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["filter", str(asset(PICTURE)), *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.strip().splitlines()) == 1
    assert said in printed.err
    assert not list(tmp_path.iterdir())
