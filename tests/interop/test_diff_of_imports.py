"""A network as torchvision has it against the zoo's own: the diff finds in them what they are."""

from __future__ import annotations

from explorer.interop import sources
from explorer.network.diff import Status, compare
from explorer.network.inference import infer
from explorer.zoo import catalogue


def test_torchvisions_resnet18_is_the_zoos_layer_by_layer() -> None:
    foreign = sources.parse("torchvision:resnet18")
    assert foreign is not None
    found = compare(infer(sources.read(foreign).network), infer(catalogue.find("resnet18").build()))
    assert found.equal
    assert found.counts[Status.SAME] == len(catalogue.find("resnet18").build().nodes)


def test_blocks_that_are_cut_and_named_another_way() -> None:
    foreign = sources.parse("torchvision:alexnet")
    assert foreign is not None
    found = compare(infer(sources.read(foreign).network), infer(catalogue.find("alexnet-tower").build()))
    pairs = {row.b.name: row.a.name for row in found.layers if row.a and row.b}
    assert [pairs[f"conv{n}"] for n in range(1, 6)] == ["0", "3", "6", "8", "10"]
    assert [pairs[f"fc{n}"] for n in (6, 7, 8)] == ["1", "4", "6"]
