"""`explorer export`: files appear whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.__main__ import main
from explorer.network import project
from explorer.zoo import catalogue


@pytest.mark.parametrize(
    ("ending", "begins"),
    [(".csv", "layer,type"), (".md", "# LeNet-5"), (".html", "<!doctype html>"), (".convnet", "{")],
)
def test_the_ending_says_what_is_written(
    ending: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"out{ending}"
    assert main(["export", "lenet5", "-o", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "max_difference": None}
    assert file.read_text(encoding="utf-8").startswith(begins)
    assert set(os.listdir(tmp_path)) - {"home"} == {file.name}


def test_an_exported_project_is_the_network(tmp_path: Path) -> None:
    file = tmp_path / "r.convnet"
    assert main(["export", "resnet18", "-o", str(file)]) == 0
    assert project.load(file) == catalogue.find("resnet18").build()


def test_to_goes_before_the_ending(tmp_path: Path) -> None:
    file = tmp_path / "table.txt"
    assert main(["export", "lenet5", "-o", str(file), "--to", "markdown"]) == 0
    assert file.read_text(encoding="utf-8").startswith("# LeNet-5")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["out.xyz"], "does not say what to write"),
        (["out.csv", "--check"], "csv can't be run"),
        (["out.safetensors"], "layers without trained weights"),
        (["out.py", "--weights", "nothing.pt"], "names no weights"),
        (["folder"], "is a folder"),
        (["missing/out.csv"], "make it first"),
        (["missing/out.onnx"], "make it first"),
    ],
)
def test_what_cannot_be_written(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    before = sorted(os.listdir(tmp_path))
    extra = ["--to", "csv"] if arguments == ["folder"] else []
    assert main(["export", "lenet5", "-o", *arguments, *extra]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == before


def test_a_source_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "kept.csv"
    file.write_text("old")
    assert main(["export", "nonsense", "-o", str(file)]) == 2
    assert file.read_text() == "old"


@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures(ending: str, begins: bytes, theme: str, tmp_path: Path, qapp: object) -> None:
    file = tmp_path / f"picture.{ending}"
    assert main(["export", "lenet5", "-o", str(file), "--theme", theme]) == 0
    assert file.read_bytes().startswith(begins)
    if ending == "svg":
        assert "conv1" in file.read_text(encoding="utf-8")


def test_a_picture_from_a_process_without_a_screen(tmp_path: Path) -> None:
    file = tmp_path / "resnet18.svg"
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, "-m", "explorer", "export", "resnet18", "-o", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "11.69 M parameters" in file.read_text(encoding="utf-8")


def test_code_is_checked_by_running_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lenet.py"
    assert main(["export", "lenet5", "-o", str(file), "--check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "max_difference": 0.0}
    assert "class LeNet5(nn.Module):" in file.read_text(encoding="utf-8")


def test_a_failed_check_is_a_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from explorer.interop import code_check
    from explorer.interop.onnx_out import Checked

    monkeypatch.setattr(code_check, "check_code", lambda *_: Checked(0.5, False))
    assert main(["export", "lenet5", "-o", str(tmp_path / "lenet.py"), "--check"]) == 1
    assert "they do not compute the same" in capsys.readouterr().out


def test_weights_go_out_as_they_came(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    assert main(["export", "lenet5", "--weights", "shipped", "-o", str(first)]) == 0
    assert main(["export", "lenet5", "--weights", str(first), "-o", str(second)]) == 0
    one, other = load_file(first), load_file(second)
    assert set(one) == set(other)
    assert "features.conv1.weight" in one
    assert all(one[name].equal(other[name]) for name in one)
