"""The turn-the-head check in the side panel: a hurdle that is said to be one."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from explorer.faces.liveness import LABEL, MEASURED, Challenge, Pose, Step
from explorer.faces.liveness import State as ChallengeState
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Switch
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.faces.watch import Sight

STRANGE = 2
"""Readings from the front, one after the other, that are of somebody else: one may be blurred."""
FRONTAL = 15.0
"""Degrees of yaw up to which a reading can speak against the person."""
SHORT = {Pose.AHEAD: "Look ahead", Pose.LEFT: "Turn left", Pose.RIGHT: "Turn right"}


class Check(StrEnum):
    """How the check stands for the face that is followed."""

    OFF = "off"
    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class HeadTurn(QWidget):
    """Begins when a face has been accepted, ends with that face: nobody passes for another."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.switch = Switch("Turn-the-head check")
        self.prompt = Label("", "strong")
        self.prompt.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Steps of the check")
        self.again = Button("Try again")
        self.note = Label(LABEL, "note")
        self.note.setWordWrap(True)
        self.note.setToolTip(MEASURED)
        self.switch.setToolTip(MEASURED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.switch, self.prompt, self.bar, self.again, self.note):
            column.addWidget(widget)
        self._challenge: Challenge | None = None
        self._track = 0
        self._strange = 0
        self._step: Step | None = None
        self.check = Check.OFF
        self.switch.toggled.connect(self._toggled)
        self.again.clicked.connect(self.reset)
        self._tell()

    def reset(self) -> None:
        """Begin anew: another face, another claim, or another try."""
        self._challenge = self._step = None
        self.check = Check.WAITING if self.switch.isChecked() else Check.OFF
        self._tell()

    def frame(self, sight: Sight, accepted: bool, matches: bool | None = None) -> Check:
        """After each frame; `accepted`: the face that is followed is the right one.

        `matches`: whether this very reading, taken from the front, is of the claimed person; None: no such
        reading. A face that is swapped for another during the check fails it.
        """
        if self.check is Check.WAITING and accepted:
            self._challenge, self._track = Challenge(), sight.track
            self.check = Check.RUNNING
            self._strange = 0
        if self.check in (Check.PASSED, Check.FAILED) and sight.track != self._track:
            self.reset()
        if self.check is Check.RUNNING and self._challenge is not None:
            points = sight.face.points if sight.face is not None else None
            self._step = self._challenge.frame(sight.time, points, max(1, len(sight.faces)))
            if matches is not None:
                self._strange = 0 if matches else self._strange + 1
            if sight.track != self._track or self._strange >= STRANGE:
                self._challenge = None
                self.check = Check.FAILED
                self._step = Step(ChallengeState.FAILED, "", 0, 1, "Another face came.")
                self._track = sight.track
            elif self._step.state is ChallengeState.PASSED:
                self.check = Check.PASSED
            elif self._step.state is ChallengeState.FAILED:
                self.check = Check.FAILED
            self._tell()
        return self.check

    @property
    def short(self) -> str:
        """What to do now, in two words."""
        prompt = self._step.prompt if self._step is not None else ""
        return next((words for pose, words in SHORT.items() if pose == prompt), "Look ahead")

    @property
    def words(self) -> str:
        """What to do now, or how it ended."""
        if self.check is Check.RUNNING and self._step is not None:
            return self._step.prompt
        if self.check is Check.FAILED and self._step is not None:
            return self._step.reason
        return {Check.PASSED: "Passed.", Check.WAITING: "Begins when the face is accepted."}.get(
            self.check, ""
        )

    def _toggled(self) -> None:
        self.reset()
        self.changed.emit()

    def _tell(self) -> None:
        words = self.words
        if self.prompt.text() != words:
            self.prompt.setText(words)
        self.prompt.setVisible(bool(words))
        step = self._step
        self.bar.setVisible(self.check is Check.RUNNING)
        if step is not None:
            self.bar.setRange(0, step.of)
            self.bar.setValue(step.done)
        self.again.setVisible(self.check is Check.FAILED)
