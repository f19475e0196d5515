"""`explorer explain`: the derivation of one layer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.__main__ import main
from explorer.network import project
from explorer.network.builder import Builder
from explorer.network.shorthand import conv


def test_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "resnet34", "conv1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {
        "formula",
        "substituted",
        "remainder",
        "dropped_pixels",
        "output",
        "parameters_formula",
    }
    assert found["formula"] == "⌊(n + 2p − f) / s⌋ + 1"
    assert found["substituted"] == "⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112"
    assert found["remainder"] == [1, 1]
    assert found["output"] == [64, 112, 112]
    assert "9,408" in found["parameters_formula"]


def test_the_lectures_valid_convolution(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    b = Builder("Valid")
    b.input(1, 63, 63)
    b.add(conv(8, 3, stride=2), name="conv")
    project.save(tmp_path / "valid.convnet", b.network())
    assert main(["explain", str(tmp_path / "valid.convnet"), "conv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["output"] == [8, 31, 31]


def test_dropped_pixels_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lenet5", "conv1", "--input", "1x33x33"]) == 0
    capsys.readouterr()
    assert main(["explain", "lenet5", "pool1", "--input", "1x33x33", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dropped_pixels"] == [1, 1]
    assert main(["explain", "lenet5", "pool1", "--input", "1x33x33"]) == 0
    assert "never seen: 1 rows and 1 columns of the input" in capsys.readouterr().out


def test_people_read_the_sum_and_what_the_lecture_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "first-convnet", "pool"]) == 0
    text = capsys.readouterr().out
    assert "⌊(28 + 2·0 − 2) / 2⌋ + 1 = 14" in text
    assert "the lecture says 13×13×10 = 1,690" in text
    assert main(["explain", "first-convnet", "conv"]) == 0
    text = capsys.readouterr().out
    assert "weights 5·5·1·10 = 250 + biases 10 = 260" in text
    assert "the lecture" not in text


def test_a_name_of_several_layers_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "resnet18", "conv2"]) == 2
    error = capsys.readouterr().err
    assert "layer1.0.conv2, layer1.1.conv2" in error
    assert error.count("\n") == 1


def test_what_has_no_numbers_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    b = Builder("Too small")
    b.input(1, 4, 4)
    b.add(conv(8, 5), name="large")
    b.add(conv(8, 1), name="behind")
    file = tmp_path / "small.convnet"
    project.save(file, b.network())
    assert main(["explain", str(file), "large"]) == 2
    assert "The kernel spans 5 pixels" in capsys.readouterr().err
    assert main(["explain", str(file), "behind"]) == 2
    assert "mend what feeds it first" in capsys.readouterr().err
