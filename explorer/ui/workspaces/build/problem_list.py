"""All problems in a list over the status line: each with its mends and a jump to where it is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from explorer.network.graph import Network
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.build.problem_card import ProblemCards
from explorer.ui.workspaces.build.problem_feed import ProblemFeed

MOST_CARDS = 40
WIDTH, HEIGHT = 380, 420


class ProblemList(QFrame):
    """A popup that closes when one looks elsewhere."""

    mended = Signal(object, str)
    eyed = Signal(object, str)
    jumped = Signal(str)

    def __init__(self, feed: ProblemFeed, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("ground", "card")
        self.setAccessibleName("Problems")
        self._feed = feed
        self.cards = ProblemCards()
        self.cards.mended.connect(self.mended)
        self.cards.eyed.connect(self.eyed)
        self.cards.jumped.connect(self._jump)
        self._title = Label("", "heading")
        self._scroll = ScrollPanel("", margins=0, spacing=8)
        self._scroll.column.addWidget(self.cards)
        self._scroll.column.addStretch(1)
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(12), px(12), px(12))
        column.setSpacing(px(8))
        column.addWidget(self._title)
        column.addWidget(self._scroll, 1)

    def open_over(self, widget: QWidget, network: Network) -> None:
        """Open at the bottom right corner of a widget."""
        self.show_problems(network)
        px = theme().tokens.px
        width = min(px(WIDTH), widget.width())
        self._scroll.content.setFixedWidth(width - 2 * px(12) - px(14))
        wanted = self._scroll.content.sizeHint().height() + self._title.sizeHint().height() + px(36)
        height = min(wanted, px(HEIGHT), widget.height())
        self.resize(width, height)
        corner = widget.mapToGlobal(QPoint(widget.width() - width - px(8), widget.height() - height - px(8)))
        self.move(corner)
        self.show()
        if self.cards.cards:
            self.cards.cards[0].setFocus()

    def show_problems(self, network: Network) -> None:
        """Show what the feed says."""
        found = [
            (problem, network.path(problem.node) if problem.node and problem.node in network.nodes else "")
            for problem in self._feed.problems
        ]
        count = len(found)
        self._title.setText("No problems" if not count else f"{count:,} problem{'s' * (count != 1)}")
        self.cards.show_problems(found[:MOST_CARDS])

    def _jump(self, node: str) -> None:
        self.close()
        self.jumped.emit(node)
