"""The table of layers: one row a layer, nested by block, and its written forms (CSV, Markdown, HTML).

Memory is of one image in float32; MACs are of one image in eval mode, FLOP = 2 MAC.
"""

from __future__ import annotations

import csv
import html
import io
from dataclasses import dataclass
from functools import cached_property

from explorer.network import numerals
from explorer.network.graph import Block, Network, Node
from explorer.network.inference import Inference, Result
from explorer.network.layer import Shape
from explorer.network.problems import Problem, find_problems


@dataclass(frozen=True)
class LayerRow:
    """One layer. What cannot be known has `output` None. `shared_with` is the node that owns its weights."""

    node: Node
    path: str
    depth: int
    inputs: tuple[Shape, ...]
    result: Result
    shared_with: str | None
    problems: tuple[Problem, ...]

    @property
    def output(self) -> Shape | None:
        return self.result.output

    @property
    def own_parameters(self) -> int:
        """Parameters that count here and not at the node it shares them with."""
        return 0 if self.shared_with else self.result.parameters

    @property
    def eval_macs(self) -> int:
        return 0 if self.node.training_only else self.result.macs

    @property
    def receptive_field(self) -> tuple[float, ...]:
        """(h, w) in pixels of the network's input; empty where there is none."""
        return tuple(axis.size for axis in self.result.field or ())


@dataclass(frozen=True)
class BlockRow:
    """One block with the sums over all that is inside, and how many copies of it there are."""

    block: Block
    path: str
    depth: int
    copies: int
    parameters: int
    macs: int
    known: bool


Row = LayerRow | BlockRow


class Report:
    """All rows of one network, in the order of evaluation with every block kept together."""

    def __init__(self, network: Network, inference: Inference) -> None:
        self.network = network
        self.inference = inference
        self.totals = inference.totals
        self.problems = find_problems(network, inference)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        rows: list[Row] = []
        self._collect(None, 0, rows)
        return tuple(rows)

    @cached_property
    def layers(self) -> tuple[LayerRow, ...]:
        return tuple(row for row in self.rows if isinstance(row, LayerRow))

    @cached_property
    def _first(self) -> dict[str, int]:
        """For each block the place of its first node in the order of evaluation."""
        first: dict[str, int] = {}
        rank = self.network.topology.rank
        for node in self.network.nodes.values():
            for block in self.network.ancestors(node.block):
                first[block.id] = min(first.get(block.id, rank[node.id]), rank[node.id])
        return first

    @cached_property
    def _problems_at(self) -> dict[str | None, list[Problem]]:
        found: dict[str | None, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.node, []).append(problem)
        return found

    def _collect(self, block: str | None, depth: int, rows: list[Row]) -> tuple[int, int, bool]:
        """Append the rows of a block's content; give its parameters, MACs and whether all is known."""
        nodes, blocks = self.network.members.get(block, ((), ()))
        rank, first = self.network.topology.rank, self._first
        content = [(rank[node], False, node) for node in nodes]
        content += [(first.get(inner, len(rank)), True, inner) for inner in blocks]
        parameters, macs, known = 0, 0, True
        for _, is_block, name in sorted(content):
            if is_block:
                place = len(rows)
                sums = self._collect(name, depth + 1, rows)
                rows.insert(place, self._block_row(name, depth, *sums))
            else:
                row = self._layer_row(name, depth)
                rows.append(row)
                sums = row.own_parameters, row.eval_macs, row.result.known
            parameters, macs, known = parameters + sums[0], macs + sums[1], known and sums[2]
        return parameters, macs, known

    def _layer_row(self, name: str, depth: int) -> LayerRow:
        network, result = self.network, self.inference.results[name]
        owner = None if self.inference.owns_weights(name) else network.sharers(name)[0]
        fed = [
            (self.inference.results[link.source].outputs, link.source_port)
            for link in network.topology.incoming[name]
        ]
        inputs = tuple(outputs[port] for outputs, port in fed if port < len(outputs))
        problems = tuple(self._problems_at.get(name, ()))
        return LayerRow(network.nodes[name], network.path(name), depth, inputs, result, owner, problems)

    def _block_row(self, name: str, depth: int, parameters: int, macs: int, known: bool) -> BlockRow:
        network = self.network
        copies = len(network.copies_of(name))
        return BlockRow(
            network.blocks[name], network.block_path(name), depth, copies, parameters, macs, known
        )


_COLUMNS = ("layer", "type", "settings", "input", "output", "weights", "biases", "parameters", "macs")
_HEADINGS = (
    "Layer",
    "Type",
    "Settings",
    "Input",
    "Output",
    "Weights",
    "Biases",
    "Parameters",
    "MACs",
    "Field",
)


