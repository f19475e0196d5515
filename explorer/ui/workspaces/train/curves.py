"""What a run tells as lines: a point a batch, and one an epoch for the pictures that are not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from explorer.network.graph import Network
from explorer.network.layer import Family

SMOOTH = 0.9
"""The drawn line of training is a running mean: each batch counts a tenth."""
MOST_POINTS = 2000
COLORS = ("accent", "pooling", "dense", "normalization", "merge", "reshape", "boundary")


@dataclass
class Lane:
    """One run's curves; x counts epochs, so that runs of other batch sizes lie over each other."""

    key: str
    name: str
    epochs: int
    color: str = "accent"
    label: str = ""
    """The name with what tells it from others of that name, where there are such."""
    batches: int = 1
    """Steps in an epoch."""
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    val_x: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    """The gradient norm of each layer with weights after the last epoch, from the input on."""
    version: int = 0
    """Another whenever there is another curve to draw."""

    @property
    def x(self) -> list[float]:
        """Where the steps are, in epochs."""
        return [step / self.batches for step in self.steps]

    def add_batch(self, step: int, loss: float, accuracy: float, rate: float) -> None:
        """A step of the optimizer, counted from 1; figures of its batch."""
        self.version += 1
        self.steps.append(step)
        self.loss.append(_smooth(self.loss, loss))
        self.accuracy.append(_smooth(self.accuracy, accuracy))
        self.rate.append(rate)
        if len(self.steps) > MOST_POINTS:  # every other point tells as much
            self.steps, self.rate = self.steps[::2], self.rate[::2]
            self.loss, self.accuracy = self.loss[::2], self.accuracy[::2]

    def cut(self, step: int) -> None:
        """Forget what is later than a step: a resumed run tells it anew."""
        self.version += 1
        count = sum(one <= step for one in self.steps)
        self.steps, self.rate = self.steps[:count], self.rate[:count]
        self.loss, self.accuracy = self.loss[:count], self.accuracy[:count]
        count = sum(epoch * self.batches <= step for epoch in self.val_x)
        self.val_x = self.val_x[:count]
        self.val_loss, self.val_accuracy = self.val_loss[:count], self.val_accuracy[:count]

    def add_epoch(self, epoch: float, loss: float, accuracy: float, norms: Sequence[float] = ()) -> None:
        """What the network makes of the validation pictures after an epoch, and its gradients by layer."""
        self.version += 1
        self.norms = list(norms)
        self.val_x.append(epoch)
        self.val_loss.append(loss)
        self.val_accuracy.append(accuracy)


def by_depth(network: Network, norms: Mapping[str, float]) -> tuple[float, ...]:
    """The gradient norms from the input on, without norms, whose few weights would make the line a saw."""
    return tuple(
        norm
        for node, norm in norms.items()
        if node in network.nodes and network.nodes[node].layer.family is not Family.NORMALIZATION
    )


def _smooth(before: list[float], value: float) -> float:
    if not before:
        return value
    share = min(SMOOTH, len(before) / (len(before) + 1))
    return share * before[-1] + (1 - share) * value


def free_color(taken: list[str]) -> str:
    """The first colour that no other line has; they begin anew when all are taken."""
    return next((color for color in COLORS if color not in taken), COLORS[len(taken) % len(COLORS)])


def duration(seconds: float) -> str:
    """In the words of a person: "8 s", "1 min 52 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def when(moment: datetime, now: datetime) -> str:
    """How long ago a day was: "14:05", "yesterday", "12 Mar"."""
    days = (now.date() - moment.date()).days
    if days <= 0:
        return f"{moment:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"{moment.day} {moment:%b}" if moment.year == now.year else f"{moment.day} {moment:%b %Y}"


def percent(share: float | None) -> str:
    """A share with the digits that count: 91.2 %."""
    return "–" if share is None else f"{100 * share:.1f} %"
