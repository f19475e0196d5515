"""The curves that are watched: loss, accuracy and learning rate by epoch, several runs over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.ui.widgets.curves import Curve, Remark
from explorer.ui.widgets.legend import Legend
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.train.curves import Lane

SHARES = [(share, f"{share * 100:g} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
MOST_NAMED = 4
NEAR = 0.12
"""Part of the height that two figures need between them."""
MOST_DOTS = 40
"""With more epochs their dots would touch."""
LATE = 0.85
"""From this part of the width on, a figure stands before its point, and of the height on below it."""


class Board(QWidget):
    """Solid lines are what is learned from, dashed ones what is not. Feed it at most 20 times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.loss = Plot("Loss")
        self.accuracy = Plot("Accuracy")
        self.rate = Plot("Learning rate", "epoch")
        self._traced: dict[str, Traces] = {}
        self._norms_shown: list[tuple[str, str, list[float]]] | None = None
        self.norms = Plot("Gradient norm by layer", "from the first layer to the last")
        self.legend = Legend()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addStretch(1)
        head.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.loss, 6)
        column.addWidget(self.accuracy, 6)
        lower = QHBoxLayout()
        lower.setSpacing(16)
        lower.addWidget(self.rate, 1)
        lower.addWidget(self.norms, 1)
        column.addLayout(lower, 4)

    def show_lanes(self, lanes: Sequence[Lane]) -> None:
        """These runs, the first drawn last, above the others."""
        self._traced = {lane.key: self._traces(lane) for lane in lanes}
        traced = [self._traced[lane.key] for lane in lanes]
        epochs = max((lane.epochs for lane in lanes), default=1)
        named = [Curve(lane.key, [], [], lane.color, lane.label or lane.name) for lane in lanes[:MOST_NAMED]]
        lines = [
            Curve("solid", [], [], "muted", "training"),
            Curve("dash", [], [], "muted", "validation", dash=True),
        ]
        self.legend.show_curves([*lines, *(named if len(lanes) > 1 else [])])
        high = _loss_top(traced)
        rate = max((trace.top_rate for trace in traced), default=0.0) or 1.0
        for plot, name, top, ticks in (
            (self.loss, "loss", high, _ticks(high)),
            (self.accuracy, "accuracy", 1.0, SHARES),
            (self.rate, "rate", rate, [(0.0, "0"), (rate / 2, f"{rate / 2:.3g}"), (rate, f"{rate:.3g}")]),
        ):
            room = 0.08 if plot is not self.rate else 0.18  # half a line of text at the smallest window
            plot.show_curves([curve for trace in reversed(traced) for curve in getattr(trace, name)])
            across = 1.02 if plot is not self.rate else 1.05  # and half a number at the end
            plot.set_range((0.0, across * epochs), (-room * top, (1 + room) * top))
            plot.set_ticks(ticks, _epochs(epochs))
        self.loss.show_remarks(_remarks(lanes, "loss", epochs, high))
        self.accuracy.show_remarks(_remarks(lanes, "accuracy", epochs, 1.0))
        self._show_norms(lanes)

    def _traces(self, lane: Lane) -> Traces:
        """Made anew where there is more to draw; a run that has ended is looked at many times."""
        before = self._traced.get(lane.key)
        if before is not None and before.shows(lane):
            return before
        return Traces(lane, before)

    def mark_epoch(self, epoch: int | None) -> None:
        """A line where the slider stands."""
        for plot in (self.loss, self.accuracy, self.rate):
            plot.set_line("epoch", None if epoch is None else float(epoch), "muted")

    def _show_norms(self, lanes: Sequence[Lane]) -> None:
        """By depth, so that a network of 20 layers lies over one of 56. Drawn only where they are others."""
        shown = [(lane.key, lane.color, lane.norms) for lane in lanes]
        if shown == self._norms_shown:
            return
        self._norms_shown = shown
        curves, found = [], []
        for lane in reversed(lanes):
            heights = [math.log10(norm) if norm > 0 else math.nan for norm in lane.norms]
            places = [at / max(1, len(heights) - 1) for at in range(len(heights))]
            curves.append(Curve(f"{lane.key} norms", places, heights, lane.color, dots=len(heights) <= 24))
            found += [height for height in heights if math.isfinite(height)]
        self.norms.show_curves(curves)
        low, high = math.floor(min(found, default=-3.0)), math.ceil(max(found, default=0.0))
        high = max(high, low + 1)
        self.norms.set_range((-0.06, 1.06), (low - 0.2 * (high - low), high + 0.2 * (high - low)))
        step = max(1, -(-(high - low) // 4))
        powers = [(float(at), f"{10.0**at:g}") for at in range(low, high + 1, step)]
        self.norms.set_ticks(powers, [(0.0, "first"), (1.0, "last")])


class Traces:
    """The curves of a run, as far as it has come; those of its epochs are `before`'s until one is added."""

    def __init__(self, lane: Lane, before: Traces | None) -> None:
        self._lane, self._version, self._color = lane, lane.version, lane.color
        self._held = lane.color, *lane.val_x, *lane.val_loss, *lane.val_accuracy
        self.losses = np.asarray([*lane.loss, *lane.val_loss], dtype=np.float64)
        self.top_rate = max(lane.rate, default=0.0)
        key, color = lane.key, lane.color
        x = np.asarray(lane.steps, dtype=np.float64) / lane.batches
        if before is not None and before._held == self._held:
            held = before.loss[1], before.accuracy[1]
        else:
            held = _held(lane, lane.val_loss), _held(lane, lane.val_accuracy)
        self.loss: tuple[Curve, Curve] = Curve(f"{key} train", x, lane.loss, color), held[0]
        self.accuracy: tuple[Curve, Curve] = Curve(f"{key} train", x, lane.accuracy, color), held[1]
        self.rate = (Curve(key, x, lane.rate, color),)

    def shows(self, lane: Lane) -> bool:
        """Whether these are the curves of a run as it is now."""
        return self._lane is lane and (self._version, self._color) == (lane.version, lane.color)


def _held(lane: Lane, values: Sequence[float]) -> Curve:
    return Curve(
        f"{lane.key} val", [*lane.val_x], [*values], lane.color, dash=True, dots=lane.epochs <= MOST_DOTS
    )


def _remarks(lanes: Sequence[Lane], figure: str, epochs: int, top: float) -> Sequence[Remark]:
    """The last figures on the validation pictures, where each can be read for itself."""
    words = []
    for lane in reversed(lanes):
        held = getattr(lane, f"val_{figure}")
        if held and math.isfinite(held[-1]):
            text = f"{100 * held[-1]:.1f} %" if figure == "accuracy" else f"{held[-1]:.3g}"
            # The line of training goes on above the point for accuracy and below it for the loss.
            side = 1.0 if lane.val_x[-1] > LATE * epochs else -0.12
            below = figure == "accuracy" or held[-1] > LATE * top  # at the top there is no room above
            anchor = (side, -0.1 if below else 1.1)
            words.append(Remark(lane.val_x[-1], held[-1], text, lane.color, anchor))
    return words if _apart(words, top) else []


def _apart(words: Sequence[Remark], top: float) -> bool:
    """Whether each figure can be read for itself."""
    heights = sorted(word.y for word in words)
    return all(high - low > NEAR * top for low, high in pairwise(heights))


def _loss_top(traced: Sequence[Traces]) -> float:
    """Where the axis of the loss ends: the early peaks are cut, or the rest would be a flat line.

    At a round place, so that the axis does not move with every batch.
    """
    values = np.concatenate([trace.losses for trace in traced] or [np.empty(0)])
    values = values[np.isfinite(values)]
    if not len(values):
        return 2.4
    high = float(max(np.quantile(values, 0.99), values.min())) * 1.08 or 1.0
    step = 10 ** math.floor(math.log10(high)) / 10
    return float(math.ceil(high / step) * step)


def _ticks(high: float) -> list[tuple[float, str]]:
    """Four or five round places from 0 to `high`."""
    power = 10 ** math.floor(math.log10(high / 4))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= high / 4 * 0.999)
    return [(at * step, f"{at * step:g}") for at in range(int(high / step) + 1)]


def _epochs(count: int) -> list[tuple[float, str]]:
    """At most a dozen whole numbers from 0 to `count`."""
    steps = (power * nice for power in (1, 10, 100, 1000) for nice in (1, 2, 5))
    step = next(step for step in steps if step >= count / 12)
    return [(float(at), str(at)) for at in range(0, count + 1, step)]
