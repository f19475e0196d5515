"""Which problems are told on the canvas just now, and where their cards stand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from explorer.network.problems import Mend, Problem, Severity
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.problem_card import MOST_COVERED, ProblemCard, covered
from explorer.ui.canvas.view import CanvasView

MOST_CARDS = 3
_WAIT_MS = 140
"""Mends are worked out only once a person pauses: a number being dragged must stay quick."""


class ProblemBoard(QObject):
    """Shows the errors that are on the screen, and warnings of what is selected."""

    chosen = Signal(object)
    previewed = Signal(object)

    def __init__(self, view: CanvasView, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self._parent = parent
        self._cards: dict[tuple[str, str, str], ProblemCard] = {}
        self._previewing = False
        #: Whether a node's problem is told beside the canvas too, so that here it may make room.
        self.told_elsewhere: Callable[[str], bool] = lambda node: False
        #: What lies on the canvas besides, and is not to be covered.
        self.above: tuple[QWidget, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.show_now)
        view.moved.connect(self._follow)

    def update_soon(self) -> None:
        """The problems or the selection may be others: look again in a moment."""
        if not self._previewing:
            self._timer.start()

    @property
    def cards(self) -> list[ProblemCard]:
        """The cards now shown."""
        return list(self._cards.values())

    def clear(self) -> None:
        """Take all cards away."""
        self._timer.stop()
        self._previewing = False
        for card in self._cards.values():
            card.hide()
            card.deleteLater()
        self._cards.clear()

    def show_now(self) -> None:
        """Show what is to be shown."""
        wanted = {(p.node or "", p.code, p.message): p for p in self._wanted()}
        for key in [key for key in self._cards if key not in wanted]:
            card = self._cards.pop(key)
            card.hide()
            card.deleteLater()
        scene = self._view.canvas_scene
        for key, problem in wanted.items():
            if key not in self._cards:
                name = scene.facts.network.path(problem.node or "")
                card = ProblemCard(problem, name, self._parent)
                card.chosen.connect(self._choose)
                card.previewed.connect(self._preview)
                self._cards[key] = card
        self._place()

    def _wanted(self) -> list[Problem]:
        view = self._view
        plan, selection = view.canvas_scene.plan, view.selection
        if plan is None or view.canvas_scene.level is Level.FAR or view.gesture is not None:
            return []
        room = view.viewport().rect()
        found: list[Problem] = []
        for node, problems in plan.facts.problems.items():
            area = view.canvas_scene.area_of(view.card_of(node))
            if area is None or not room.intersects(view.on_screen(area)):
                continue
            chosen = selection is not None and node in selection.nodes
            told = (Severity.ERROR, Severity.WARNING) if chosen else (Severity.ERROR,)
            found += [problem for problem in problems if problem.severity in told]
        nodes = selection.nodes if selection is not None else frozenset[str]()
        found.sort(key=lambda problem: (problem.node not in nodes, problem.severity is not Severity.ERROR))
        return found[:MOST_CARDS]

    def _follow(self) -> None:
        if self._view.canvas_scene.plan is None or self._previewing:
            return
        if self._view.canvas_scene.plan.facts.problems:
            self._timer.start()
        self._place()

    def _place(self) -> None:
        if self._previewing:
            return
        view = self._view
        if not self._cards:
            return
        room = view.viewport().rect()
        shown = (view.on_screen(item.covers) for item in view.canvas_scene.nodes.values())
        taken = [rect for rect in shown if rect.intersects(room)]
        taken += [one.geometry() for one in self.above if one.isVisible()]
        for card in self._cards.values():
            area = view.canvas_scene.area_of(view.card_of(card.problem.node or ""))
            if area is None or not view.viewport().rect().intersects(view.on_screen(area)):
                card.hide()
                continue
            place = card.stand_beside(view.on_screen(area), taken)
            if covered(place, taken) > MOST_COVERED and self.told_elsewhere(card.problem.node or ""):
                card.hide()
                continue
            taken.append(place)
            card.show()
            card.raise_()

    def _preview(self, mend: Mend | None) -> None:
        self._previewing = mend is not None
        self.previewed.emit(mend)
        self._previewing = mend is not None

    def _choose(self, mend: Mend) -> None:
        self._preview(None)
        self.chosen.emit(mend)
