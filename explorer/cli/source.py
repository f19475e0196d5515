"""SOURCE on the command line: a zoo name, a project file or a network from outside, and its input size."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from explorer.cli.parsing import say
from explorer.interop import sources
from explorer.network.edits import Edit, apply, change
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layer import Shape
from explorer.network.layers.boundary import Input
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.interop.import_report import ImportReport

HELP = (
    "a zoo name ('explorer zoo' lists them), a .convnet file, torchvision:NAME, x.onnx, "
    "or one that runs its code: x.pt2, x.py:CALLABLE, python:MODULE:CALLABLE"
)

_LARGEST_SIDE = 1_000_000


@dataclass(frozen=True)
class Source:
    """A network and where it came from. `name` is the zoo name, or the name that the project has.

    `report` says of an import how much became layers.
    """

    text: str
    name: str
    network: Network
    entry: catalogue.Entry | None = None
    report: ImportReport | None = None


def load(text: str, input_shape: Shape | None = None) -> Source:
    """The network that `text` names, at another input size if one is given. Raises UserError."""
    foreign = None if catalogue.known(text) else sources.parse(text)
    if foreign is not None:
        return _imported(foreign, input_shape)
    source = _load(text)
    if input_shape is None:
        return source
    return Source(source.text, source.name, with_input(source.network, input_shape, text), source.entry)


def _load(text: str) -> Source:
    if catalogue.known(text):
        entry = catalogue.find(text)
        return Source(text, entry.name, entry.build(), entry)
    path = Path(text)
    if text and os.path.isdir(path):
        raise UserError(f"'{text}' is a folder; name a .convnet file in it")
    if path.suffix == ".convnet":
        from explorer.interop import projects

        network = projects.load(path)
        return Source(text, network.name, network)
    if text and os.path.exists(path):
        raise UserError(f"'{text}' is of no kind that can be read: .convnet, .onnx, .pt2 or x.py:CALLABLE")
    similar = catalogue.near(text)
    hint = f"did you mean {' or '.join(similar)}?" if similar else "'explorer zoo' lists what there is"
    raise UserError(f"'{text}' is neither a network of the zoo nor a .convnet file; {hint}")


def _imported(foreign: sources.Foreign, input_shape: Shape | None) -> Source:
    """A network from outside. Typing a source that runs code is consent; it is said all the same."""
    wrong = sources.missing(foreign)
    if wrong is not None:
        raise UserError(wrong)
    if foreign.executes:
        what = "unpickles, which can run" if foreign.kind == "pt2" else "runs"
        say(f"explorer: reading '{foreign.text}' {what} the code in it")
    with contextlib.redirect_stdout(sys.stderr):  # standard output belongs to the answer
        found = sources.read(foreign, input_shape)
    return Source(foreign.text, found.network.name, found.network, report=found.report)


def with_input(network: Network, shape: Shape, text: str) -> Network:
    """The network with each input of as many axes as `shape` set to it. Raises UserError if there is none."""
    edits: list[Edit] = []
    for node in network.nodes.values():
        if isinstance(node.layer, Input) and len(node.layer.shape) == len(shape):
            edits.append(change(node, replace(node, layer=Input(shape))))
    if not edits:
        raise UserError(f"'{text}' has no input of {len(shape)} axes that --input could set")
    return apply(network, edits)


def add_input_argument(parser: argparse.ArgumentParser) -> None:
    """`--input`, as every verb that reads a SOURCE has it."""
    parser.add_argument(
        "--input", type=_shape, metavar="CxHxW", help="another input size, e.g. 3x224x224, without the batch"
    )


def _shape(text: str) -> Shape:
    parts = text.lower().replace("×", "x").replace(" ", "").split("x")
    if not 1 <= len(parts) <= 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size; write it like 3x224x224")
    shape = tuple(int(part) for part in parts)
    if not all(1 <= side <= _LARGEST_SIDE for side in shape):
        raise argparse.ArgumentTypeError(f"'{text}' has a side outside 1 to {_LARGEST_SIDE:,}")
    return shape


def positive(text: str) -> int:
    """An argument that counts something: 1, 2, …"""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LARGEST_SIDE):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to {_LARGEST_SIDE:,}")
    return int(text)


def find_layer(network: Network, text: str) -> str:
    """The id of the node that `text` names: its path, its id, its name, or the end of its path.

    Raises UserError that lists the candidates when several fit and similar ones when none does.
    """
    exact = network.paths.get(text) or (text if text in network.nodes else None)
    if exact is not None:
        return exact
    paths = [path for path in network.paths if path.endswith(f".{text}")]
    if len(paths) == 1:
        return network.paths[paths[0]]
    if paths:
        shown = ", ".join(paths[:6]) + (f" and {len(paths) - 6} more" if len(paths) > 6 else "")
        raise UserError(f"'{text}' names {len(paths)} layers: {shown}; give the whole path")
    names = [*network.paths, *{node.name: None for node in network.nodes.values()}]
    near = difflib.get_close_matches(text, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "'explorer summary' lists its layers"
    raise UserError(f"{network.name} has no layer called '{text}'; {hint}")
