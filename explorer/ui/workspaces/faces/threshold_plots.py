"""The plots of the threshold workbench: histograms with τ, ROC or DET, accuracy and precision against τ."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.faces.evaluation import AtThreshold, Values, histogram
from explorer.ui.widgets.curves import Curve, Remark
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.plots import Plot
from explorer.ui.widgets.probit import probit, probit_ticks
from explorer.ui.workspaces.faces.threshold_source import Measured

BINS = 60
STEP = 0.005
SHARES = [(share, f"{share * 100:g} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
FALSE_ACCEPTS = [(float(power), text) for power, text in zip(
    range(-5, 1), ("0.001 %", "0.01 %", "0.1 %", "1 %", "10 %", "100 %"), strict=True)]  # fmt: skip


class ThresholdPlots(QWidget):
    """Three plots that share one τ; `moved(τ)` when a hand or a key moves it in one of them."""

    moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._at: AtThreshold | None = None
        self.histogram = Plot("Distances of all pairs", "squared L2 distance")
        self.which = Choice(
            (("ROC: people let in (TAR)", "roc"), ("DET: people turned away (FRR)", "det")), "Curve"
        )
        self.which.chosen.connect(lambda _: self._show_curve())
        self.mix = Choice(
            (("Accuracy, both kinds alike", True), ("Accuracy, pairs as they are", False)),
            "How pairs weigh in accuracy and precision",
        )
        self.mix.setToolTip("Alike: as if there were as many pairs of one person as of two.")
        self.mix.chosen.connect(lambda _: self._show_judged())
        for choice in (self.which, self.mix):
            choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
            choice.setMinimumWidth(120)  # it may be narrower than its longest item
        self.curve = Plot("ROC", "strangers let in (FAR)", head=self.which)
        self.judged = Plot("Accuracy and precision against τ", "τ", head=self.mix)
        for plot in (self.histogram, self.judged):
            plot.moved.connect(self.moved)
        self._build()

    def _build(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addWidget(self.curve, 1)
        below.addWidget(self.judged, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.histogram, 5)
        column.addLayout(below, 6)

    def show_measured(self, measured: Measured) -> None:
        """Another set."""
        self._measured = measured
        faces = measured.faces
        near, far = int(faces.same.sum()), int((~faces.same).sum())
        self.mix.set_value(max(near, far) > 2 * min(near, far))
        self._show_histogram()
        self._show_judged()

    def show_at(self, at: AtThreshold) -> None:
        """Put τ where it is now."""
        self._at = at
        self.histogram.set_handle(at.threshold, STEP)
        self.judged.set_handle(at.threshold, STEP)
        self._show_curve()

    def _span(self) -> tuple[float, float]:
        assert self._measured is not None
        distances = self._measured.faces.distances
        highest = float(distances[np.isfinite(distances)].max())
        return 0.0, min(4.0, np.ceil(highest * 5) / 5 + 0.1)

    def _show_histogram(self) -> None:
        """Each kind in parts of its own highest bar: there are many more pairs of two people."""
        assert self._measured is not None
        faces = self._measured.faces
        span = self._span()
        edges = np.linspace(*span, BINS + 1)
        near, far = histogram(faces.genuine, edges), histogram(faces.impostor, edges)
        # an empty bin lies below the axis, so that no line runs along it
        high = [np.where(counts > 0, counts / max(1, counts.max()), -0.05) for counts in (near, far)]
        self.histogram.show_curves(
            [
                Curve("far", edges, high[1], "error", "two people", dash=True, fill=True, steps=True),
                Curve("near", edges, high[0], "ok", "one person", fill=True, steps=True),
            ]
        )
        self.histogram.set_range(span, (0.0, 1.26))
        self.histogram.set_ticks(left=[])
        self.histogram.show_remarks(
            [
                Remark(float(edges[int(np.argmax(counts))]), 1.0, f"{text}: {total:,} pairs", color)
                for counts, text, total, color in (
                    (near, "one person", int(faces.same.sum()), "ok"),
                    (far, "two people", int((~faces.same).sum()), "error"),
                )
            ]
        )

    def _show_curve(self) -> None:
        if self._measured is None or self._at is None:
            return
        roc, at = self._measured.roc, self._at
        pairs = at.false_accepts + at.true_rejects, at.true_accepts + at.false_rejects
        far, reject = at.false_accepts / pairs[0], at.false_rejects / pairs[1]
        if self.which.currentData() == "roc":
            # no stranger in n is drawn half a pair to the left of one in n
            least = 0.5 / pairs[0]
            last_without = int(np.searchsorted(roc.false_accepts, 0, side="right")) - 1
            here_at = int(np.searchsorted(roc.thresholds, at.threshold, side="right")) - 1
            begin = max(0, min(last_without, here_at))
            x, y = np.log10(np.maximum(roc.false_accepts[begin:], least)), roc.true_accepts[begin:]
            here = [np.log10(max(far, least))], [1 - reject]
            curve = Curve("curve", x, y, "accent")
            low = float(np.floor(np.log10(least)))
            lowest = min(float(y[0]), 1 - reject)
            bottom = min(0.9, max(0.0, float(np.floor(lowest * 10 - 1e-9)) / 10))
            self.curve.set_range((low, 0.02), (bottom, 1 + (1 - bottom) * 0.05))
            steps = np.linspace(bottom, 1, 3)
            self.curve.set_ticks([(float(v), f"{v * 100:.3g} %") for v in steps], FALSE_ACCEPTS)
        else:
            # as above: no error in n stands where half an error would
            floors = 0.5 / pairs[0], 0.5 / pairs[1]
            x = probit(np.maximum(roc.false_accepts, floors[0]))
            y = probit(np.maximum(roc.false_rejects, floors[1]))
            here = [probit([max(far, floors[0])])[0]], [probit([max(reject, floors[1])])[0]]
            curve = Curve("curve", x, y, "accent")
            most = float(probit([0.5])[0])
            ends = [(min(float(probit([low])[0]), -0.5) - 0.1, most) for low in floors]
            self.curve.set_range(ends[0], ends[1])
            self.curve.set_ticks(probit_ticks(), probit_ticks())
        self.curve.show_curves([curve, Curve("here", *here, "text", dots=True, line=False)])

    def _show_judged(self) -> None:
        if self._measured is None:
            return
        roc, faces = self._measured.roc, self._measured.faces
        alike = bool(self.mix.currentData())
        near, far = (1, 1) if alike else (int(faces.same.sum()), int((~faces.same).sum()))
        right = near * roc.true_accepts + far * (1 - roc.false_accepts)
        accuracy = right / (near + far)
        accepted = near * roc.true_accepts + far * roc.false_accepts
        precision = np.divide(
            near * roc.true_accepts, accepted, out=np.ones_like(accepted), where=accepted > 0
        )
        tau, accuracy, precision = _steps(roc.thresholds, accuracy, precision)
        self.judged.show_curves(
            [
                Curve("accuracy", tau, accuracy, "accent"),
                Curve("precision", tau, precision, "text", dash=True),
            ]
        )
        self.judged.show_remarks(
            [
                Remark(float(tau[0]), float(accuracy[0]), "accuracy", "accent", (0.0, 0.0)),
                Remark(float(tau[0]), float(precision[0]), "precision", "text", (0.0, 0.0)),
            ]
        )
        bottom = max(0.0, float(np.floor(min(accuracy.min(), precision.min()) * 4 - 0.6) / 4))
        self.judged.set_range(self._span(), (bottom, 1.06))
        self.judged.set_ticks(left=[tick for tick in SHARES if tick[0] >= bottom])


def _steps(x: Values, *curves: Values) -> list[Values]:
    """Between two distances that occur nothing changes: corners instead of slopes."""
    return [np.repeat(x, 2)[1:], *(np.repeat(y, 2)[:-1] for y in curves)]