def to_csv(report: Report) -> str:
    """One line a layer, exact numbers, sizes as `64x112x112`, for a spreadsheet. Unknown cells are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_COLUMNS, "receptive_field", "memory_bytes", "shared_with", "problems"))
    for row in report.layers:
        result, known = row.result, row.result.known
        writer.writerow(
            (
                row.path,
                type(row.node.layer).__name__,
                row.node.layer.summary(),
                " ".join(_crossed(shape) for shape in row.inputs),
                _crossed(row.output) if row.output else "",
                *((result.weights, result.biases, result.parameters, result.macs) if known else ("",) * 4),
                "x".join(f"{size:g}" for size in row.receptive_field),
                result.activation_bytes if known else "",
                report.network.path(row.shared_with) if row.shared_with else "",
                " ".join(problem.message for problem in row.problems),
            )
        )
    return text.getvalue()


def _crossed(shape: Shape) -> str:
    return "x".join(str(n) for n in shape)


def to_markdown(report: Report) -> str:
    """A heading, the table with blocks as bold rows, and the totals."""
    lines = [f"# {_escaped(report.network.name)}", ""]
    if report.network.notes:
        lines += [_escaped(report.network.notes), ""]
    lines += [
        "| " + " | ".join(_HEADINGS) + " |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in report.rows:
        cells = [_escaped(cell) for cell in _cells(row)]
        if isinstance(row, BlockRow):
            cells[0] = f"**{cells[0]}**"
        lines.append("| " + "&emsp;" * row.depth + " | ".join(cells) + " |")
    lines += ["", *(f"- {_escaped(line)}" for line in summary_lines(report))]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    for character in "\\`*_[]<>|":
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())


_STYLE = """
body { font: 14px system-ui, sans-serif; margin: 2rem; color: #1B2330; background: #FFFFFF; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px; border-bottom: 1px solid #E3E6EB; text-align: right; }
th, td.text { text-align: left; } th.number { text-align: right; }
tr.block { font-weight: 600; background: #F4F5F7; } tr.problem { color: #C7352B; }
"""


def to_html(report: Report) -> str:
    """A page of its own: no script, nothing fetched."""
    name = html.escape(report.network.name)
    heads = "".join(
        f'<th scope="col"{"" if index < 3 else " class=number"}>{heading}</th>'
        for index, heading in enumerate(_HEADINGS)
    )
    body = "\n".join(_html_row(row) for row in report.rows)
    notes = f"<p>{html.escape(report.network.notes)}</p>\n" if report.network.notes else ""
    totals = "".join(f"<li>{html.escape(line)}</li>" for line in summary_lines(report))
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{name}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{name}</h1>\n{notes}<ul>{totals}</ul>\n"
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</body>\n</html>\n"
    )


def _html_row(row: Row) -> str:
    if isinstance(row, BlockRow):
        kind = ' class="block"'
    else:
        kind = ' class="problem"' if row.problems else ""
    first, *rest = _cells(row)
    cells = [f'<td class="text" style="padding-left: {12 + 20 * row.depth}px">{html.escape(first)}</td>']
    cells += [
        f"<td{' class=text' if index < 2 else ''}>{html.escape(cell)}</td>" for index, cell in enumerate(rest)
    ]
    return f"<tr{kind}>{''.join(cells)}</tr>"


def _cells(row: Row) -> tuple[str, ...]:
    """The row as people read it, in the order of the headings; the name is not indented."""
    if isinstance(row, BlockRow):
        kind = row.block.kind + (f" ×{row.copies}" if row.copies > 1 else "")
        parameters, macs = (
            numerals.grouped(n) if row.known else f"≥ {numerals.grouped(n)}"
            for n in (row.parameters, row.macs)
        )
        return (row.block.name, kind.strip(), "", "", "", "", "", parameters, macs, "")
    result, layer = row.result, row.node.layer
    numbers = (result.weights, result.biases, result.parameters, result.macs)
    return (
        row.node.name,
        layer.title,
        layer.summary(),
        ", ".join(numerals.shape(shape) for shape in row.inputs),
        numerals.shape(row.output) if row.output else "?",
        *(numerals.grouped(n) if result.known else "?" for n in numbers),
        numerals.pair(row.receptive_field),
    )


def summary_lines(report: Report) -> list[str]:
    """The totals and the problems, each a sentence."""
    totals = report.totals
    at_least = "" if totals.exact else "at least "
    activations = numerals.memory(totals.activation_bytes)
    return [
        f"Parameters: {at_least}{numerals.grouped(totals.parameters)} "
        f"({numerals.memory(totals.parameter_bytes)} in float32)",
        f"MACs for one image: {at_least}{numerals.grouped(totals.macs)} (FLOP = 2 MAC)",
        f"Outputs of all layers for one image: {at_least}{activations} in float32",
        *(f"{problem.severity.capitalize()}: {problem.message}" for problem in report.problems),
    ]
