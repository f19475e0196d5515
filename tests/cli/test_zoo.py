"""`explorer zoo`."""

from __future__ import annotations

import json

import pytest

from explorer.__main__ import main
from explorer.zoo import catalogue


def test_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"networks"}
    assert [network["name"] for network in found["networks"]] == [e.name for e in catalogue.entries()]
    keys = {"name", "title", "year", "input", "parameters", "macs", "top1_error", "top5_error", "source"}
    assert all(set(network) == keys for network in found["networks"])
    resnet = next(network for network in found["networks"] if network["name"] == "resnet34")
    assert (resnet["top1_error"], resnet["top5_error"]) == (0.2184, 0.0571)


def test_the_list_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo"]) == 0
    text = capsys.readouterr().out
    for entry in catalogue.entries():
        assert entry.name in text
    assert "138,357,544" in text


def test_one_network_with_what_differs_from_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "vgg19"]) == 0
    text = capsys.readouterr().out
    assert "522 MB" in text
    assert "548.0 MiB" in text


def test_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "vgg18"]) == 2
    assert "did you mean vgg1" in capsys.readouterr().err
