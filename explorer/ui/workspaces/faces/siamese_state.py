"""What the lab shows of a run: collected from the events, in the window's thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.faces.siamese_events import Begins, EmbeddingMap, Hardest, Laned, SiameseBatch, SiameseEpoch
from explorer.faces.siamese_settings import Loss, Settings
from explorer.learning.events import Done, Event, Failed, Skipped

SMOOTH = 0.9
"""The drawn loss is a running mean: each batch counts a tenth."""
MOST_POINTS = 2000


@dataclass
class Lane:
    """One training as it was told. `losses` and `active` hold a point a batch, x being epochs."""

    settings: Settings
    x: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    active_x: list[float] = field(default_factory=list)
    active: list[float] = field(default_factory=list)
    epochs: list[SiameseEpoch] = field(default_factory=list)
    begins: Begins | None = None
    batch: SiameseBatch | None = None
    plane: EmbeddingMap | None = None
    hardest: Hardest | None = None
    ended: Done | Failed | None = None

    @property
    def name(self) -> str:
        """What tells it from the lane beside it."""
        if self.settings.loss is Loss.TRIPLET:
            return f"{self.settings.mining.value} triplets"
        return self.settings.loss.value

    @property
    def eer(self) -> float | None:
        """The last one on unseen people."""
        return self.epochs[-1].eer if self.epochs else None

    def take(self, event: Event) -> None:
        """Add what an event tells."""
        if isinstance(event, Begins):
            self.begins = event
        elif isinstance(event, SiameseBatch):
            self._add(event)
        elif isinstance(event, SiameseEpoch):
            self.epochs.append(event)
        elif isinstance(event, EmbeddingMap):
            self.plane = event
        elif isinstance(event, Hardest):
            self.hardest = event
        elif isinstance(event, Done | Failed):
            self.ended = event

    def _add(self, event: SiameseBatch) -> None:
        at = event.epoch - 1 + event.batch / event.batches
        self.batch = event
        self.x.append(at)
        self.losses.append(_smooth(self.losses, event.loss))
        if event.active is not None:
            self.active_x.append(at)
            self.active.append(_smooth(self.active, event.active))
        if len(self.x) > MOST_POINTS:  # every other point tells as much
            self.x, self.losses = self.x[::2], self.losses[::2]
            self.active_x, self.active = self.active_x[::2], self.active[::2]


def _smooth(before: list[float], value: float) -> float:
    if not before:
        return value
    share = min(SMOOTH, len(before) / (len(before) + 1))
    return share * before[-1] + (1 - share) * value


@dataclass
class Told:
    """A whole run: its lanes, and the pictures that were left out."""

    lanes: list[Lane]
    skipped: list[Skipped] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Hand an event to its lane."""
        if isinstance(event, Laned):
            inner = event.event
            if isinstance(inner, Skipped):
                if all(inner.file != one.file for one in self.skipped):
                    self.skipped.append(inner)
            else:
                self.lanes[event.lane].take(inner)

    @property
    def share(self) -> float:
        """How far the run is, from 0 to 1."""
        done = [
            0.0 if lane.batch is None else lane.x[-1] / max(1, lane.settings.epochs) for lane in self.lanes
        ]
        return sum(done) / len(done)
