"""ResNet-101 held against ResNet-152, block by block, against a text diff of the two tables of layers.

The peer is difflib over the lines of both tables, written beforehand: it aligns text, knows no blocks and can
not say what has changed about a layer. The goal is ours alone: below it, the window compares without a Job.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from explorer.network.diff import Status, compare
from explorer.network.inference import infer
from explorer.network.report import Report, to_csv
from explorer.zoo import catalogue
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

GOAL = 0.05


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The figure of Compare."""
    a, b = (infer(catalogue.find(name).build()) for name in ("resnet101", "resnet152"))
    before, after = (to_csv(Report(one.network, one)).splitlines() for one in (a, b))

    def ours() -> float:
        counts = compare(a, b).counts
        assert (counts[Status.SAME], counts[Status.ADDED]) == (346, 170)
        return seconds(lambda: compare(a, b))

    def peer() -> float:
        return seconds(lambda: list(difflib.unified_diff(before, after)))

    yield in_turns(
        "compare",
        ours,
        peer,
        f"ours < {GOAL * 1e3:.0f} ms",
        lambda median, _: median < GOAL,
        pairs=pairs,
        note="516 layers with 346; the peer aligns lines of text",
    )
