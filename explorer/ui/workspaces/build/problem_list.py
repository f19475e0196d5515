"""All problems in a list over the status line: each with its mends and a jump to where it is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from explorer.network.graph import Network
from explorer.network.history import Document
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
        self._over: QWidget | None = None
        self._document: Document | None = None
        feed.changed.connect(self._follow)
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

    def open_over(self, widget: QWidget, document: Document) -> None:
        """Open at the bottom right corner of a widget, and follow the document until it is closed."""
        self._over, self._document = widget, document
        self.show_problems(document.network)
        self._fit()
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

    def _fit(self) -> None:
        """As high as the cards need, within reason, in the corner."""
        widget = self._over
        if widget is None:
            return
        px = theme().tokens.px
        width = min(px(WIDTH), widget.width())
        inner = width - 2 * px(12) - px(14)
        self._scroll.content.setFixedWidth(inner)
        column = self._scroll.column
        column.activate()
        cards = (
            column.totalHeightForWidth(inner) if column.hasHeightForWidth() else column.sizeHint().height()
        )
        wanted = cards + self._title.sizeHint().height() + px(36)
        height = min(wanted, px(HEIGHT), widget.height())
        self.resize(width, height)
        corner = widget.mapToGlobal(QPoint(widget.width() - width - px(8), widget.height() - height - px(8)))
        self.move(corner)

    def _follow(self) -> None:
        """A mend was taken, or something was undone: what is left to tell, or nothing."""
        if not self.isVisible() or self._document is None:
            return
        if not self._feed.problems:
            self.close()
            return
        self.show_problems(self._document.network)
        self._fit()

    def _jump(self, node: str) -> None:
        self.close()
        self.jumped.emit(node)
