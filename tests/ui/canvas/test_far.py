"""What is told of a network that is seen from afar."""

from __future__ import annotations

from explorer.network import operations
from explorer.network.edits import apply
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.ui.canvas.far import told
from explorer.ui.canvas.outliner import outline_of
from explorer.ui.canvas.placement import place
from explorer.zoo import catalogue
from tests.benchmarks.desk import flat
from tests.ui.canvas.networks import chain


def names(network: Network) -> list[str]:
    outline = outline_of(network)
    return [network.block_path(block) for block in told(outline, network, place(outline, network))]


def test_the_outer_blocks_are_named() -> None:
    assert names(flat(catalogue.find("resnet152").build())) == ["layer1", "layer2", "layer3", "layer4"]
    assert names(chain()) == []


def test_of_a_block_that_is_nearly_everything_its_blocks_are_named() -> None:
    network = flat(catalogue.find("resnet18").build())
    document = Document(network)
    stages = [block.id for block in network.blocks.values() if block.name.startswith("layer")]
    change = operations.group_as_block(network, document.fresh_id, (), stages, "body")
    network = flat(apply(network, change.edits))
    assert names(network) == [f"body.layer{number}" for number in (1, 2, 3, 4)]
