"""Which runs are drawn over each other, in which colours, and which one the right column explains."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.learning.runs import RunState
from explorer.learning.training_events import TrainPulse
from explorer.ui.workspaces.train.curves import Lane, free_color, percent
from explorer.ui.workspaces.train.diagnosis import Diagnosis
from explorer.ui.workspaces.train.kept import KeptRuns
from explorer.ui.workspaces.train.runs_list import Row
from explorer.ui.workspaces.train.scrubber import Scrubber
from explorer.ui.workspaces.train.side import Side
from explorer.ui.workspaces.train.training import Told, TrainingRun

MOST_AT_START = 4
"""Runs that a new one is drawn among, itself too; whoever wants more chooses them."""


class _Page(QWidget):
    shown = Signal()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()


class Overlay(QObject):
    """Between the list of runs, the plots and the diagnosis. `wanted` when a person chose a run to see."""

    wanted = Signal()

    def __init__(self, run: TrainingRun, kept: KeptRuns, side: Side, diagnosis: Diagnosis) -> None:
        super().__init__()
        self._run, self._kept, self._side, self._diagnosis = run, kept, side, diagnosis
        self.page = _Page()
        self._column = QVBoxLayout(self.page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._lanes: dict[str, Lane] = {}
        self._told: dict[str, Told] = {}
        self._drawn: list[str] = []
        self._explained: tuple[object, object] = (None, None)
        self._pulse: TrainPulse | None = None
        self.scrubber = Scrubber()
        self._at: dict[str, int] = {}
        """The epoch that is looked at, by the id of a run; the last one where none was chosen."""
        self._past: tuple[tuple[str, int] | None, Told | None] = (None, None)
        self._data = side.data_here
        self.page.shown.connect(self.refresh)
        run.changed.connect(self._follow)
        run.told.connect(self.refresh)
        side.runs.drawn_changed.connect(self._choose)
        self.show_rows()

    def make_board(self) -> None:
        """The plots, made when they are first to be seen: they cost most of a second."""
        if self._column.count():
            return
        from explorer.ui.workspaces.train.board import Board

        self.board = Board()
        self._column.addWidget(self.board, 1)
        self._column.addWidget(self.scrubber)
        self.refresh()

    # -- which runs ------------------------------------------------------------------------------------

    @property
    def drawn(self) -> list[str]:
        """The ids of those drawn, the one chosen last at the end."""
        return list(self._drawn)

    @property
    def lanes(self) -> list[Lane]:
        """The curves that are drawn, the one chosen last first."""
        found = [self._lanes[key] for key in reversed(self._drawn) if key in self._lanes]
        for key, label in self._kept.labels(self._drawn).items():
            if key in self._lanes:
                self._lanes[key].label = label
        for state in self._run.states:
            if not state.lane.key:  # it has just begun, or is not kept
                found.insert(0, state.lane)
        return found

    @property
    def _live(self) -> dict[str, Told]:
        """Those being trained, by their ids."""
        return {state.lane.key: state for state in self._run.states} if self._run.running else {}

    @property
    def single(self) -> str | None:
        """The run that buttons act on: the one chosen last."""
        return self._drawn[-1] if self._drawn else None

    @property
    def resumable(self) -> str | None:
        """That run, if it has epochs left and is not being trained."""
        run = self._kept.run(self.single) if self.single is not None else None
        if run is None or run.id in self._live or run.state is RunState.DONE:
            return None
        return run.id

    @property
    def deletable(self) -> str | None:
        """That run, if it is not being trained."""
        return self.single if self.single not in self._live else None

    def free_colors(self, count: int) -> list[str]:
        """For runs that begin."""
        taken = [self._lanes[key].color for key in self._drawn if key in self._lanes]
        found: list[str] = []
        for _ in range(count):
            found.append(free_color([*taken, *found]))
        return found

    def color_of(self, key: str) -> str:
        """The colour of a run that is drawn, or a free one."""
        return self._lanes[key].color if key in self._lanes else self.free_colors(1)[0]

    def forget(self, key: str) -> None:
        """This run is no more."""
        self._drawn = [one for one in self._drawn if one != key]
        self._lanes.pop(key, None)
        self._told.pop(key, None)
        self.show_rows()
        self.refresh()

    def see_data(self) -> None:
        """Other data is read: what is kept is explained anew, with the pictures that are there now."""
        if self._data is self._side.data_here:
            return
        self._data = self._side.data_here
        self._told = {key: told for key, told in self._told.items() if told.started is not None}
        self._past = self._explained = (None, None)
        self._explain()

    def _choose(self, keys: object) -> None:
        assert isinstance(keys, list)
        added = [key for key in keys if key not in self._drawn]
        for key in [key for key in self._drawn if key not in keys]:
            self._drawn.remove(key)
            if key not in self._live:
                self._lanes.pop(key, None)
        for key in added:
            told = self._told.get(key)
            color = self.free_colors(1)[0]
            if told is not None:
                told.lane.color = color
            self._lanes[key] = told.lane if told is not None else self._kept.lane(key, color)
            self._drawn.append(key)
        self.show_rows()
        self.refresh()
        if added:
            self.wanted.emit()

    def _follow(self) -> None:
        """A training began, became known to the store, or is another in state."""
        for state in self._run.states:
            key = state.started.run if state.started is not None else ""
            if key and self._told.get(key) is not state:
                self._kept.refresh()
                state.lane.key = key
                self._told[key], self._lanes[key] = state, state.lane
                self._drawn = [*(one for one in self._drawn if one != key), key]
                self._make_room()
        self.show_rows()
        self.refresh()

    def _make_room(self) -> None:
        """A run that begins is drawn over a few of those before it; those that race are drawn alone.

        Not over one that failed: beside a loss that ran away nothing else could be seen.
        """
        ended = [key for key in self._drawn if key not in self._live]
        kept = MOST_AT_START if len(self._run.states) == 1 else 0
        runs = map(self._kept.run, ended)
        failed = [run.id for run in runs if run is not None and run.state is RunState.FAILED]
        for key in {*failed, *ended[: max(0, len(self._drawn) - kept)]}:
            self._drawn.remove(key)
            self._lanes.pop(key, None)

    # -- showing ---------------------------------------------------------------------------------------

    def show_rows(self) -> None:
        """The list of runs."""
        rows = [self._row(run.id) for run in self._kept.runs]
        side = self._side
        side.runs.show_rows([row for row in rows if row is not None], self._drawn)
        side.runs.setVisible(bool(rows))
        side.no_runs.setVisible(not rows)
        for button in (side.resume, side.look, side.export, side.delete):
            button.setVisible(bool(rows))
        name = self._kept.name(self.single) if self.single is not None else ""
        side.resume.setEnabled(self.resumable is not None and not self._run.running)
        side.look.setEnabled(bool(name))
        side.export.setEnabled(bool(name))
        side.delete.setEnabled(self.deletable is not None)
        side.resume.setToolTip(f"Go on with {name} where it stopped" if self.resumable else "")
        side.look.setToolTip(f"Look inside {name}…" if name else "Look inside the selected run…")
        side.export.setToolTip(f"Export {name}…" if name else "Export the selected run…")
        side.delete.setToolTip(f"Delete {name}…" if name else "Delete the selected run…")

    def _row(self, key: str) -> Row | None:
        run = self._kept.run(key)
        if run is None:
            return None
        color = self._lanes[key].color if key in self._drawn and key in self._lanes else ""
        live, state = "", self._live.get(key)
        if state is not None:
            doing = "stopping" if self._run.stopping else "paused" if self._run.paused else "running"
            epoch = state.batch.epoch if state.batch is not None else 1
            live = f"{doing}, epoch {epoch} of {state.settings.epochs}"
        row = self._kept.row(run, color, live, key == self.single)
        if live and state is not None and state.lane.val_accuracy:
            best = max(state.lane.val_accuracy)
            row = Row(row.key, row.name, row.note, f"{100 * best:.1f} %", row.color, row.story, row.target)
        return row

    def refresh(self) -> None:
        """Draw what is known by now."""
        if self._live:
            self.show_rows()
        if self._column.count() and self.page.isVisible():
            self.board.show_lanes(self.lanes)
            self._show_epochs()
        self._explain()

    def scrub(self, epoch: int) -> None:
        """Look at the run chosen last as it was after an epoch."""
        if self.single is not None:
            self._at[self.single] = epoch
            self.refresh()

    def _show_epochs(self) -> None:
        key = self.single
        epochs = self._kept.epochs(key) if key is not None and key not in self._live else ()
        at = self._at.get(key or "")
        lane = self._lanes.get(key or "")
        words = ""
        if epochs and lane is not None:
            shown = at if at in epochs else epochs[-1]
            figures = dict(zip(lane.val_x, lane.val_accuracy, strict=True))
            right = f", {percent(figures[shown])} right" if shown in figures else ""
            words = f"{shown} of {lane.epochs}{right}"
        self.scrubber.show_epochs(epochs, at, words)
        self.board.mark_epoch(at if at in epochs else None)

    def _then(self, key: str, epoch: int) -> Told | None:
        """What was told after an epoch, read once while it is looked at."""
        if self._past[0] != (key, epoch):
            told = self._kept.told(key, self._lanes[key], self._side.data_here, epoch)
            self._past = ((key, epoch), told if told is not None and told.epoch is not None else None)
        return self._past[1]

    def _explain(self) -> None:
        """The right column: the run being trained, else the one chosen last."""
        told = self._live.get(self.single or "") or (self._run.state if self._run.running else None)
        if told is None and self.single is not None:
            key = self.single
            if key not in self._told and key in self._lanes:
                kept = self._kept.told(key, self._lanes[key], self._side.data_here)
                if kept is not None:
                    self._told[key] = kept
            told = self._told.get(key)
            if self._at.get(key) is not None and key in self._lanes:
                told = self._then(key, self._at[key]) or told
        epoch = told.epoch if told is not None else None
        if told is not None and told.pulse is not None and self._explained == (told, epoch):
            if told.pulse is not self._pulse:
                self._pulse = told.pulse
                self._diagnosis.show_pulse(told.pulse, told.network)
            return
        if self._explained == (told, epoch) and epoch is not None:
            return
        self._explained = (told, epoch)
        self._diagnosis.show_epoch(
            epoch, told.network if told is not None else None, told.classes if told is not None else ()
        )
