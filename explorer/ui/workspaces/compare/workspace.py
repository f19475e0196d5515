"""Compare: two networks aligned in a table with details beside it, and the results of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from explorer.interop import sources
from explorer.interop.apart import reading
from explorer.network import atomic, numerals
from explorer.network.diff import Diff
from explorer.network.diff.written import to_csv, to_markdown
from explorer.network.errors import UserError
from explorer.tasks.job import Context, Work
from explorer.ui.actions import Action
from explorer.ui.shell.trust import ask_to_run, runs_code
from explorer.ui.theme import theme
from explorer.ui.widgets.panels import Splitter
from explorer.ui.workspace import Figure, Status, Surroundings, Workspace
from explorer.ui.workspaces.build.exports import ask_for_file
from explorer.ui.workspaces.compare.actions import (
    compare_actions,
    compare_commands,
    export_actions,
    run_action,
)
from explorer.ui.workspaces.compare.details import Details
from explorer.ui.workspaces.compare.empty import EmptyPage
from explorer.ui.workspaces.compare.head import LAYERS, RESULTS, Head, names_of
from explorer.ui.workspaces.compare.model import Comparison
from explorer.ui.workspaces.compare.results_points import Mark
from explorer.ui.workspaces.compare.rows import Line, as_tsv
from explorer.ui.workspaces.compare.running import CLOSE, Outcome, Running, verdict
from explorer.ui.workspaces.compare.sides import Side, bring, published
from explorer.ui.workspaces.compare.table_model import DiffModel
from explorer.ui.workspaces.compare.table_view import DiffView

if TYPE_CHECKING:
    from explorer.ui.workspaces.compare.results_page import ResultsPage

DETAILS_WIDTH = 288
TIGHT = 1000
"""A workspace narrower than this, in pixels of the design, has the details below the table."""
WARM_MS = 900
"""After the table is shown: until what the results are plotted with is loaded, beside the window."""
FILTER = "Networks (*.convnet *.onnx *.pt2 *.py)"


class CompareWorkspace(Workspace):
    """Puts the parts together; the comparison follows the tabs by itself."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.comparison = Comparison(surroundings.session, surroundings.runner)
        self.model = DiffModel(self)
        self.view = DiffView(self.model)
        self.details = Details()
        self.running = Running(surroundings.runner)
        self.head = Head(self.comparison, surroundings.session)
        self.empty = EmptyPage(lambda a, b: self.comparison.choose(a, b), lambda: self.show_page(RESULTS))
        self._shown: tuple[Diff | None, tuple[str, str]] = (None, ("", ""))
        self._page = LAYERS
        self.results: ResultsPage | None = None
        self._warmed = False
        self._warm = QTimer(self, singleShot=True, interval=WARM_MS)
        self._warm.timeout.connect(self._warm_up)
        self._build()
        self.comparison.changed.connect(self._follow)
        self.running.ended.connect(self._take_run)
        self._follow()

    def _build(self) -> None:
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(self.view, 1)
        self.across.add(self.details)
        self.pages = QStackedWidget()
        for page in (self.empty, self.across):
            self.pages.addWidget(page)
        top = QWidget()
        top.setProperty("ground", "panel")
        inner = QVBoxLayout(top)
        inner.setContentsMargins(16, 8, 16, 8)
        inner.addWidget(self.head)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self.pages, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.view)
        self.head.chosen.connect(self.take)
        self.head.swapped.connect(self.comparison.swap)
        self.head.turned.connect(self.show_page)
        self.head.filtered.connect(self._filter)
        self.view.copied.connect(self.copy)
        self.view.picked.connect(self._pick)
        theme().changed.connect(self._widen)
        self._widen()

    # -- the window's questions ------------------------------------------------------------------------

    def own_actions(self) -> Sequence[Action]:
        return compare_actions(self)

    def primary_action(self) -> Action | None:
        return run_action(self) if self.comparison.diff is not None else None

    def export_actions(self) -> Sequence[Action]:
        return export_actions(self)

    def commands(self, query: str) -> Iterable[Action]:
        return compare_commands(self, query)

    def keys(self) -> tuple[str, Sequence[tuple[str, str]]]:
        return "In the table", (("Fold or unfold a block", "← →"), ("Copy the rows", "Ctrl+C"))

    def status(self) -> Status:
        diff = self.comparison.diff
        if diff is None:
            return Status()
        figures = []
        names = self._shown[1] if self.comparison.busy else self._names
        for name, totals in zip(names, diff.totals, strict=True):
            exact = (
                f"{numerals.grouped(totals.parameters)} parameters, "
                f"{numerals.grouped(totals.macs)} MACs for one image"
            )
            short = numerals.compact(totals.parameters, totals.exact)
            words = f"{short} parameters, {numerals.compact(totals.macs)} MACs"
            figures.append(Figure(words, name, exact, before=True))
        return Status(tuple(figures))

    # -- what is compared ------------------------------------------------------------------------------

    @property
    def _names(self) -> tuple[str, str]:
        return names_of((self.comparison.a, self.comparison.b), self.comparison)

    def take(self, letter: str, side: Side) -> None:
        """Put a network on side `a` or `b`; a file without a name is asked for."""
        if side == Side("file"):
            self.ask_for_file(letter)
        elif letter == "a":
            self.comparison.choose(a=side)
        else:
            self.comparison.choose(b=side)

    def ask_for_file(self, letter: str) -> None:
        """Let a person choose a file for a side; one that runs code is asked about as in Build."""
        name, _ = QFileDialog.getOpenFileName(self, "Compare with", str(Path.home()), FILTER)
        self.head.refresh()  # back to what was chosen before, until there is another
        if not name:
            return
        if not runs_code(Path(name)):
            self.take(letter, Side("file", name))
            return
        try:
            asked = ask_to_run(self.window(), Path(name))
            source = sources.parse(asked) if asked is not None else None
        except UserError as error:
            self.surroundings.messages.error(error)
            return
        if asked is not None and source is not None:
            self.surroundings.runner.start(
                reading(source), on_done=lambda found: self.take(letter, bring(asked, found.network))
            )

    def _follow(self) -> None:
        comparison = self.comparison
        state = comparison.diff, self._names
        self.view.nothing = comparison.failure or ("Comparing…" if comparison.busy else "Nothing to compare.")
        if state != self._shown and not (comparison.busy and comparison.diff is not None):
            self._shown = state
            self.details.show_row(None, self._names)
            self.model.show_diff(*state)
        sides = [side for side in (comparison.a, comparison.b) if side is not None]
        self.details.show_published(published(sides, self.surroundings.session))
        self._mark()
        self._turn()
        self.changed.emit()

    def _pick(self, line: Line | None) -> None:
        self.details.show_row(line.row if line is not None else None, self._names)

    # -- running both ----------------------------------------------------------------------------------

    def run_both(self) -> None:
        """Run both networks on the same input: how far apart they come out, layer by layer."""
        if self.comparison.diff is not None and not self.running.busy:
            self.running.start(self.comparison.diff)

    def _take_run(self, diff: Diff, outcome: Outcome) -> None:
        if diff is self.comparison.diff:
            self.model.show_measured(outcome.layers)
        close = outcome.outputs is not None and outcome.outputs <= CLOSE * max(1.0, outcome.scale)
        self.surroundings.messages.say(verdict(self._names, outcome), "ok" if close else "info")

    # -- pages -----------------------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        """The layers side by side, or the results."""
        self._page = name
        if name == RESULTS and self.results is None:
            from explorer.ui.workspaces.compare.results_page import ResultsPage

            self.results = ResultsPage()
            self.pages.addWidget(self.results)
        self._mark()
        self._turn()

    def _mark(self) -> None:
        """Place what is compared in the plot of results."""
        if self.results is None:
            return
        diff = self.comparison.diff
        both = zip(self._names, diff.totals, ("merge", "dense"), strict=True) if diff is not None else ()
        self.results.show_marks([Mark(*one) for one in both])

    def _turn(self) -> None:
        bare = self.comparison.a is None and self._page == LAYERS
        shown: QWidget = self.empty if bare else self.across
        if self._page == RESULTS and self.results is not None:
            shown = self.results
        self.pages.setCurrentWidget(shown)
        self.head.show_page(self._page)
        self.head.only.setVisible(self._page == LAYERS and not bare)

    def _filter(self, only: bool) -> None:
        self.model.show_differences(only)
        self.details.show_row(None, self._names)

    def toggle_only(self) -> None:
        """Leave out what is the same, or take it in again."""
        self.head.only.setChecked(not self.head.only.isChecked())

    def go(self, step: int) -> None:
        """To the next layer that differs, or the one before."""
        self.show_page(LAYERS)
        self.view.go_to_difference(step)
        self.view.setFocus()

    def _widen(self) -> None:
        px = theme().tokens.px
        if self.width() < px(TIGHT):
            self.across.setOrientation(Qt.Orientation.Vertical)
            self.details.setMinimumWidth(0)
            self.across.setSizes([max(px(200), self.height() - px(160)), px(160)])
        else:
            self.across.setOrientation(Qt.Orientation.Horizontal)
            self.details.setMinimumWidth(px(220))
            self.across.setSizes([max(px(400), self.width() - px(DETAILS_WIDTH)), px(DETAILS_WIDTH)])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.comparison.set_awake(True)
        if not self._warmed:
            self._warm.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.comparison.set_awake(False)
        self._warm.stop()

    def _warm_up(self) -> None:
        self._warmed = True
        self.surroundings.runner.start(Work("Getting ready to plot", _import_plots))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tight = self.width() < theme().tokens.px(TIGHT)
        if tight is not (self.across.orientation() == Qt.Orientation.Vertical):
            self._widen()

    # -- out -------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The selected rows, or all that are shown, as tab-separated text."""
        chosen = set(map(id, self.view.chosen()))
        lines = self.model.lines()
        if len(chosen) > 1:
            lines = [(depth, line) for depth, line in lines if id(line) in chosen]
        return as_tsv(lines, self._names)

    def copy(self) -> None:
        """Put the rows on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def export(self, kind: str) -> None:
        """Write the comparison to a file that a person names."""
        if self.comparison.diff is None:
            return
        kinds = {"csv": "CSV", "md": "Markdown"}
        name = " to ".join(self._names).replace("/", "-")
        path = ask_for_file(self, self.surroundings.settings, "Export the comparison", name, kinds, kind)
        if path is None:
            return
        write = to_markdown if path.suffix.lower() in (".md", ".markdown") else to_csv
        try:
            atomic.write(path, write(self.comparison.diff).encode())
        except UserError as error:
            self.surroundings.messages.error(error)


def _import_plots(context: Context) -> None:
    import pyqtgraph

    del pyqtgraph
