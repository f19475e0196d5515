"""Every network of the zoo against the numbers that are known of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from explorer.network import numerals
from explorer.network.alike import unlike_copies
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.network.layers import Input
from explorer.network.problems import find_problems
from explorer.zoo import catalogue, ledger
from explorer.zoo.catalogue import Entry

ENTRIES = pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)

#: Parameters and MACs as computed from networks built in torch.
FACTS = {
    "first-convnet": (392_460, None),
    "lenet5-1998": (60_000, None),
    "lenet5": (61_706, 416_520),
    "alexnet": (60_965_224, 724_406_816),
    "alexnet-tower": (62_378_344, 1_135_256_096),
    "alexnet-owt": (61_100_840, 714_188_480),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19_632_062_464),
    "resnet18": (11_689_512, 1_814_073_344),
    "resnet34": (21_797_672, 3_663_761_408),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnet101": (44_549_160, 7_801_405_440),
    "resnet152": (60_192_808, 11_513_626_624),
    "zfnet": (62_357_608, 1_168_032_896),
    "nin": (7_595_176, 1_105_996_320),
    "nin-cifar10": (966_986, 222_486_528),
    "inception-naive": (387_296, 303_464_448),
    "inception-reduced": (163_696, 128_049_152),
    "googlenet": (6_998_552, 1_582_671_872),
    "googlenet-aux": (13_378_280, 1_591_044_096),
    "googlenet-bn": (13_004_888, 1_498_376_192),
    "facenet-nn1": (140_025_664, 1_605_944_064),
    "siamese": (38_951_745, 1_817_251_840),
    "prelunet-a": (178_032_072, 19_058_106_368),
    "bn-inception": (11_285_224, 2_032_600_064),
    "deepface": (118_923_774, 517_624_448),
    "facenet-nn2": (7_456_304, 1_596_530_688),
    "fully-connected": (61_698, 61_568),
    "gap-head": (23_946, 2_547_712),
    "fc-head": (64_266, 2_547_712),
    "plain34": (21_623_848, 3_644_493_824),
    "resnet34-a": (21_623_848, 3_644_493_824),
    "resnet34-c": (22_716_840, 3_830_747_136),
    "plain20": (269_722, 40_551_040),
    "plain56": (853_018, 125_485_696),
    "resnet20": (269_722, 40_551_040),
    "resnet56": (853_018, 125_485_696),
    "resnet110": (1_727_962, 252_887_680),
    "sface": (9_642_880, 574_138_880),
    "dlib-face": (5_614_592, 270_854_144),
}


@ENTRIES
def test_the_entry_says_what_the_network_has(entry: Entry) -> None:
    network = entry.build()
    inference = infer(network)
    assert inference.totals.exact
    assert inference.totals.parameters == entry.parameters
    assert inference.totals.macs == entry.macs
    inputs = [node.layer.shape for node in network.nodes.values() if isinstance(node.layer, Input)]
    assert set(inputs) == {entry.input}
    assert len(inputs) == (2 if entry.name == "siamese" else 1)
    assert network.name == entry.title


@pytest.mark.parametrize(("name", "numbers"), FACTS.items(), ids=FACTS)
def test_the_entry_says_what_torch_counted(name: str, numbers: tuple[int, int | None]) -> None:
    parameters, macs = numbers
    entry = catalogue.find(name)
    assert entry.parameters == parameters
    assert macs is None or entry.macs == macs


@ENTRIES
def test_no_network_of_the_zoo_has_a_problem(entry: Entry) -> None:
    network = entry.build()
    problems = find_problems(network, infer(network))
    assert [problem for problem in problems if problem.severity != "note"] == []


@ENTRIES
def test_copies_are_alike_and_building_twice_gives_the_same(entry: Entry) -> None:
    network = entry.build()
    assert unlike_copies(network) == ()
    assert network == entry.build()
    assert {network.path(node) for node in network.nodes} == set(network.nodes)


def test_every_network_has_its_fact() -> None:
    assert FACTS.keys() == {entry.name for entry in catalogue.entries()}


def test_names_and_errors_are_well_formed() -> None:
    names = [entry.name for entry in catalogue.entries()]
    assert len(set(names)) == len(names)
    for entry in catalogue.entries():
        for error in (entry.top1_error, entry.top5_error):
            assert error is None or 0 < error < 1
        assert entry.source
        assert entry.authors


def test_unknown_names_suggest_near_ones() -> None:
    with pytest.raises(UserError, match="did you mean resnet34"):
        catalogue.find("resnet43")
    with pytest.raises(UserError, match="explorer zoo"):
        catalogue.find("quite something else")


@pytest.mark.parametrize(
    ("name", "percent"),
    [
        ("alexnet", "96.2 %"),
        ("lenet5", "95.8 %"),
        ("vgg16", "89.4 %"),
        ("vgg19", "86.1 %"),
        ("resnet50", "8.0 %"),
        ("zfnet", "94.0 %"),
        ("googlenet", "14.6 %"),
    ],
)
def test_share_of_the_fully_connected_layers(name: str, percent: str) -> None:
    network = catalogue.find(name).build()
    inference = infer(network)
    dense = sum(
        inference.results[node.id].parameters
        for node in network.nodes.values()
        if type(node.layer).__name__ == "Linear"
    )
    assert numerals.share(dense, inference.totals.parameters) == percent


def test_the_first_convnet_by_layer() -> None:
    inference = infer(catalogue.find("first-convnet").build())
    assert inference.results["conv"].parameters == 260
    assert inference.results["pool"].output == (10, 14, 14)
    assert inference.results["fc"].parameters == 392_200


def test_lenet_as_published() -> None:
    inference = infer(catalogue.find("lenet5-1998").build())
    counts = {name: inference.results[name].parameters for name in ("c1", "s2", "c3", "s4", "c5", "f6")}
    assert counts == {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}
    connections = sum(
        result.layer.connections(inference.input_shapes(node) or (), result.outputs)
        for node, result in inference.results.items()
    )
    assert connections == 340_908


def test_repeats_are_groups() -> None:
    network = catalogue.find("resnet152").build()
    assert len(network.copies_of("layer3.1")) == 35
    assert len(network.copies_of("layer3.0")) == 1
    assert len(catalogue.find("resnet34").build().copies_of("layer1.0")) == 3


def test_the_ledger_speaks_of_networks_and_layers_that_are_there() -> None:
    for difference in ledger.DIFFERENCES:
        assert difference.sentence().endswith(".")
        if difference.network:
            network = catalogue.find(difference.network).build()
            assert not difference.layer or difference.layer in network.paths


def test_listing_the_zoo_builds_nothing() -> None:
    code = (
        "import sys; from explorer.zoo import catalogue; catalogue.entries();"
        "print([m for m in sys.modules if m in ('torch', 'numpy', 'explorer.zoo.resnet')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_notes_tell_the_source_and_what_was_published() -> None:
    notes = catalogue.find("first-convnet").build().notes
    assert "AC 209B" in notes
    assert "Output of the max-pool: the lecture says 13×13×10 = 1,690; here it is 14×14×10 = 1,960." in notes
    assert all(entry.build().notes for entry in catalogue.entries()[:3])
