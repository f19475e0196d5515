"""Build: library, canvas, table, inspector and budget around the open network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.network import operations
from explorer.network.errors import UserError
from explorer.network.fragment import Fragment
from explorer.network.layers import LAYER_TYPES, Input
from explorer.network.operations import Change
from explorer.network.problems import Problem
from explorer.session.session import OpenNetwork
from explorer.ui.actions import Action
from explorer.ui.canvas import keys as canvas_keys
from explorer.ui.canvas.actions import canvas_actions
from explorer.ui.canvas.canvas import Canvas
from explorer.ui.canvas.item_mime import Item
from explorer.ui.workspace import Status, Surroundings, Workspace
from explorer.ui.workspaces.build import exports
from explorer.ui.workspaces.build.actions import build_actions, export_actions, run_action
from explorer.ui.workspaces.build.assumptions import Assumptions
from explorer.ui.workspaces.build.budget import BudgetPanel
from explorer.ui.workspaces.build.budget_section import BudgetSection
from explorer.ui.workspaces.build.code_panel import CodePanel
from explorer.ui.workspaces.build.commands import library_commands
from explorer.ui.workspaces.build.exporting import Exporting
from explorer.ui.workspaces.build.inspector.panel import Inspector
from explorer.ui.workspaces.build.layout import Panels
from explorer.ui.workspaces.build.library import LibraryPanel
from explorer.ui.workspaces.build.picture_menu import is_picture
from explorer.ui.workspaces.build.picture_running import PictureRunning
from explorer.ui.workspaces.build.problem_feed import ProblemFeed
from explorer.ui.workspaces.build.problem_list import ProblemList
from explorer.ui.workspaces.build.run_results import RunResults
from explorer.ui.workspaces.build.saved_blocks import SavedBlocks
from explorer.ui.workspaces.build.status_line import status_of
from explorer.ui.workspaces.build.table import TablePanel
from explorer.ui.workspaces.build.transform.carrying import Carrying
from explorer.ui.workspaces.build.transform.sheet import TransformSheet
from explorer.zoo import catalogue


class BuildWorkspace(Workspace):
    """Puts the panels together; each of them follows the active network by itself."""

    offers_networks = True

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.tab: OpenNetwork | None = None
        self._blocks = SavedBlocks()
        self.assumptions = Assumptions(surroundings.settings, self)
        self.feed = ProblemFeed(self)
        self.running = PictureRunning(surroundings, self)
        self.exporting = Exporting(surroundings, self)
        self.library = LibraryPanel(self._blocks)
        self.canvas = Canvas()
        self.canvas.set_saved_blocks(self._blocks.load)
        self.canvas.marks.follow(surroundings.session.marks)
        self.table = TablePanel()
        self.code = CodePanel(surroundings.runner)
        self.inspector = Inspector(self.assumptions, self.feed)
        self.budget = BudgetPanel(self.assumptions)
        budget = BudgetSection(self.budget)
        settings = surroundings.settings
        self.panels = Panels(
            self.library, self.canvas, self.table, self.code, self.inspector, budget, settings
        )
        self.problem_list = ProblemList(self.feed, self)
        self.carrying = Carrying(surroundings)
        self.sheet: TransformSheet | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panels)
        self._connect()
        self._show_network(surroundings.session.active)

    def _connect(self) -> None:
        messages = self.surroundings.messages
        self.surroundings.session.activated.connect(self._show_network)
        self.library.chosen.connect(self.choose)
        self.library.failed.connect(messages.error)
        self.library.saved.connect(lambda name: messages.say(f"“{name}” is in the library now."))
        self.library.removed.connect(self._offer_back)
        self.canvas.message.connect(messages.say)
        self.canvas.inspect.connect(lambda _: self.focus_inspector())
        self.canvas.network_dropped.connect(lambda name: self.choose("network", name))
        self.canvas.block_saved.connect(self._keep_block)
        self.canvas.transforming.connect(self.transform)
        self.table.wanted.connect(self._reveal)
        self.table.exporting.connect(lambda: self.export_table("csv"))
        self.code.exporting.connect(lambda: self.export_model("py"))
        self.table.cleared.connect(self.clear_run)
        self.budget.failed.connect(messages.say)
        self.running.changed.connect(self._show_run)
        self.assumptions.changed.connect(self._tell)
        self.feed.changed.connect(self._tell)
        for cards in (self.inspector, self.problem_list):
            cards.mended.connect(self._mend)
            cards.eyed.connect(self._preview)
        self.problem_list.jumped.connect(self._reveal)
        self.canvas.problems.told_elsewhere = self._is_inspected
        self.inspector.network.jumping.connect(self._reveal)
        for page in (self.inspector.node, self.inspector.block):
            page.detaching.connect(self._detach)
        block = self.inspector.block
        block.repeating.connect(self._repeat)
        block.folding.connect(self._fold)
        block.ungrouping.connect(self._ungroup)
        block.saving.connect(self.save_selection)
        self.inspector.several.grouping.connect(self.canvas.group)
        self.inspector.several.saving.connect(self.save_selection)

    # -- the window's questions ------------------------------------------------------------------------

    def own_actions(self) -> Sequence[Action]:
        return (*canvas_actions(self.canvas), *build_actions(self))

    def commands(self, query: str) -> Iterable[Action]:
        return library_commands(self._blocks.names(), self.choose)

    def primary_action(self) -> Action | None:
        return run_action(self)

    def export_actions(self) -> Sequence[Action]:
        return tuple(export_actions(self))

    def status(self) -> Status:
        return status_of(self.tab, self.assumptions, self.feed.problems, self.show_problems)

    def take_file(self, path: Path) -> bool:
        """A picture that is dropped on the window is run."""
        if self.tab is None or not is_picture(path):
            return False
        self.running.start(self.tab, path)
        return True

    def keys(self) -> tuple[str, Sequence[tuple[str, str]]]:
        return "On the canvas", canvas_keys.TOLD

    # -- following -------------------------------------------------------------------------------------

    def _show_network(self, tab: OpenNetwork | None) -> None:
        self.tab = tab
        self.feed.show_network(tab)
        self.canvas.show_network(tab)
        self.table.show_network(tab)
        self.code.show_network(tab)
        self.inspector.show_network(tab)
        self.budget.show_network(tab)
        self._show_run(tab)
        self._tell()

    @property
    def run_results(self) -> RunResults | None:
        """What the last run through the open network measured."""
        return self.running.results(self.tab)

    def _show_run(self, tab: OpenNetwork | None) -> None:
        if tab is self.tab:
            run = self.running.results(tab)
            self.table.set_run(run)
            self.inspector.set_run(run)

    def _tell(self) -> None:
        self.changed.emit()

    # -- the library -----------------------------------------------------------------------------------

    def choose(self, kind: str, name: str) -> None:
        """Put an item of the library behind the selection; a network opens in a tab of its own."""
        if kind == "network":
            self.surroundings.session.open(catalogue.find(name).build())
            return
        if self.tab is None:
            return
        document = self.tab.document
        takes_input = kind != "layer" or LAYER_TYPES[name].arity[1] != 0
        if not document.network.nodes and takes_input:
            first = operations.add_layer(document.network, document.fresh_id, Input())
            document.apply(first.title, first.edits)
        self.canvas.insert(Item(kind, name))  # type: ignore[arg-type]  # headings are never chosen

    def _keep_block(self, fragment: Fragment) -> None:
        blocks = fragment.network.blocks
        names = [block.name for block in blocks.values() if block.parent is None]
        kinds = [block.kind for block in blocks.values() if block.parent is None and block.kind]
        self.panels.set_shown("library", True)
        self.library.save(fragment, (kinds or names or ["My block"])[0].capitalize())

    def save_selection(self) -> None:
        """Keep what is selected among the saved blocks."""
        self.canvas.save_block()

    def _offer_back(self, name: str, fragment: Fragment | None) -> None:
        if fragment is not None:
            self.surroundings.messages.ask(
                f"“{name}” was removed from the library.",
                ("Bring it back", lambda: self.library.restore(name, fragment)),
            )

    # -- edits that panels ask for -----------------------------------------------------------------------

    def _apply(self, change: Change) -> None:
        assert self.tab is not None
        self.tab.document.apply(change.title, change.edits)
        if change.nodes or change.blocks:
            self.tab.selection.set(change.nodes, change.blocks)

    def _detach(self, block: str) -> None:
        self._try(lambda tab: operations.detach(tab.document.network, block))

    def _repeat(self, block: str, count: int) -> None:
        self._try(lambda tab: operations.repeat(tab.document.network, tab.document.fresh_id, block, count))

    def _fold(self, block: str, folded: bool) -> None:
        self._try(lambda tab: operations.fold(tab.document.network, [block], folded))

    def _ungroup(self, block: str) -> None:
        self._try(lambda tab: operations.ungroup(tab.document.network, block))

    def _try(self, make: Callable[[OpenNetwork], Change]) -> None:
        if self.tab is None:
            return
        try:
            self._apply(make(self.tab))
        except UserError as error:
            self.surroundings.messages.error(error)
            self.inspector.refresh()

    def _mend(self, problem: Problem, title: str) -> None:
        self.canvas.preview(None)
        mend = self.feed.mend(problem, title)
        if mend is not None and self.tab is not None:
            self.tab.document.apply(mend.title, mend.edits)
            self.feed.look()

    def _preview(self, problem: Problem | None, title: str) -> None:
        mend = self.feed.mend(problem, title) if problem is not None and title else None
        self.canvas.preview(mend.edits if mend is not None else None)

    def transform(self, operation: str = "") -> None:
        """Open the sheet of operations for what is selected, or for the whole network."""
        if self.tab is None:
            return
        if self.sheet is None:
            self.sheet = TransformSheet(self.window(), self.surroundings.runner)
            self.sheet.wanted.connect(self.carrying.start)
        self.sheet.open_for(self.tab, operation)

    # -- going about -----------------------------------------------------------------------------------

    def _reveal(self, node: str) -> None:
        self.canvas.reveal(node)

    def _is_inspected(self, node: str) -> bool:
        """Whether the inspector shows this node, and so its problems."""
        chosen = self.tab.selection if self.tab is not None else None
        return (
            chosen is not None
            and self.panels.is_shown("inspector")
            and not chosen.blocks
            and chosen.nodes == {node}
        )

    def show_problems(self) -> None:
        """Open the list of all problems."""
        if self.tab is not None:
            self.feed.look()
            self.problem_list.open_over(self, self.tab.document)

    def search_library(self) -> None:
        """Go to the library's search field."""
        self.panels.set_shown("library", True)
        self.library.search.setFocus()
        self.library.search.selectAll()

    def filter_table(self) -> None:
        """Go to the table's filter field."""
        self.panels.set_shown("table", True)
        self.table.search.setFocus()
        self.table.search.selectAll()

    def focus_inspector(self) -> None:
        """Go to the first setting of what is selected."""
        self.panels.set_shown("inspector", True)
        self.inspector.focus_first()

    def focus_next_panel(self) -> None:
        """Move the keyboard from one panel to the next."""
        stops = [
            (self.library, self.library.search),
            (self.canvas, self.canvas.view),
            (self.table, self.table.view),
            (self.code, self.code.view),
            (self.inspector, self.inspector),
        ]
        shown = [pair for pair in stops if pair[0].isVisible()]
        focus = self.focusWidget()
        inside = [panel.isAncestorOf(focus) for panel, _ in shown]
        place = (inside.index(True) + 1) % len(shown) if True in inside else 0
        panel, target = shown[place]
        if panel is self.inspector:
            self.inspector.focus_first()
        else:
            target.setFocus()

    # -- running and writing out -------------------------------------------------------------------------

    def choose_picture(self) -> None:
        """Offer pictures to run through the open network."""
        if self.tab is not None:
            self.running.offer(self.tab)

    def clear_run(self) -> None:
        """Forget what the last run measured."""
        if self.tab is not None:
            self.running.clear(self.tab)

    def export_table(self, kind: str) -> None:
        """Write the table of layers to a file."""
        if self.tab is None:
            return
        kinds = {key: words for key, (words, _) in exports.TABLES.items()}
        self._export("Export the table", kinds, kind, exports.write_table)

    def export_model(self, kind: str) -> None:
        """Write code, ONNX or weights to a file, and run what can be run beside the network."""
        if self.tab is None:
            return
        name, words = exports.file_name(self.tab), exports.MODELS[kind]
        path = exports.ask_for_file(
            self, self.surroundings.settings, f"Export {words}", name, {kind: words}, kind
        )
        if path is not None:
            self.exporting.start(self.tab, path)

    def export_picture(self) -> None:
        """Write the picture of the network to a file."""
        self._export("Export the picture", exports.PICTURES, "svg", exports.write_picture)

    def _export(self, title: str, kinds: dict[str, str], kind: str, write: exports.Write) -> None:
        if self.tab is None:
            return
        name = exports.file_name(self.tab)
        path = exports.ask_for_file(self, self.surroundings.settings, title, name, kinds, kind)
        if path is None:
            return
        try:
            write(self.tab, path)
        except UserError as error:
            self.surroundings.messages.error(error)
            return
        self.surroundings.messages.say(f"Written to {path}.", "ok")
