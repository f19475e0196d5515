"""`explorer train`: a network learns from pictures; one event a line. Ctrl-C keeps what was reached.

Under `torchrun --nproc-per-node 2 -m explorer train …` processes share each batch; the first one tells.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli import source
from explorer.cli.parsing import say
from explorer.cli.stopping import INTERRUPTED, stopping
from explorer.cli.table import Paint, paint, tell
from explorer.cli.train_task import Task, tasks
from explorer.folders import data_folder
from explorer.learning.control import Control
from explorer.learning.settings import Augment, Optimizer, Schedule, TrainSettings
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.learning.events import Event
    from explorer.learning.training_events import TrainBatch
    from explorer.learning.world import World
    from explorer.tasks.job import Context

_SETTINGS: tuple[tuple[str, type, str], ...] = (
    ("epochs", int, "passes over the training pictures"),
    ("batch_size", int, "pictures a step"),
    ("lr", float, "learning rate: 0.05 for SGD, 0.001 for the others"),
    ("momentum", float, "of SGD and RMSprop"),
    ("weight_decay", float, "pulls weights towards 0"),
    ("step_epochs", int, "with --schedule step: epochs between two falls"),
    ("step_factor", float, "with --schedule step: what a fall multiplies by"),
    ("warmup", float, "epochs in which the rate rises"),
    ("label_smoothing", float, "share given to all classes"),
    ("clip", float, "greatest norm of the gradient; 0: any"),
    ("seed", int, "repeats a training on a CPU exactly"),
    ("threads", int, "of the CPU; 0: all cores but one"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    usual = TrainSettings()
    parser.add_argument("source", nargs="?", metavar="SOURCE", help=source.HELP)
    source.add_input_argument(parser)
    parser.add_argument(
        "--data",
        metavar="NAME|FOLDER",
        help="'explorer data' lists the names; a folder has one folder a class",
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the files of a named set lie")
    parser.add_argument("--skip-unreadable", action="store_true", help="leave out files that are no pictures")
    for name, kind, help_text in _SETTINGS:
        default = "" if name == "lr" else f" ({getattr(usual, name)})"
        parser.add_argument(_flag(name), dest=name, type=kind, metavar="N", help=help_text + default)
    parser.add_argument("--optimizer", choices=[one.value for one in Optimizer], help=f"({usual.optimizer})")
    parser.add_argument("--schedule", choices=[one.value for one in Schedule], help=f"({usual.schedule})")
    parser.add_argument("--augment", nargs="+", choices=[one.value for one in Augment], help="(nothing)")
    parser.add_argument(
        "--no-nesterov", dest="nesterov", action="store_false", default=None, help="plain momentum"
    )
    parser.add_argument("--device", metavar="NAME", help="auto, cpu, cuda, cuda:1, mps (auto)")
    parser.add_argument("--mixed-precision", action="store_true", default=None, help="bfloat16 on CUDA")
    parser.add_argument(
        "--weights", metavar="NAME|FILE", help="begin with these: a file, shipped, torchvision or run:ID"
    )
    parser.add_argument(
        "--freeze",
        nargs="+",
        metavar="PATTERN",
        help="layers or blocks that keep their weights",
    )
    parser.add_argument("--preset", metavar="NAME", help=f"an experiment of the lecture: {_presets()}")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the run there, not among one's own")
    parser.add_argument(
        "--resume", metavar="DIR", help="go on with the last run in a folder, or one by its id"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _presets() -> str:
    from explorer.learning.experiments.presets import PRESETS

    return ", ".join(preset.name for preset in PRESETS)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


class _Told(UserError):
    """What the events have told already."""


def run(args: argparse.Namespace) -> int:
    """Trains and tells. Raises UserError where input or training fail; with --json it is an event, too."""
    try:
        return _run(args)
    except UserError as error:
        if args.json and not isinstance(error, _Told) and os.environ.get("RANK", "0") == "0":
            from explorer.learning.events import Failed

            print(json.dumps(Failed(message=str(error), epoch=0, batch=0).line()), flush=True)
        raise


def _run(args: argparse.Namespace) -> int:
    from explorer.learning.world import joined
    from explorer.tasks.inline import run_inline
    from explorer.tasks.job import Work

    with joined(args.device or "auto") as world:
        for task in tasks(args, world):
            if world.first:
                for line in task.data.skipped:
                    say(f"left out: {line}")
            code = int(run_inline(Work("Training", partial(_train, task, args, world))))
            if code:
                return code
    return 0


def _train(task: Task, args: argparse.Namespace, world: World, context: Context) -> int:
    from explorer.learning.events import Done, Failed
    from explorer.learning.loop import train
    from explorer.learning.training_events import Started, TrainBatch

    control, stopped, kept = Control(), False, ""
    named = {"network": task.network.name} if args.preset is not None else {}
    with stopping(control):
        events = train(
            task.network,
            task.data,
            task.settings,
            store=task.store,
            resume=task.resume if world.first else None,
            control=control,
            world=world,
        )
        for event in events:
            if isinstance(event, Done):
                stopped = event.stopped
            if not world.first:
                continue
            if isinstance(event, Started):
                kept = event.run
                if named and not args.json:
                    tell(paint(task.network.name, Paint.STRONG))
            elif isinstance(event, TrainBatch):
                _show(event, context)
            _tell(event, args.json, named)
            if isinstance(event, Failed):
                raise _Told(event.message)
    if not stopped:
        return 0
    if task.store is not None:
        own = task.store.folder == data_folder() / "runs"
        name = kept if own else shlex.quote(str(task.store.folder))
        say(f"explorer: interrupted; 'explorer train --resume {name}' goes on from here")
    return INTERRUPTED


def _show(event: TrainBatch, context: Context) -> None:
    """One line that moves, on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return
    left = f"{event.seconds_left / 60:,.0f} min" if event.seconds_left > 90 else f"{event.seconds_left:.0f} s"
    pace = f"{event.images_per_second:,.0f} pictures/s"
    message = f"epoch {event.epoch}  loss {event.loss:.3f}  {pace}  {left} left"
    context.progress(event.batch / event.batches, message)


def _tell(event: Event, as_json: bool, named: dict[str, str]) -> None:
    if not event.name:
        return
    line = event.line()
    if as_json:
        print(json.dumps({**line, **named}), flush=True)
        return
    if sys.stderr is not None and sys.stderr.isatty() and event.name != "batch":
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if event.name == "epoch":
        right = f"{100 * line['val_accuracy']:.2f} % right"
        pace = line["images_per_second"]  # 0 where a resumed run had only to judge
        tell(
            f"epoch {line['epoch']:>3} of {line['epochs']}  loss {line['loss']:.4f}  validation "
            f"{line['val_loss']:.4f}  {paint(right, Paint.STRONG)}"
            + (f"  {pace:,.0f} pictures/s" if pace else "")
        )
    elif event.name == "done":
        tell(f"{'stopped' if line['stopped'] else 'done'} after {line['seconds']:.1f} s")
