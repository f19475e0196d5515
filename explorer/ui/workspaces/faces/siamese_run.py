"""Runs trainings beside the window, and keeps what they reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.faces.siamese_settings import Settings
from explorer.learning.control import Control
from explorer.learning.events import Event, Failed
from explorer.learning.job import TrainingJob
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.tasks.qt import Handle, Runner
from explorer.ui.workspaces.faces.siamese_state import Lane, Told

if TYPE_CHECKING:
    from explorer.faces.siamese import Training
    from explorer.faces.siamese_data import Pictures
    from explorer.faces.siamese_encoder import Trainable
    from explorer.faces.siamese_saved import Trained

PACE = 80
"""Milliseconds between two looks at what was told."""


class Data(StrEnum):
    """What is learned from."""

    FASHION = "Fashion sample"
    FACES = "Folder of faces"
    PICTURES = "Folder of other pictures"


class EncoderKind(StrEnum):
    """What learns."""

    SMALL = "Small encoder"
    SFACE = "SFace with a new head"
    OPEN = "The open network"


@dataclass(frozen=True)
class Plan:
    """All that a run needs; `settings` one for each lane. `network` is the open one, if it is to learn."""

    data: Data
    folder: Path | None
    encoder: EncoderKind
    network: Network | None
    settings: tuple[Settings, ...]


class SiameseRun(QObject):
    """One run at a time. Signals come in the window's thread."""

    changed = Signal()
    """Running, paused or over is another."""
    told = Signal()
    """There is more to show; at most every `PACE` milliseconds."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._handle: Handle | None = None
        self._control = Control()
        self._trainings: list[Training] = []
        self.state: Told | None = None
        self.plan: Plan | None = None
        self.trouble = ""
        self.trained: Trained | None = None
        self._later = QTimer(self, singleShot=True, interval=PACE)
        self._later.timeout.connect(self.told)

    @property
    def running(self) -> bool:
        """Whether a run is under way, be it paused or stopping."""
        return self._handle is not None

    @property
    def stopping(self) -> bool:
        return self._handle is not None and self._control.stopped

    @property
    def paused(self) -> bool:
        return self.running and self._control.paused

    def start(self, plan: Plan, paused: bool = False) -> None:
        """Begin anew; `paused` waits before the first batch."""
        if self.running:
            return
        self.plan, self.trouble, self.trained = plan, "", None
        self.state = Told([Lane(settings) for settings in plan.settings])
        self._trainings = []
        self._control = Control(paused)
        trainings = self._trainings

        def events(control: Control) -> Iterator[Event]:
            return _events(plan, trainings, control)

        job = TrainingJob("Siamese training", events, self._control)
        self._handle = self._runner.start(job, self._event, self._done, self._failed)
        self._handle.ended.connect(self._ended)
        self.changed.emit()

    def pause(self) -> None:
        """Wait before the next batch."""
        self._control.pause()
        self.changed.emit()

    def go(self) -> None:
        """Go on."""
        self._control.go()
        self.changed.emit()

    def step(self) -> None:
        """One more batch of each lane."""
        for _ in range(len(self.state.lanes) if self.state is not None else 1):
            self._control.step()
        self.changed.emit()

    def stop(self) -> None:
        """End before the next batch; what was reached is kept."""
        if self._handle is not None:
            self._control.stop()
            self._handle.stop()
            self.changed.emit()

    def _event(self, event: object) -> None:
        if self.state is not None and isinstance(event, Event):
            self.state.take(event)
            if not self._later.isActive():
                self._later.start()

    def _done(self, result: object) -> None:
        failed = [lane.ended for lane in self.state.lanes] if self.state is not None else []
        self.trouble = next((end.message for end in failed if isinstance(end, Failed)), "")
        if self._trainings and not self.trouble:
            from explorer.faces.siamese_saved import capture

            self.trained = capture(self._trainings[0])

    def _failed(self, error: BaseException) -> None:
        self.trouble = str(error) if isinstance(error, UserError) else "Something went wrong; see the log."

    def _ended(self) -> None:
        self._handle = None
        self._trainings = []
        self._later.stop()
        self.told.emit()
        self.changed.emit()


def _events(plan: Plan, trainings: list[Training], control: Control) -> Iterator[Event]:
    """The run itself, in the Job's thread: torch is loaded here."""
    from explorer.faces.siamese import Training, side_by_side

    pictures = _pictures(plan)
    for settings in plan.settings:
        trainings.append(Training(pictures, _encoder(plan, settings, pictures.faces), settings))
    yield from side_by_side(trainings, control)


def _pictures(plan: Plan) -> Pictures:
    from explorer.faces.folder import scan
    from explorer.faces.siamese_data import FolderPictures, fashion

    if plan.data is Data.FASHION:
        return fashion()
    if plan.folder is None:
        raise UserError("no folder is chosen; choose one that has one folder a person")
    return FolderPictures(scan(plan.folder), faces=plan.data is Data.FACES)


def _encoder(plan: Plan, settings: Settings, faces: bool) -> Trainable:
    from explorer.faces.siamese_encoder import of_network, sface_head, small_network

    if plan.encoder is EncoderKind.SFACE:
        return sface_head()
    if plan.encoder is EncoderKind.OPEN:
        if plan.network is None:
            raise UserError("no network is open; open one in Build, or take the small encoder")
        return of_network(plan.network, settings.seed)
    grey = plan.data is Data.FASHION
    return of_network(small_network() if grey else small_network(56, 3), settings.seed)
