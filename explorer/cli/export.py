"""`explorer export`: writes a network as a picture, a table or a project file."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from explorer.cli import source
from explorer.cli.table import tell
from explorer.network import atomic, report
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer

_ENDINGS = {
    ".py": "torch",
    ".onnx": "onnx",
    ".svg": "svg",
    ".pdf": "pdf",
    ".png": "png",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".convnet": "convnet",
}
_KINDS = tuple(dict.fromkeys(_ENDINGS.values()))
_PICTURES: dict[str, Literal["svg", "pdf", "png"]] = {"svg": "svg", "pdf": "pdf", "png": "png"}
_LATER = ("torch", "onnx")
_TABLES: dict[str, Callable[[report.Report], str]] = {
    "csv": report.to_csv,
    "markdown": report.to_markdown,
    "html": report.to_html,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("source", metavar="SOURCE", help=source.HELP)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="where to write; the ending says what"
    )
    parser.add_argument("--to", choices=_KINDS, help="what to write, if the ending does not say")
    source.add_input_argument(parser)
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of a picture")
    parser.add_argument("--check", action="store_true", help="run both and print the largest difference")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write the file; nothing is left behind where that fails."""
    path = Path(args.output)
    kind = args.to or _kind_of(path)
    if kind in _LATER:
        raise UserError(f"export to {kind} is not in this version; choose {', '.join(_written())}")
    if args.check:
        raise UserError(
            "--check compares exports to torch or onnx, which are not in this version; leave it out"
        )
    if os.path.isdir(path):
        raise UserError(f"'{path}' is a folder; name a file in it")
    network = source.load(args.source, args.input).network
    _write(network, kind, path, args.theme)
    if args.json:
        print(json.dumps({"file": str(path), "max_difference": None}))
    else:
        tell(f"{network.name} → {path}")
    return 0


def _written() -> list[str]:
    return [kind for kind in _KINDS if kind not in _LATER]


def _kind_of(path: Path) -> str:
    kind = _ENDINGS.get(path.suffix.lower())
    if kind is None:
        endings = ", ".join(ending for ending, kind in _ENDINGS.items() if kind not in _LATER)
        raise UserError(f"'{path}' does not say what to write: end it with {endings}, or use --to")
    return kind


def _write(network: Network, kind: str, path: Path, theme: Literal["light", "dark"]) -> None:
    """Make the file; whatever fails, the old one stays whole."""
    if kind in _PICTURES:
        from explorer.ui.canvas import picture

        picture.export(network, path, theme, _PICTURES[kind])
    elif kind == "convnet":
        from explorer.interop import projects

        projects.save(path, network)
    else:
        atomic.write(path, _TABLES[kind](report.Report(network, infer(network))).encode())
