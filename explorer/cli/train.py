"""`explorer train`: a network learns from pictures; one event a line. Ctrl-C keeps what was reached."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli import source
from explorer.cli.parsing import say
from explorer.cli.table import Paint, paint, tell
from explorer.folders import data_folder
from explorer.learning.control import Control
from explorer.learning.settings import LEARNING_RATES, Augment, Optimizer, Schedule, TrainSettings, changed
from explorer.network.errors import UserError
from explorer.network.graph import Network

if TYPE_CHECKING:
    from explorer.learning.data_set import DataSet
    from explorer.learning.events import Event
    from explorer.learning.runs import RunStore
    from explorer.learning.training_events import TrainBatch
    from explorer.tasks.job import Context

INTERRUPTED = 130
_SETTINGS: tuple[tuple[str, type, str], ...] = (
    ("epochs", int, "passes over the training pictures"),
    ("batch_size", int, "pictures a step"),
    ("lr", float, "learning rate: 0.05 for SGD, 0.001 for the others"),
    ("momentum", float, "of SGD and RMSprop"),
    ("weight_decay", float, "pulls weights towards 0"),
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
    parser.add_argument("--device", metavar="NAME", help="auto, cpu, cuda, cuda:1, mps (auto)")
    parser.add_argument("--mixed-precision", action="store_true", default=None, help="bfloat16 on CUDA")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the run there, not among one's own")
    parser.add_argument(
        "--resume", metavar="DIR", help="go on with the last run in a folder, or one by its id"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


@dataclass(frozen=True)
class _Task:
    network: Network
    data: DataSet
    settings: TrainSettings
    store: RunStore
    resume: str | None


def run(args: argparse.Namespace) -> int:
    """Trains and tells. Raises UserError where input or training fail."""
    from explorer.tasks.inline import run_inline
    from explorer.tasks.job import Work

    task = _resumed(args) if args.resume is not None else _new(args)
    for line in task.data.skipped:
        say(f"left out: {line}")
    return int(run_inline(Work("Training", lambda context: _train(task, context, args.json))))


def _new(args: argparse.Namespace) -> _Task:
    if args.source is None or args.data is None:
        raise UserError("name a network and what it learns from: explorer train lenet5 --data fashion-sample")
    settings = _settings(args)
    network = source.load(args.source).network

    from explorer.learning.matching import fitted, problems
    from explorer.learning.runs import RunStore

    data = _load(args, args.data, network)
    network, done = fitted(network, data)
    for line in (*done, *(problem.message for problem in problems(network, data))):
        say(line)
    return _Task(network, data, settings, RunStore(args.out), None)


def _settings(args: argparse.Namespace) -> TrainSettings:
    given = _given(args)
    if "optimizer" in given and "lr" not in given:
        given["lr"] = LEARNING_RATES[Optimizer(given["optimizer"])]
    return changed(TrainSettings(), given)


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that the arguments name."""
    names = TrainSettings.__struct_fields__
    return {name: value for name, value in vars(args).items() if name in names and value is not None}


def _resumed(args: argparse.Namespace) -> _Task:
    """All is the run's own; what is named besides has to be the same."""
    from explorer.learning.matching import fitted
    from explorer.learning.runs import RunStore

    if args.out is not None:
        raise UserError("--resume goes on where the run is kept; leave --out away")
    if os.path.isdir(args.resume):
        store = RunStore(Path(args.resume), create=False)
        kept = store.runs()
        if not kept:
            raise UserError(
                f"'{args.resume}' holds no runs; name the folder that a training wrote with --out"
            )
        run = kept[0]
    else:
        store = RunStore()
        run = store.run(args.resume)
    if changed(run.settings, _given(args)) != run.settings:
        raise UserError(f"run '{run.id}' goes on with its own settings; leave the others away")
    network = run.network
    if args.data is not None and _full(args.data) != run.data:
        raise UserError(f"run '{run.id}' learns from {run.data}; leave --data away")
    data = _load(args, run.data, network)
    if args.source is not None and fitted(source.load(args.source).network, data)[0] != network:
        raise UserError(f"run '{run.id}' trains another network, {run.name}; leave SOURCE away")
    return _Task(network, data, run.settings, store, run.id)


def _full(data: str) -> str:
    return os.path.abspath(data) if os.path.isdir(data) else data


def _load(args: argparse.Namespace, name: str, network: Network) -> DataSet:
    from explorer.learning.data import load
    from explorer.learning.matching import input_shape
    from explorer.tasks.inline import run_inline
    from explorer.tasks.job import Work

    wanted = input_shape(network)
    shape = wanted if len(wanted) == 3 and wanted[0] in (1, 3) else None

    def loaded(context: Context) -> DataSet:
        return load(
            name,
            data_dir=args.data_dir,
            context=context,
            shape=shape,
            skip_unreadable=args.skip_unreadable,
        )

    found: DataSet = run_inline(Work("Data", loaded))
    return found


def _train(task: _Task, context: Context, as_json: bool) -> int:
    from explorer.learning.events import Done, Failed
    from explorer.learning.loop import train
    from explorer.learning.training_events import Started, TrainBatch

    control, stopped, kept = Control(), False, ""
    with _stopping(control):
        events = train(
            task.network, task.data, task.settings, store=task.store, resume=task.resume, control=control
        )
        for event in events:
            if isinstance(event, Started):
                kept = event.run
            elif isinstance(event, TrainBatch):
                _show(event, context)
            _tell(event, as_json)
            if isinstance(event, Failed):
                raise UserError(event.message)
            if isinstance(event, Done):
                stopped = event.stopped
    if not stopped:
        return 0
    own = task.store.folder == data_folder() / "runs"
    name = kept if own else shlex.quote(str(task.store.folder))
    say(f"explorer: interrupted; 'explorer train --resume {name}' goes on from here")
    return INTERRUPTED


@contextmanager
def _stopping(control: Control) -> Iterator[None]:
    """The first Ctrl-C ends the training at the next batch, with its checkpoint; a second one at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        control.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show(event: TrainBatch, context: Context) -> None:
    """One line that moves, on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return
    left = f"{event.seconds_left / 60:,.0f} min" if event.seconds_left > 90 else f"{event.seconds_left:.0f} s"
    pace = f"{event.images_per_second:,.0f} pictures/s"
    message = f"epoch {event.epoch}  loss {event.loss:.3f}  {pace}  {left} left"
    context.progress(event.batch / event.batches, message)


def _tell(event: Event, as_json: bool) -> None:
    if not event.name:
        return
    line = event.line()
    if as_json:
        print(json.dumps(line), flush=True)
        return
    if sys.stderr is not None and sys.stderr.isatty() and event.name != "batch":
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if event.name == "epoch":
        right = f"{100 * line['val_accuracy']:.2f} % right"
        tell(
            f"epoch {line['epoch']:>3} of {line['epochs']}  loss {line['loss']:.4f}  validation "
            f"{line['val_loss']:.4f}  {paint(right, Paint.STRONG)}  "
            f"{line['images_per_second']:,.0f} pictures/s"
        )
    elif event.name == "done":
        tell(f"{'stopped' if line['stopped'] else 'done'} after {line['seconds']:.1f} s")
