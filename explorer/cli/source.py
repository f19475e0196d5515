"""SOURCE on the command line: a zoo name or a project file, and what `--input` makes of it."""

from __future__ import annotations

import argparse
import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from explorer.network.edits import Edit, apply, change
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layer import Shape
from explorer.network.layers.boundary import Input
from explorer.zoo import catalogue

HELP = "a zoo name ('explorer zoo' lists them) or a .convnet file"

_LARGEST_SIDE = 1_000_000
_FOREIGN = (".onnx", ".pt2", ".pt", ".pth", ".safetensors")


@dataclass(frozen=True)
class Source:
    """A network and where it came from. `name` is the zoo name, or the name that the project has."""

    text: str
    name: str
    network: Network
    entry: catalogue.Entry | None = None


def load(text: str, input_shape: Shape | None = None) -> Source:
    """The network that `text` names, at another input size if one is given. Raises UserError."""
    source = _load(text)
    if input_shape is None:
        return source
    return Source(source.text, source.name, with_input(source.network, input_shape, text), source.entry)


def _load(text: str) -> Source:
    if catalogue.known(text):
        entry = catalogue.find(text)
        return Source(text, entry.name, entry.build(), entry)
    _refuse_other_forms(text)
    path = Path(text)
    if path.suffix == ".convnet":
        from explorer.interop import projects

        if os.path.isdir(path):
            raise UserError(f"'{text}' is a folder; name a .convnet file in it")
        network = projects.load(path)
        return Source(text, network.name, network)
    if text and os.path.exists(path):
        raise UserError(f"'{text}' is not a .convnet file, the only kind that this version reads")
    similar = catalogue.near(text)
    hint = f"did you mean {' or '.join(similar)}?" if similar else "'explorer zoo' lists what there is"
    raise UserError(f"'{text}' is neither a network of the zoo nor a .convnet file; {hint}")


def _refuse_other_forms(text: str) -> None:
    """Say clearly that this version reads neither torch's nor ONNX's files, nor runs Python for a network."""
    kind = ""
    if text.startswith(("torchvision:", "python:")):
        kind = f"'{text.split(':')[0]}:' sources"
    elif ".py:" in text or text.endswith(".py"):
        kind = "'.py' sources"
    elif text.endswith(_FOREIGN):
        kind = f"'{Path(text).suffix}' files"
    if kind:
        raise UserError(f"{kind} are not in this version: '{text}'; give a zoo name or a .convnet file")


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
