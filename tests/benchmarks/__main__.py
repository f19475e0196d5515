"""`python -m tests.benchmarks [NAME…] [--json]`: every figure of the design, one row each."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence

from tests.benchmarks.measure import PAIRS, Figure

MODULES = (
    *("engine", "layout", "opening", "keystroke", "frames", "cold_start", "memory"),
    *("faces_accuracy", "faces_liveness", "faces_reading", "faces_search", "faces_window"),
    *("filters", "filters_window", "inside", "compare", "importing", "code"),
    *("training", "training_controls"),
)
"""Each has `figures(pairs)`, which measures and yields its rows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every figure meets its goal, 1 when one does not."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODULES))
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="pairs measured in turns, at least nine")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in MODULES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(MODULES)}")
    missed = False
    for name in options.names or MODULES:
        for figure in importlib.import_module(f"tests.benchmarks.{name}").figures(max(1, options.pairs)):
            print(json.dumps(figure.row()) if options.json else told(figure), flush=True)
            missed = missed or not figure.ok
    return int(missed)


def told(figure: Figure) -> str:
    """A row for people."""
    low, high = figure.spread
    ours, peer = amount(figure.ours, figure.unit), amount(figure.peer, figure.unit)
    return (
        f"{figure.name:<16} {ours:>9} against {peer:>9}"
        f"  ratio {figure.ratio:.3g} ({low:.3g}–{high:.3g})  {'ok    ' if figure.ok else 'MISSED'}"
        f"  goal: {figure.goal}" + (f"  [{figure.note}]" if figure.note else "")
    )


def amount(value: float, unit: str) -> str:
    """A time, a size or a share as people read it."""
    if unit == "%":
        return f"{100 * value:.2f} %"
    if unit == "B":
        return f"{value / 1e6:.0f} MB"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
