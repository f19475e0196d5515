"""What Transform offers: each operation with a sentence, what it asks for, and the function that plans it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from explorer.network import surgery
from explorer.network.inference import Inference
from explorer.network.layers import (
    ELU,
    GELU,
    Hardswish,
    Input,
    LeakyReLU,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Tanh,
)
from explorer.network.operations.draft import Fresh
from explorer.network.surgery import Plan

Scope = Sequence[str] | None
"""Ids of nodes and blocks, or None for the whole network."""
Values = Mapping[str, Any]
Make = Callable[[Inference, Fresh, Scope, Values], Plan]


@dataclass(frozen=True)
class Question:
    """A value that an operation asks for. Numbers have bounds and decimals, choices have (text, value)."""

    key: str
    text: str
    kind: Literal["number", "choice", "switch"]
    start: Callable[[Inference], Any]
    least: float = 1
    most: float = 1_000_000
    decimals: int = 0
    choices: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Operation:
    """One entry of the list. `scoped` ones can work on what is selected alone."""

    key: str
    title: str
    about: str
    group: str
    make: Make
    questions: tuple[Question, ...] = ()
    scoped: bool = True


def _one(scope: Scope, inference: Inference) -> str | None:
    """The node that stands for a selection, where an operation wants one."""
    if scope is None:
        return None
    network = inference.network
    nodes = [node for node in scope if node in network.nodes]
    for block in scope:
        if block in network.blocks:
            nodes += network.nodes_within(block)
    return nodes[0] if nodes else None


def _nodes(scope: Scope, inference: Inference) -> list[str] | None:
    """The nodes of a selection, with those inside its blocks."""
    if scope is None:
        return None
    network = inference.network
    inside = [node for block in scope if block in network.blocks for node in network.nodes_within(block)]
    return list(dict.fromkeys([*(one for one in scope if one in network.nodes), *inside]))


def _spans(scope: Scope, inference: Inference) -> list[str] | None:
    """The blocks of a selection; layers alone are taken together, and a single one stands for its block."""
    if scope is None:
        return None
    network = inference.network
    blocks = [one for one in scope if one in network.blocks]
    if blocks or len(scope) > 1:
        return blocks or list(scope)
    home = network.nodes[scope[0]].block
    return [home] if home is not None else list(scope)


def _input_axis(axis: int) -> Callable[[Inference], int]:
    def start(inference: Inference) -> int:
        for node in inference.network.nodes.values():
            if isinstance(node.layer, Input) and len(node.layer.shape) == 3:
                return node.layer.shape[axis]
        return (3, 224, 224)[axis]

    return start


_ACTIVATIONS = tuple(
    (kind.title, kind())
    for kind in (ReLU, LeakyReLU, PReLU, ELU, GELU, SiLU, ReLU6, Hardswish, Tanh, Sigmoid)
)
_SHORTCUTS = (
    ("B: 1×1 convolution where the shape changes", "B"),
    ("A: zeros for new channels, no weights", "A"),
    ("C: 1×1 convolution in every shortcut", "C"),
)

OPERATIONS = (
    Operation(
        "convolve", "Fully connected to convolution",
        "The first layer of the head becomes a convolution as large as its maps, those behind it 1×1. The "
        "same numbers come out, and then it takes larger pictures.",
        "Head",
        lambda i, fresh, scope, values: surgery.dense_to_convolution(
            i, fresh, _one(scope, i), bool(values["average"])
        ),
        (Question("average", "Average the class maps into one vector", "switch", lambda i: True),),
    ),
    Operation(
        "pool", "Head to global average pooling",
        "A 1×1 convolution makes a map for each class, and the mean of each map is its score.",
        "Head",
        lambda i, fresh, scope, values: surgery.head_to_average_pooling(i, fresh, _one(scope, i)),
    ),
    Operation(
        "classes", "Replace the head",
        "For other classes: the last layer begins anew, every other weight stays.",
        "Head",
        lambda i, fresh, scope, values: surgery.replace_head(i, fresh, int(values["classes"])),
        (Question("classes", "Classes", "number", lambda i: 10),),
        scoped=False,
    ),
    Operation(
        "shortcuts", "Insert shortcuts",
        "Each block gets its own input added before its last activation: plain blocks become residual.",
        "Blocks",
        lambda i, fresh, scope, values: surgery.insert_shortcuts(
            i, fresh, _spans(scope, i), str(values["option"])
        ),
        (Question("option", "Option", "choice", lambda i: "B", choices=_SHORTCUTS),),
    ),
    Operation(
        "plain", "Remove shortcuts",
        "What is left is the plain network of the same convolutions.",
        "Blocks",
        lambda i, fresh, scope, values: surgery.remove_shortcuts(i, fresh, scope),
    ),
    Operation(
        "zero", "Set the last layer to zero",
        "A residual block then passes on exactly what it gets. With batch norm it is γ and β that become 0.",
        "Blocks",
        lambda i, fresh, scope, values: surgery.zero_residuals(i, scope),
    ),
    Operation(
        "fold", "Fold batch norm",
        "In use a batch norm is a scale and a shift: both go into the layer before it.",
        "Layers",
        lambda i, fresh, scope, values: surgery.fold_batch_norm(i, fresh, _nodes(scope, i)),
    ),
    Operation(
        "swap", "Swap activations",
        "Another activation in place of those that are there; softmax stays.",
        "Layers",
        lambda i, fresh, scope, values: surgery.swap_activations(
            i, fresh, values["to"], _nodes(scope, i)
        ),
        (Question("to", "To", "choice", lambda i: GELU(), choices=_ACTIVATIONS),),
    ),
    Operation(
        "input", "Change the input size",
        "Every size that follows changes; convolutions keep their weights, fully connected layers do not.",
        "Size",
        lambda i, fresh, scope, values: surgery.change_input(
            i, fresh, (int(values["channels"]), int(values["height"]), int(values["width"]))
        ),
        tuple(
            Question(key, text, "number", _input_axis(axis), most=100_000)
            for axis, (key, text) in enumerate(
                (("channels", "Channels"), ("height", "Height"), ("width", "Width"))
            )
        ),
        scoped=False,
    ),
    Operation(
        "width", "Multiply the width",
        "So many times as many channels in every layer. Wider, filters are repeated and the outputs stay "
        "where no layer mixes channels; narrower, the first filters are kept.",
        "Size",
        lambda i, fresh, scope, values: surgery.scale_width(i, fresh, float(values["factor"])),
        (Question("factor", "Factor", "number", lambda i: 0.5, 0.01, 64, 2),),
        scoped=False,
    ),
)  # fmt: skip

BY_KEY = {operation.key: operation for operation in OPERATIONS}


def fitting(inference: Inference, scope: Scope) -> str:
    """The operation that suits what is selected, to begin with."""
    if scope is None:
        return OPERATIONS[0].key
    network = inference.network
    nodes = _nodes(scope, inference) or []
    kinds = {str(network.nodes[node].layer.family) for node in nodes}
    if any(block in network.blocks and network.blocks[block].kind == "plain" for block in scope):
        return "shortcuts"
    if any(block in network.blocks for block in scope) and surgery.find_residuals(network, scope):
        return "plain"
    for family, key in (("dense", "convolve"), ("normalization", "fold"), ("activation", "swap")):
        if kinds == {family}:
            return key
    if kinds == {"boundary"}:
        return "input"
    return "fold" if "normalization" in kinds else OPERATIONS[0].key
