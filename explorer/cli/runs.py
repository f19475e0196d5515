"""`explorer runs`: the trainings that are kept."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.table import tell, write_table
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.learning.runs import Run, RunStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="one of them, for --csv or --delete")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="those that --out kept there")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the figures by epoch of RUN")
    parser.add_argument("--delete", action="store_true", help="forget RUN and its checkpoints")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write the list, the newest first, or do what was asked with one of them."""
    from explorer.learning.runs import RunStore

    if args.run is None and (args.csv is not None or args.delete):
        raise UserError("name the run, as 'explorer runs' lists it")
    store = RunStore(args.folder, create=args.folder is None)
    if args.csv is not None:
        store.export_csv(args.run, args.csv)
    if args.delete:
        store.delete(args.run)
    if args.csv is not None or args.delete:
        if args.json:
            csv = None if args.csv is None else str(args.csv)
            print(json.dumps({"id": args.run, "csv": csv, "deleted": args.delete}))
        return 0
    found = store.runs() if args.run is None else (store.run(args.run),)
    if args.json:
        print(json.dumps({"runs": [_fields(one, store) for one in found]}))
    elif not found:
        tell("No run is kept yet: explorer train lenet5 --data fashion-sample")
    else:
        rows = [_row(one) for one in found]
        headings = ("Run", "Network", "Data", "When", "Epochs", "Best", "State")
        write_table(headings, rows, frozenset({4, 5}))
    return 0


def _row(run: Run) -> tuple[str, ...]:
    best = "–" if run.best_accuracy is None else f"{100 * run.best_accuracy:.2f} %"
    epochs = f"{run.epochs_done} of {run.settings.epochs}"
    return run.id, run.name, run.title, f"{run.created:%Y-%m-%d %H:%M}", epochs, best, run.state.value


def _fields(run: Run, store: RunStore) -> dict[str, Any]:
    import msgspec

    return {
        "id": run.id,
        "network": run.name,
        "data": run.data,
        "fingerprint": run.fingerprint,
        "created": run.created.isoformat(timespec="seconds"),
        "state": run.state.value,
        "reason": run.reason,
        "epochs_done": run.epochs_done,
        "best_accuracy": run.best_accuracy,
        "val_accuracy": run.val_accuracy,
        "version": run.version,
        "began_with": run.began_with or None,
        "settings": msgspec.to_builtins(run.settings),
        "folder": str(store.folder / run.id),
    }
