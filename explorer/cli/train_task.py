"""What `explorer train` is asked to do: network, pictures, settings, and where the run is kept."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.cli import source
from explorer.cli.parsing import say
from explorer.learning.settings import LEARNING_RATES, Optimizer, TrainSettings, changed
from explorer.network.errors import UserError
from explorer.network.graph import Network

if TYPE_CHECKING:
    from explorer.learning.data_set import DataSet
    from explorer.learning.runs import RunStore
    from explorer.learning.world import World
    from explorer.tasks.job import Context

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """One training. Of several processes only the first has a store."""

    network: Network
    data: DataSet
    settings: TrainSettings
    store: RunStore | None
    resume: str | None


def tasks(args: argparse.Namespace, world: World) -> Iterator[Task]:
    """The trainings that the arguments name: one, or one for each contender of an experiment."""
    if args.resume is not None:
        yield _resumed(args, world)
    elif args.preset is not None:
        yield from _experiment(args, world)
    else:
        yield _new(args, world)


def _new(args: argparse.Namespace, world: World) -> Task:
    if args.source is None or args.data is None:
        raise UserError("name a network and what it learns from: explorer train lenet5 --data fashion-sample")
    network = source.load(args.source, args.input).network
    if args.weights is not None:
        network = _weighted(network, args, world)
    return _fitted(args, network, args.data, settings_of(args), world)


def _experiment(args: argparse.Namespace, world: World) -> Iterator[Task]:
    from explorer.learning.experiments.presets import find

    if args.source is not None or args.weights is not None:
        raise UserError("--preset names its networks itself; leave SOURCE and --weights away")
    preset = find(args.preset)
    settings = changed(preset.settings, _given(args))
    for build in preset.contenders:
        yield _fitted(args, build(), args.data or preset.data, settings, world)


def _fitted(
    args: argparse.Namespace, network: Network, name: str, settings: TrainSettings, world: World
) -> Task:
    from explorer.learning.freezing import frozen
    from explorer.learning.matching import fitted, problems
    from explorer.learning.runs import RunStore

    data = load(args, name, network, world)
    network, done = fitted(network, data)
    frozen(network, settings.freeze)  # a pattern that fits nothing is refused before a folder is made
    if world.first:
        for line in (*done, *(problem.message for problem in problems(network, data))):
            say(line)
    return Task(network, data, settings, RunStore(args.out) if world.first else None, None)


def _weighted(network: Network, args: argparse.Namespace, world: World) -> Network:
    from explorer.learning.weights_source import change_from
    from explorer.network.edits import apply

    change, report = _first_then_all(world, lambda: change_from(args.weights, network))
    if world.first and not report.complete:
        left = [*report.missing, *(name for name, _, _ in report.misshapen)]
        more = f" and {len(left) - 4:,} more" if len(left) > 4 else ""
        say(f"begins at random: {', '.join(left[:4])}{more}")
    return apply(network, change.edits)


def settings_of(args: argparse.Namespace) -> TrainSettings:
    """The usual settings with those that the arguments name. Raises UserError."""
    given = _given(args)
    if "optimizer" in given and "lr" not in given:
        given["lr"] = LEARNING_RATES[Optimizer(given["optimizer"])]
    return changed(TrainSettings(), given)


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that the arguments name."""
    names = TrainSettings.__struct_fields__
    return {name: value for name, value in vars(args).items() if name in names and value is not None}


def _resumed(args: argparse.Namespace, world: World) -> Task:
    """All is the run's own; what is named besides has to be the same."""
    from explorer.learning.matching import fitted
    from explorer.learning.runs import RunStore

    for given, name in ((args.out, "--out"), (args.preset, "--preset"), (args.weights, "--weights")):
        if given is not None:
            raise UserError(f"--resume goes on with what the run is and where it is kept; leave {name} away")
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
    data = load(args, run.data, network, world)
    if args.source is not None and fitted(source.load(args.source).network, data)[0] != network:
        raise UserError(f"run '{run.id}' trains another network, {run.name}; leave SOURCE away")
    return Task(network, data, run.settings, store if world.first else None, run.id)


def _full(data: str) -> str:
    return os.path.abspath(data) if os.path.isdir(data) else data


def load(args: argparse.Namespace, name: str, network: Network, world: World) -> DataSet:
    """The pictures, as the network takes them. Raises UserError."""
    from explorer.learning.data import load
    from explorer.learning.matching import input_shape
    from explorer.learning.picture_folder import Unreadable
    from explorer.tasks.inline import run_inline
    from explorer.tasks.job import Work

    wanted = input_shape(network)
    shape = wanted if len(wanted) == 3 and wanted[0] in (1, 3) else None

    def loaded(context: Context) -> DataSet:
        try:
            return load(
                name,
                data_dir=args.data_dir,
                context=context,
                shape=shape,
                skip_unreadable=args.skip_unreadable,
            )
        except Unreadable as error:
            raise UserError(f"{error} with --skip-unreadable") from None

    found: DataSet = _first_then_all(world, lambda: run_inline(Work("Data", loaded)))
    return found


def _first_then_all(world: World, work: Callable[[], T]) -> T:
    """What the first of several processes fetches is there for the others."""
    if not world.first:
        world.wait()
    found = work()
    if world.first:
        world.wait()
    return found
