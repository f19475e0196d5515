"""`explorer data`: the data sets, what is here, and what a download costs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from explorer.cli.table import tell, write_table
from explorer.network import numerals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="look there, not in our own cache")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write the list."""
    from explorer.learning.data import listing

    found = listing(args.data_dir)
    if args.json:
        lines = [
            {
                "name": one.name,
                "title": one.title,
                "here": one.here,
                "bytes": one.bytes,
                "pictures": one.pictures,
                "classes": one.classes,
                "input": list(one.input),
            }
            for one in found
        ]
        print(json.dumps({"data": lines}))
        return 0
    rows = [
        (
            one.name,
            one.title,
            numerals.shape(one.input),
            numerals.grouped(one.pictures),
            str(one.classes),
            "here" if one.here else f"download, {one.bytes / 1e6:,.0f} MB",
        )
        for one in found
    ]
    write_table(("Name", "Title", "Input", "Pictures", "Classes", ""), rows, frozenset({2, 3, 4}))
    tell("\nA folder with one folder a class is a data set too.")
    return 0
