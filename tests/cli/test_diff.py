"""`explorer diff`: the contract of its JSON, and the table for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.__main__ import main
from explorer.network import project
from explorer.zoo import catalogue


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["diff", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "alexnet", "zfnet")
    assert {"rows", "totals"} <= set(found)
    assert {row["status"] for row in found["rows"]} == {"same", "changed", "added", "removed"}
    assert all(set(row) == {"status", "a", "b", "changes"} for row in found["rows"])
    for side, total in (("a", 60_965_224), ("b", 62_357_608)):
        parts = [row[side] for row in found["rows"] if row[side] is not None]
        assert sum(part["parameters"] for part in parts) == total == found["totals"][side]["parameters"]
        assert sum(part["macs"] for part in parts) == found["totals"][side]["macs"]
        assert all({"path", "type", "output", "parameters", "macs"} <= set(part) for part in parts)
    assert sum(found["totals"][s] for s in ("same", "changed", "added", "removed")) == len(found["rows"])
    conv1 = next(row for row in found["rows"] if row["a"] and row["a"]["path"] == "features.conv1")
    assert conv1["changes"]["kernel_size"] == [[11, 11], [7, 7]]
    assert conv1["changes"]["parameters"] == [34_944, 14_208]
    assert {one["network"] for one in found["published"]} == {"alexnet"}
    assert all(one["why"] for one in found["published"])


def test_a_project_file_and_a_zoo_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.convnet"
    project.save(path, catalogue.find("lenet5").build())
    found = _json(capsys, str(path), "lenet5")
    assert {row["status"] for row in found["rows"]} == {"same"}


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "resnet34", "resnet34-c"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("ResNet-34 → ResNet-34 C\n")
    assert "Parameters: 21,797,672 → 22,716,840 (+919,168)" in text
    assert "conv1" not in text  # what is the same is left out
    assert "resnet34: How the size shrinks" in text
    assert main(["diff", "resnet34", "resnet34-c", "--all"]) == 0
    assert "conv1" in capsys.readouterr().out


def test_equal_networks_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "lenet5", "lenet5"]) == 0
    assert "the same, layer by layer" in capsys.readouterr().out


def test_another_input_size_for_both(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "resnet18", "resnet18", "--input", "3x64x64")
    assert found["rows"][0]["b"]["output"] == [3, 64, 64]


def test_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "resnet34", "resnet35"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "did you mean" in captured.err


def test_both_are_run_on_the_same_input(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "lenet5", "lenet5", "--run")
    assert found["run"] == {"outputs": 0.0, "scale": pytest.approx(0.1, abs=0.1), "first": None, "random": 5}
    found = _json(capsys, "plain20", "resnet20", "--run")
    assert found["run"]["outputs"] > 1e-3
    assert found["run"]["first"] == "layer1.0.relu2"
    assert main(["diff", "plain20", "resnet20", "--run"]) == 0
    assert "The first layer that comes out otherwise: layer1.0.relu2" in capsys.readouterr().out
    assert main(["diff", "lenet5", "resnet20", "--run"]) == 2
    assert "can't be given the same input" in capsys.readouterr().err
