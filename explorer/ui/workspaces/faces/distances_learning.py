"""Learning the weights beside the window: each distance at each regularisation, as they are done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from explorer.faces.distances import Kind
from explorer.faces.face_set import FaceSet
from explorer.faces.held_out import HOLDS, Compared, compare, splits
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.workspaces.faces.threshold_source import Measured

START = HOLDS.index(1e-2)
LEARNED = (Kind.WEIGHTED_L1, Kind.WEIGHTED_CHI2)
TOO_FEW = (
    "To learn and to judge, at least two people must have two pictures each. Enrol more, or choose another "
    "source."
)


class Learning(QObject):
    """What was compared on one set; `changed` with every result and at the end."""

    changed = Signal()

    def __init__(self, runner: Runner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._handle: Handle | None = None
        self._results: dict[tuple[Kind, float | None], Compared] = {}
        self.faces: FaceSet | None = None
        self.folds = 0
        self.trouble = ""

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._handle is not None

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return len(self._results) / (1 + len(LEARNED) * len(HOLDS))

    def result(self, kind: Kind, hold: float) -> Compared | None:
        """One distance; squared L2 has nothing to regularise."""
        return self._results.get((kind, None if kind is Kind.SQUARED_L2 else hold))

    def learn(self, measured: Measured) -> None:
        """Compare all on a set, unless that is what was done last."""
        if measured.faces is self.faces:
            return
        self.stop()
        self.faces, self._results, self.trouble, self.folds = measured.faces, {}, "", 0
        work = Work("Learning distances", partial(_learn, measured.faces))
        handle = self._runner.start(work, partial(self._event, measured.faces))
        self._handle = handle
        handle.ended.connect(partial(self._ended, handle))
        self.changed.emit()

    def forget(self) -> None:
        """Let go of the set and of what was learned from it."""
        self.stop()
        self._handle, self.faces, self._results = None, None, {}

    def stop(self) -> None:
        """End; what is done stays."""
        if self._handle is not None:
            self._handle.stop()

    def _event(self, faces: FaceSet, event: object) -> None:
        if faces is not self.faces:
            return
        if isinstance(event, Compared):
            self._results[event.kind, event.hold] = event
        elif isinstance(event, int):
            self.folds = event
            self.trouble = "" if event else TOO_FEW
        self.changed.emit()

    def _ended(self, handle: Handle) -> None:
        if handle is self._handle:
            self._handle = None
            self.changed.emit()


def _learn(faces: FaceSet, context: Context) -> None:
    """The Job: first what is shown first."""
    folds = splits(faces)
    context.record(len(folds))
    if not folds:
        return
    context.record(compare(faces, folds, Kind.SQUARED_L2, None, context.check))
    order = sorted(HOLDS, key=lambda hold: abs(HOLDS.index(hold) - START))
    total, done = len(order) * len(LEARNED), 0
    for hold in order:
        for kind in LEARNED:
            context.progress(done / total, f"{kind.value}, {done + 1} of {total}")
            context.record(compare(faces, folds, kind, hold, context.check))
            done += 1
