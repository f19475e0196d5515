"""`explorer summary`: the table for people, and the JSON that scripts rely on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.__main__ import main
from explorer.network import project
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Add
from explorer.network.shorthand import conv
from explorer.zoo import catalogue

LAYER_KEYS = {
    "id", "name", "type", "block", "input", "output", "parameters", "weights", "biases", "macs",
    "receptive_field", "memory_bytes", "shared_with", "problems",
}  # fmt: skip


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    assert main(["summary", *arguments, "--json"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _broken() -> Network:
    b = Builder("Broken")
    start = b.input(3, 16, 16)
    b.add(conv(8, 3), name="narrow")
    b.add(Add(), b.last or "", start, name="sum")
    b.add(conv(4, 3), name="behind")
    return b.network()


def test_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = _json(capsys, "resnet34")
    assert set(found) == {"name", "input", "layers", "totals", "problems"}
    assert set(found["totals"]) == {"parameters", "trainable", "macs", "exact", "activation_bytes"}
    assert all(set(layer) == LAYER_KEYS for layer in found["layers"])
    assert found["name"] == "resnet34"
    assert found["input"] == [3, 224, 224]
    assert found["totals"]["parameters"] == found["totals"]["trainable"] == 21_797_672
    assert found["totals"]["macs"] == 3_663_761_408
    assert found["totals"]["exact"] is True
    assert found["problems"] == []
    assert sum(layer["parameters"] for layer in found["layers"]) == 21_797_672
    layers = {layer["id"]: layer for layer in found["layers"]}
    assert layers["conv1"] == {
        "id": "conv1",
        "name": "conv1",
        "type": "Conv2d",
        "block": None,
        "input": [[3, 224, 224]],
        "output": [64, 112, 112],
        "parameters": 9_408,
        "weights": 9_408,
        "biases": 0,
        "macs": 118_013_952,
        "receptive_field": [7, 7],
        "memory_bytes": 4 * 64 * 112 * 112,
        "shared_with": None,
        "problems": [],
    }
    assert layers["layer2.0.add"]["block"] == "layer2.0"
    assert len(layers["layer2.0.add"]["input"]) == 2


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)
def test_a_saved_project_has_the_summary_of_what_was_saved(
    entry: catalogue.Entry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "saved.convnet"
    project.save(file, entry.build())
    from_zoo, from_file = _json(capsys, entry.name, str(file))
    assert from_zoo.pop("name") == entry.name
    assert from_file.pop("name") == entry.title
    assert from_file == from_zoo


def test_batch_multiplies_memory_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = _json(capsys, "lenet5")
    (many,) = _json(capsys, "lenet5", "--batch", "32")
    assert many["totals"]["activation_bytes"] == 32 * one["totals"]["activation_bytes"]
    assert many["totals"]["macs"] == one["totals"]["macs"]
    assert [layer["memory_bytes"] for layer in many["layers"]] == [
        32 * layer["memory_bytes"] for layer in one["layers"]
    ]


def test_another_input(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = _json(capsys, "vgg16", "--input", "3x32x32")
    assert found["input"] == [3, 32, 32]
    assert {layer["id"]: layer["output"] for layer in found["layers"]}["stage5.pool5"] == [512, 1, 1]


def test_a_failed_source_is_named_and_the_rest_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "lenet5", "nonsense", "alexnet", "--json"]) == 2
    printed = capsys.readouterr()
    first, failed, last = (json.loads(line) for line in printed.out.splitlines())
    assert (first["name"], last["name"]) == ("lenet5", "alexnet")
    assert set(failed) == {"source", "error"}
    assert failed["source"] == "nonsense"
    assert printed.err == f"explorer: {failed['error']}\n"


def test_a_network_with_a_problem_is_counted_as_far_as_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.convnet"
    project.save(file, _broken())
    (found,) = _json(capsys, str(file))
    assert found["totals"]["exact"] is False
    assert found["totals"]["parameters"] == 8 * 3 * 9 + 8
    layers = {layer["name"]: layer for layer in found["layers"]}
    assert layers["sum"]["output"] is None
    assert layers["sum"]["problems"] == ["unequal_shapes"]
    assert layers["behind"]["parameters"] is None
    problem = next(problem for problem in found["problems"] if problem["code"] == "unequal_shapes")
    assert set(problem) == {"node", "code", "message", "mends"}
    assert problem["mends"]
    assert main(["summary", str(file)]) == 0
    text = capsys.readouterr().out
    assert "≥" in text
    assert f"mend: {problem['mends'][0]}" in text


def test_the_table_is_nested_by_block_and_ends_with_totals(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "resnet18"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ResNet-18  input 3 × 224 × 224"
    assert any(line.startswith("layer1 ") for line in lines)
    assert any(line.startswith("  0 ") and "residual, basic ×2" in line for line in lines)
    assert any(line.startswith("    conv1 ") and "36,864" in line for line in lines)
    assert "Parameters  11.69 M (11,689,512; 44.6 MiB in float32)" in lines
    assert not any("\x1b" in line for line in lines)


def test_an_empty_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "empty.convnet"
    project.save(file, Network("Empty"))
    (found,) = _json(capsys, str(file))
    assert (found["input"], found["layers"], found["totals"]["parameters"]) == (None, [], 0)
    assert main(["summary", str(file)]) == 0
    assert "no layers yet" in capsys.readouterr().out


def test_wrong_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["summary"],
        ["summary", "lenet5", "--batch", "0"],
        ["summary", "lenet5", "--input", "big"],
    ):
        assert main(arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1


def test_as_a_process_in_a_terminal_without_unicode() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "summary", "first-convnet"],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"392,460" in done.stdout


def test_trainable_leaves_out_what_is_frozen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As torch counts `requires_grad`: by patterns, by a module's author; training-only heads are trained."""
    from torchvision.models import resnet18

    def totals(*arguments: str) -> dict[str, int]:
        assert main(["summary", *arguments, "--json"]) == 0
        found: dict[str, int] = json.loads(capsys.readouterr().out)["totals"]
        return found

    model = resnet18(weights=None)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith(("conv1", "bn1", "layer1"))
    expected = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    found = totals("torchvision:resnet18", "--freeze", "conv1", "bn1", "layer1")
    assert found["trainable"] == expected < found["parameters"]
    module = tmp_path / "net.py"
    module.write_text(
        "from torch import nn\n"
        "def make():\n"
        "    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 4, 3))\n"
        "    net[0].requires_grad_(False)\n"
        "    return net\n"
    )
    found = totals(f"{module}:make", "--input", "3x16x16")
    assert (found["parameters"], found["trainable"]) == (224 + 16 + 292, 16 + 292)
    assert main(["summary", f"{module}:make", "--input", "3x16x16"]) == 0
    assert "Trainable   308 (308; 224 are frozen)" in capsys.readouterr().out
    for name in ("googlenet-aux", "lenet5-1998"):  # heads that only training runs; patterns that are buffers
        found = totals(name)
        assert found["trainable"] == found["parameters"]
    assert main(["summary", "lenet5", "--freeze", "nonsense", "--json"]) == 2
    printed = capsys.readouterr()
    assert "names no layer" in json.loads(printed.out)["error"]
    assert len(printed.err.splitlines()) == 1
