"""Data sets to train on: by name, or a folder of class folders."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer.learning import downloads, picture_folder
from explorer.learning.data_set import DataInfo, DataSet, Split
from explorer.learning.samples import DIGITS_SHA256, FASHION_SHA256, digits_sample, fashion_sample
from explorer.network.errors import UserError
from explorer.network.layer import Shape
from explorer.tasks.job import Context

__all__ = ["DIGITS", "SAMPLE", "DataInfo", "DataSet", "Split", "listing", "load"]

SAMPLE, DIGITS = "fashion-sample", "digits-sample"
EMBEDDED = {
    SAMPLE: ("Fashion sample", fashion_sample, FASHION_SHA256),
    DIGITS: ("Digits sample", digits_sample, DIGITS_SHA256),
}
"""What ships: its title, what reads it, and its fingerprint."""


def load(
    name: str | os.PathLike[str],
    *,
    data_dir: Path | None = None,
    context: Context | None = None,
    shape: Shape | None = None,
    skip_unreadable: bool = False,
    seed: int = 0,
) -> DataSet:
    """A data set by its name, or a folder of class folders: `train/` and `val/` in it, or split by `seed`.

    `NAME:2000` is the named set with its first 2,000 training pictures. Named sets are downloaded if they
    are neither in `data_dir` nor in our own cache; `context` gets the progress and can stop it. A
    folder's pictures are made `shape` (C, H, W). Raises UserError.
    """
    text = os.fspath(name)
    named, _, count = text.partition(":")
    if named in EMBEDDED or named in downloads.REMOTE:
        whole = _sample(named) if named in EMBEDDED else downloads.load(named, data_dir, context)
        return _part(whole, count, text) if count else whole
    if os.path.isdir(text):
        return picture_folder.load(Path(text), shape, skip_unreadable, seed, context)
    known = ", ".join([*EMBEDDED, *downloads.REMOTE])
    raise UserError(f"'{text}' is neither a data set ({known}) nor a folder; name one of them")


def _part(whole: DataSet, count: str, text: str) -> DataSet:
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= len(whole.train)):
        raise UserError(f"'{text}': a whole number from 1 to {len(whole.train):,} can follow the colon")
    part = whole.limited(int(count), len(whole.validation))
    return replace(part, name=text, title=f"{whole.title}, {int(count):,} pictures")


def listing(data_dir: Path | None = None) -> tuple[DataInfo, ...]:
    """The named data sets, what is here, and what a download costs."""
    fashion = DataInfo(SAMPLE, "Fashion sample (embedded)", True, 0, 6000, 10, (1, 28, 28))
    digits = DataInfo(DIGITS, "Digits, small (embedded)", True, 0, 1797, 10, (1, 8, 8))
    return (fashion, digits, *(downloads.info(name, data_dir) for name in downloads.REMOTE))


def _sample(name: str) -> DataSet:
    title, read, digest = EMBEDDED[name]
    sample = read()
    return DataSet(
        name,
        title,
        sample.classes,
        Split(sample.train[:, None], sample.train_labels.astype(np.int64)),
        Split(sample.test[:, None], sample.test_labels.astype(np.int64)),
        digest,
    )
