"""`explorer run`: a real forward pass of a real picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.__main__ import main
from explorer.assets import asset
from explorer.network import project
from explorer.network.builder import Builder
from explorer.network.layers import Linear
from explorer.network.shorthand import conv

PICTURE = "pictures/still-life.png"


@pytest.fixture
def picture() -> str:
    return str(asset(PICTURE))


def test_the_contract(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "lenet5", picture, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"name", "image", "input", "weights", "classes", "seconds", "layers"}
    assert (found["name"], found["input"], found["classes"]) == ("lenet5", [1, 32, 32], None)
    layers = {layer["id"]: layer for layer in found["layers"]}
    assert layers["features.conv1"]["output"] == [6, 28, 28]
    assert -1 <= layers["features.tanh1"]["minimum"] <= layers["features.tanh1"]["maximum"] <= 1
    assert 0 < layers["input"]["mean"] < 1
    assert found["seconds"] == pytest.approx(sum(layer["seconds"] for layer in found["layers"]))


def test_people_see_every_layer_and_no_class(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "first-convnet", picture]) == 0
    printed = capsys.readouterr()
    assert "200" in printed.out
    assert "Weights: random, seed 0. No classes are named." in printed.out
    assert printed.err == "loading torch …\n"


def test_weights_that_ship(capsys: pytest.CaptureFixture[str]) -> None:
    face = str(asset("faces", "Viktor", "1.jpg"))
    assert main(["run", "sface", face, "--weights", "shipped", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["weights"] == "faces, as OpenCV's model zoo publishes SFace"
    assert found["classes"] is None, "an encoder names nobody"
    assert found["layers"][-1]["output"] == [128]


def test_a_residual_network_at_a_small_size(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "resnet18", picture, "--input", "3x64x64", "--json"]) == 0
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert layers[-1]["output"] == [1000]
    assert len(layers) == 70


def test_what_cannot_run(picture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    b = Builder("Vector")
    b.input(10)
    b.add(Linear(2))
    project.save(tmp_path / "vector.convnet", b.network())
    b = Builder("Small")
    b.input(3, 4, 4)
    b.add(conv(8, 5), name="large")
    project.save(tmp_path / "small.convnet", b.network())
    for arguments, says in (
        (["lenet5", str(tmp_path / "missing.png")], "missing.png"),
        (["vgg16", picture, "--input", "3x32x32", "--weights", "shipped"], "no weights ship for VGG-16"),
        (["lenet5", picture, "--weights", "none.pt"], "'none.pt' names no weights"),
        ([str(tmp_path / "vector.convnet"), picture], "a picture needs 1 or 3 channels"),
        (
            [str(tmp_path / "small.convnet"), picture],
            "has a problem and cannot run: large: The kernel spans 5",
        ),
    ):
        assert main(["run", *arguments]) == 2
        printed = capsys.readouterr()
        assert says in printed.err
        assert printed.out == ""
        assert printed.err.removeprefix("loading torch …\n").count("\n") == 1
