"""The inspector: the page for what is selected, kept up to date with every change."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from explorer.network.history import ChangeSet
from explorer.session.session import OpenNetwork
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.build.assumptions import Assumptions
from explorer.ui.workspaces.build.inspector.block_page import BlockPage
from explorer.ui.workspaces.build.inspector.network_page import NetworkPage
from explorer.ui.workspaces.build.inspector.node_page import NodePage
from explorer.ui.workspaces.build.inspector.several_page import SeveralPage
from explorer.ui.workspaces.build.problem_feed import ProblemFeed
from explorer.ui.workspaces.build.run_results import RunResults

FOLLOW_MS = 20
"""How long after a change: the canvas repaints first, and a person sees no delay."""


class Inspector(ScrollPanel):
    """Shows a layer, several, a block, or the network; `mended` and `eyed` come from its problem cards."""

    mended = Signal(object, str)
    eyed = Signal(object, str)

    def __init__(self, assumptions: Assumptions, feed: ProblemFeed) -> None:
        super().__init__("panel", margins=12, spacing=0)
        self.setAccessibleName("Inspector")
        self._feed = feed
        self._tab: OpenNetwork | None = None
        self._run: RunResults | None = None
        self._disconnect: list[Callable[[], None]] = []
        self.node = NodePage(assumptions, feed)
        self.block = BlockPage(assumptions, feed)
        self.several = SeveralPage()
        self.network = NetworkPage(feed)
        self._pages: tuple[QWidget, ...] = (self.node, self.block, self.several, self.network)
        for page in self._pages:
            page.hide()
            self.column.addWidget(page)
        for cards in (self.node.problems, self.block.problems, self.network.problems):
            cards.mended.connect(self.mended)
            cards.eyed.connect(self.eyed)
        self._soon = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._soon.timeout.connect(self.refresh)
        assumptions.changed.connect(self._refresh_soon)
        feed.changed.connect(self._show_problems)

    def show_network(self, tab: OpenNetwork | None) -> None:
        """Show and follow another open network, or none."""
        for disconnect in self._disconnect:
            disconnect()
        self._disconnect.clear()
        self._tab = tab
        if tab is not None:
            self._disconnect = [
                tab.document.changed.connect(self._follow),
                tab.selection.changed.connect(self.refresh),
            ]
        self.refresh()

    def set_run(self, run: RunResults | None) -> None:
        """Show what a run measured at the selected layer."""
        self._run = run
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        # Settings are never cut off: the content and, beside it, the bar that scrolls it.
        bar = self.verticalScrollBar().sizeHint().width()
        return super().minimumSizeHint() + QSize(bar, 0)

    def _follow(self, change: ChangeSet) -> None:
        """After the canvas' next picture, unless what is shown may be gone."""
        if any(edit.before is None or edit.after is None for edit in change.edits):
            self.refresh()
        else:
            self._refresh_soon()

    def _refresh_soon(self) -> None:
        # Not restarted: a number that is dragged keeps the page moving.
        if not self._soon.isActive():
            self._soon.start()

    @property
    def follows(self) -> bool:
        """Whether a change is still to be shown."""
        return self._soon.isActive()

    def refresh(self) -> None:
        """Show the document and the selection as they are now."""
        self._soon.stop()
        tab = self._tab
        if tab is None:
            self._show(None)
            return
        network = tab.document.network
        nodes = tuple(sorted(node for node in tab.selection.nodes if node in network.nodes))
        blocks = tuple(sorted(block for block in tab.selection.blocks if block in network.blocks))
        if len(nodes) + len(blocks) > 1:
            self.several.show_several(tab, nodes, blocks)
            self._show(self.several)
        elif nodes:
            self.node.show_node(tab, nodes[0], self._run)
            self._show(self.node)
        elif blocks:
            self.block.show_block(tab, blocks[0])
            self._show(self.block)
        else:
            self.network.show_network(tab)
            self._show(self.network)

    def focus_first(self) -> None:
        """Give the keyboard to the first setting of what is shown, else to its name."""
        forms = {self.node: self.node.form, self.several: self.several.form}
        for page, form in forms.items():
            if page.isVisibleTo(self) and form.editors:
                next(iter(form.editors.values())).setFocus()
                return
        for other in (self.node, self.block, self.network):
            if other.isVisibleTo(self):
                other.header.name.setFocus()
                return
        self.several.group.setFocus()

    def _show_problems(self) -> None:
        for page in (self.node, self.block, self.network):
            if page.isVisibleTo(self):
                page.show_problems()

    def _show(self, page: QWidget | None) -> None:
        for other in self._pages:
            if other is not page and other.isVisibleTo(self):
                other.hide()
        if page is not None and not page.isVisibleTo(self):
            page.show()
            self.updateGeometry()
            self.verticalScrollBar().setValue(0)
