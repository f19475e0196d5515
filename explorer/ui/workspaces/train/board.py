"""The curves that are watched: loss, accuracy and learning rate by epoch, several runs over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.ui.widgets.plots import Curve, Legend, Plot, Remark
from explorer.ui.workspaces.train.curves import Lane

SHARES = [(share, f"{share * 100:g} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
MOST_NAMED = 4
NEAR = 0.12
"""Part of the height that two figures need between them."""
LATE = 0.85
"""From this part of the width on, a figure stands before its point, as there is no room behind it."""


class Board(QWidget):
    """Solid lines are what is learned from, dashed ones what is not. Feed it at most 20 times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.loss = Plot("Loss")
        self.accuracy = Plot("Accuracy")
        self.rate = Plot("Learning rate", "epoch")
        self._norms_shown: list[tuple[str, str, list[float]]] | None = None
        self.norms = Plot("Gradient norm by layer, powers of ten", "from the first layer to the last")
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
        epochs = max((lane.epochs for lane in lanes), default=1)
        named = [Curve(lane.key, [], [], lane.color, lane.label or lane.name) for lane in lanes[:MOST_NAMED]]
        lines = [
            Curve("solid", [], [], "muted", "training"),
            Curve("dash", [], [], "muted", "validation", dash=True),
        ]
        self.legend.show_curves([*(named if len(lanes) > 1 else []), *lines])
        high = _loss_top(lanes)
        self._show_pair(self.loss, lanes, "loss", epochs, high)
        self._show_pair(self.accuracy, lanes, "accuracy", epochs, 1.0)
        rates = [(lane.x, lane.rate) for lane in lanes if lane.rate]
        rate = max((max(values) for _, values in rates), default=0.0) or 1.0
        self.rate.show_curves([Curve(lane.key, lane.x, lane.rate, lane.color) for lane in reversed(lanes)])
        for plot, top, ticks in (
            (self.loss, high, _ticks(high)),
            (self.accuracy, 1.0, SHARES),
            (self.rate, rate, [(0.0, "0"), (rate / 2, f"{rate / 2:.2g}"), (rate, f"{rate:.2g}")]),
        ):
            room = 0.04 if plot is not self.rate else 0.12
            plot.set_range((0.0, 1.02 * epochs), (-room * top, (1 + room) * top))
            plot.set_ticks(ticks, _epochs(epochs))
        self._show_norms(lanes)

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
        self.norms.set_range((-0.02, 1.02), (low - 0.2 * (high - low), high + 0.2 * (high - low)))
        step = max(1, -(-(high - low) // 4))
        powers = [(float(at), f"{10.0**at:g}") for at in range(low, high + 1, step)]
        self.norms.set_ticks(powers, [(0.0, "first"), (1.0, "last")])

    def _show_pair(self, plot: Plot, lanes: Sequence[Lane], figure: str, epochs: int, top: float) -> None:
        curves, words = [], []
        for lane in reversed(lanes):
            held = getattr(lane, f"val_{figure}")
            curves.append(Curve(f"{lane.key} train", lane.x, getattr(lane, figure), lane.color))
            curves.append(Curve(f"{lane.key} val", lane.val_x, held, lane.color, dash=True, dots=True))
            if held and math.isfinite(held[-1]):
                text = f"{100 * held[-1]:.1f} %" if figure == "accuracy" else f"{held[-1]:.3g}"
                # The line of training goes on above the point for accuracy and below it for the loss.
                side = 1.0 if lane.val_x[-1] > LATE * epochs else -0.12
                anchor = (side, -0.1 if figure == "accuracy" else 1.1)
                words.append(Remark(lane.val_x[-1], held[-1], text, lane.color, anchor))
        plot.show_curves(curves)
        plot.show_remarks(words if _apart(words, top) else [])


def _apart(words: Sequence[Remark], top: float) -> bool:
    """Whether each figure can be read for itself."""
    heights = sorted(word.y for word in words)
    return all(high - low > NEAR * top for low, high in pairwise(heights))


def _loss_top(lanes: Sequence[Lane]) -> float:
    """Where the axis of the loss ends: the early peaks are cut, or the rest would be a flat line."""
    values = [value for lane in lanes for value in (*lane.loss, *lane.val_loss) if math.isfinite(value)]
    if not values:
        return 2.4
    return float(max(np.quantile(values, 0.99), min(values)) * 1.08) or 1.0


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
