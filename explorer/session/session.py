"""The open networks and which of them is the active one, for every workspace alike."""

from __future__ import annotations

from pathlib import Path

from explorer.network.graph import Network
from explorer.network.history import ChangeSet, Document
from explorer.network.observe import Signal
from explorer.session.selection import Selection
from explorer.session.training_marks import TrainingMarks


class OpenNetwork:
    """One open network: its document, its file, and what is selected in it."""

    def __init__(self, number: int, network: Network, path: Path | None = None) -> None:
        self.number = number
        self.document = Document(network)
        self.path = path
        self.selection = Selection()
        self.retitled: Signal[[]] = Signal()
        self._saved: Network | None = network
        self._title_shown = ("", False)
        self.document.changed.connect(self._follow)

    @property
    def title(self) -> str:
        return self.path.stem if self.path is not None else self.document.network.name

    @property
    def modified(self) -> bool:
        """Whether the file, or for a new network what it began as, differs from what is open."""
        return self.document.network is not self._saved and self.document.network != self._saved

    def mark_saved(self, path: Path, network: Network | None = None) -> None:
        """The file holds `network`, what is open now unless it is given."""
        self.path = path
        self._saved = self.document.network if network is None else network
        self._tell()

    def mark_unsaved(self) -> None:
        """Say that no file holds this, e.g. after it was recovered."""
        self._saved = None
        self._tell()

    def _follow(self, change: ChangeSet) -> None:
        self.selection.keep(change.after)
        self._tell()

    def _tell(self) -> None:
        shown = (self.title, self.modified)
        if shown != self._title_shown:
            self._title_shown = shown
            self.retitled.emit()


class Session:
    """The tabs. Every change is announced once, after it is complete."""

    def __init__(self) -> None:
        self.tabs: list[OpenNetwork] = []
        self.active: OpenNetwork | None = None
        self.opened: Signal[[OpenNetwork]] = Signal()
        self.closed: Signal[[OpenNetwork]] = Signal()
        self.activated: Signal[[OpenNetwork | None]] = Signal()
        self.retitled: Signal[[OpenNetwork]] = Signal()
        self.marks = TrainingMarks()
        self._numbers = 0

    def open(self, network: Network, path: Path | None = None) -> OpenNetwork:
        """Open a network in a new tab and make it the active one."""
        self._numbers += 1
        tab = OpenNetwork(self._numbers, network, path)
        tab.retitled.connect(lambda: self.retitled.emit(tab))
        self.tabs.append(tab)
        self.opened.emit(tab)
        self.activate(tab)
        return tab

    def close(self, tab: OpenNetwork) -> None:
        """Close a tab; its neighbour becomes active. Asking about unsaved work is the caller's."""
        index = self.tabs.index(tab)
        self.tabs.remove(tab)
        if self.active is tab:
            self.activate(self.tabs[min(index, len(self.tabs) - 1)] if self.tabs else None)
        self.closed.emit(tab)

    def activate(self, tab: OpenNetwork | None) -> None:
        if tab is not self.active:
            self.active = tab
            self.activated.emit(tab)

    def find(self, path: Path) -> OpenNetwork | None:
        """The tab that has this file open."""
        return next((tab for tab in self.tabs if tab.path == path), None)
