"""A folder that the first version wrote: it opens, is read, and goes on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from explorer.learning import run_tables
from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.runs import FILE, RunStore
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import TrainEpoch
from explorer.network.graph import Network

FIRST = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, network TEXT NOT NULL, data TEXT NOT NULL, title TEXT NOT NULL,
    fingerprint TEXT NOT NULL, settings TEXT NOT NULL, version TEXT NOT NULL, created REAL NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '');
CREATE TABLE batches (
    run TEXT NOT NULL, step INTEGER NOT NULL, epoch INTEGER, batch INTEGER, loss REAL, accuracy REAL, lr REAL,
    images_per_second REAL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, loss REAL, accuracy REAL, val_loss REAL, val_accuracy REAL,
    lr REAL, seconds REAL, images_per_second REAL, confusion TEXT, gradient_norms TEXT, dead_share TEXT,
    PRIMARY KEY (run, epoch)) WITHOUT ROWID;
"""


@pytest.fixture
def first(tmp_path: Path, network: Network, data: DataSet, settings: TrainSettings) -> tuple[Path, str]:
    """Two of three epochs, moved into the tables as the first version had them; the folder and the run."""
    new, old = tmp_path / "new", tmp_path / "old"
    store = RunStore(new)
    for event in train(network, data, settings, store=store):
        if isinstance(event, TrainEpoch) and event.epoch == 3:
            break
    (run,) = store.runs()
    store.rewind(run.id, 14, 2)
    new.rename(old)
    with closing(sqlite3.connect(old / FILE)) as database:
        kept = {
            table: database.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("runs", "batches", "epochs")
        }
    (old / FILE).unlink()
    with closing(sqlite3.connect(old / FILE)) as database, database:
        database.executescript(FIRST)
        for table, rows in kept.items():
            width = len(database.execute(f"PRAGMA table_info({table})").fetchall())
            marks = ", ".join("?" * width)
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", [row[:width] for row in rows])
    return old, run.id


def test_it_opens_and_goes_on(
    first: tuple[Path, str], network: Network, data: DataSet, settings: TrainSettings
) -> None:
    folder, run = first
    store = RunStore(folder)
    found = store.run(run)
    assert (found.epochs_done, found.classes, found.settings) == (2, (), settings)
    assert [point.worst for point in store.points(run)] == [(), ()]
    assert len(store.points(run)[0].confusion) == 10
    events = list(train(network, data, settings, store=store, resume=run))
    last = [event for event in events if isinstance(event, TrainEpoch)][-1]
    kept = store.points(run)[-1].worst
    assert [(one.index, one.label, one.predicted) for one in kept] == [
        (one.index, one.label, one.predicted) for one in last.worst
    ]
    assert [one.probability for one in kept] == [one.probability for one in last.worst]
    again = RunStore(folder)
    fresh = again.create(network, data, settings)
    assert again.run(fresh).classes == data.classes


def test_one_that_cannot_be_written_is_read(first: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, run = first
    connect = sqlite3.connect

    def reading_only(path: Path, **given: float) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", uri=True, **given)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(sqlite3, "connect", reading_only)
    store = RunStore(folder, create=False)
    assert (store.run(run).epochs_done, store.run(run).classes) == (2, ())
    assert [point.worst for point in store.points(run)] == [(), ()]


def test_two_programs_may_open_it_at_once(first: tuple[Path, str]) -> None:
    folder, _ = first
    with closing(sqlite3.connect(folder / FILE)) as one, closing(sqlite3.connect(folder / FILE)) as two:
        assert run_tables.prepare(one) == run_tables.prepare(two) == frozenset()


def test_pictures_are_not_kept(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    store = RunStore(tmp_path)
    list(train(network, data, settings, store=store))
    (run,) = store.runs()
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        (worst,) = database.execute("SELECT worst FROM epochs WHERE epoch = 1").fetchone()
    assert run.classes == data.classes
    assert 0 < len(json.loads(worst)) <= 12
    assert len(worst) < 1000
