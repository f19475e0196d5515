"""Filters: kernels at the left, picture and result in the middle, kernel and settings at the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.assets import asset
from explorer.media.pictures import SUFFIXES, Picture, read_picture
from explorer.network.errors import UserError
from explorer.ui.actions import Action
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import NumberField
from explorer.ui.widgets.panels import Line, Panel, Splitter
from explorer.ui.workspace import Figure, Status, Surroundings, Workspace
from explorer.ui.workspaces.filters import saving
from explorer.ui.workspaces.filters.actions import filter_actions, filter_commands, result_actions
from explorer.ui.workspaces.filters.chain_strip import ChainStrip
from explorer.ui.workspaces.filters.inside.jobs import Subjects
from explorer.ui.workspaces.filters.inside.page import InsidePage
from explorer.ui.workspaces.filters.invariance.page import InvariancePage
from explorer.ui.workspaces.filters.kernel_list import KernelList
from explorer.ui.workspaces.filters.kernel_panel import KernelPanel
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.presets import FIRST, title_of
from explorer.ui.workspaces.filters.sources import VIDEOS, Sources
from explorer.ui.workspaces.filters.stage_view import StageView
from explorer.ui.workspaces.filters.top_bar import TopBar
from explorer.ui.workspaces.filters.weights import NetworkWeights

LEFT_WIDTH, RIGHT_WIDTH = 204, 276
PICTURE_KEYS = (
    ("Another pixel", "← → ↑ ↓"),
    ("Ten pixels on", "Shift+← → ↑ ↓"),
    ("Play the sweep", "Space"),
    ("Nearer, farther", "+ −"),
)
MAP_KEYS = (
    ("Another unit", "← → ↑ ↓"),
    ("Another map", "Ctrl+← → ↑ ↓"),
    ("More maps", "Page Up, Page Down"),
    ("Let go of the unit", "Esc"),
)


class FiltersWorkspace(Workspace):
    """Puts the parts together; each follows the lab by itself."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.lab = Lab(surroundings.runner, self)
        self.sources = Sources(self.lab, surroundings.messages, surroundings.settings)
        self.kernels = KernelList()
        self.panel = KernelPanel(self.lab)
        self.stage = StageView(self.lab)
        self.chain = ChainStrip(self.lab, surroundings.messages)
        self._subjects = Subjects()
        self._pages: dict[int, InsidePage | InvariancePage] = {}
        self._begun = False
        self._build()
        self._connect()
        self.weights = NetworkWeights(self.lab, surroundings, self.kernels, self.panel.weights, self)
        self.weights.used.connect(self._tell_used)
        self.show_page(0)
        self.kernels.show_kernel(self.lab.filter.kernel)

    def _build(self) -> None:
        middle = Panel("window", 16, 8)
        middle.column.setContentsMargins(16, 12, 16, 12)
        middle.column.addWidget(self.chain)
        middle.column.addWidget(self.stage, 1)
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(self.kernels)
        self.across.add(middle, 1)
        self.across.add(self.panel)
        self.top = TopBar(("Filter lab", "Look inside", "Invariance"), self.lab, self.sources)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.across)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.top)
        whole.addWidget(Line())
        whole.addWidget(self.stack, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.stage.output)
        self.setAcceptDrops(False)  # the window takes drops and hands files over
        theme().changed.connect(self._widen)
        self._widen()

    def _connect(self) -> None:
        lab = self.lab
        self.kernels.chosen.connect(lab.choose_kernel)
        self.top.chosen.connect(self.show_page)
        lab.recipe_changed.connect(lambda: self.kernels.show_kernel(lab.filter.kernel))
        lab.recipe_changed.connect(self.changed)
        lab.result_changed.connect(self.changed)
        lab.source_changed.connect(self.changed)
        for field in self.findChildren(NumberField):
            field.installEventFilter(self)

    def _widen(self) -> None:
        px = theme().tokens.px
        self.kernels.setMinimumWidth(px(168))
        self.panel.setMinimumWidth(px(264))
        left, right = px(LEFT_WIDTH), px(RIGHT_WIDTH)
        self.across.setSizes([left, max(px(320), self.width() - left - right), right])

    # -- pages -------------------------------------------------------------------------------------------

    def show_page(self, index: int) -> None:
        """The lab, the look inside, or invariance; the two last are made when they are first wanted."""
        made = self._page(index)
        before = self.stack.currentWidget()
        if made is not before:
            if isinstance(before, InsidePage | InvariancePage):
                before.set_active(False)
            if before is self.across:
                self.stage.sweep.stop()
            self.stack.setCurrentWidget(made)
            if isinstance(made, InsidePage | InvariancePage) and self._begun:
                made.set_active(True)
        self.top.show_current(index)
        self.setFocusProxy(self.stage.output if made is self.across else made)
        if self.isVisible():
            self.setFocus()
        self.changed.emit()

    def shows(self, index: int) -> bool:
        """Whether this page is on show."""
        return self.stack.currentWidget() is (self.across if index == 0 else self._pages.get(index))

    def in_lab(self) -> bool:
        """Whether the filter lab is on show."""
        return self.shows(0)

    def list_first_filters(self) -> None:
        """The filters of the open network's first convolution, below the kernels."""
        self.show_page(0)
        self.weights.read()

    def _page(self, index: int) -> QWidget:
        if index == 0:
            return self.across
        if index not in self._pages:
            kind = InsidePage if index == 1 else InvariancePage
            made = self._pages[index] = kind(self.lab, self.surroundings, self._subjects)
            made.model.told.connect(self.changed)
            self.stack.addWidget(made)
        return self._pages[index]

    # -- for the window ----------------------------------------------------------------------------------

    def own_actions(self) -> Sequence[Action]:
        return tuple(filter_actions(self))

    def commands(self, query: str) -> Iterable[Action]:
        return filter_commands(self)

    def keys(self) -> tuple[str, Sequence[tuple[str, str]]]:
        if self.shows(1):
            return "In the maps", MAP_KEYS
        return ("In the pictures", PICTURE_KEYS) if self.in_lab() else ("", ())

    def export_actions(self) -> Sequence[Action]:
        return tuple(result_actions(self))

    def status(self) -> Status:
        shown = self.stack.currentWidget()
        if isinstance(shown, InsidePage | InvariancePage):
            return shown.status()
        left = [Figure("convolution" if self.lab.filter.flip else "cross-correlation", "")]
        right = []
        result = self.lab.result
        if result is not None:
            right.append(Figure(_time(result.seconds), "filtered in", before=True))
        return Status(tuple(left), tuple(right))

    def take_file(self, path: Path) -> bool:
        """Pictures and videos; a file that only claims to be one is refused when it is read."""
        if path.suffix.lower() not in SUFFIXES + VIDEOS:
            return False
        self.sources.take_path(path)
        return True

    def take_picture(self, picture: Picture | None, title: str) -> None:
        """What the open network makes of a picture that is shown elsewhere, e.g. of a face."""
        if picture is not None:
            self.lab.show_picture(picture, title)
        self.show_page(1)

    def has_result(self) -> bool:
        return self.lab.stage is not None

    def copy_result(self) -> None:
        """The shown result to the clipboard."""
        stage = self.lab.stage
        if stage is not None:
            saving.copy(stage.shown)
            self.surroundings.messages.say("The result is in the clipboard.", "ok")

    def save_result(self) -> None:
        """The shown result to a file that is asked for."""
        stage = self.lab.stage
        if stage is None:
            return
        name = f"{Path(self.lab.title).stem}, {self.lab.filter.kernel.title.lower()}.png".replace("/", "-")
        path = saving.ask_where(self, Path.home() / name)
        if path is not None:
            try:
                saving.save(stage.shown, path)
            except UserError as error:
                self.surroundings.messages.error(error)
            else:
                self.surroundings.messages.say(f"Saved as {path.name}.", "ok")

    def _tell_used(self, node: str) -> None:
        tab = self.surroundings.session.active
        if tab is not None:
            self.surroundings.messages.ask(
                f"{tab.document.undo_title}: done.",
                ("Look inside", lambda: self.look_inside(node)),
                ("Undo", tab.document.undo),
                kind="ok",
            )

    def look_inside(self, node: str) -> None:
        """The maps of one layer of the open network."""
        self.show_page(1)
        page = self.stack.currentWidget()
        if isinstance(page, InsidePage):
            page.model.choose(node)

    def flip(self) -> None:
        """Cross-correlation or convolution."""
        self.lab.change("flip the kernel", flip=not self.lab.filter.flip)

    def search_kernels(self) -> None:
        """Go to the search field."""
        self.kernels.search.setFocus()
        self.kernels.search.selectAll()

    # -- undo: the lab's own while one works in it -------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # The window's Ctrl+Z is the open network's; here it takes back what was done to the filters.
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and (_undoes(event) or _redoes(event)):
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A line edit would take the keys for its own text, of which a number has no history.
        if event.type() == QEvent.Type.KeyPress and (_undoes(event) or _redoes(event)):
            self.keyPressEvent(event)  # type: ignore[arg-type]
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _undoes(event):
            self.lab.undo()
        elif _redoes(event):
            self.lab.redo()
        else:
            super().keyPressEvent(event)

    # -- shown and hidden --------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lab.resume()
        self.weights.set_active(True)
        if not self._begun:
            self._begun = True
            self._widen()
            first = asset("pictures", FIRST)
            self.lab.show_picture(read_picture(first), title_of(first))
            if self.surroundings.camera is not None:
                self.sources.take_path(self.surroundings.camera)
        shown = self.stack.currentWidget()
        if isinstance(shown, InsidePage | InvariancePage):
            shown.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stage.sweep.stop()
        self.lab.pause()
        self.weights.set_active(False)
        shown = self.stack.currentWidget()
        if isinstance(shown, InsidePage | InvariancePage):
            shown.set_active(False)
        if not self.window().isVisible():  # the window closes: what runs must have ended before it is gone
            self.lab.close_down()
            self.weights.close_down()
            self.sources.close_down()


def _undoes(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)


def _redoes(event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent):
        return False
    control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return event.matches(QKeySequence.StandardKey.Redo) or (control and event.key() == Qt.Key.Key_Y)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"
