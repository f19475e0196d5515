"""What an item of the library becomes where it is dropped. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from explorer.network.errors import UserError
from explorer.network.fragment import Fragment
from explorer.network.graph import Network
from explorer.network.layer import Layer, Refused, Shape, shape_layer
from explorer.network.layers import LAYER_TYPES
from explorer.network.operations import Change, add_layer, append_after, insert_fragment, insert_on_link

COMMON = (
    "Input", "Conv2d", "DepthwiseConv2d", "LocallyConnected2d", "MaxPool2d", "AvgPool2d",
    "GlobalAvgPool2d", "Linear", "BatchNorm", "ReLU", "Dropout", "Add", "Concat", "Flatten",
)  # fmt: skip
"""Layers that are wanted most, and so stand before all others."""

Fresh = Callable[[str], str]
SavedBlocks = Callable[[str], Fragment]
"""Gives a block that the person saved, by its name; raises UserError where there is none."""


class ItemLike(Protocol):
    """An entry of the library: `layer`, `block` or `saved`, and its name."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...


def no_saved_blocks(name: str) -> Fragment:
    """For canvases without a library of one's own."""
    raise UserError(f"There is no saved block {name!r}.")


def content_of(item: ItemLike, shape: Shape | None, saved: SavedBlocks) -> Layer | Fragment:
    """The layer or the piece of network that an item stands for, made for an input of `shape`."""
    if item.kind == "layer":
        if item.name not in LAYER_TYPES:
            raise UserError(f"There is no layer {item.name!r}.")
        return LAYER_TYPES[item.name]()
    if item.kind == "block":
        from explorer.zoo.blocks import BLOCKS

        recipe = next((recipe for recipe in BLOCKS if recipe.name == item.name), None)
        if recipe is None:
            raise UserError(f"There is no block {item.name!r}.")
        return recipe.build(shape)
    if item.kind == "network":
        from explorer.zoo.catalogue import find

        return Fragment(find(item.name).build())
    return saved(item.name)


def title_of(item: ItemLike) -> str:
    """How an item is called on its ghost."""
    if item.kind == "layer" and item.name in LAYER_TYPES:
        return LAYER_TYPES[item.name].title
    if item.kind == "block":
        from explorer.zoo.blocks import BLOCKS

        return next((recipe.title for recipe in BLOCKS if recipe.name == item.name), item.name)
    if item.kind == "network":
        from explorer.zoo.catalogue import find

        return find(item.name).title
    return item.name


def inserted_after(network: Network, fresh: Fresh, node: str, content: Layer | Fragment) -> Change:
    """Put it behind a node."""
    if isinstance(content, Layer):
        return append_after(network, fresh, node, content)
    return insert_fragment(network, fresh, content, after=node)


def inserted_on(network: Network, fresh: Fresh, link: str, content: Layer | Fragment) -> Change:
    """Put it into a link."""
    if isinstance(content, Layer):
        return insert_on_link(network, fresh, link, content)
    return insert_fragment(network, fresh, content, link=link)


def put_down(
    network: Network,
    fresh: Fresh,
    content: Layer | Fragment,
    block: str | None,
    position: tuple[float, float] | None,
) -> Change:
    """Put it somewhere with its ends free."""
    if isinstance(content, Layer):
        return add_layer(network, fresh, content, block=block, position=position)
    return insert_fragment(network, fresh, content, block=block, position=position)


def foreseen(content: Layer | Fragment, shape: Shape | None) -> str:
    """The output size that a layer would have there, "" while it cannot be told, "?" if it does not fit."""
    if isinstance(content, Fragment) or (shape is None and content.arity[0] > 0):
        return ""
    try:
        out = shape_layer(content, (shape,) if shape is not None and content.arity[1] != 0 else ()).outputs[0]
    except (Refused, IndexError):
        return "?"
    return " × ".join(str(n) for n in out)
