"""What SOURCE may be, and what is said of anything else."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from explorer.cli import source
from explorer.network import project
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.layers import Input, Linear
from explorer.zoo import catalogue


def test_a_zoo_name() -> None:
    loaded = source.load("resnet18")
    assert loaded.name == "resnet18"
    assert loaded.entry is catalogue.find("resnet18")


def test_a_project_file(tmp_path: Path) -> None:
    network = catalogue.find("lenet5").build()
    project.save(tmp_path / "mine.convnet", network)
    loaded = source.load(str(tmp_path / "mine.convnet"))
    assert loaded.network == network
    assert loaded.entry is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("resnet43", "did you mean resnet34"),
        ("ResNet_18", "did you mean resnet18"),
        ("torchvision:vgg61", "no model called 'vgg61'; did you mean"),
        ("python:os", "not of the form python:MODULE:CALLABLE"),
        ("python:nothing_of_the_sort:make", "no Python module 'nothing_of_the_sort'"),
        ("python:os:getcwd", "gave a str, not a torch.nn.Module"),
        ("python:torch.nn:ReLUU", "did you mean ReLU"),
        ("python:torch.nn:Linear", "failed when it was called: TypeError"),
        ("net.py:make", "there is no file 'net.py'"),
        ("net.py:", "names no callable"),
        ("net.onnx", "there is no file 'net.onnx'"),
        ("net.pt2", "there is no file 'net.pt2'"),
        ("net.pth", "is a pickle, which runs code"),
        ("net.safetensors", "holds weights and no network"),
        ("missing.convnet", "missing.convnet"),
        ("", "neither a network of the zoo nor a .convnet file"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(UserError) as refused:
        source.load(text)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


MADE = """
print("hello")
from torch import nn

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))

def broken():
    raise SystemExit("no licence")

def deep(n):
    return Net()
"""


@pytest.mark.parametrize("name", [":Net", ""])
def test_a_python_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "net.py").write_text(MADE.replace("def broken", "def _broken"))
    loaded = source.load(f"{tmp_path / 'net.py'}{name}")
    assert [type(node.layer).__name__ for node in loaded.network.nodes.values()] == [
        "Input",
        "Conv2d",
        "ReLU",
        "Flatten",
        "Linear",
    ]
    assert loaded.network.nodes["input"].layer == Input((1, 28, 28))
    assert loaded.network.nodes["0"].tensors.keys() == {"weight", "bias"}
    assert loaded.report is not None
    assert loaded.report.exact
    said = capsys.readouterr()
    assert said.out == ""
    assert "runs the code in it" in said.err


def test_python_that_fails_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(MADE)
    with pytest.raises(UserError, match="SystemExit: no licence"):
        source.load(f"{path}:broken")
    with pytest.raises(UserError, match=r"failed when it was called: TypeError: deep\(\)"):
        source.load(f"{path}:deep")
    path.write_text("import nothing_of_the_sort")
    with pytest.raises(UserError, match="failed while it was imported: ModuleNotFoundError"):
        source.load(f"{path}:deep")


def test_another_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "folder.convnet").mkdir()
    with pytest.raises(UserError, match=r"of no kind that can be read"):
        source.load(str(tmp_path / "notes.txt"))
    with pytest.raises(UserError, match="is a folder"):
        source.load(str(tmp_path / "folder.convnet"))
    with pytest.raises(UserError, match="is a folder"):
        source.load(str(tmp_path))


def test_another_input_size() -> None:
    network = source.load("resnet18", (3, 64, 96)).network
    assert network.nodes["input"].layer == Input((3, 64, 96))
    with pytest.raises(UserError, match="no input of 1 axes"):
        source.load("resnet18", (10,))


@pytest.mark.parametrize(
    ("text", "shape"), [("3x224x224", (3, 224, 224)), ("1×28×28", (1, 28, 28)), ("7", (7,))]
)
def test_sizes(text: str, shape: tuple[int, ...]) -> None:
    parser = argparse.ArgumentParser()
    source.add_input_argument(parser)
    assert parser.parse_args(["--input", text]).input == shape


@pytest.mark.parametrize(
    "text", ["", "axb", "3x", "0x2x2", "-1", "1x1x1x1x1", "3x99999999999999999999", "³x2x2"]
)
def test_what_is_no_size(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    source.add_input_argument(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([f"--input={text}"])
    assert "--input" in capsys.readouterr().err


def test_layers_are_found_by_path_name_and_end_of_path() -> None:
    network = source.load("resnet18").network
    assert source.find_layer(network, "layer1.0.conv1") == "layer1.0.conv1"
    assert source.find_layer(network, "conv1") == "conv1"  # the whole path goes before the ends of others
    assert source.find_layer(network, "layer3.0.downsample.0") == source.find_layer(
        network, "layer3.0.downsample.0"
    )
    with pytest.raises(UserError, match=r"'conv2' names 8 layers: layer1\.0\.conv2.*and 2 more"):
        source.find_layer(network, "conv2")
    with pytest.raises(UserError, match="did you mean"):
        source.find_layer(network, "layer1.0.conv3")


def test_a_name_that_one_layer_has_is_enough() -> None:
    b = Builder()
    b.input(4)
    with b.block("head"):
        b.add(Linear(2), name="out")
    assert source.find_layer(b.network(), "out") == "head.out"
