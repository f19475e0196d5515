"""Which pictures are learned from: chosen here, read or fetched by a Job, kept while they are chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from explorer.network.errors import UserError
from explorer.network.layer import Shape
from explorer.tasks.job import Context, Progress, State, Work
from explorer.tasks.qt import Handle, Runner

if TYPE_CHECKING:
    from explorer.learning.data import DataInfo, DataSet

SAMPLE = "fashion-sample"


class DataSource(QObject):
    """`changed` when other data is chosen, while it is read, and when it is there or cannot be."""

    changed = Signal()

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._handle: Handle | None = None
        self.name = SAMPLE
        self.shape: Shape | None = None
        """What a folder's pictures are made; named sets are as they are."""
        self.data: DataSet | None = None
        self.trouble = ""
        self.skip_unreadable = False
        self.unreadable = False
        """Whether it is in the way that some files are no pictures."""
        self.data_dir: Path | None = None
        """Where a person has the files of a named set; None: our own cache."""

    @property
    def loading(self) -> bool:
        """Whether it is being read or downloaded."""
        return self._handle is not None

    @property
    def progress(self) -> Progress:
        """How far that is."""
        return self._handle.progress if self._handle is not None else Progress(None)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of class folders."""
        return self.info is None

    @property
    def info(self) -> DataInfo | None:
        """What is known of a named set without reading it."""
        whole = self.name.partition(":")[0]  # a number behind it takes the first so many pictures
        return next((info for info in self.listing() if info.name == whole), None)

    @property
    def must_download(self) -> bool:
        """Whether it would have to be fetched first: that is never done unasked."""
        info = self.info
        return info is not None and not info.here and self.data is None

    def listing(self) -> tuple[DataInfo, ...]:
        """The named sets."""
        from explorer.learning.data import listing

        return listing(self.data_dir)

    def choose(self, name: str | Path, skip_unreadable: bool = False) -> None:
        """Take a named set, or a folder. What is here is read at once."""
        self.stop()
        self.name, self.skip_unreadable, self.data_dir = str(name), skip_unreadable, None
        self.data, self.trouble, self.unreadable = None, "", False
        if self.must_download:
            self.changed.emit()
        else:
            self.load()

    def look_in(self, folder: Path) -> None:
        """Take the chosen set's files from a folder on this disk."""
        self.stop()
        self.data_dir, self.data, self.trouble = folder, None, ""
        if self.must_download:
            self.data_dir = None
            self.trouble = f"'{folder}' has no files of {self.info.title if self.info else self.name}"
            self.changed.emit()
        else:
            self.load()

    def fit(self, shape: Shape | None) -> None:
        """The shape of the network's input: a folder is read again where it is another."""
        if shape == self.shape:
            return
        self.shape = shape
        if self.is_folder:
            self.choose(self.name, self.skip_unreadable)

    def load(self) -> None:
        """Read it, downloading it first if need be."""
        if self.loading or self.data is not None:
            return
        name, shape, skip, folder = self.name, self.shape, self.skip_unreadable, self.data_dir
        title = self.info.title if self.info is not None else Path(name).name

        def work(context: Context) -> DataSet | UserError:
            from explorer.learning.data import load

            try:
                return load(name, data_dir=folder, context=context, shape=shape, skip_unreadable=skip)
            except UserError as error:  # told where the data is shown, with what can be done about it
                return error

        self.trouble, self.unreadable = "", False
        kept: list[DataSet | UserError] = []
        handle = self._runner.start(Work(f"Reading {title}", work), None, kept.append)
        self._handle = handle
        handle.changed.connect(self.changed)
        handle.ended.connect(lambda: self._ended(handle, kept))
        self.changed.emit()

    def stop(self) -> None:
        """Give up reading or downloading."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            handle.stop()

    def _ended(self, handle: Handle, kept: list[DataSet | UserError]) -> None:
        if self._handle is not handle:  # other data has been chosen since
            return
        self._handle = None
        found = kept[0] if kept else None
        self.data = None if isinstance(found, UserError) else found
        if isinstance(found, UserError):
            self.trouble, self.unreadable = str(found), _is_unreadable(found)
        elif handle.state is State.FAILED:
            self.trouble = "The data could not be read; the details are in the log."
        self.changed.emit()


def _is_unreadable(error: UserError) -> bool:
    from explorer.learning.picture_folder import Unreadable

    return isinstance(error, Unreadable)
