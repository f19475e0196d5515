"""The lecture's results against the catalogue's entries and against each other."""

from __future__ import annotations

import pytest

from explorer.zoo import catalogue
from explorer.zoo.results import RESULTS, percent

#: Top-1 and top-5 error in percent, as the lecture prints them.
PRINTED = {
    "AlexNet": (None, 15.3), "Runner-up of 2012": (None, 26.2), "ZFNet": (None, 14.8), "VGG": (None, 7.3),
    "VGG, single": (None, 8.43), "VGG v5": (24.4, 7.1), "GoogLeNet": (None, 6.67),
    "GoogLeNet, single": (None, 7.89), "PReLU-net": (21.59, 5.71), "BN-Inception": (21.99, 5.81),
    "ResNet-34 B": (21.84, 5.71), "ResNet-34 C": (21.53, 5.60), "ResNet-50": (20.74, 5.25),
    "ResNet-101": (19.87, 4.60), "ResNet-152": (19.38, 4.49), "ResNets": (None, 3.57),
}  # fmt: skip


def test_every_printed_number() -> None:
    found = {r.name: (r.top1 and round(100 * r.top1, 4), round(100 * r.top5, 4)) for r in RESULTS}
    assert found == PRINTED


def test_the_catalogue_says_the_same() -> None:
    for entry in catalogue.entries():
        found = [(result.top1, result.top5) for result in RESULTS if entry.name in result.networks]
        if entry.top5_error is not None:
            assert (entry.top1_error, entry.top5_error) in found


def test_sizes_are_those_of_the_zoo() -> None:
    by_name = {result.name: result for result in RESULTS}
    assert by_name["ResNet-50"].parameters == pytest.approx(25_557_032)
    assert by_name["ResNet-50"].macs == pytest.approx(4_089_184_256)
    assert by_name["PReLU-net"].parameters is None


def test_a_story_says_what_it_is_of() -> None:
    by_name = {result.name: result for result in RESULTS}
    assert by_name["VGG, single"].story().splitlines()[:3] == [
        "VGG, single, 2014", "top-5 error 8.43 %", "one network, on the test set †",
    ]  # fmt: skip
    assert "several networks together (not confirmed)" in by_name["AlexNet"].story()
    assert "1st in the challenge of 2015" in by_name["ResNets"].story()
    assert percent(0.056) == "5.6 %"
