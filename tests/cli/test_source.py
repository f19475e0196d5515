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
        ("torchvision:vgg16", "'torchvision:' sources are not in this version"),
        ("python:os:getcwd", "'python:' sources are not in this version"),
        ("net.py:make", "'.py' sources are not in this version"),
        ("net.onnx", "'.onnx' files are not in this version"),
        ("net.pt2", "'.pt2' files are not in this version"),
        ("missing.convnet", "missing.convnet"),
        ("", "neither a network of the zoo nor a .convnet file"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(UserError) as refused:
        source.load(text)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "folder.convnet").mkdir()
    with pytest.raises(UserError, match=r"not a \.convnet file"):
        source.load(str(tmp_path / "notes.txt"))
    with pytest.raises(UserError, match="is a folder"):
        source.load(str(tmp_path / "folder.convnet"))


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
