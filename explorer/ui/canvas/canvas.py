"""The canvas as a widget: follows one open network, and is all a workspace needs to know of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from explorer.network.edits import Edit, StaleEdit, apply
from explorer.network.graph import Network
from explorer.network.history import ChangeSet
from explorer.network.inference import Inference, infer
from explorer.network.operations import Change
from explorer.network.problems import Mend
from explorer.session.session import OpenNetwork
from explorer.ui.canvas import keys
from explorer.ui.canvas.commands import Commands
from explorer.ui.canvas.editor import Editor
from explorer.ui.canvas.face import facts_of, spoken
from explorer.ui.canvas.hint import EmptyHint
from explorer.ui.canvas.hits import Hit, Target, meant
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.library_item import SavedBlocks
from explorer.ui.canvas.look import Look
from explorer.ui.canvas.marks import CardMarks
from explorer.ui.canvas.menu import menu_for
from explorer.ui.canvas.minimap import Minimap
from explorer.ui.canvas.outline import changes_structure
from explorer.ui.canvas.outliner import outline_of
from explorer.ui.canvas.placement import Area, place
from explorer.ui.canvas.problem_board import ProblemBoard
from explorer.ui.canvas.scene import CanvasScene, Plan, ghosts
from explorer.ui.canvas.view import CanvasView
from explorer.ui.canvas.walking import neighbour
from explorer.ui.theme import theme


@dataclass
class _Sight:
    """Where a tab was being looked at."""

    scale: float
    middle: QPointF


class Canvas(QWidget, Commands):
    """Shows and edits one open network.

    `message` carries a sentence for the person; `inspect` asks for the settings of a node;
    `network_dropped` names a classic network to open; `block_saved` carries a Fragment for the library.
    """

    message = Signal(str)
    inspect = Signal(str)
    network_dropped = Signal(str)
    block_saved = Signal(object)
    transforming = Signal()
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor: Editor | None = None
        self._ends: list[Callable[[], None]] = []
        self._sights: dict[int, _Sight] = {}
        self._plan: Plan | None = None
        self._docked = True
        self.scene = CanvasScene(Look(theme().tokens, theme().font().family()))
        self.view = CanvasView(self.scene, self)
        self.view.base = theme().tokens.scale
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.minimap = Minimap(self.view, self)
        self.problems = ProblemBoard(self.view, self)
        self.problems.above = (self.minimap,)
        self.marks = CardMarks(self, self._remark)
        self.hint = EmptyHint(self.view.viewport(), lambda: self.insert(Item("layer", "Input")))
        self.view.on_tab = self._tab
        self.view.clicked.connect(self._clicked)
        self.view.double_clicked.connect(self._double_clicked)
        self.view.menu_wanted.connect(self._menu_wanted)
        self.view.key_pressed.connect(self._key_pressed)
        self.view.loose_end.connect(lambda port, pointer: self.grow(port, pointer.scene))
        self.view.network_dropped.connect(self.network_dropped)
        self.view.moved.connect(lambda: self.zoomed.emit(self.view.scale_now / self.view.base))
        self.problems.chosen.connect(self._mend)
        self.problems.previewed.connect(lambda mend: self.preview(mend.edits if mend is not None else None))
        theme().changed.connect(self._retheme)

    # -- following a network ----------------------------------------------------------------------

    def show_network(self, tab: OpenNetwork | None) -> None:
        """Show another open network, or none; where the last one was looked at is remembered."""
        if self.editor is not None and self._plan is not None:
            middle = self.view.seen().center()
            self._sights[self.editor.tab.number] = _Sight(self.view.scale_now, middle)
        self.view.cancel()
        for end in self._ends:
            end()
        self._ends.clear()
        self.problems.clear()
        self.editor = self.view.editor = None
        self.scene.display(None)
        self._plan = None
        if tab is not None:
            self.editor = self.view.editor = Editor(tab)
            self.editor.saved_blocks = self.view.saved_blocks
            self._ends = [
                tab.document.changed.connect(self._changed),
                tab.selection.changed.connect(self._selected),
                self.editor.refused.connect(self.message.emit),
                self.editor.made.connect(self._show_made),
            ]
            self._plan = self._planned(tab.document.network, tab.document.inference)
            self._display(self._plan)
            self._selected()
            self._look_again(tab)
        self.minimap.forget()
        self._after_change()

    def _remark(self) -> None:
        """Draw a training's newest figures, if somebody sees them."""
        if self._plan is not None and self.isVisible() and self.scene.plan is self._plan:
            facts = self.marks.marked(self._plan.facts)
            if facts.marks != self._plan.facts.marks:
                self._plan = Plan(self._plan.outline, self._plan.placement, facts)
                self._display(self._plan)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._remark()

    def set_saved_blocks(self, saved: SavedBlocks) -> None:
        """Where blocks come from that a person saved."""
        self.view.saved_blocks = saved
        if self.editor is not None:
            self.editor.saved_blocks = saved

    def _look_again(self, tab: OpenNetwork) -> None:
        sight = self._sights.get(tab.number)
        if sight is not None:
            self.view.look_at(sight.scale, sight.middle)
        else:
            self.view.begin_at_top()

    def _planned(self, network: Network, inference: Inference) -> Plan:
        outline = outline_of(network, self._docked)
        return Plan(outline, place(outline, network), self.marks.marked(facts_of(network, inference)))

    def _display(self, plan: Plan) -> None:
        if self.editor is not None:
            self.editor.outline, self.editor.placement = plan.outline, plan.placement
        self.scene.display(plan)

    def _changed(self, change: ChangeSet) -> None:
        assert self.editor is not None
        document = self.editor.document
        self.view.cancel()
        if self._plan is None or changes_structure(change):
            kept = self._anchor(change)
            self._plan = self._planned(document.network, document.inference)
            with self.view.anchored(kept):
                self._display(self._plan)
            self.view.show_selection()
            self.minimap.forget()
        else:
            facts = self.marks.marked(facts_of(document.network, document.inference))
            self._plan = Plan(self._plan.outline, self._plan.placement, facts)
            self._display(self._plan)
        self._after_change()

    def _anchor(self, change: ChangeSet) -> str | None:
        """The card that is to stay where it is: the block being folded, else the one in the middle."""
        for block in change.blocks:
            key = f"[{block}]" if f"[{block}]" in self.scene.nodes else f"#{block}"
            if self.scene.area_of(key) is not None and block in change.after.blocks:
                return self.view.central_card() if len(change.blocks) > 1 else key
        return self.view.central_card()

    def _after_change(self) -> None:
        empty = self.editor is not None and not self.editor.network.nodes and not self.editor.network.blocks
        self.hint.want(empty)
        self.problems.update_soon()
        self._announce()

    def _selected(self) -> None:
        self.view.show_selection()
        self.problems.update_soon()
        self._announce()

    def _announce(self) -> None:
        """Tell a screen reader what is selected."""
        key = self.current
        text = ""
        wire = self.current_wire
        if wire is not None and self._plan is not None:
            names = self._plan.facts.network.path
            text = f"Link from {names(wire.source_node)} to {names(wire.target_node)}"
        elif self._plan is not None and key is not None and key in self._plan.outline.cards:
            text = spoken(self._plan.outline.cards[key], self._plan.facts)
        elif self.selected_count:
            text = f"{self.selected_count} selected"
        if text != self.view.accessibleDescription():
            self.view.setAccessibleDescription(text)
            if QAccessible.isActive():
                event = QAccessibleEvent(self.view, QAccessible.Event.DescriptionChanged)
                QAccessible.updateAccessibility(event)

    def _show_made(self) -> None:
        """Bring what was just made or changed on the screen, or where it begins."""
        keys = [self.current, *(f"#{block}" for block in self.selected_blocks)]
        chosen = self.selection.nodes if self.selection is not None else ()
        found = [area for key in keys if key is not None and (area := self.scene.area_of(key)) is not None]
        cards = (self.scene.area_of(self.view.card_of(node)) for node in chosen)
        found = found or sorted((area for area in cards if area is not None), key=lambda area: area.y)
        if found:
            area = found[0]
            self.view.ensure_seen(Area(area.x, area.y, area.width, min(area.height, 80)))

    def reveal(self, node: str) -> None:
        """Bring a node on the screen and select it."""
        if self._plan is None or self.selection is None or node not in self._plan.outline.card_of:
            return
        self.selection.set((node,))
        self.view.ensure_seen(self._plan.placement.bodies[self._plan.outline.card_of[node]])

    def preview(self, edits: Iterable[Edit] | None) -> None:
        """Show what edits would do, as a ghost; None shows the network as it is."""
        if self.editor is None or self._plan is None:
            return
        if edits is None:
            if self.scene.plan is not self._plan:
                self._swap(self._plan)
            return
        try:
            network = apply(self.editor.network, edits)
        except StaleEdit:
            return  # the network went on while the mend was being looked at
        plan = self._planned(network, infer(network, self._plan.facts.inference))
        self._swap(Plan(plan.outline, plan.placement, plan.facts, ghosts(self._plan, plan)))

    def _swap(self, plan: Plan) -> None:
        with self.view.anchored(self.view.central_card()):
            self.scene.display(plan)
        self.view.show_selection()

    def _mend(self, mend: Mend) -> None:
        if self.editor is not None:
            self.editor.do(lambda: Change(mend.title, mend.edits), select=False)
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)  # the button that had it is gone

    # -- answers to the view ----------------------------------------------------------------------

    def _clicked(self, hit: Hit, held: Qt.KeyboardModifier) -> None:
        selection = self.selection
        if selection is None or self.scene.plan is not self._plan:
            return
        more = bool(held & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        self.view.setFocus(Qt.FocusReason.MouseFocusReason)
        nodes, blocks, links = meant(hit, self.scene)
        if hit.target is Target.CHEVRON and self.editor is not None:
            self.editor.toggle_fold(blocks)
        elif more:
            selection.set(selection.nodes ^ nodes, selection.blocks ^ blocks, selection.links ^ links)
        else:
            selection.set(nodes, blocks, links)

    def _double_clicked(self, hit: Hit) -> None:
        if self.scene.plan is not self._plan:
            return
        nodes, blocks, _ = meant(hit, self.scene)
        if blocks and self.editor is not None:
            self.editor.toggle_fold(blocks)
        elif nodes:
            self.inspect.emit(next(iter(nodes)))

    def _menu_wanted(self, hit: Hit | None, at: QPoint) -> None:
        if hit is None:
            self.open_menu(None)
            return
        nodes, blocks, links = meant(hit, self.scene)
        selection = self.selection
        if selection is None or self.scene.plan is not self._plan:
            return
        if not (nodes <= selection.nodes and blocks <= selection.blocks and (nodes or blocks)):
            selection.set(nodes, blocks, links)
        self._pop_up(menu_for(self, hit), at)

    def open_menu(self, hit: Hit | None) -> None:
        key = self.current or (f"#{self.selected_blocks[0]}" if self.selected_blocks else "")
        wire = self.current_wire
        if hit is None and wire is not None:
            hit, key = Hit(Target.WIRE, wire.key), wire.target
        area = self.scene.area_of(key)
        at = self.view.on_screen(area).center() if area is not None else self.view.viewport().rect().center()
        self.view.menu_point = self.view.mapToScene(at)
        self._pop_up(menu_for(self, hit or Hit(Target.NOTHING)), self.view.viewport().mapToGlobal(at))

    @staticmethod
    def _pop_up(menu: QMenu, at: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _key_pressed(self, event: QKeyEvent) -> None:
        if self.editor is not None and keys.handle(self, event):
            event.accept()

    def _tab(self, forward: bool) -> bool:
        if self._plan is None:
            return False
        found = neighbour(self._plan.outline, self.current, forward)
        if found is not None:
            self.select_card(found)
        return found is not None

    def show_layer(self, node: str) -> None:
        self.inspect.emit(node)

    def show_block_saved(self, fragment: object) -> None:
        self.block_saved.emit(fragment)

    # -- the widget -------------------------------------------------------------------------------

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle of the screen."""
        self.view.zoom_by(factor)

    @property
    def docked(self) -> bool:
        """Whether norm, activation and dropout dock under the layer that they follow."""
        return self._docked

    def set_docked(self, docked: bool) -> None:
        """Dock riders, or show every layer as a card of its own."""
        if docked == self._docked:
            return
        self._docked = docked
        if self.editor is not None:
            document = self.editor.document
            self._plan = self._planned(document.network, document.inference)
            with self.view.anchored(self.view.central_card()):
                self._display(self._plan)
            self.view.show_selection()
            self.minimap.forget()

    def set_minimap(self, wanted: bool) -> None:
        """Show or hide the overview."""
        self.minimap.wanted = wanted
        self.minimap.follow()

    def _retheme(self) -> None:
        before, self.view.base = self.view.base, theme().tokens.scale
        self.scene.set_look(Look(theme().tokens, theme().font().family()))
        self.view.zoom_by(self.view.base / before)
        self.view.viewport().update()
        self.problems.clear()
        self.minimap.forget()
        self._after_change()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.minimap.place()
        self.marks.legend.place()
