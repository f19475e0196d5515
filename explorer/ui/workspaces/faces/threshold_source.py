"""The faces on which thresholds and distances are measured, shared by the tabs: read in a Job, kept once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.faces.evaluation import Roc
from explorer.faces.face_set import FaceSet, Progress, of_embeddings, read_folder, read_pair_file
from explorer.faces.folder import bundled_people, scan
from explorer.faces.gallery.gallery import Gallery
from explorer.faces.intervals import Figures, drawn_roc, figures
from explorer.faces.pairs import read_pairs
from explorer.faces.pipeline import FacePipeline
from explorer.media.pictures import Picture
from explorer.network.errors import UserError
from explorer.tasks.job import Context, Work
from explorer.tasks.job import Progress as Told
from explorer.tasks.qt import Handle
from explorer.ui.workspaces.faces.watch import MakeEncoder

if TYPE_CHECKING:
    from explorer.ui.workspaces.faces.model import FacesModel

FEW_PAIRS, FEW_PEOPLE = 300, 30
"""Below these, the screen says that the figures are rough."""


class Kind(StrEnum):
    """Where the faces come from."""

    GALLERY = "This gallery"
    BUNDLED = "Bundled faces"
    FOLDER = "Folder of people"
    PAIRS = "Pairs file"


@dataclass(frozen=True, eq=False)
class Measured:
    """A set with what was worked out about it beside the window."""

    faces: FaceSet
    roc: Roc
    figures: Figures

    @property
    def rough(self) -> str:
        """Why the figures are not to be trusted far, or ""."""
        faces = self.faces
        near, people = int(faces.same.sum()), faces.people_count
        if people is not None and people < FEW_PEOPLE:
            return f"{people} people are too few to tell: look at the intervals, not at the figures."
        if near < FEW_PAIRS:
            return f"{near:,} pairs of one person are few: look at the intervals, not at the figures."
        return ""


class FaceSource(QObject):
    """One for each model: `FaceSource.of(model)`."""

    changed = Signal()
    """`measured`, `reading` or `trouble` is another."""
    progressed = Signal(object)
    """A `Progress` of what is being read."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__(model)
        self.model = model
        self.kind: Kind | None = None
        self.measured: Measured | None = None
        self.trouble = ""
        self._handle: Handle | None = None
        self._stale = False
        self._again: Callable[[], None] | None = None
        self._encoder = model.encoder.version
        model.gallery_changed.connect(self._gallery_changed)

    @classmethod
    def of(cls, model: FacesModel) -> FaceSource:
        """The one that all tabs of this model share."""
        found = model.findChild(cls)
        return found if found is not None else cls(model)

    @property
    def faces(self) -> FaceSet | None:
        """What was read, if there is something to compare."""
        return self.measured.faces if self.measured is not None else None

    @property
    def reading(self) -> bool:
        """Whether a source is being read."""
        return self._handle is not None

    def begin(self) -> None:
        """A tab is looked at: measure the gallery if it can be, and nothing was chosen or it changed."""
        if self._handle is None and (self.kind is None or self._stale) and self._gallery_pairs():
            self.use_gallery()

    def use_gallery(self) -> None:
        """Measure on who is enrolled."""
        if not self._gallery_pairs():
            self._fail(
                Kind.GALLERY,
                "The gallery needs two people, one with two pictures: enrol more, or measure on others.",
            )
            return
        self._stale = False
        self._start(Kind.GALLERY, partial(_read_gallery, self.model.gallery, *self.model.known()))

    def use_bundled(self) -> None:
        """Measure on the faces that ship."""
        self._again = self.use_bundled
        self._start(Kind.BUNDLED, partial(_read_bundled, self.model.make_encoder))

    def use_folder(self, path: Path) -> None:
        """Measure on a folder with one folder a person."""
        self._again = partial(self.use_folder, path)
        self._start(Kind.FOLDER, partial(_read_people, path, self.model.make_encoder))

    def use_pairs(self, path: Path) -> None:
        """Measure on a CSV file of pairs."""
        self._again = partial(self.use_pairs, path)
        self._start(Kind.PAIRS, partial(_read_pairs, path, self.model.make_encoder))

    def stop(self) -> None:
        """End reading; what was read so far is measured if it can be."""
        if self._handle is not None:
            self._handle.stop()

    # -- the gallery -----------------------------------------------------------------------------------

    def _gallery_pairs(self) -> bool:
        _, names = self.model.known()
        return 1 < len(set(names)) < len(names)

    def _gallery_changed(self) -> None:
        """What came from the gallery goes at once: who was deleted there is not to stay here.

        With another encoder the rest is read anew: a τ of one means nothing to the other.
        """
        if self.kind is Kind.GALLERY:
            self.stop()
            self._handle, self.measured, self._stale = None, None, True
            self.changed.emit()
        if self._encoder != self.model.encoder.version:
            self._encoder, self.measured = self.model.encoder.version, None
            if self.kind is not Kind.GALLERY and self._again is not None:
                self._again()

    # -- reading ---------------------------------------------------------------------------------------

    def _start(self, kind: Kind, read: Callable[[Context], FaceSet]) -> None:
        if self._handle is not None:
            self._handle.stop()
        self.kind, self.trouble = kind, ""
        work = Work(f"Reading faces: {kind.value.lower()}", partial(_measure, read))
        handle = self.model.surroundings.runner.start(work, self._event)
        self._handle = handle
        handle.ended.connect(partial(self._ended, handle))
        self.changed.emit()

    def _event(self, event: object) -> None:
        if isinstance(event, Told) and self.reading:
            self.progressed.emit(event)

    def _fail(self, kind: Kind, trouble: str) -> None:
        self.kind, self.trouble = kind, trouble
        self.changed.emit()

    def _ended(self, handle: Handle) -> None:
        """What another source has overtaken is let go."""
        if handle is not self._handle:
            return
        self._handle = None
        if isinstance(handle.result, Measured):
            self.measured = handle.result
        elif isinstance(handle.result, str):
            self.trouble = handle.result
        elif isinstance(handle.error, UserError):
            self.trouble = str(handle.error)
        elif handle.error is not None:
            self.trouble = "Something went wrong while reading; the details are in the log."
        self.changed.emit()


