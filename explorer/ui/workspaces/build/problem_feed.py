"""What is wrong with the open network, found a moment after each change, for all panels at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.network.problems import Mend, Problem, find_problems
from explorer.session.session import OpenNetwork

FIND_MS = 40
"""How long after a change: a dragged number comes first."""


class ProblemFeed(QObject):
    """`problems` as of the last look; `changed` comes when they are others."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: tuple[Problem, ...] = ()
        self._by_node: dict[str | None, list[Problem]] = {}
        self._tab: OpenNetwork | None = None
        self._disconnect: Callable[[], None] | None = None
        self._later = QTimer(self, singleShot=True, interval=FIND_MS)
        self._later.timeout.connect(self.look)

    def show_network(self, tab: OpenNetwork | None) -> None:
        """Look at another open network, or none."""
        if self._disconnect is not None:
            self._disconnect()
            self._disconnect = None
        self._tab = tab
        if tab is not None:
            self._disconnect = tab.document.changed.connect(lambda _: self._look_later())
        self.look()

    def at(self, node: str) -> list[Problem]:
        """The problems of one node, worst first as they were found."""
        return self._by_node.get(node, [])

    def look(self) -> None:
        """Look now."""
        self._later.stop()
        if self._tab is None:
            found: tuple[Problem, ...] = ()
        else:
            found = find_problems(self._tab.document.network, self._tab.document.inference)
        # Equal problems are replaced too: their mends are worked out for the network as it is now.
        others = found != self.problems
        self.problems = found
        self._by_node = {}
        for problem in found:
            self._by_node.setdefault(problem.node, []).append(problem)
        if others:
            self.changed.emit()

    def mend(self, problem: Problem, title: str) -> Mend | None:
        """The mend of that title for this problem as the network is now; None if either is gone."""
        if self._later.isActive():
            self.look()
        for found in self.problems:
            if found == problem:
                return next((mend for mend in found.mends if mend.title == title), None)
        return None

    def _look_later(self) -> None:
        if not self._later.isActive():
            self._later.start()
