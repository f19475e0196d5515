"""The table below the canvas: one row a layer, in step with the document and the selection."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.fields import Choice, SearchField
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Line
from explorer.ui.workspaces.build.run_results import RunResults
from explorer.ui.workspaces.build.run_strip import RunStrip
from explorer.ui.workspaces.build.table_cells import Column
from explorer.ui.workspaces.build.table_model import TableModel
from explorer.ui.workspaces.build.table_rows import Row
from explorer.ui.workspaces.build.table_text import as_tsv
from explorer.ui.workspaces.build.table_view import TableView

FOLLOW_MS = 30
"""How long numbers may wait behind a keystroke: the canvas and the inspector come first."""
FILTER_MS = 80
ROOMY = 470
"""The bar is so wide that everything has room beside each other."""
OPEN_ROWS = 60
"""Networks of up to so many rows are shown with all blocks open."""


class TablePanel(QWidget):
    """Filter, share, copy and export above the rows."""

    wanted = Signal(str)
    """The id of a node whose row was clicked or entered: the canvas brings it into view."""
    exporting = Signal()
    cleared = Signal()
    """A person wants the columns of the run away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tab: OpenNetwork | None = None
        self._disconnect: list[Callable[[], None]] = []
        self._following = False
        self.model = TableModel(self)
        self.view = TableView(self.model, self)
        self.search = SearchField("Filter layers")
        self.share = Choice([("Share of parameters", "parameters"), ("Share of MACs", "macs")], "Share of")
        self.share.setMinimumContentsLength(10)
        self.strip = RunStrip()
        self.strip.cleared.connect(self.cleared)
        self._count = Label("", "label")
        self._lay_out()
        theme().changed.connect(self._fit)
        self.view.room_shared.connect(self._fit)
        self._fit()
        self._filter_later = QTimer(self, singleShot=True, interval=FILTER_MS)
        self._filter_later.timeout.connect(self.filter_now)
        self.search.textChanged.connect(lambda _: self._filter_later.start())
        self.search.left_with_arrow.connect(self.view.setFocus)
        self.share.chosen.connect(self.model.set_share)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._tell_selection())
        self.view.copied.connect(self.copy)
        self.view.entered.connect(self._want)
        self._later = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._later.timeout.connect(self.flush)

    def _lay_out(self) -> None:
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(px(8), px(4), px(8), px(4))
        bar.setSpacing(px(8))
        bar.addWidget(self.search, 4)
        bar.addWidget(self._count)
        bar.addStretch(1)
        bar.addWidget(self.share, 4)
        copy = IconButton("copy", "Copy the rows for a spreadsheet")
        copy.clicked.connect(self.copy)
        export = IconButton("export", "Export the table")
        export.clicked.connect(self.exporting)
        bar.addWidget(copy)
        bar.addWidget(export)
        column.addLayout(bar)
        column.addWidget(self.strip)
        column.addWidget(Line())
        column.addWidget(self.view, 1)

    def _fit(self) -> None:
        """Widths of the bar; where it is tight the count gives way."""
        px = theme().tokens.px
        self.share.setMinimumWidth(px(120))
        self.share.setMaximumWidth(px(196))
        self.search.setMinimumWidth(px(90))
        self.search.setMaximumWidth(px(240))
        self._count.setVisible(self.width() >= px(ROOMY))
        self.share.setVisible(not self.view.isColumnHidden(Column.SHARE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- following -------------------------------------------------------------------------------------

    def show_network(self, tab: OpenNetwork | None) -> None:
        """Show and follow another open network, or none."""
        for disconnect in self._disconnect:
            disconnect()
        self._disconnect.clear()
        self._tab = tab
        if tab is None:
            return
        self.model.show_network(tab.document.network, tab.document.inference)
        self._open_some()
        self._show_count()
        self.view.scrollToTop()
        self._take_selection()
        self._disconnect = [
            tab.document.changed.connect(lambda _: self._follow_later()),
            tab.selection.changed.connect(self._take_selection),
        ]

    def _follow_later(self) -> None:
        # Not restarted: a number that is dragged keeps the table moving, every FOLLOW_MS.
        if not self._later.isActive():
            self._later.start()

    def flush(self) -> None:
        """Show the document as it is now."""
        self._later.stop()
        if self._tab is None:
            return
        document = self._tab.document
        open_blocks = self._open_blocks()
        self._following = True
        kept = self.model.follow(document.network, document.inference)
        self._following = False
        if not kept:
            for block in open_blocks:
                self.view.setExpanded(self.model.index_of(block), True)
            self._take_selection()
        self._show_count()

    def set_run(self, run: RunResults | None) -> None:
        """Show what a run measured in columns of their own."""
        was_shown = self.strip.isVisibleTo(self)
        self.model.set_run(run)
        self.strip.show_run(run)
        if was_shown != (run is not None):
            self.view.rescale()
            self.view.share_room()

    def _open_blocks(self) -> list[str]:
        return [
            row.id
            for _, row in self.model.walk()
            if row.is_block and self.view.isExpanded(self.model.index_of(row.id))
        ]

    def _open_some(self) -> None:
        if len(self.model.walk()) <= OPEN_ROWS:
            self.view.expandAll()

    def _show_count(self) -> None:
        if self._tab is None:
            return
        whole = len(self._tab.document.network.nodes)
        self.view.nothing = "No layer is called that." if whole else "Every layer gets a row here."
        if not self.search.text():
            self._count.setText(f"{numerals.grouped(whole)} layer{'s' * (whole != 1)}")
            return
        found = sum(not row.is_block for _, row in self.model.walk())
        self._count.setText(f"{numerals.grouped(found)} of {numerals.grouped(whole)}")

    def filter_now(self) -> None:
        """Apply what is typed in the filter field."""
        self._filter_later.stop()
        if self._later.isActive():
            self.flush()
        # A row that the filter hides stays selected on the canvas.
        self._following = True
        self.model.set_filter(self.search.text())
        self._following = False
        if self.search.text():
            self.view.expandAll()
        self._take_selection()
        self._show_count()

    # -- selection -------------------------------------------------------------------------------------

    def _take_selection(self) -> None:
        if self._following or self._tab is None:
            return
        if self._later.isActive():
            self.flush()
        selection = self._tab.selection
        self._following = True
        indexes = [self.model.index_of(one) for one in (*selection.blocks, *selection.nodes)]
        shown = [index for index in indexes if index.isValid()]
        self.view.select_rows(sorted(shown, key=_place))
        self._following = False

    def _tell_selection(self) -> None:
        if self._following or self._tab is None:
            return
        rows = [self.model.row(index) for index in self.view.selectionModel().selectedRows()]
        self._following = True
        self._tab.selection.set(
            (row.id for row in rows if not row.is_block), (row.id for row in rows if row.is_block)
        )
        self._following = False

    def _want(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self.wanted.emit(self.model.row(index).id)

    # -- out -------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The selected rows, or all that the filter lets through, as tab-separated text."""
        if self._later.isActive():
            self.flush()
        chosen = {id(self.model.row(index)) for index in self.view.selectionModel().selectedRows()}
        rows: list[tuple[int, Row]] = self.model.walk()
        if len(chosen) > 1:
            rows = [(depth, row) for depth, row in rows if id(row) in chosen]
        return as_tsv(self.model, rows)

    def copy(self) -> None:
        """Put the rows on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())


def _place(index: QModelIndex) -> tuple[int, ...]:
    """Where a row stands from the top, for comparing."""
    places: list[int] = []
    while index.isValid():
        places.append(index.row())
        index = index.parent()
    return tuple(reversed(places))
