"""The distances of the lecture on real pairs, with weights that are learned, and an experiment with light."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.faces.distances import Kind
from explorer.ui.actions import Action
from explorer.ui.workspaces.faces.distances_learning import Learning
from explorer.ui.workspaces.faces.distances_side import ComparedPanel
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.tab import Tab
from explorer.ui.workspaces.faces.threshold_bar import NothingMeasured, SourceBar
from explorer.ui.workspaces.faces.threshold_figures import PanelOrHint
from explorer.ui.workspaces.faces.threshold_source import FaceSource

DISTANCE_KEY = "faces/distance"
PAGES = ("Side by side", "Against illumination")


class DistancesTab(Tab):
    """The plots are made, and weights learned, when the tab is first shown with something measured."""

    title = "Distances"

    def __init__(self, model: FacesModel) -> None:
        super().__init__(model)
        self.source = FaceSource.of(model)
        self.learning = Learning(model.surroundings.runner, self)
        self.compared = ComparedPanel(self.learning)
        words = model.surroundings.settings.words(DISTANCE_KEY)
        self.kind = next((kind for kind in Kind if [kind.value] == words), Kind.WEIGHTED_CHI2)
        self._visible = False
        hint = "Accuracy, equal error rate and TAR of every distance on the same held-out pairs stand here."
        self._side = PanelOrHint(self.compared, hint)
        self.side = self._side
        self._pages = QStackedWidget()
        self._pages.addWidget(
            NothingMeasured(
                self.source,
                "Which distance tells people apart best?",
                "Squared L2, weighted L1 and weighted χ² on the same pairs; weights are learned from them.",
            )
        )
        self._choice = QWidget()
        self._switches = QButtonGroup(self)
        self._build()
        self.compared.held.connect(lambda _: self._show_results())
        self.learning.changed.connect(self._show_results)
        self.source.changed.connect(self._show)
        model.threshold_changed.connect(self._show)

    def _build(self) -> None:
        row = QHBoxLayout(self._choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for place, title in enumerate(PAGES):
            button = QPushButton(title)
            button.setProperty("kind", "quiet")
            button.setCheckable(True)
            button.setChecked(place == 0)
            button.setAccessibleName(title)
            self._switches.addButton(button, place)
            row.addWidget(button)
        row.addStretch(1)
        self._switches.idClicked.connect(self.turn_to)
        self._choice.hide()
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(SourceBar(self.source))
        column.addWidget(self._choice)
        column.addWidget(self._pages, 1)

    def shown(self) -> None:
        self._visible = True
        self.source.begin()
        self._show()

    def hidden(self) -> None:
        self._visible = False

    def close_down(self) -> None:
        self.source.stop()
        self.learning.stop()
        if self._pages.count() > 1:
            self.light.stop()

    def actions(self) -> Sequence[Action]:
        """The palette's way to the two pages."""
        return (
            Action(
                "faces.distances.light",
                "Run the experiment with light",
                self._run_light,
                group="Distances",
                enabled=lambda: self._pages.count() > 1,
            ),
        )

    def turn_to(self, page: int) -> None:
        """Show a page: 0 side by side, 1 against illumination."""
        if self._pages.count() > 1:
            self._switches.button(page).setChecked(True)
            self._pages.setCurrentIndex(1 + page)

    def choose(self, kind: Kind) -> None:
        """Show another distance in the plots, now and the next time."""
        self.kind = kind
        self.model.surroundings.settings.set_words(DISTANCE_KEY, [kind.value])
        self._show_results()

    def _run_light(self) -> None:
        self.turn_to(1)
        self.light.start()

    def _show(self) -> None:
        measured = self.source.measured
        if measured is None:
            self._forget()
            return
        if not self._visible:
            return
        self._make_pages()
        self.learning.learn(measured)
        self.light.show_faces(measured.faces, self.model.threshold)
        self._side.show_panel(True)
        if self._pages.currentIndex() == 0:
            self._choice.show()
            self._pages.setCurrentIndex(1)
        self._show_results()

    def _forget(self) -> None:
        """Nothing is measured, or no longer."""
        if self._pages.count() > 1:
            self.learning.forget()
            self.light.forget()
            self._choice.hide()
            self._side.show_panel(False)
            self._pages.setCurrentIndex(0)
        if self._visible:
            self.source.begin()

    def _make_pages(self) -> None:
        if self._pages.count() > 1:
            return
        from explorer.ui.workspaces.faces.distances_light import LightPage
        from explorer.ui.workspaces.faces.distances_page import SideBySide

        self.page = SideBySide(self.learning)
        self.page.chosen.connect(self.choose)
        self.light = LightPage(self.model.surroundings.runner)
        self._pages.addWidget(self.page)
        self._pages.addWidget(self.light)

    def _show_results(self) -> None:
        if self._pages.count() > 1:
            self.page.show_results(self.kind, self.compared.hold)
            self.compared.show_results()
