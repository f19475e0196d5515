"""What an epoch shows of a network: gradients and dead units by layer, confusion, mistakes, filters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from explorer.learning.training_events import Mistake, TrainEpoch, TrainPulse
from explorer.network.graph import Network
from explorer.ui.widgets.bars import Bar, LayerBars
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.train.confusion import ConfusionView
from explorer.ui.workspaces.train.tiles import Tile, Tiles, image_of

WAITING = "After the first epoch: filters, gradients by layer, the confusion matrix and the worst mistakes."
DECADES = 4
"""How many powers of ten the bars of gradients span."""
DEAD = 0.5
"""From this share of dead units on, a layer is worth a look."""
MOST_LAYERS, MOST_FILTERS, MOST_MISTAKES = 24, 64, 9


class Diagnosis(ScrollPanel):
    """Follows one run. `show_epoch` with each epoch, None while there is none."""

    def __init__(self) -> None:
        super().__init__("panel", 16, 6)
        self.waiting = Label(WAITING, "note")
        self.waiting.setWordWrap(True)
        self.gradients = LayerBars("Gradient norm by layer")
        self.dead = LayerBars("Dead ReLU units by layer")
        self.confusion = ConfusionView()
        self.mistakes = Tiles("Most wrong", side=70, lines=3, rows=3)
        self.filters = Tiles("Filters of the first layer", side=30, lines=0, rows=8)
        self.none_wrong = Label("No mistake among the validation pictures.", "note")
        self.unseen = Label("", "note")
        self.unseen.setWordWrap(True)
        self.column.addWidget(self.waiting)
        self.filters_title = self._add("Filters of the first layer", self.filters)
        self.gradients_title = self._add("Gradient norm by layer", self.gradients)
        self.dead_title = self._add("Dead ReLU units by layer", self.dead)
        self.confusion_title = self._add("Confusion", self.confusion)
        self.mistakes_title = self._add("Most wrong", self.mistakes)
        self.gradients_title.setToolTip(f"On a logarithmic scale of {DECADES} powers of ten")
        self.confusion_title.setToolTip("A row a true class, a column what it was taken for")
        self.mistakes_title.setToolTip("What it is, what it was taken for, and with what probability")
        self.column.addWidget(self.unseen)
        self.column.addWidget(self.none_wrong)
        self.column.addStretch(1)
        self.show_epoch(None, None, ())

    def _add(self, title: str, widget: QWidget) -> Heading:
        heading = Heading(title)
        self.column.addWidget(heading)
        self.column.addWidget(widget)
        return heading

    def show_pulse(self, pulse: TrainPulse, network: Network) -> None:
        """How filters and gradients are by now, within an epoch."""
        norms = gradient_bars(pulse.gradient_norms, _namer(network))
        tiles = [] if pulse.first_filters is None else filter_tiles(pulse.first_filters)
        self.waiting.setVisible(False)
        self.gradients.show_bars(norms)
        self.filters.show_tiles(tiles)
        for heading, widget, shown in (
            (self.filters_title, self.filters, bool(tiles)),
            (self.gradients_title, self.gradients, bool(norms)),
        ):
            heading.setVisible(shown)
            widget.setVisible(shown)

    def show_epoch(self, epoch: TrainEpoch | None, network: Network | None, classes: tuple[str, ...]) -> None:
        """What this epoch of `network` tells."""
        name = _namer(network)
        norms = [] if epoch is None else gradient_bars(epoch.gradient_norms, name)
        dead = [] if epoch is None else dead_bars(epoch.dead_share, name)
        worst = () if epoch is None else epoch.worst[:MOST_MISTAKES]
        filters = None if epoch is None else epoch.first_filters
        self.waiting.setVisible(epoch is None)
        self.gradients.show_bars(norms)
        self.dead.show_bars(dead)
        self.filters.show_tiles([] if filters is None else filter_tiles(filters))
        tiles = [mistake_tile(one, one.picture, classes) for one in worst if one.picture is not None]
        self.mistakes.show_tiles(tiles)
        self.unseen.setText("" if tiles else unseen(worst, classes))
        self.unseen.setVisible(bool(self.unseen.text()))
        if epoch is not None and len(classes) == len(epoch.confusion):
            self.confusion.show_matrix(epoch.confusion, classes)
            words = f"epoch {epoch.epoch}" if epoch.epoch else "untrained"
            self.confusion_title.setText(f"Confusion, {words}")
        for heading, widget, shown in (
            (self.filters_title, self.filters, filters is not None),
            (self.gradients_title, self.gradients, bool(norms)),
            (self.dead_title, self.dead, bool(dead)),
            (self.confusion_title, self.confusion, epoch is not None),
            (self.mistakes_title, self.mistakes, bool(tiles)),
        ):
            heading.setVisible(shown)
            widget.setVisible(shown)
        self.mistakes_title.setVisible(bool(worst))
        right = epoch is not None and np.trace(epoch.confusion) == epoch.confusion.sum()
        self.none_wrong.setVisible(bool(right) and bool(epoch and epoch.epoch))


def _namer(network: Network | None) -> Callable[[str], str]:
    """From a node's id to its name, or its path where the name is not the only one."""
    names = Counter(node.name for node in network.nodes.values()) if network is not None else Counter[str]()

    def name(node: str) -> str:
        if network is None or node not in network.nodes:
            return node
        found = network.nodes[node].name
        return found if names[found] == 1 else network.path(node)

    return name


