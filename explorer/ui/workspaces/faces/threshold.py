"""The threshold workbench: where τ stands among the distances of real pairs, and what it costs there."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from explorer.faces.evaluation import AtThreshold, at_threshold
from explorer.network.atomic import write
from explorer.network.errors import UserError
from explorer.ui.actions import Action
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.tab import Tab
from explorer.ui.workspaces.faces.threshold_bar import FOLDER_KEY, NothingMeasured, SourceBar
from explorer.ui.workspaces.faces.threshold_figures import FiguresPanel, PanelOrHint
from explorer.ui.workspaces.faces.threshold_pairs import WrongPairs
from explorer.ui.workspaces.faces.threshold_source import FaceSource, Measured

PACE = 50
"""Milliseconds between two updates of everything that follows τ."""


class ThresholdTab(Tab):
    """The plots are made with the first set that is measured: they cost most of a second."""

    title = "Threshold"

    def __init__(self, model: FacesModel) -> None:
        super().__init__(model)
        self.source = FaceSource.of(model)
        self.threshold = model.threshold
        self.figures = FiguresPanel()
        self.figures_side = PanelOrHint(
            self.figures, "Strangers let in, people turned away, and how sure that is, stand here at every τ."
        )
        self.side = self.figures_side
        self.pairs = WrongPairs()
        self._shown: Measured | None = None
        self._visible = False
        self._pages = QStackedWidget()
        self._pages.addWidget(
            NothingMeasured(
                self.source,
                "Where should the threshold stand?",
                "Compare every picture with every other: pairs of one person, pairs of two, τ in between.",
            )
        )
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(SourceBar(self.source))
        column.addWidget(self._pages, 1)
        self._later = QTimer(self, singleShot=True, interval=PACE)
        self._later.timeout.connect(self._show_threshold)
        self.figures.moved.connect(self.move)
        self.figures.used.connect(model.set_threshold)
        self.figures.exporting.connect(self.export)
        self.source.changed.connect(self._show)
        model.threshold_changed.connect(self._threshold_changed)

    def shown(self) -> None:
        self._visible = True
        self.source.begin()
        self._show()

    def hidden(self) -> None:
        self._visible = False

    def close_down(self) -> None:
        self.source.stop()
        self._later.stop()

    def actions(self) -> Sequence[Action]:
        """The palette's way to what the buttons do."""
        group = "Threshold"
        return (
            Action(
                "faces.threshold.bundled", "Measure on bundled faces", self.source.use_bundled, group=group
            ),
            Action(
                "faces.threshold.gallery", "Measure on this gallery", self.source.use_gallery, group=group
            ),
            Action(
                "faces.threshold.use",
                "Use this threshold",
                lambda: self.model.set_threshold(self.threshold),
                group=group,
                enabled=lambda: self._shown is not None,
            ),
            Action(
                "faces.threshold.export",
                "Export the threshold curve…",
                self.export,
                group=group,
                enabled=lambda: self._shown is not None,
            ),
        )

    @property
    def at(self) -> AtThreshold:
        """What happens at τ on the set that is shown."""
        assert self._shown is not None
        faces = self._shown.faces
        return at_threshold(faces.genuine, faces.impostor, self.threshold)

    def move(self, threshold: float) -> None:
        """Put τ elsewhere; what follows it does so at most 20 times a second."""
        self.threshold = threshold
        if not self._later.isActive():
            self._later.start()

    def export(self) -> None:
        """Ask for a file and write the curve to it."""
        if self._shown is None:
            return
        settings = self.model.surroundings.settings
        words = settings.words(FOLDER_KEY)
        folder = Path(words[0]) if words and Path(words[0]).is_dir() else Path.home()
        title, name = "Export the curve", str(folder / "threshold.csv")
        path = QFileDialog.getSaveFileName(self.widget, title, name, "CSV (*.csv)")[0]
        if path:
            try:
                write_curve(self._shown, Path(path))
            except UserError as error:
                self.model.surroundings.messages.error(error)

    def _threshold_changed(self) -> None:
        self._later.start()

    def _show(self) -> None:
        measured = self.source.measured
        if measured is None:
            self._forget()
            return
        if measured is self._shown or not self._visible:
            return
        self._shown = measured
        self._make_plots()
        self.plots.show_measured(measured)
        self.pairs.show_faces(measured.faces)
        self.figures.show_measured(measured)
        self.figures_side.show_panel(True)
        self._show_threshold()
        self._pages.setCurrentIndex(1)

    def _forget(self) -> None:
        """Nothing is measured, or no longer."""
        if self._shown is not None:
            self._shown = None
            self.pairs.forget()
            self.figures_side.show_panel(False)
            self._pages.setCurrentIndex(0)
        if self._visible:
            self.source.begin()

    def _make_plots(self) -> None:
        if self._pages.count() > 1:
            return
        from explorer.ui.workspaces.faces.threshold_plots import ThresholdPlots

        self.plots = ThresholdPlots()
        self.plots.moved.connect(self.move)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.plots, 1)
        column.addWidget(self.pairs)
        self._pages.addWidget(page)

    def _show_threshold(self) -> None:
        if self._shown is None:
            return
        at = self.at
        self.plots.show_at(at)
        self.pairs.show_threshold(self.threshold)
        self.figures.show_at(at, self.model.threshold)


def write_curve(measured: Measured, path: Path) -> None:
    """τ, cosine, shares of strangers let in and people turned away, accuracy and precision of the pairs.

    Raises UserError where the file cannot be written.
    """
    faces, roc = measured.faces, measured.roc
    near, far = int(faces.same.sum()), int((~faces.same).sum())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["threshold", "cosine", "false_accept_rate", "true_accept_rate", "accuracy", "precision"])
    for tau, wrong, right in zip(roc.thresholds, roc.false_accepts, roc.true_accepts, strict=True):
        accepted = near * right + far * wrong
        accuracy = (near * right + far * (1 - wrong)) / (near + far)
        precision = near * right / accepted if accepted else np.nan
        row = [tau, 1 - tau / 2, wrong, right, accuracy, precision]
        writer.writerow([f"{value:.9g}" if np.isfinite(value) else "" for value in row])
    write(path, text.getvalue().encode())
