"""`explorer export`: writes a network as code, ONNX, weights, a picture, a table or a project file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from explorer.cli import source, weights
from explorer.cli.table import tell
from explorer.cli.target import check_target
from explorer.network import atomic, report
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer

if TYPE_CHECKING:
    from explorer.interop.onnx_out import Checked

_ENDINGS = {
    ".py": "torch",
    ".onnx": "onnx",
    ".safetensors": "safetensors",
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
_CHECKED = ("torch", "onnx")
_PICTURES: dict[str, Literal["svg", "pdf", "png"]] = {"svg": "svg", "pdf": "pdf", "png": "png"}
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
    parser.add_argument("--weights", metavar="F", help=weights.HELP)
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of a picture")
    parser.add_argument(
        "--check", action="store_true", help="run network and export and print the largest difference"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write the file; nothing is left behind where that fails. 1 if a check finds the two apart."""
    path = Path(args.output)
    kind = args.to or _kind_of(path)
    if args.check and kind not in _CHECKED:
        raise UserError(f"--check runs an export to {' or '.join(_CHECKED)}, and {kind} can't be run")
    check_target(path)
    network = source.load(args.source, args.input).network
    if args.weights is not None:
        network = weights.with_weights(network, args.weights)
    checked = _write(network, kind, path, args)
    largest = None if checked is None else checked.max_difference
    if args.json:
        finite = largest if largest is not None and isfinite(largest) else None
        print(json.dumps({"file": str(path), "max_difference": finite}))
    else:
        tell(f"{network.name} → {path}")
        if checked is not None:
            verdict = "both give the same" if checked.agrees else "they do not compute the same"
            tell(f"Largest difference on the same input: {checked.max_difference:.3g} ({verdict}).")
    return 0 if checked is None or checked.agrees else 1


def _kind_of(path: Path) -> str:
    kind = _ENDINGS.get(path.suffix.lower())
    if kind is None:
        endings = ", ".join(_ENDINGS)
        raise UserError(f"'{path}' does not say what to write: end it with {endings}, or use --to")
    return kind


def _write(network: Network, kind: str, path: Path, args: argparse.Namespace) -> Checked | None:
    """Make the file; whatever fails, the old one stays whole."""
    if kind in _PICTURES:
        from explorer.ui.canvas import picture

        picture.export(network, path, args.theme, _PICTURES[kind])
    elif kind == "convnet":
        from explorer.interop import projects

        projects.save(path, network)
    elif kind == "torch":
        return _write_code(network, path, args.check)
    elif kind == "onnx":
        from explorer.interop.onnx_out import export_onnx

        title = f"Exporting {network.name}"
        return _inline(title, lambda job: export_onnx(network, path, job, check=args.check))
    elif kind == "safetensors":
        from explorer.interop.weights_out import write_weights

        write_weights(network, path)
    else:
        atomic.write(path, _TABLES[kind](report.Report(network, infer(network))).encode())
    return None


def _write_code(network: Network, path: Path, check: bool) -> Checked | None:
    from explorer.interop.torch_code import generate

    code = generate(network)
    checked = None
    if check:
        from explorer.interop.code_check import check_code

        checked = _inline(f"Checking {network.name}", lambda job: check_code(network, code, job))
    atomic.write(path, code.text.encode())
    return checked


def _inline(title: str, work: Callable[..., Checked | None]) -> Checked | None:
    from explorer.tasks.inline import run_inline
    from explorer.tasks.job import Work

    checked: Checked | None = run_inline(Work(title, work))
    return checked