def gradient_bars(norms: Mapping[str, float], name: Callable[[str], str]) -> list[Bar]:
    """A bar a layer on a logarithmic scale; of many layers those at even distances, with first and last."""
    chosen = _spread(list(norms.items()))
    finite = [norm for _, norm in chosen if norm > 0 and math.isfinite(norm)]
    if not chosen:
        return []
    top = math.ceil(math.log10(max(finite))) if finite else 0
    bars = []
    for node, norm in chosen:
        share = 0.0
        if norm > 0 and math.isfinite(norm):
            share = 1 + (math.log10(norm) - top) / DECADES
        elif norm > 0:
            share = 1.0
        story = f"{name(node)}: the L2 norm of its weights' gradient is {norm:.4g}"
        bars.append(
            Bar(name(node), share, _figure(norm), "error" if not math.isfinite(norm) else "accent", story)
        )
    return bars


def dead_bars(shares: Mapping[str, float], name: Callable[[str], str]) -> list[Bar]:
    """A bar a ReLU: the share of its units that never answer."""
    return [
        Bar(
            name(node),
            share,
            f"{100 * share:.0f} %",
            "error" if share >= DEAD else "accent",
            f"{name(node)}: {100 * share:.1f} % of its units are 0 on every picture of the probe",
        )
        for node, share in _spread(list(shares.items()))
    ]


def _spread(entries: list[tuple[str, float]]) -> list[tuple[str, float]]:
    if len(entries) <= MOST_LAYERS:
        return entries
    places = np.linspace(0, len(entries) - 1, MOST_LAYERS).round().astype(int)
    return [entries[place] for place in dict.fromkeys(places.tolist())]


def _figure(norm: float) -> str:
    if not math.isfinite(norm):
        return "∞" if norm == norm else "NaN"
    return f"{norm:.2f}" if 0.01 <= norm < 1000 else f"{norm:.0e}".replace("e-0", "e−").replace("e-", "e−")


def unseen(worst: Sequence[Mistake], classes: tuple[str, ...]) -> str:
    """What was most wrong, in words: the run's pictures are not read."""
    if not worst:
        return ""
    lines = [
        f"{classes[one.label]} → {classes[one.predicted]}, {100 * one.probability:.0f} %" for one in worst
    ]
    return "\n".join([*lines, "Choose this run's data at the left to see the pictures."])


def mistake_tile(mistake: Mistake, picture: NDArray[np.uint8], classes: tuple[str, ...]) -> Tile:
    """The picture, what it is, and what it was taken for."""
    label, predicted = classes[mistake.label], classes[mistake.predicted]
    percent = f"{100 * mistake.probability:.0f} %" if mistake.probability < 0.9995 else "> 99.9 %"
    story = f"Validation picture {mistake.index:,}: {label}, taken for {predicted} with {percent}"
    return Tile(image_of(picture), (label, f"→ {predicted}", percent), (1,), story)


def filter_tiles(filters: NDArray[np.float32]) -> list[Tile]:
    """(out, in, kh, kw) as pictures: in colour for three channels, else the first one; grey is 0."""
    top = float(np.nanmax(np.abs(filters))) if filters.size else 0.0
    top = top if top > 0 and math.isfinite(top) else 1.0
    levels = np.nan_to_num(filters / top) * 127.5 + 127.5
    values = np.clip(levels, 0, 255).astype(np.uint8)
    size = "×".join(map(str, filters.shape[2:]))
    tiles = []
    for at in range(min(MOST_FILTERS, len(values))):
        span = f"from {filters[at].min():.3f} to {filters[at].max():.3f}"
        story = f"Filter {at + 1} of {len(values)}, {size}: {span}"
        tiles.append(Tile(image_of(values[at]), (), (), story))
    return tiles
