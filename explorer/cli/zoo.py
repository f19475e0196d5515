"""`explorer zoo`: the classic networks, or all that is known of one."""

from __future__ import annotations

import argparse
import json

from explorer.cli.table import Paint, paint, tell, write_table
from explorer.network import numerals
from explorer.zoo import catalogue, ledger
from explorer.zoo.catalogue import Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, with sources and differences")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write the list, or what is known of the networks that are named."""
    entries = [catalogue.find(name) for name in args.names] or list(catalogue.entries())
    if args.json:
        print(json.dumps({"networks": [_fields(entry) for entry in entries]}))
    elif args.names:
        for index, entry in enumerate(entries):
            if index:
                tell()
            _write_one(entry)
    else:
        _write_all(entries)
    return 0


def _fields(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "title": entry.title,
        "year": entry.year,
        "input": list(entry.input),
        "parameters": entry.parameters,
        "macs": entry.macs,
        "top1_error": entry.top1_error,
        "top5_error": entry.top5_error,
        "source": entry.source,
    }


def _write_all(entries: list[Entry]) -> None:
    headings = ("Name", "Title", "Year", "Input", "Parameters", "MACs", "Top-1", "Top-5")
    rows = [
        (
            entry.name,
            entry.title,
            str(entry.year or "–"),
            numerals.shape(entry.input),
            numerals.grouped(entry.parameters),
            numerals.grouped(entry.macs),
            _percent(entry.top1_error),
            _percent(entry.top5_error),
        )
        for entry in entries
    ]
    write_table(headings, rows, frozenset({2, 3, 4, 5, 6, 7}))
    tell("\nErrors on ImageNet as the lecture has them. 'explorer zoo NAME' tells their source and more.")


def _percent(error: float | None) -> str:
    return "–" if error is None else f"{100 * error:.2f} %"


def _write_one(entry: Entry) -> None:
    tell(f"{paint(entry.title, Paint.STRONG)}  {entry.name}")
    lines = [
        ("by", entry.authors),
        ("year", str(entry.year or "")),
        ("source", entry.source),
        ("input", numerals.shape(entry.input)),
        ("parameters", f"{numerals.compact(entry.parameters)} ({numerals.grouped(entry.parameters)})"),
        ("MACs", f"{numerals.compact(entry.macs)} ({numerals.grouped(entry.macs)}), one image"),
        ("top-1 error", "" if entry.top1_error is None else _percent(entry.top1_error)),
        ("top-5 error", "" if entry.top5_error is None else _percent(entry.top5_error)),
        ("place", f"{entry.place} in its ImageNet challenge" if entry.place else ""),
        ("note", entry.note),
    ]
    for name, text in lines:
        if text:
            tell(f"  {name:<13}{text}")
    differences = ledger.about(entry.name)
    if differences:
        tell("  Published and here:")
    for difference in differences:
        tell(f"  - {difference.sentence()}")
