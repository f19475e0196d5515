"""`explorer diff`: two networks aligned, layer by layer."""

from __future__ import annotations

import argparse
import json
from typing import Any

from explorer.cli import source
from explorer.cli.source import Source
from explorer.cli.table import Paint, paint, tell, write_table
from explorer.network import numerals
from explorer.network.diff import Diff, Part, Row, Status, compare
from explorer.network.diff.written import SIGNS, change, flat, spell_settings, totals_lines
from explorer.network.inference import Totals, infer
from explorer.zoo import ledger

_COLOURS = {
    Status.SAME: Paint.FAINT,
    Status.CHANGED: Paint.STRONG,
    Status.ADDED: Paint.GOOD,
    Status.REMOVED: Paint.WRONG,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("a", metavar="A", help=source.HELP)
    parser.add_argument("b", metavar="B", help="what it is compared with, any SOURCE as well")
    source.add_input_argument(parser)
    parser.add_argument("--all", action="store_true", help="in the table also what is the same")
    parser.add_argument(
        "--run", action="store_true", help="run both on the same input: how far apart they come out"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write what is the same, changed, added and removed on the way from A to B."""
    loaded = [source.load(text, args.input) for text in (args.a, args.b)]
    diff = compare(*(infer(one.network) for one in loaded))
    apart = _run(diff) if args.run else None
    if args.json:
        print(json.dumps(to_json(diff, loaded) | ({"run": apart} if apart is not None else {})))
        return 0
    _write(diff, loaded, args.all)
    if apart is not None:
        _write_run(apart)
    return 0


def _run(diff: Diff) -> dict[str, Any]:
    """How far apart both come out. Layers without weights get the same random ones on both sides."""
    from explorer.interop.side_by_side import run_both

    found = run_both(diff)
    first = found.first_apart()
    return {
        "outputs": found.outputs,
        "scale": found.scale,
        "first": diff.a.network.path(first[0]) if first is not None else None,
        "random": found.lent,
    }


def _write_run(apart: dict[str, Any]) -> None:
    weights = f" ({apart['random']} layers with the same random weights)" if apart["random"] else ""
    if apart["outputs"] is None:
        tell(f"Run on the same input{weights}: their outputs have other sizes")
    else:
        outputs, scale = numerals.difference(apart["outputs"]), numerals.difference(apart["scale"])
        tell(f"Run on the same input{weights}: largest difference {outputs}, of values up to {scale}")
    if apart["first"]:
        tell(f"The first layer that comes out otherwise: {apart['first']}")


def to_json(diff: Diff, loaded: list[Source]) -> dict[str, Any]:
    """The contract of `explorer diff --json`; the rows are those of layers, in the order of evaluation."""
    totals = dict(zip("ab", (_totals(one) for one in diff.totals), strict=True))
    return {
        "a": loaded[0].name,
        "b": loaded[1].name,
        "rows": [
            {
                "status": row.status,
                "a": _part(row.a),
                "b": _part(row.b),
                "changes": {delta.what: [delta.a, delta.b] for delta in row.deltas},
            }
            for row in diff.layers
        ],
        "totals": totals | {str(status): count for status, count in diff.counts.items()},
        "published": [
            {
                "network": one.network,
                "what": one.what,
                "published": one.published,
                "by": one.by,
                "ours": one.ours,
                "why": one.why,
                "confirmed": one.confirmed,
            }
            for one in _published(loaded)
        ],
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {"parameters": totals.parameters, "macs": totals.macs, "exact": totals.exact}


def _part(part: Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {
        "id": part.id,
        "path": part.path,
        "type": part.type,
        "settings": part.layer.summary() if part.layer is not None else "",
        "output": list(part.output) if part.output else None,
        "parameters": part.parameters if part.known else None,
        "macs": part.macs if part.known else None,
    }


def _published(loaded: list[Source]) -> list[ledger.Difference]:
    names = dict.fromkeys(one.entry.name for one in loaded if one.entry is not None)
    return [found for name in names for found in ledger.about(name)]


def _write(diff: Diff, loaded: list[Source], everything: bool) -> None:
    a, b = (paint(one.network.name, Paint.STRONG) for one in loaded)
    tell(f"{a} → {b}")
    shown = [(row, depth) for row, depth in flat(diff) if everything or row.status is not Status.SAME]
    if diff.equal:
        tell("They are the same, layer by layer.")
    if shown:
        headings = ("", "A", "B", "Output", "Parameters", "MACs", "Changes")
        rows = [_cells(row, depth) for row, depth in shown]
        write_table(headings, rows, frozenset({4, 5}), [_COLOURS[row.status] for row, _ in shown])
    tell()
    for line in totals_lines(diff):
        tell(line)
    for difference in _published(loaded):
        tell(f"{difference.network}: {difference.sentence()}")


def _cells(row: Row, depth: int) -> tuple[str, ...]:
    indent = "  " * depth
    names = [indent + part.name if part is not None else "" for part in (row.a, row.b)]
    shapes = [numerals.shape(part.output) if part.output else "?" for part in (row.a, row.b) if part]
    output = " → ".join(dict.fromkeys(shapes))
    if row.is_block:
        changes = f"{row.part.kind or 'block'}, {len(row.part.leaves)} layers"
    elif row.a is None or row.b is None:
        layer = row.part.layer
        changes = f"{layer.title}  {layer.summary()}".strip() if layer is not None else ""
    else:
        changes = spell_settings(row)
    return (SIGNS[row.status], *names, output, change(*row.parameters), change(*row.macs), changes)
