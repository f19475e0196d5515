"""Which gesture a press begins, by what lies under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from explorer.ui.canvas.gestures.connect import Connect, Rewire
from explorer.ui.canvas.gestures.detach_rider import DetachRider
from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.gestures.move_cards import MoveCards
from explorer.ui.canvas.gestures.pan import Pan
from explorer.ui.canvas.gestures.rubber_band import RubberBand
from explorer.ui.canvas.hits import Hit, Target
from explorer.ui.canvas.outline import Wire
from explorer.ui.canvas.ports import Port

if TYPE_CHECKING:
    from explorer.ui.canvas.view import CanvasView


def begin(view: CanvasView, start: Pointer, found: Hit, pan: bool = False) -> Gesture | None:
    """The gesture that a drag from here is, None if it is none."""
    scene = view.canvas_scene
    if pan:
        return Pan(view, start)
    if view.editor is None or scene.plan is None or scene.plan.ghosts:
        return None
    match found.target:
        case Target.NOTHING | Target.REGION:
            return RubberBand(view, start)
        case Target.CARD:
            return _move(view, start, found.key)
        case Target.RIDER:
            return DetachRider(view, start, found.key, found.rider)
        case Target.PORT:
            assert found.port is not None
            taken = _taken(view, found.key, found.port)
            if taken is not None:
                return Rewire(view, start, taken, by_target=True)
            return Connect(view, start, found.key, found.port)
        case Target.WIRE_START | Target.WIRE_END:
            return Rewire(view, start, scene.wires[found.key].wire, found.target is Target.WIRE_END)
        case Target.HEADER | Target.CHEVRON if found.block is not None:
            return MoveCards(view, start, scene.plan.outline.cards_within(found.block), "")
    return RubberBand(view, start) if found.target is Target.WIRE else None


def _move(view: CanvasView, start: Pointer, key: str) -> Gesture:
    card = view.canvas_scene.nodes[key].card
    selection = view.selection
    assert selection is not None
    selected = card.block in selection.blocks if card.block else card.head in selection.nodes
    if not selected:
        adds = bool(start.modifiers & Qt.KeyboardModifier.ShiftModifier)
        nodes = selection.nodes if adds else frozenset[str]()
        blocks = selection.blocks if adds else frozenset[str]()
        if card.block:
            selection.set(nodes, blocks | {card.block})
        else:
            selection.set(nodes | {card.head}, blocks)
    keys = [
        item.card.key
        for item in view.canvas_scene.nodes.values()
        if (item.card.block in selection.blocks if item.card.block else item.card.head in selection.nodes)
    ]
    return MoveCards(view, start, keys, key)


def _taken(view: CanvasView, key: str, port: Port) -> Wire | None:
    """The wire that already ends at an input: pressing there takes it up."""
    plan = view.canvas_scene.plan
    if port.output or plan is None:
        return None
    wires = plan.outline.into[key]
    same = [wire for wire in wires if (wire.target_node, wire.target_port) == (port.node, port.port)]
    return same[0] if same else None
