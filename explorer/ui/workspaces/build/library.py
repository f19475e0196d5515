"""The library at the left: search, layers, blocks, saved blocks and classic networks."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from explorer.network.errors import UserError
from explorer.network.fragment import Fragment
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import SearchField
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.library_rows import LibraryRow, rows
from explorer.ui.workspaces.build.library_view import ROW_ROLE, LibraryModel, LibraryView
from explorer.ui.workspaces.build.saved_blocks import SavedBlocks


class LibraryPanel(QWidget):
    """Drag an item onto the canvas, or press Enter to put it after the selection."""

    chosen = Signal(str, str)
    """Kind and name of an item that a person wants in the network."""
    failed = Signal(object)
    removed = Signal(str, object)
    """The name of a saved block that was removed, and what it held (None if it was damaged)."""
    saved = Signal(str)
    """The name of a block that was saved."""

    def __init__(self, blocks: SavedBlocks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._blocks = blocks
        self._all_layers = False
        self.search = SearchField("Search the library")
        self.model = LibraryModel(self)
        self.view = LibraryView(self.model)
        self._nothing = Label("Nothing in the library is called that.", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(12), 0, 0)
        column.setSpacing(px(4))
        top = QVBoxLayout()
        top.setContentsMargins(px(12), 0, px(12), 0)
        top.addWidget(self.search)
        top.addWidget(self._nothing)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        self.search.textChanged.connect(lambda _: self.refresh())
        self.search.returnPressed.connect(self._choose_first)
        self.search.left_with_arrow.connect(self._enter_list)
        self.view.left_at_top.connect(self.search.setFocus)
        self.view.chosen.connect(self._choose)
        self.view.removing.connect(self._remove)
        self.model.renamed.connect(self._rename)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu)
        self.setFocusProxy(self.search)
        self.refresh()

    def refresh(self) -> None:
        """Show what the search asks for."""
        found = rows(self._blocks.names(), self.search.text(), self._all_layers)
        self.model.show_rows(found)
        self._nothing.setVisible(not found)
        self.view.setVisible(bool(found))
        if self.search.text().strip():
            self.view.select_first()

    def save(self, fragment: Fragment, wanted: str) -> None:
        """Keep a piece of a network among the saved blocks, and let its name be typed."""
        name = self._blocks.free_name(wanted)
        try:
            self._blocks.save(name, fragment)
        except UserError as error:
            self.failed.emit(error)
            return
        self.search.clear()
        self.refresh()
        self._select("saved", name)
        self.saved.emit(name)

    def _select(self, kind: str, name: str) -> None:
        for place, row in enumerate(self.model.rows):
            if row.kind == kind and row.name == name:
                index = self.model.index(place, 0)
                self.view.setCurrentIndex(index)
                self.view.scrollTo(index)
                return

    def _enter_list(self) -> None:
        if self.view.current_row() is None:
            self.view.select_first()
        self.view.setFocus()

    def _choose_first(self) -> None:
        if self.search.text().strip() and self.view.current_row() is None:
            self.view.select_first()
        row = self.view.current_row()
        if row is not None:
            self._choose(row)

    def _choose(self, row: LibraryRow) -> None:
        if row.kind == "more":
            self._all_layers = row.name == "more"
            place = self.view.verticalScrollBar().value()
            self.refresh()
            self.view.verticalScrollBar().setValue(place if self._all_layers else 0)
            return
        self.chosen.emit(row.kind, row.name)

    def _menu(self, place: QPoint) -> None:
        row = self.view.indexAt(place).data(ROW_ROLE)
        if not isinstance(row, LibraryRow) or not row.is_item:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        verb = "Open in a tab" if row.kind == "network" else "Put after the selection"
        menu.addAction(verb, lambda: self._choose(row))
        if row.kind == "saved":
            menu.addSeparator()
            menu.addAction("Rename", lambda: self.view.edit(self.view.currentIndex()))
            menu.addAction("Remove", lambda: self._remove(row))
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _rename(self, name: str, wanted: str) -> None:
        try:
            got = self._blocks.rename(name, wanted)
        except UserError as error:
            self.failed.emit(error)
            return
        # The editor of the row is still open: the rows change once it is gone.
        QTimer.singleShot(0, self, lambda: self._show_renamed(got))

    def _show_renamed(self, name: str) -> None:
        self.refresh()
        self._select("saved", name)

    def _remove(self, row: LibraryRow) -> None:
        try:
            fragment = self._blocks.load(row.name)
        except UserError:
            fragment = None  # damaged: there is nothing to bring back
        self._blocks.remove(row.name)
        self.refresh()
        self.removed.emit(row.name, fragment)

    def restore(self, name: str, fragment: Fragment) -> None:
        """Bring a removed block back."""
        self._blocks.save(self._blocks.free_name(name), fragment)
        self.refresh()
