"""The kept runs as the window needs them, and what makes the events of a new or a resumed training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.learning import matching
from explorer.learning.control import Control
from explorer.learning.events import Event
from explorer.learning.runs import EpochPoint, Run, RunState, RunStore
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import Mistake, TrainEpoch
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.tasks.job import Context
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.train.curves import Lane, by_depth, percent, when
from explorer.ui.workspaces.train.data_source import DataSource
from explorer.ui.workspaces.train.runs_list import Row
from explorer.ui.workspaces.train.settings_form import TITLES, WORDS
from explorer.ui.workspaces.train.training import Plan, Told

if TYPE_CHECKING:
    from explorer.learning.data import DataSet

TELLING = ("optimizer", "lr", "schedule", "batch_size", "epochs", "weight_decay", "seed")
"""Settings by which runs of one name are told apart, the most telling first."""


class KeptRuns(QObject):
    """What the store holds, read anew with `refresh`. Its faults are told, and training goes on."""

    changed = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._store: RunStore | None = None
        self.runs: tuple[Run, ...] = ()

    @property
    def store(self) -> RunStore | None:
        """The store; None where it can't be used."""
        if self._store is None:
            try:
                self._store = RunStore()
            except UserError as error:
                self._surroundings.messages.error(error)
        return self._store

    def refresh(self) -> None:
        """Read the list again."""
        try:
            self.runs = self.store.runs() if self.store is not None else ()
        except UserError as error:
            self._surroundings.messages.error(error)
        self.changed.emit()

    def run(self, key: str) -> Run | None:
        """One of them."""
        return next((run for run in self.runs if run.id == key), None)

    def name(self, key: str) -> str:
        """What a run is called, with what tells it from its namesakes."""
        run = self.run(key)
        return "" if run is None else f"{run.name}, {when(run.created, datetime.now().astimezone())}"

    # -- training --------------------------------------------------------------------------------------

    def plan(self, network: Network, data: DataSet, settings: TrainSettings, color: str) -> Plan:
        """A new run of a frozen network."""
        store = self.store

        def events(context: Context, control: Control) -> Iterator[Event]:
            from explorer.learning.loop import train

            yield from train(network, data, settings, store=store, control=control)

        lane = Lane("", network.name, settings.epochs, color)
        return Plan(f"Training {network.name}", network, settings, events, lane)

    def resume(self, key: str, source: DataSource, color: str) -> Plan:
        """Go on with a run on its own network and data. Raises UserError."""
        store, run = self.store, self.run(key)
        if store is None or run is None:
            raise UserError("this run is not kept any more; choose another")
        network, settings, here = run.network, run.settings, source.data
        folder = source.data_dir if source.name == run.data else None

        def events(context: Context, control: Control) -> Iterator[Event]:
            from explorer.learning.data import listing, load
            from explorer.learning.loop import train

            data = here
            if data is None or data.fingerprint != run.fingerprint:
                whole = run.data.partition(":")[0]
                if any(one.name == whole and not one.here for one in listing(folder)):
                    raise UserError(f"{run.title} is not on this computer; choose it as the data first")
                shape = matching.input_shape(network)
                fitting = shape if len(shape) == 3 else None
                data = load(run.data, data_dir=folder, context=context, shape=fitting, skip_unreadable=True)
            yield from train(network, data, settings, store=store, resume=run.id, control=control)

        lane = self.lane(key, color)
        return Plan(f"Training {run.name}", network, settings, events, lane)

    # -- showing ---------------------------------------------------------------------------------------

    def lane(self, key: str, color: str) -> Lane:
        """The curves of a run as they are kept; empty where they cannot be read."""
        run = self.run(key)
        if run is None or self.store is None:
            return Lane(key, "", 1, color)
        lane = Lane(key, run.name, run.settings.epochs, color)
        try:
            curves, network = self.store.curves(key), run.network
        except UserError as error:
            self._surroundings.messages.error(error)
            return lane
        epochs = [point.epoch for point in curves.batches]
        # Of a run that ended within its first epoch nobody knows how many batches an epoch would have had.
        lane.batches = int(np.bincount(epochs).max()) if epochs else 1
        for point in curves.batches:
            lane.add_batch(point.step, point.loss, point.accuracy, point.lr)
        for at in curves.epochs:
            norms = by_depth(network, at.gradient_norms)
            lane.add_epoch(float(at.epoch), at.val_loss, at.val_accuracy, norms)
        return lane

    def epochs(self, key: str) -> tuple[int, ...]:
        """The epochs whose weights are kept."""
        return self.store.epochs(key) if self.store is not None else ()

    def told(self, key: str, lane: Lane, data: DataSet | None, epoch: int | None = None) -> Told | None:
        """An epoch of a run as the store has it, the last unless it is named; pictures come from `data`."""
        run = self.run(key)
        if run is None or self.store is None:
            return None
        try:
            points, network = self.store.points(key), run.network
        except UserError as error:
            self._surroundings.messages.error(error)
            return None
        told = Told(network, run.settings, lane)
        same = data if data is not None and data.fingerprint == run.fingerprint else None
        points = tuple(point for point in points if epoch is None or point.epoch == epoch)
        if points:
            at = points[-1]
            told.epoch = TrainEpoch(
                epoch=at.epoch,
                epochs=run.settings.epochs,
                loss=at.loss,
                accuracy=at.accuracy,
                seconds=at.seconds,
                images_per_second=at.images_per_second,
                val_loss=at.val_loss,
                val_accuracy=at.val_accuracy,
                lr=at.lr,
                best=False,
                confusion=np.array(at.confusion, np.int64),
                worst=_mistakes(at, same),
                gradient_norms=at.gradient_norms,
                dead_share=at.dead_share,
                first_filters=self.store.first_filters(key, at.epoch, network),
            )
            numbers = tuple(str(number) for number in range(len(at.confusion)))
            told.classes = run.classes or (same.classes if same is not None else numbers)
        return told

    def labels(self, keys: Sequence[str]) -> dict[str, str]:
        """Names that tell these runs apart: by a setting in which namesakes differ, or else by their time."""
        runs = [run for run in map(self.run, keys) if run is not None]
        return {run.id: _label(run, [one for one in runs if one.name == run.name]) for run in runs}

    def row(self, run: Run, color: str, live: str, target: bool) -> Row:
        """A line of the list; `live` is what it is doing, "" for one that is over."""
        now = datetime.now().astimezone()
        done, epochs = run.epochs_done, run.settings.epochs
        note = {
            RunState.DONE: f"{epochs} epoch{'s' * (epochs != 1)}",
            RunState.FAILED: f"failed, {done} of {epochs} epochs",
            RunState.STOPPED: f"stopped, {done} of {epochs} epochs",
            RunState.UNFINISHED: f"broken off, {done} of {epochs} epochs",
        }[run.state]
        story = f"{run.name} on {run.title}\n{_spelled(run.settings)}\n{run.created:%d %B %Y, %H:%M}"
        if run.began_with:
            story += f"\nbegan with trained weights: {run.began_with}"
        if run.best_accuracy is not None:
            story += f"\nbest {percent(run.best_accuracy)}, at last {percent(run.val_accuracy)} right"
        if run.reason:
            story += f"\n{run.reason}"
        figure = percent(run.best_accuracy) if run.best_accuracy is not None else ""
        return Row(
            run.id, run.name, live or f"{when(run.created, now)} · {note}", figure, color, story, target
        )

    # -- keeping ---------------------------------------------------------------------------------------

    def delete(self, key: str) -> None:
        """Delete a run with curves and weights."""
        try:
            if self.store is not None:
                self.store.delete(key)
        except UserError as error:
            self._surroundings.messages.error(error)
        self.refresh()

    def export(self, key: str, parent: QWidget) -> None:
        """Ask for a file and write the figures by epoch to it."""
        run = self.run(key)
        if run is None:
            return
        start = str(Path.home() / f"{run.name} {run.created:%Y-%m-%d %H%M}.csv".replace("/", "-"))
        path = QFileDialog.getSaveFileName(parent, "Export the curves", start, "Table (*.csv)")[0]
        if path:
            self.write_csv(key, Path(path))

    def write_csv(self, key: str, path: Path) -> None:
        """Write the figures by epoch to a file."""
        if self.store is None:
            return
        try:
            self.store.export_csv(key, path)
        except UserError as error:
            self._surroundings.messages.error(error)
            return
        self._surroundings.messages.say(f"Written to {path}.", "ok")


def _mistakes(at: EpochPoint, data: DataSet | None) -> tuple[Mistake, ...]:
    """Those of an epoch, with their pictures where the run's data is read."""
    return tuple(
        Mistake(
            one.index,
            None if data is None else data.validation.pictures[one.index],
            one.label,
            one.predicted,
            one.probability,
        )
        for one in at.worst
    )


def _label(run: Run, namesakes: Sequence[Run]) -> str:
    if len(namesakes) == 1:
        return run.name
    for field in TELLING:
        if len({getattr(one.settings, field) for one in namesakes}) == len(namesakes):
            value = getattr(run.settings, field)
            words = str(value) if isinstance(value, str) else f"{TITLES.get(field, field)} {value:g}"
            told = ", pretrained" if run.began_with and not all(one.began_with for one in namesakes) else ""
            return f"{run.name}, {words}{told}"
    return f"{run.name}, {when(run.created, datetime.now().astimezone())}"


def _spelled(settings: TrainSettings) -> str:
    optimizer = WORDS[settings.optimizer.value]
    return (
        f"{optimizer}, learning rate {settings.lr:g} {settings.schedule.value}, "
        f"batch {settings.batch_size}, seed {settings.seed}"
    )
