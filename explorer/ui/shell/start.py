"""The start page: ways to begin, what one worked on, the classic networks as small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from explorer.network.errors import UserError
from explorer.network.numerals import compact
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Runner
from explorer.ui.actions import Action
from explorer.ui.shell.cards import Card, CardGrid
from explorer.ui.shell.door import Door
from explorer.ui.shell.settings import Settings
from explorer.ui.shell.silhouette import Volume, volumes
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Heading, Label, action_button
from explorer.ui.workspace import Entry

if TYPE_CHECKING:
    from explorer.zoo.catalogue import Entry as ZooEntry

WIDTH = 1560
RECENTS_SHOWN = 5


class StartPage(QScrollArea):
    """Made at once, filled after the first paint: nothing it shows is worth waiting for."""

    open_file = Signal(object)
    open_network = Signal(object)
    open_workspace = Signal(str)

    def __init__(self, settings: Settings, actions: Sequence[Action], entries: Sequence[Entry] = ()) -> None:
        super().__init__()
        self._settings = settings
        self._runner = Runner(
            self
        )  # of its own: looking after recents is not worth a word in the status line
        self._classics: list[ZooEntry] = []
        self._undrawn: list[tuple[ZooEntry, Card]] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Start page")
        page = QWidget()
        page.setProperty("ground", "window")
        self.setWidget(page)
        outer = QHBoxLayout(page)
        self._middle = QWidget()
        outer.addStretch(1)
        outer.addWidget(self._middle, 100)
        outer.addStretch(1)
        column = QVBoxLayout(self._middle)
        self._column = column
        column.addWidget(Label("ConvNet Explorer", "display"))
        line = Label("Build a convolutional network and see every size and count as you change it.", "muted")
        line.setWordWrap(True)
        column.addWidget(line)
        column.addSpacing(12)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for index, action in enumerate(actions):
            buttons.addWidget(action_button(action, "" if index else "primary"))
        buttons.addStretch(1)
        column.addLayout(buttons)
        self.doors = CardGrid(spread=True)
        #: The cards that lead into workspaces, by the workspace.
        self.leading = {entry.name: self._door(entry) for entry in entries if entry.invitation is not None}
        self.doors.show_cards([*self.leading.values()])
        self.doors.setContentsMargins(0, 20, 0, 0)
        self.doors.setVisible(bool(self.doors.cards))
        column.addWidget(self.doors)
        self._recent_title = Heading("Recent")
        self.recent = CardGrid()
        self.recent.removed.connect(self._forget)
        self._classic_title = Heading("Classic networks")
        self.classic = CardGrid()
        for title, grid in ((self._recent_title, self.recent), (self._classic_title, self.classic)):
            title.setContentsMargins(0, 24, 0, 4)
            column.addWidget(title)
            column.addWidget(grid)
            title.hide()
            grid.hide()
        column.addStretch(1)
        self._pictures = QTimer(self, interval=0)
        self._pictures.timeout.connect(self._draw_next)
        theme().changed.connect(self._fit)
        self._fit()

    def fill(self) -> None:
        """Show the recents and the classics; the pictures follow one by one."""
        self._show_recents()
        if not self._classics:
            from explorer.zoo import catalogue

            self._classics = list(catalogue.entries())
            cards = [self._classic_card(entry) for entry in self._classics]
            self.classic.show_cards(cards)
            self._undrawn = list(zip(self._classics, cards, strict=True))
            self._classic_title.setVisible(bool(cards))
            self.classic.setVisible(bool(cards))
            self._pictures.start()

    def close_down(self) -> None:
        """End what still looks at files."""
        self._pictures.stop()
        self._runner.close()

    def _show_recents(self) -> None:
        paths = self._settings.recents[:RECENTS_SHOWN]
        cards = []
        for path in paths:
            card = Card(path.stem, short_folder(path.parent), str(path))
            card.clicked.connect(lambda _=False, one=path: self.open_file.emit(one))
            cards.append(card)
        self.recent.show_cards(cards)
        self._recent_title.setVisible(bool(cards))
        self.recent.setVisible(bool(cards))
        if paths:
            self._runner.start(
                Work("Looking at recent files", lambda context: _look(paths, context)), self._show_look
            )

    def _show_look(self, seen: object) -> None:
        if not isinstance(seen, Look):
            return
        for card in self.recent.cards:
            if card.toolTip() == str(seen.path):
                if seen.missing:
                    card.show_missing()
                card.show_volumes(seen.volumes)

    def _forget(self, card: Card) -> None:
        self._settings.remove_recent(Path(card.toolTip()))
        self._show_recents()

    def _door(self, entry: Entry) -> Card:
        title, note = entry.invitation or (entry.title, "")
        door = Door(entry.icon, title, note)
        door.clicked.connect(lambda _=False, name=entry.name: self.open_workspace.emit(name))
        return door

    def _classic_card(self, entry: ZooEntry) -> Card:
        size = f"{compact(entry.parameters)} parameters"
        tip = f"{entry.title}, {entry.parameters:,} parameters"
        card = Card(entry.title, f"{entry.year} · {size}" if entry.year else size, tip)
        card.clicked.connect(lambda _=False, one=entry: self.open_network.emit(one.build()))
        return card

    def _draw_next(self) -> None:
        """One picture at a turn of the event loop, so that the window answers in between."""
        seen = [pair for pair in self._undrawn if not pair[1].visibleRegion().isEmpty()]
        if not seen:
            self._pictures.stop()  # the rest when it is scrolled to
            return
        entry, card = seen[0]
        self._undrawn.remove(seen[0])  # before the attempt: what can't be drawn is not tried again
        card.show_volumes(volumes(entry.build()))

    def _fit(self) -> None:
        px = theme().tokens.px
        self._middle.setMaximumWidth(px(WIDTH))
        self._column.setContentsMargins(px(32), px(32), px(32), px(32))
        self._column.setSpacing(px(4))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._go_on()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self._pictures.stop()
        elif event.type() in (QEvent.Type.Show, QEvent.Type.Resize):
            self._go_on()
        return super().event(event)

    def _go_on(self) -> None:
        if self._undrawn:
            self._pictures.start()


class Look:
    """What a look at a recent file found."""

    def __init__(self, path: Path, missing: bool, shown: tuple[Volume, ...] = ()) -> None:
        self.path = path
        self.missing = missing
        self.volumes = shown


def _look(paths: Sequence[Path], context: Context) -> None:
    from explorer.network import project

    for path in paths:
        context.check()
        if not path.is_file():
            context.record(Look(path, missing=True))
            continue
        try:
            context.record(Look(path, missing=False, shown=volumes(project.load(path))))
        except (UserError, OSError):
            continue  # opening it will say what is wrong with it


def short_folder(folder: Path) -> str:
    """A folder as a person would write it, with ~ for the home folder."""
    try:
        inside = folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(folder)
    return "Home" if inside == Path() else f"~/{inside.as_posix()}"
