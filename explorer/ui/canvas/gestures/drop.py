"""Something from the library over the canvas: into a wire, behind a card, or free on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from explorer.network.errors import UserError
from explorer.network.layer import Layer, Shape
from explorer.ui.canvas import library_item
from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.gestures.ghost import ghost_area, paint_ghost
from explorer.ui.canvas.hits import card_near, hit, wire_near
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.metrics import snapped
from explorer.ui.canvas.outline import Kind

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView

_WIRE_REACH = 40.0
_BELOW = 120.0
"""How far below a card that leads nowhere something dropped is still put behind it."""


class Drop(Gesture):
    """Follows a drag that began elsewhere. What the ghost says is what letting go does."""

    def __init__(self, view: CanvasView, start: Pointer, item: Item) -> None:
        super().__init__(view, start)
        self._item = item
        self._title = library_item.title_of(item)
        self._family = "boundary"
        self._source = item.kind in ("network",)
        try:
            content = library_item.content_of(item, None, view.saved_blocks) if item.kind == "layer" else None
        except UserError:
            content = None
        if isinstance(content, Layer):
            self._family = content.family.value
            self._source = content.arity[1] == 0
        self._link = self._after = self._block = ""
        self._area = QRectF()
        self._note = self._size = ""

    def move(self, pointer: Pointer) -> None:
        scene, editor = self.view.canvas_scene, self.view.editor
        self._link = self._after = self._block = self._note = self._size = ""
        self._area = ghost_area(pointer.scene)
        lit = ""
        if editor is not None and scene.plan is not None:
            lit = "" if self._source else self._aim(pointer.scene)
            if not lit:
                block = hit(scene, pointer.scene, self.view.scale_now).block
                self._block = block or ""
                lit = f"#{block}" if block else ""
                self._note = f"In {scene.facts.network.blocks[block].name}" if block else "On its own"
        if self._link or self._after:
            # Beside the pointer, so that what it points at can be seen.
            beside = 20 / self.view.scale_now
            self._area.moveTopLeft(pointer.scene + QPointF(beside, beside / 2))
        scene.light(lit)
        self.redraw(self._area.adjusted(-8, -8, 8, 8))

    def _aim(self, at: QPointF) -> str:
        """What it would be put behind or into; the key of what to light."""
        scene, editor = self.view.canvas_scene, self.view.editor
        assert editor is not None
        outline = editor.outline
        over = card_near(scene, at)
        wire = None if over else wire_near(scene, at, _WIRE_REACH / self.view.scale_now)
        if wire is not None:
            found = scene.wires[wire].wire
            self._link = found.links[-1] if outline.cards[found.source].copies > 1 else found.links[0]
            self._note = f"Between {self._name(found.source)} and {self._name(found.target)}"
            outputs = scene.facts.inference.results[found.source_node].outputs
            self._foresee(outputs[found.source_port] if found.source_port < len(outputs) else None)
            return wire
        key = over or card_near(scene, at, below=_BELOW)
        if key is None or (over is None and outline.out_of[key]):
            return ""
        card = outline.cards[key]
        last = editor.behind(card.block) if card.block is not None else editor.last_of(card)
        if last is None:
            return ""
        self._after = last
        self._note = f"After {self._name(key)}"
        self._foresee(editor.shape_behind(last))
        return key

    def _name(self, key: str) -> str:
        card = self.view.canvas_scene.nodes[key].card
        network = self.view.canvas_scene.facts.network
        return (
            network.blocks[card.block or ""].name
            if card.kind is Kind.BLOCK
            else network.nodes[card.head].name
        )

    def _foresee(self, shape: Shape | None) -> None:
        if self._item.kind == "layer" and shape is not None:
            content = library_item.content_of(self._item, shape, self.view.saved_blocks)
            self._size = library_item.foreseen(content, shape)

    def end(self, pointer: Pointer) -> None:
        self.finish()
        editor = self.view.editor
        if editor is None:
            return
        if self._item.kind == "network":
            self.view.network_dropped.emit(self._item.name)
            return
        link, after, block = self._link, self._after, self._block
        at = None if block else (snapped(self._area.x()), snapped(self._area.y()))
        first = not editor.network.nodes
        fresh = editor.document.fresh_id
        source = editor.network.links[link].source if link else after
        shape = editor.shape_behind(source) if source else None

        def dropped():  # type: ignore[no-untyped-def]
            content = library_item.content_of(self._item, shape, self.view.saved_blocks)
            if link:
                return library_item.inserted_on(editor.network, fresh, link, content)
            if after:
                return library_item.inserted_after(editor.network, fresh, after, content)
            return library_item.put_down(editor.network, fresh, content, block or None, None if first else at)

        editor.do(dropped)

    def finish(self) -> None:
        """Take the ghost away."""
        self.view.canvas_scene.light("")
        self.clear()

    def cancel(self) -> None:
        self.finish()

    def paint(self, painter: QPainter) -> None:
        look = self.view.canvas_scene.look
        paint_ghost(painter, look, self._area, self._title, self._size, self._family, self._note)
