"""Runs that are kept: settings and curves in SQLite, checkpoints beside it. May be used from several threads.

Every operation opens the database for itself and ends its transaction, so that a window and a command line
can share a folder, and a kill leaves whole rows only.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from explorer.folders import data_folder
from explorer.learning import kept_epochs, run_tables
from explorer.learning.data_set import DataSet
from explorer.learning.events import Done, Event, Failed
from explorer.learning.run_records import BatchPoint, Curves, EpochPoint, KeptMistake, Run, RunState
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import TrainBatch, TrainEpoch
from explorer.network import atomic
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.project import dumps

__all__ = ["BatchPoint", "Curves", "EpochPoint", "Kind", "Run", "RunState", "RunStore"]

if TYPE_CHECKING:
    from explorer.learning.checkpoint import Checkpoint

Kind = Literal["best", "last"]
FILE = "runs.sqlite"
FLUSH_EVERY = 1.0
"""Seconds for which figures of batches may wait before they are written."""
_CURVE = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "lr", "seconds", "images_per_second")
_SHOWN = ("confusion", "gradient_norms", "dead_share", "worst")


class RunStore:
    """The runs in a folder: by default the person's own."""

    def __init__(self, folder: Path | None = None, create: bool = True) -> None:
        """Raises UserError where the folder cannot be made or, without `create`, holds no runs."""
        self.folder = data_folder() / "runs" if folder is None else folder
        self._waiting: list[tuple[str, TrainBatch]] = []
        self._flushed = time.monotonic()
        self._lock = threading.Lock()
        if not create and not (self.folder / FILE).is_file():
            raise UserError(
                f"'{self.folder}' holds no runs; name the folder that a training wrote with --out"
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"'{self.folder}' cannot be made: {error.strerror or error}; choose another"
            ) from None
        with self._open() as database:
            self._missing = run_tables.prepare(database)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        path = self.folder / FILE
        try:
            with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
                yield database
        except sqlite3.Error as error:
            raise UserError(
                f"'{path}' cannot be used: {error}; move it away or choose another folder"
            ) from None

    def create(self, network: Network, data: DataSet, settings: TrainSettings) -> str:
        """A new run; its id."""
        run = f"{time.strftime('%Y%m%d-%H%M%S')}-{token_hex(2)}"
        row = (
            run,
            network.name,
            dumps(network),
            data.name,
            data.title,
            data.fingerprint,
            msgspec.json.encode(settings).decode(),
            _version(),
            time.time(),
            RunState.UNFINISHED.value,
            json.dumps(data.classes),
        )
        with self._open() as database:
            database.execute(
                "INSERT INTO runs (id, name, network, data, title, fingerprint, settings, version, created,"
                f" state, classes) VALUES ({', '.join('?' * len(row))})",
                row,
            )
        return run

    def runs(self) -> tuple[Run, ...]:
        """All of them, the newest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, name, network, data, title, fingerprint, settings, version, created, state,"
                f" reason, {self._later('classes')}, (SELECT count(*) FROM epochs WHERE run = id),"
                " (SELECT max(val_accuracy) FROM epochs WHERE run = id),"
                " (SELECT val_accuracy FROM epochs WHERE run = id ORDER BY epoch DESC LIMIT 1)"
                " FROM runs ORDER BY created DESC"
            ).fetchall()
        return tuple(_run(row) for row in rows)

    def run(self, run: str) -> Run:
        """One of them. Raises UserError."""
        found = next((one for one in self.runs() if one.id == run), None)
        if found is None:
            raise UserError(
                f"no run is called '{run}' in '{self.folder}'; 'explorer runs' lists those that are kept"
            )
        return found

    def log(self, run: str, event: Event) -> None:
        """Keep what an event tells. Figures of batches may wait a second."""
        if isinstance(event, TrainBatch):
            with self._lock:
                self._waiting.append((run, event))
            if time.monotonic() - self._flushed > FLUSH_EVERY:
                self.flush()
        elif isinstance(event, TrainEpoch):
            self.flush()
            self._log_epoch(run, event)
        elif isinstance(event, Done):
            self._end(run, RunState.STOPPED if event.stopped else RunState.DONE, "")
        elif isinstance(event, Failed):
            self._end(run, RunState.FAILED, event.message)

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._flushed = time.monotonic()
        rows = [
            (run, one.step, one.epoch, one.batch, one.loss, one.accuracy, one.lr, one.images_per_second)
            for run, one in waiting
        ]
        if not rows:
            return
        try:
            with self._open() as database:
                database.executemany("INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        except BaseException:  # a second Ctrl-C, too: whoever flushes next has them still
            with self._lock:
                self._waiting = [*waiting, *self._waiting]
            raise

    def _log_epoch(self, run: str, event: TrainEpoch) -> None:
        figures = [getattr(event, name) for name in _CURVE]
        worst = [(one.index, one.label, one.predicted, one.probability) for one in event.worst]
        shown = [event.confusion.tolist(), event.gradient_norms, event.dead_share, worst]
        row = [run, *figures, *map(json.dumps, shown)]
        names = ", ".join(("run", *_CURVE, *_SHOWN))
        with self._open() as database:
            database.execute(
                f"INSERT OR REPLACE INTO epochs ({names}) VALUES ({', '.join('?' * len(row))})", row
            )

    def _end(self, run: str, state: RunState, reason: str) -> None:
        self.flush()
        with self._open() as database:
            database.execute("UPDATE runs SET state = ?, reason = ? WHERE id = ?", (state.value, reason, run))

    def rewind(self, run: str, steps: int, epochs: int) -> None:
        """Forget the figures after so many steps and epochs: a resumed run writes them anew."""
        self.flush()
        with self._open() as database:
            database.execute("DELETE FROM batches WHERE run = ? AND step > ?", (run, steps))
            database.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run, epochs))
        self._end(run, RunState.UNFINISHED, "")

    def curves(self, run: str) -> Curves:
        """The figures that are kept of a run."""
        self.flush()
        with self._open() as database:
            batches = database.execute(
                "SELECT step, epoch, loss, accuracy, lr, images_per_second FROM batches WHERE run = ?"
                " ORDER BY step",
                (run,),
            ).fetchall()
        return Curves(tuple(BatchPoint(*row) for row in batches), self.points(run))

    def points(self, run: str) -> tuple[EpochPoint, ...]:
        """The figures by epoch alone."""
        with self._open() as database:
            rows = database.execute(
                f"SELECT {', '.join((*_CURVE, *map(self._later, _SHOWN)))} FROM epochs"
                " WHERE run = ? ORDER BY epoch",
                (run,),
            ).fetchall()
        return tuple(_point(row) for row in rows)

    def _later(self, column: str) -> str:
        """The column, or an empty list where an earlier version's folder has none."""
        return "'[]'" if column in self._missing else column

    def path(self, run: str, kind: Kind) -> Path:
        """Where a checkpoint lies, or would."""
        return self.folder / run / f"{kind}.safetensors"

    def save(self, run: str, kind: Kind, data: bytes) -> Path:
        """Put a checkpoint in the place of the one before, all of it or nothing. Raises UserError.

        The figures until then are written first: a run that goes on from here lacks none.
        """
        self.flush()
        path = self.path(run, kind)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"'{path.parent}' cannot be made: {error.strerror or error}") from None
        atomic.write(path, data)
        return path

    def save_epoch(self, run: str, epoch: int, data: bytes) -> None:
        """Keep the weights after an epoch beside the others, within a limit. Raises UserError."""
        folder = self.folder / run
        if folder.is_dir():
            kept_epochs.keep(folder, epoch, data)

    def epochs(self, run: str) -> tuple[int, ...]:
        """The epochs whose weights are kept."""
        return kept_epochs.kept(self.folder / run)

    def at_epoch(self, run: str, epoch: int) -> Checkpoint:
        """The weights after an epoch. Raises UserError. Loads torch."""
        from explorer.learning.checkpoint import read

        return read(kept_epochs.path(self.folder / run, epoch))

    def first_filters(self, run: str, epoch: int, network: Network) -> NDArray[np.float32] | None:
        """(out, in, kh, kw): the weights of the first convolution after an epoch, if they are kept."""
        return kept_epochs.first_filters(self.folder / run, epoch, network)

    def checkpoint(self, run: str, kind: Kind = "best") -> Checkpoint | None:
        """A checkpoint of a run; None before the first. Raises UserError. Loads torch."""
        from explorer.learning.checkpoint import read

        path = self.path(run, kind)
        return read(path) if path.is_file() else None

    def delete(self, run: str) -> None:
        """Forget a run and its checkpoints. Raises UserError."""
        found = self.run(run)
        with self._open() as database:
            for table, column in (("batches", "run"), ("epochs", "run"), ("runs", "id")):
                database.execute(f"DELETE FROM {table} WHERE {column} = ?", (found.id,))
        shutil.rmtree(self.folder / found.id, ignore_errors=True)

    def export_csv(self, run: str, path: Path) -> None:
        """The figures by epoch as a table. Raises UserError."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_CURVE)
        for point in self.curves(self.run(run).id).epochs:
            writer.writerow([getattr(point, name) for name in _CURVE])
        atomic.write(path, text.getvalue().encode())


def _run(row: Sequence[Any]) -> Run:
    settings = msgspec.json.decode(row[6], type=TrainSettings)
    created = datetime.fromtimestamp(row[8]).astimezone()
    names = ("id", "name", "network_text", "data", "title", "fingerprint")
    return Run(
        **dict(zip(names, row[:6], strict=True)),
        settings=settings,
        version=row[7],
        created=created,
        state=RunState(row[9]),
        reason=row[10],
        classes=tuple(json.loads(row[11])),
        epochs_done=row[12],
        best_accuracy=row[13],
        val_accuracy=row[14],
        began_with=_began_with(row[2]),
    )


class _Source(msgspec.Struct):
    source: str = ""


class _Beginning(msgspec.Struct):
    trained: _Source | None = None


def _began_with(network_text: str) -> str:
    """Read alone, as the list of all runs is often read and whole networks take long."""
    try:
        found = msgspec.json.decode(network_text, type=_Beginning).trained
    except (msgspec.DecodeError, UnicodeError):
        return ""  # a damaged network says so itself, once it is asked for
    return "" if found is None else found.source


def _point(row: Sequence[Any]) -> EpochPoint:
    confusion, norms, dead, worst = map(json.loads, row[-len(_SHOWN) :])
    mistakes = tuple(KeptMistake(*one) for one in worst)
    figures = dict(zip(_CURVE, row, strict=False))
    return EpochPoint(**figures, confusion=confusion, gradient_norms=norms, dead_share=dead, worst=mistakes)


def _version() -> str:
    """The version of the program that trains."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("convnet-explorer")
    except PackageNotFoundError:
        return "0 (not installed)"
