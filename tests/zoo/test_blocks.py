"""The blocks of the library, wherever they are dropped."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.network.edits import add, apply
from explorer.network.graph import Link, Network, Node
from explorer.network.inference import Inference, infer
from explorer.network.layer import Shape
from explorer.network.layers import Input
from explorer.zoo.blocks import BLOCKS, BlockRecipe

RECIPES = pytest.mark.parametrize("recipe", BLOCKS, ids=lambda recipe: recipe.name)
KEEPS_SHAPE = {"residual", "squeeze-excite"}


def _fed(recipe: BlockRecipe, shape: Shape, known: bool = True) -> tuple[Inference, Shape | None]:
    """The block behind an input of `shape`, and the shape that leaves it."""
    fragment = recipe.build(shape if known else None)
    network: Network = fragment.network
    source = Node("source", "source", Input(shape))
    links = [Link(f"entry{i}", "source", node, 0, port) for i, (node, port) in enumerate(fragment.entries)]
    inference = infer(apply(network, [add(source), *(add(link) for link in links)]))
    ((exit_node, _),) = fragment.exits
    return inference, inference.results[exit_node].output


@RECIPES
@given(channels=st.integers(1, 600), side=st.integers(8, 40))
@settings(max_examples=25, deadline=None)
def test_every_block_fits_where_it_is_dropped(recipe: BlockRecipe, channels: int, side: int) -> None:
    inference, output = _fed(recipe, (channels, side, side))
    assert inference.totals.exact
    assert output is not None
    assert output[1:] == ((side // 2,) * 2 if recipe.name == "vgg-stage" else (side, side))
    if recipe.name in KEEPS_SHAPE:
        assert output == (channels, side, side)


@RECIPES
def test_a_block_is_one_named_block_with_one_way_in(recipe: BlockRecipe) -> None:
    fragment = recipe.build()
    tops = [block for block in fragment.network.blocks.values() if block.parent is None]
    assert [block.kind for block in tops] == [recipe.kind]
    assert all(node.block is not None for node in fragment.network.nodes.values())
    assert fragment.entries


@RECIPES
def test_without_a_known_input_the_usual_one_is_taken(recipe: BlockRecipe) -> None:
    assert recipe.build(None) == recipe.build((64, 5, 5)) == recipe.build((100,))


def test_a_bottleneck_projects_only_where_it_must() -> None:
    bottleneck = next(recipe for recipe in BLOCKS if recipe.name == "residual-bottleneck")
    inference, output = _fed(bottleneck, (256, 8, 8))
    assert output == (256, 8, 8)
    assert not any("downsample" in node for node in inference.network.nodes)
    inference, output = _fed(bottleneck, (6, 8, 8))
    assert output == (4, 8, 8)
    assert any("downsample" in node for node in inference.network.nodes)


@pytest.mark.parametrize(
    ("name", "parameters", "macs", "channels"),
    [
        ("inception-naive", 387_296, 303_464_448, 416),
        ("inception-reduced", 163_696, 128_049_152, 256),
    ],
)
def test_the_lectures_inception_modules(name: str, parameters: int, macs: int, channels: int) -> None:
    recipe = next(recipe for recipe in BLOCKS if recipe.name == name)
    inference, output = _fed(recipe, (192, 28, 28))
    assert (inference.totals.parameters, inference.totals.macs) == (parameters, macs)
    assert output == (channels, 28, 28)
