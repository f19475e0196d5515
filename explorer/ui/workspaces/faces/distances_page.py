"""The distances side by side: cards, and of the chosen one histogram, weights and overfitting."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.faces.distances import Kind
from explorer.faces.evaluation import histogram
from explorer.faces.held_out import HOLDS, Compared
from explorer.ui.widgets.curves import Curve, Remark
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.faces.distances_cards import FormulaCards
from explorer.ui.workspaces.faces.distances_learning import LEARNED, Learning
from explorer.ui.workspaces.faces.threshold_text import percent

BINS = 50
LEAST = 1e-6
"""Cross-entropies below are drawn there."""


class SideBySide(QWidget):
    """Three cards above three plots; `chosen(kind)` when a card is."""

    chosen = Signal(object)

    def __init__(self, learning: Learning) -> None:
        super().__init__()
        self.learning = learning
        self.cards = FormulaCards()
        self.cards.chosen.connect(self.chosen)
        self.histogram = Plot("Held-out pairs", "distance less its fold's threshold: same if ≤ 0")
        self.weights = Plot("Weights, mean 1", "component k of the embedding")
        self.fit = Plot("Cross-entropy", "how firmly weights are held together")
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addWidget(self.weights, 1)
        below.addWidget(self.fit, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.cards)
        column.addWidget(self.histogram, 5)
        column.addLayout(below, 6)

    def show_results(self, kind: Kind, hold: float) -> None:
        """The chosen distance at a regularisation, as far as it is learned."""
        self.cards.choose(kind)
        for one, card in self.cards.cards.items():
            found = self.learning.result(one, hold)
            card.set_figure(f"{percent(found.held_out.accuracy)} right, held out" if found else "")
        self._show_histogram(self.learning.result(kind, hold))
        self._show_weights(kind, self.learning.result(kind, hold))
        self._show_fit(kind, hold)

    def _show_histogram(self, found: Compared | None) -> None:
        if found is None:
            self._wait(self.histogram)
            return
        self.histogram.show_remarks([])
        low, high = float(found.distances.min()), float(found.distances.max())
        reach = max(high, -low, 1e-6) * 1.05
        edges = np.linspace(max(low * 1.1, -reach), reach, BINS + 1)
        curves = []
        for mask, color, text in ((~found.same, "error", "two people"), (found.same, "ok", "one person")):
            counts = histogram(found.distances[mask], edges)
            high_bar = np.where(counts > 0, counts / max(1, counts.max()), -0.05)
            words = f"{text}: {int(mask.sum()):,} pairs"
            dash = color == "error"
            curves.append(Curve(text, edges, high_bar, color, words, dash=dash, fill=True, steps=True))
        self.histogram.show_curves(curves)
        self.histogram.set_range((float(edges[0]), float(edges[-1])), (0.0, 1.06))
        self.histogram.set_ticks(left=[])
        self.histogram.set_line("zero", 0.0, "text", dash=False)

    def _show_weights(self, kind: Kind, found: Compared | None) -> None:
        if kind is Kind.SQUARED_L2:
            count = 128 if found is None else self._components()
            self._bars(np.ones(count))
            words = "squared L2 weighs all alike"
            self.weights.show_remarks([Remark(count / 2, 1.06, words, "muted")])
            return
        self.weights.show_remarks([])
        if found is None or found.weights is None:
            self._wait(self.weights)
        else:
            self._bars(found.weights)

    def _wait(self, plot: Plot) -> None:
        """Bare axes and a word."""
        plot.show_curves([])
        plot.set_range((0.0, 1.0), (0.0, 1.0))
        plot.set_ticks([], [])
        plot.set_line("zero", None)
        plot.set_line("hold", None)
        words = "learning…" if self.learning.running else "too few pairs to learn from"
        plot.show_remarks([Remark(0.5, 0.5, words, anchor=(0.5, 0.5))])

    def _components(self) -> int:
        faces = self.learning.faces
        return 128 if faces is None else int(faces.embeddings.shape[1])

    def _bars(self, weights: np.ndarray) -> None:
        """One bar a component, in parts of the mean weight; the dashed line is where all would be alike."""
        edges = np.arange(len(weights) + 1, dtype=np.float64)
        alike = Curve("alike", edges[[0, -1]], [1.0, 1.0], "text", "all alike", dash=True)
        bars = Curve("weights", edges, weights, "accent", "learned", fill=True, steps=True)
        self.weights.show_curves([bars, alike])
        low, high = min(0.0, float(weights.min())), max(1.0, float(weights.max()))
        self.weights.set_range((0.0, float(len(weights))), (low - 0.02, high + 0.25))
        self.weights.set_ticks()

    def _show_fit(self, kind: Kind, hold: float) -> None:
        """Freely learned weights fit what they learned from ever better, and what is held out worse."""
        shown = kind if kind in LEARNED else Kind.WEIGHTED_CHI2
        known = [(place, self.learning.result(shown, one)) for place, one in enumerate(HOLDS)]
        found = [(place, one) for place, one in known if one is not None]
        if not found:
            self._wait(self.fit)
            return
        self.fit.show_remarks([])
        x = [float(place) for place, _ in found]
        held = np.log10([max(LEAST, one.held_out.cross_entropy or LEAST) for _, one in found])
        learned = np.log10([max(LEAST, one.learned.cross_entropy or LEAST) for _, one in found])
        self.fit.show_curves(
            [
                Curve("held", x, held, "error", "held out", dots=True),
                Curve("learned", x, learned, "accent", "learned from", dash=True, dots=True),
            ]
        )
        low = float(np.floor(min(held.min(), learned.min()) - 0.1))
        high = float(np.ceil(max(held.max(), learned.max()) + 0.1))
        self.fit.set_range((-0.3, len(HOLDS) - 0.7), (low, high))
        step = 1 if high - low <= 4 else 2
        self.fit.set_ticks(
            [(power, f"10{_raised(round(power))}") for power in np.arange(low, high + 0.5, step)],
            [(place, _hold(one)) for place, one in enumerate(HOLDS)],
        )
        self.fit.set_line("hold", float(HOLDS.index(hold)) if kind in LEARNED else None)


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _hold(hold: float) -> str:
    return "free" if hold == 0 else f"{hold:g}"
