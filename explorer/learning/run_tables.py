"""The tables of the kept runs, and how a folder that an earlier version wrote gets the columns since then."""

from __future__ import annotations

import sqlite3

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, network TEXT NOT NULL, data TEXT NOT NULL, title TEXT NOT NULL,
    fingerprint TEXT NOT NULL, settings TEXT NOT NULL, version TEXT NOT NULL, created REAL NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', classes TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS batches (
    run TEXT NOT NULL, step INTEGER NOT NULL, epoch INTEGER, batch INTEGER, loss REAL, accuracy REAL, lr REAL,
    images_per_second REAL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, loss REAL, accuracy REAL, val_loss REAL, val_accuracy REAL,
    lr REAL, seconds REAL, images_per_second REAL, confusion TEXT, gradient_norms TEXT, dead_share TEXT,
    worst TEXT NOT NULL DEFAULT '[]', PRIMARY KEY (run, epoch)) WITHOUT ROWID;
"""
_LATER = (("runs", "classes"), ("epochs", "worst"))
"""Columns that the first versions did not have, lists as JSON."""


def prepare(database: sqlite3.Connection) -> frozenset[str]:
    """Make what is not there yet; the later columns that a folder lacks because it can't be written."""
    database.executescript(_SCHEMA)
    missing = set()
    for table, column in _LATER:
        if column in _columns(database, table):
            continue
        try:
            database.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT '[]'")
        except sqlite3.OperationalError:
            if column not in _columns(database, table):  # else another process was first
                missing.add(column)
    return frozenset(missing)


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
