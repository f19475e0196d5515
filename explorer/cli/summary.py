"""`explorer summary`: the table of layers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from explorer.cli import source
from explorer.cli.parsing import say
from explorer.cli.source import Source
from explorer.cli.table import Paint, paint, tell, write_table
from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.network.layers.boundary import Input
from explorer.network.report import BlockRow, LayerRow, Report, Row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=source.HELP)
    source.add_input_argument(parser)
    parser.add_argument(
        "--batch", type=source.positive, default=1, metavar="N", help="images at once, for the memory"
    )
    parser.add_argument(
        "--freeze",
        nargs="+",
        default=(),
        metavar="PATTERN",
        help="layers or blocks that would not be trained, as 'explorer train' takes them",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a source, one a line")


def run(args: argparse.Namespace) -> int:
    """Write a table, or a JSON line, for each source; 2 if one of them failed."""
    failed = False
    for index, text in enumerate(args.sources):
        try:
            loaded = source.load(text, args.input)
            report = Report(loaded.network, infer(loaded.network))
            trainable = _trainable(loaded, report, args.freeze)
        except UserError as error:
            failed = True
            say(f"explorer: {error}")
            if args.json:
                print(json.dumps({"source": text, "error": str(error)}))
            continue
        if args.json:
            print(json.dumps(to_json(loaded, report, args.batch, trainable)))
        else:
            if index:
                tell()
            _write(loaded, report, args.batch, trainable)
    return 2 if failed else 0


def _trainable(loaded: Source, report: Report, freeze: Sequence[str]) -> int:
    """Parameters that a training would change; heads that only training uses are among them.

    Fixed values (RBF's patterns, running means) are buffers and no parameters. Raises UserError for a pattern
    that names no layer.
    """
    from explorer.learning.freezing import frozen

    held = frozen(loaded.network, freeze)
    still = sum(row.own_parameters for row in report.layers if row.node.id in held)
    if not held and loaded.report is not None:
        still = loaded.report.frozen  # as the module's author has set it
    return report.totals.parameters - still


def to_json(loaded: Source, report: Report, batch: int, trainable: int) -> dict[str, Any]:
    """The contract of `explorer summary --json`; memory is of the whole batch, MACs of one image."""
    totals = report.totals
    return {
        "name": loaded.name,
        "input": _first_input(report),
        "layers": [_layer(row, batch) for row in report.layers],
        "totals": {
            "parameters": totals.parameters,
            "trainable": trainable,
            "macs": totals.macs,
            "exact": totals.exact,
            "activation_bytes": totals.activation_bytes * batch,
        },
        **_import(loaded),
        "problems": [
            {
                "node": problem.node,
                "code": problem.code,
                "message": problem.message,
                "mends": [mend.title for mend in problem.mends],
            }
            for problem in report.problems
        ],
    }


def _import(loaded: Source) -> dict[str, Any]:
    """Of a network from outside, how much of it became layers."""
    report = loaded.report
    if report is None:
        return {}
    return {
        "import": {
            "exact": report.exact,
            "layers": report.layers,
            "described_macs": report.described_macs,
            "opaque": [part._asdict() for part in report.opaque],
            "training_only": report.training_only,
            "unreached": list(report.unreached),
            "shared": report.shared,
            "checked_at": report.checked_at and [list(shape) for shape in report.checked_at],
        }
    }


def _first_input(report: Report) -> list[int] | None:
    for row in report.layers:
        if isinstance(row.node.layer, Input):
            return list(row.node.layer.shape)
    return None


def _layer(row: LayerRow, batch: int) -> dict[str, Any]:
    result = row.result
    known = result.known
    return {
        "id": row.node.id,
        "name": row.node.name,
        "type": type(row.node.layer).__name__,
        "block": row.path.rpartition(".")[0] or None,
        "input": [list(shape) for shape in row.inputs],
        "output": list(row.output) if row.output else None,
        "parameters": result.parameters if known else None,
        "weights": result.weights if known else None,
        "biases": result.biases if known else None,
        "macs": result.macs if known else None,
        "receptive_field": [_whole(size) for size in row.receptive_field] or None,
        "memory_bytes": result.activation_bytes * batch if known else None,
        "shared_with": row.shared_with,
        "problems": [problem.code for problem in row.problems],
    }


def _whole(size: float) -> float:
    return int(size) if size == int(size) else size


_HEADINGS = ("Layer", "Type", "Settings", "Output", "Parameters", "MACs", "Field", "Memory")
_NUMBERS = frozenset({3, 4, 5, 6, 7})


def _write(loaded: Source, report: Report, batch: int, trainable: int) -> None:
    shape = _first_input(report)
    size = f"input {numerals.shape(tuple(shape))}" if shape else "no input"
    tell(f"{paint(report.network.name, Paint.STRONG)}  {size}")
    if not report.rows:
        tell("It has no layers yet.")
        return
    rows = [_cells(row, batch) for row in report.rows]
    write_table(_HEADINGS, rows, _NUMBERS, [_colour(row) for row in report.rows])
    tell()
    _write_totals(report, batch, trainable)
    if loaded.report is not None:
        for line in loaded.report.lines():
            tell(line)
    for problem in report.problems:
        colour = Paint.WRONG if problem.severity == "error" else Paint.PLAIN
        tell(paint(f"{problem.severity}: {problem.message}", colour))
        for mend in problem.mends:
            tell(f"  mend: {mend.title}")


def _colour(row: Row) -> Paint:
    if isinstance(row, BlockRow):
        return Paint.STRONG
    return Paint.WRONG if row.problems else Paint.PLAIN


def _cells(row: Row, batch: int) -> tuple[str, ...]:
    indent = "  " * row.depth
    if isinstance(row, BlockRow):
        copies = f" ×{row.copies}" if row.copies > 1 else ""
        counts = (_count(row.parameters, row.known), _count(row.macs, row.known))
        return (f"{indent}{row.block.name}", f"{row.block.kind}{copies}".strip(), "", "", *counts, "", "")
    result = row.result
    name, layer = f"{indent}{row.node.name}", row.node.layer
    if not result.known:
        return (name, layer.title, layer.summary(), "?", "?", "?", "", "?")
    parameters = f"= {row.shared_with}" if row.shared_with else _count(result.parameters)
    macs = "training only" if row.node.training_only and result.macs else _count(result.macs)
    memory = numerals.memory(result.activation_bytes * batch)
    output = ", ".join(numerals.shape(shape) for shape in result.outputs)
    return (
        name,
        layer.title,
        layer.summary(),
        output,
        parameters,
        macs,
        numerals.pair(row.receptive_field),
        memory,
    )


def _count(number: int, known: bool = True) -> str:
    text = numerals.grouped(number) if number else "–"
    return text if known else f"≥ {numerals.grouped(number)}"


def _write_totals(report: Report, batch: int, trainable: int) -> None:
    totals = report.totals
    rest = totals.parameters - trainable
    learned = [("Trainable", trainable, f"{numerals.grouped(rest)} are frozen")] if rest else []
    for name, count, more in (
        ("Parameters", totals.parameters, f"{numerals.memory(totals.parameter_bytes)} in float32"),
        *learned,
        ("MACs", totals.macs, "for one image; FLOP = 2 MAC"),
    ):
        short = numerals.compact(count, totals.exact)
        tell(f"{name:<12}{paint(short, Paint.STRONG)} ({numerals.grouped(count)}; {more})")
    images = "one image" if batch == 1 else f"{batch:,} images"
    memory = numerals.memory(totals.activation_bytes * batch)
    at_least = "" if totals.exact else "≥ "
    tell(f"{'Outputs':<12}{paint(at_least + memory, Paint.STRONG)} for {images} in float32")
