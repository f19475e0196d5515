"""Anything a person may do, in any order: the canvas keeps showing the network as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt

from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import LAYERS
from explorer.ui.canvas.face import face_of, facts_of
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.outliner import outline_of
from explorer.zoo.blocks import BLOCKS
from tests.ui.canvas.networks import broken, chain, inception, resnet

Drive = Callable[..., Any]
Key = Qt.Key
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
KEYS = (Key.Key_Delete, Key.Key_Return, Key.Key_F, Key.Key_Plus, Key.Key_Minus, Key.Key_Escape)
LETTERS = (Key.Key_C, Key.Key_V, Key.Key_D, Key.Key_A, Key.Key_X, Key.Key_J)
ARROWS = (Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right)


def act(d: Any, chance: random.Random) -> None:
    port = d.view.viewport()

    def somewhere() -> QPoint:
        return QPoint(chance.randint(0, port.width()), chance.randint(0, port.height()))

    actions: tuple[Callable[[], object], ...] = (
        lambda: d.drag(somewhere(), somewhere()),
        lambda: d.drag(d.middle(chance.choice([*d.scene.nodes])), somewhere()) if d.scene.nodes else None,
        lambda: d.drop(Item("layer", chance.choice(LAYERS).__name__), somewhere()),
        lambda: d.drop(Item("block", chance.choice(BLOCKS).name), somewhere()),
        lambda: d.click(somewhere()),
        lambda: d.key(chance.choice(KEYS)),
        lambda: d.key(chance.choice(LETTERS), CTRL),
        lambda: d.key(chance.choice(ARROWS), chance.choice((NONE, ALT, SHIFT))),
        d.tab.document.undo,
        d.tab.document.redo,
        d.canvas.fold_all,
        d.canvas.expand_all,
        lambda: d.canvas.set_docked(chance.random() < 0.7),
        d.canvas.problems.show_now,
    )
    chance.choice(actions)()
    d.settle()


@pytest.mark.parametrize("seed", range(6))
def test_the_canvas_shows_the_network_whatever_is_done(drive: Drive, seed: int) -> None:
    chance = random.Random(seed)
    network: Network = (chain, inception, broken, lambda: resnet((2, 2)))[seed % 4]()
    d = drive(network, size=(900, 700))
    for step in range(60):
        act(d, chance)
        plan = d.scene.plan
        assert plan.facts.network is d.network
        assert plan.outline == outline_of(d.network, d.canvas.docked)
        assert set(d.scene.nodes) == set(plan.outline.cards)
        assert set(d.scene.wires) == set(plan.outline.wires)
        assert set(d.scene.regions) == set(plan.outline.regions)
        if step % 10 == 9:
            facts = facts_of(d.network, infer(d.network))
            for key, item in d.scene.nodes.items():
                assert item.face == face_of(item.card, facts), key
                assert item.area == plan.placement.bodies[key]
            d.canvas.grab()
    while d.tab.document.can_undo:
        d.tab.document.undo()
    assert d.network == network
