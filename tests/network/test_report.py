"""The table of layers and its written forms."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import pytest

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import Flatten, Linear, ReLU
from explorer.network.report import BlockRow, LayerRow, Report, to_csv, to_html, to_markdown
from explorer.network.shorthand import conv


def _report(network: Network) -> Report:
    return Report(network, infer(network))


def _net(name: str = "Net", layer: str = "conv") -> Network:
    b = Builder(name)
    b.input(3, 8, 8)
    with b.block("body", kind="stage"):
        b.repeat(range(2), lambda _: (b.add(conv(3, 3, padding=1), name=layer), b.add(ReLU(), name="relu")))
    b.add(Flatten(), name="flatten")
    b.add(Linear(10), name="fc")
    return b.network()


CONV = 3 * 3 * 9 + 3


def test_rows_are_nested_and_blocks_carry_sums() -> None:
    rows = _report(_net()).rows
    assert [(row.path, row.depth) for row in rows] == [
        ("input", 0),
        ("body", 0),
        ("body.0", 1),
        ("body.0.conv", 2),
        ("body.0.relu", 2),
        ("body.1", 1),
        ("body.1.conv", 2),
        ("body.1.relu", 2),
        ("flatten", 0),
        ("fc", 0),
    ]
    body, copy = rows[1], rows[2]
    assert isinstance(body, BlockRow)
    assert isinstance(copy, BlockRow)
    assert (body.parameters, body.macs, body.copies) == (2 * CONV, 2 * 3 * 3 * 9 * 64, 1)
    assert (copy.parameters, copy.copies) == (CONV, 2)


def test_a_block_keeps_together_what_is_evaluated_in_turns() -> None:
    b = Builder()
    start = b.input(3, 8, 8)
    with b.block("side"):
        b.add(ReLU(), name="first")
    b.add(ReLU(), start, name="between")
    rows = _report(b.network()).rows
    assert [row.path for row in rows] == ["input", "side", "side.first", "between"]


def test_shared_weights_are_counted_at_their_owner() -> None:
    b = Builder()
    inputs = [b.input(4, name=name) for name in ("a", "b")]

    def twin(index: int) -> None:
        b.follow(inputs[index])
        b.add(Linear(5), name="fc")

    b.share(("left", "right"), twin)
    report = _report(b.network())
    layers = {row.path: row for row in report.layers}
    assert layers["left.fc"].shared_with is None
    assert layers["right.fc"].shared_with == "left.fc"
    assert sum(row.own_parameters for row in report.layers) == report.totals.parameters == 25
    assert "left.fc" in to_csv(report)


def test_sums_say_when_a_part_is_unknown() -> None:
    b = Builder()
    b.input(1, 2, 2)
    with b.block("body"):
        b.add(conv(1, 1), name="fits")
        b.add(conv(1, 3), name="too_large")
    report = _report(b.network())
    row = report.rows[1]
    assert isinstance(row, BlockRow)
    assert (row.parameters, row.known) == (2, False)
    last = report.rows[-1]
    assert isinstance(last, LayerRow)
    assert last.output is None
    assert last.problems
    assert "≥ 2" in to_markdown(report)
    assert "at least 2" in to_html(report)


def test_csv_is_exact_and_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(_report(_net())))))
    assert [row["layer"] for row in rows] == [
        "input",
        "body.0.conv",
        "body.0.relu",
        "body.1.conv",
        "body.1.relu",
        "flatten",
        "fc",
    ]
    assert rows[1]["type"] == "Conv2d"
    assert rows[1]["input"] == rows[1]["output"] == "3x8x8"
    assert rows[1]["parameters"] == str(CONV)
    assert sum(int(row["parameters"]) for row in rows) == 2 * CONV + 1930


def test_markdown_cells_cannot_break_the_table() -> None:
    text = to_markdown(_report(_net(name="a | b", layer="x|y*z")))
    assert text.startswith("# a \\| b\n")
    assert "x\\|y\\*z" in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", '"'])
def test_html_is_well_formed_and_escapes_names(name: str) -> None:
    page = to_html(_report(_net(name=name, layer=name)))
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert name in tags.text
    assert "<script" not in page
