"""What is watched while an encoder learns: three curves, the plane, and the hardest triplets."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.faces.siamese_settings import ALPHA, Loss
from explorer.ui.widgets.curves import Curve, Remark
from explorer.ui.widgets.legend import Legend
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.faces.siamese_plane import PlaneView
from explorer.ui.workspaces.faces.siamese_state import Lane, Told
from explorer.ui.workspaces.faces.siamese_triplets import TripletsView

LOOKS = (("accent", False), ("text", True))
"""Colour and dash of each lane: told apart without colour too."""
SHARES = [(share, f"{share * 100:g} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


class Board(QWidget):
    """Follows one run; `show_run` for a new one, `refresh` when more was told."""

    def __init__(self) -> None:
        super().__init__()
        self._told: Told | None = None
        self.loss = Plot("Loss", "epoch")
        self.active = Plot("Active triplets", "epoch")
        self.eer = Plot("EER on unseen", "epoch")
        self.planes = (PlaneView(""), PlaneView(""))
        self.triplets = TripletsView()
        self.legend = Legend()
        self._build()

    def _build(self) -> None:
        curves = QGridLayout()
        curves.setSpacing(8)
        for place, plot in enumerate((self.loss, self.active, self.eer)):
            curves.addWidget(plot, 0, place)
            curves.setColumnStretch(place, 1)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.planes[0], 3)
        below.addWidget(self.planes[1], 3)
        below.addWidget(self.triplets, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.legend)
        column.addLayout(curves, 4)
        column.addLayout(below, 7)

    def show_run(self, told: Told) -> None:
        """Another run, from its beginning."""
        self._told = told
        several = len(told.lanes) > 1
        self.legend.setVisible(several)
        self.legend.show_curves([self._curve(place, lane, [], []) for place, lane in enumerate(told.lanes)])
        self.planes[1].setVisible(several)
        self.triplets.setVisible(not several)
        for lane, plane in zip(told.lanes, self.planes, strict=False):
            before = f"{lane.name[0].upper()}{lane.name[1:]}: the" if several else "The"
            plane.title.setText(f"{before} embedding on a plane (PCA)")
        pairs = told.lanes[0].settings.loss is not Loss.TRIPLET
        self.active.setAccessibleName("Active pairs" if pairs else "Active triplets")
        self.refresh()

    def refresh(self) -> None:
        """Show what was told by now."""
        if self._told is None:
            return
        lanes = self._told.lanes
        self._show_loss(lanes)
        self._show_active(lanes)
        self._show_eer(lanes)
        for lane, plane in zip(lanes, self.planes, strict=False):
            plane.show_map(lane.plane)
        self.triplets.show_triplets(lanes[0].hardest)

    def _curve(
        self, place: int, lane: Lane, x: list[float], y: list[float], dots: bool = False, label: bool = True
    ) -> Curve:
        color, dash = LOOKS[place % len(LOOKS)]
        return Curve(str(place), x, y, color, lane.name if label else "", dash=dash, dots=dots)

    def _span(self, lanes: list[Lane]) -> tuple[float, float]:
        return 0.0, float(max(lane.settings.epochs for lane in lanes))

    def _show_loss(self, lanes: list[Lane]) -> None:
        self.loss.show_curves(
            [self._curve(at, lane, lane.x, lane.losses, label=False) for at, lane in enumerate(lanes)]
        )
        high = max((max(lane.losses) for lane in lanes if lane.losses), default=ALPHA)
        span = self._span(lanes)
        self.loss.set_range(_wide(span), (0.0, high * 1.15 or 1.0))
        self.loss.set_ticks(bottom=_epochs(span))

    def _show_active(self, lanes: list[Lane]) -> None:
        self.active.show_curves(
            [self._curve(at, lane, lane.active_x, lane.active, label=False) for at, lane in enumerate(lanes)]
        )
        span = self._span(lanes)
        self.active.set_range(_wide(span), (0.0, 1.05))
        self.active.set_ticks(SHARES, _epochs(span))
        never = all(lane.settings.loss is Loss.CROSS_ENTROPY for lane in lanes)
        words = "the cross-entropy\nis never 0:\nall pairs count"
        self.active.show_remarks([Remark(span[1] / 2, 0.5, words, anchor=(0.5, 0.5))] if never else [])

    def _show_eer(self, lanes: list[Lane]) -> None:
        curves, remarks, high = [], [], 0.1
        span = self._span(lanes)
        for at, lane in enumerate(lanes):
            told = [(one.epoch, one.eer) for one in lane.epochs if one.eer is not None]
            if not told:
                continue
            x, y = [float(epoch) for epoch, _ in told], [eer for _, eer in told]
            high = max(high, *y)
            curves.append(self._curve(at, lane, x, y, dots=True, label=False))
            if at == 0:
                remarks.append(Remark(x[0], y[0], " untrained", anchor=(0.0, 1.0)))
        top = min(1.0, float(np.ceil(high * 12) / 10))
        self.eer.show_curves(curves)
        self.eer.show_remarks(remarks)
        self.eer.set_range(_wide(span), (0.0, top))
        steps = np.arange(0.0, top + 1e-9, 0.1 if top <= 0.5 else 0.25)
        self.eer.set_ticks([(float(step), f"{step * 100:.0f} %") for step in steps], _epochs(span))


def _wide(span: tuple[float, float]) -> tuple[float, float]:
    """A little room at both ends, for the last tick and the first dot."""
    return -0.03 * span[1], span[1] * 1.05


def _epochs(span: tuple[float, float]) -> list[tuple[float, str]]:
    """A tick for each epoch, or for every second, fifth, tenth… so that there are at most seven."""
    last = round(span[1])
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if last / step <= 7)
    return [(float(epoch), str(epoch)) for epoch in range(0, last + 1, step)]
