"""Hands the figures by layer of the networks being trained to whoever draws those networks."""

from __future__ import annotations

from explorer.session.training_marks import TrainingMarks
from explorer.ui.workspaces.train.training import Told, TrainingRun


class Marking:
    """Follows a `TrainingRun`; each figure is handed on once."""

    def __init__(self, run: TrainingRun, marks: TrainingMarks) -> None:
        self._run, self._marks = run, marks
        self._states: list[Told] = []
        self._told: dict[int, object] = {}
        run.told.connect(self._tell)

    def _tell(self) -> None:
        if self._states is not self._run.states:
            self._states, self._told = self._run.states, {}
            self._marks.begin()
        for number, state in enumerate(self._states):
            newest = state.pulse or state.epoch
            if newest is None or self._told.get(number) is newest:
                continue
            self._told[number] = newest
            dead = state.epoch.dead_share if state.epoch is not None else {}
            title = f"{state.network.name}, epoch {newest.epoch}"
            self._marks.tell(number, state.network, title, newest.gradient_norms, dead)