def _measure(read: Callable[[Context], FaceSet], context: Context) -> Measured | str:
    """The Job. A text where there is nothing to measure: it says why."""
    faces = read(context)
    if not faces.found.any():
        return "No face was found in these pictures."
    if not faces.complete:
        lacking = "two pictures of one person" if not faces.same.any() else "two different people"
        return f"What was read has no {lacking}: both kinds of pairs are needed."
    context.show(Told(None, "measuring"))
    genuine, impostor = faces.genuine, faces.impostor
    if not np.isfinite(genuine).any() and not np.isfinite(impostor).any():
        return "No pair has a face in both pictures."
    _ = faces.order  # sorted here, and not when the window asks for it
    return Measured(faces, drawn_roc(genuine, impostor), figures(faces))


def _telling(context: Context) -> Progress:
    """Goes on until stopped; what was read by then is used."""

    def told(done: int, all_: int, name: str) -> bool:
        if context.stopping:
            return False
        context.progress(done / max(1, all_), f"{done:,} of {all_:,} · {name}")
        return True

    return told


def _read_gallery(gallery: Gallery, matrix: np.ndarray, names: tuple[str, ...], context: Context) -> FaceSet:
    chips = {name: list(gallery.chips(name)) for name in set(names)}
    rows: list[Picture | None] = [chips[name].pop(0) if chips[name] else None for name in names]
    return of_embeddings("This gallery", matrix, names, rows)


def _pipeline(make: MakeEncoder | None) -> FacePipeline:
    """One for the Job's thread, with the encoder that was in use when it was asked for."""
    return FacePipeline(encoder=make() if make is not None else None)


def _read_bundled(make: MakeEncoder | None, context: Context) -> FaceSet:
    return read_folder(bundled_people(), "Bundled faces", _pipeline(make), _telling(context))


def _read_people(path: Path, make: MakeEncoder | None, context: Context) -> FaceSet:
    return read_folder(scan(path), path.name, _pipeline(make), _telling(context))


def _read_pairs(path: Path, make: MakeEncoder | None, context: Context) -> FaceSet:
    return read_pair_file(read_pairs(path), path.name, _pipeline(make), _telling(context))
