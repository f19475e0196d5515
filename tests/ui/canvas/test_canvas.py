from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton

from explorer.network import operations
from explorer.network.graph import Network
from explorer.network.layers import ReLU
from explorer.session.session import Session
from explorer.ui.actions import Actions
from explorer.ui.canvas.actions import canvas_actions
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.levels import Level, level_at
from explorer.ui.canvas.metrics import CARD_WIDTH
from explorer.ui.theme import theme
from explorer.zoo import catalogue
from tests.ui.canvas.networks import broken, chain, inception, resnet

Drive = Callable[..., Any]


def set_fields(d: Any, node: str, **fields: Any) -> None:
    change = operations.set_fields(d.network, node, fields)
    d.tab.document.apply(change.title, change.edits)
    d.settle()


def test_a_keystroke_keeps_every_item_and_rebuilds_nothing(drive: Drive) -> None:
    d = drive(resnet((2, 2)))
    outline, placement = d.scene.plan.outline, d.scene.plan.placement
    items = dict(d.scene.nodes)
    before = d.scene.nodes["conv1"].face.size
    set_fields(d, "conv1", stride=1)
    assert d.scene.plan.outline is outline
    assert d.scene.plan.placement is placement
    assert d.scene.nodes == items
    assert before == "64 × 112 × 112"
    assert d.scene.nodes["conv1"].face.size == "64 × 224 × 224"
    assert d.scene.nodes["stage2.1.add"].face.size == "512 × 56 × 56"


def test_only_cards_that_say_something_else_are_made_new(drive: Drive) -> None:
    d = drive(chain())
    faces = {key: item.face for key, item in d.scene.nodes.items()}
    set_fields(d, "fc1", out_features=60)
    changed = {key for key, item in d.scene.nodes.items() if item.face is not faces[key]}
    assert changed == {"fc1", "fc2"}


def test_an_error_is_told_beside_its_card_and_mended_with_a_click(drive: Drive) -> None:
    d = drive(broken())
    d.canvas.problems.show_now()
    d.settle()
    cards = d.canvas.problems.cards
    assert [card.problem.node for card in cards] == ["add"]
    card = cards[0]
    node = d.view.on_screen(d.scene.nodes["add"].covers)
    assert card.isVisible()
    assert not card.geometry().intersects(node)
    assert not any(
        card.geometry().intersects(d.view.on_screen(item.covers)) for item in d.scene.nodes.values()
    )
    assert d.scene.nodes["add"].face.problem == "error"
    assert d.scene.nodes["fc"].face.problem == ""
    card.findChildren(QPushButton)[0].click()
    assert d.scene.nodes["add"].face.problem == ""
    d.tab.document.undo()
    assert d.network == broken()


def test_pointing_at_a_mend_shows_its_ghost_and_changes_nothing(drive: Drive) -> None:
    d = drive(broken())
    d.canvas.problems.show_now()
    before, count = d.network, len(d.scene.nodes)
    button = d.canvas.problems.cards[0].findChildren(QPushButton)[0]
    enter = QEnterEvent(QPointF(4, 4), QPointF(4, 4), QPointF(button.mapToGlobal(QPoint(4, 4))))
    QApplication.sendEvent(button, enter)
    ghosts = {item.stance.ghost for item in d.scene.nodes.values()}
    assert ghosts == {"", "added", "changed"}
    assert len(d.scene.nodes) > count
    d.canvas.grab()
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    assert len(d.scene.nodes) == count
    assert d.network is before
    assert not d.tab.document.can_undo


def test_levels_of_detail() -> None:
    assert level_at(1.0) is Level.NEAR
    assert level_at(0.5) is Level.MIDDLE
    assert level_at(0.2) is Level.FAR
    assert level_at(0.5, shown=900) is Level.FAR
    assert level_at(0.8, shown=900) is Level.NEAR


@pytest.mark.parametrize("scale", [0.03, 0.25, 0.45, 0.7, 1.0, 2.5])
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_every_level_paints_in_every_theme(drive: Drive, scale: float, choice: Any) -> None:
    d = drive(resnet((2, 2)))
    theme().choose(choice)
    d.view.look_at(scale, d.scene.bounds().center())
    d.tab.selection.set(("stage1.0.conv1",), ("stage2.0",))
    d.settle()
    picture = d.view.grab().toImage()
    ground = theme().tokens.canvas.rgb()
    middle = [picture.pixel(picture.width() // 2, y) for y in range(0, picture.height(), 3)]
    assert any(pixel != ground for pixel in middle)


def test_far_out_bars_have_the_colours_of_their_families(drive: Drive) -> None:
    d = drive(chain())
    d.view.look_at(0.2, d.scene.bounds().center())
    d.settle()
    picture = d.view.viewport().grab().toImage()
    look = d.scene.look
    for key, family in (("conv1", "convolution"), ("pool1", "pooling"), ("fc1", "dense")):
        at = d.view.on_screen(d.scene.nodes[key].area).center()
        assert picture.pixelColor(at + QPoint(6, 0)).rgb() == look.bars[family].rgb()


def test_projector_makes_everything_larger(drive: Drive) -> None:
    d = drive(chain(), size=(1600, 1200))
    width = d.view.on_screen(d.scene.nodes["conv1"].area).width()
    theme().choose("light", projector=True)
    d.settle()
    assert d.view.on_screen(d.scene.nodes["conv1"].area).width() == pytest.approx(1.35 * width, abs=3)
    theme().choose("light", projector=False)


def test_the_wheel_zooms_with_control_and_scrolls_without(drive: Drive) -> None:
    d = drive(resnet((2, 2)))

    def wheel(held: Qt.KeyboardModifier) -> None:
        at = QPointF(300, 200)
        QApplication.sendEvent(
            d.view.viewport(),
            QWheelEvent(
                at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, held,
                Qt.ScrollPhase.NoScrollPhase, False,
            ),
        )  # fmt: skip

    there = d.view.mapToScene(QPoint(300, 200))
    scale = d.view.scale_now
    wheel(Qt.KeyboardModifier.ControlModifier)
    assert d.view.scale_now > scale
    assert (d.view.mapFromScene(there) - QPoint(300, 200)).manhattanLength() <= 2
    scale, top = d.view.scale_now, d.view.seen().top()
    wheel(Qt.KeyboardModifier.NoModifier)
    assert d.view.scale_now == scale
    assert d.view.seen().top() < top


def test_the_overview_shows_only_while_something_is_out_of_sight(drive: Drive) -> None:
    d = drive(resnet((3, 3)))
    d.view.begin_at_top()
    assert d.canvas.minimap.isVisible()
    d.canvas.minimap.grab()
    d.canvas.minimap._go(QPointF(40, d.canvas.minimap.height() - 10))
    assert d.view.seen().bottom() > d.scene.bounds().bottom() - 600
    d.canvas.fit()
    assert not d.canvas.minimap.isVisible()


def test_an_empty_network_offers_a_beginning(drive: Drive) -> None:
    d = drive(Network("Empty"))
    assert d.canvas.hint.isVisible()
    d.canvas.hint.button.click()
    assert [type(node.layer).__name__ for node in d.network.nodes.values()] == ["Input"]
    assert not d.canvas.hint.isVisible()
    d.tab.document.undo()
    assert d.canvas.hint.isVisible()


def test_a_network_opened_before_the_window_has_its_size_is_still_shown_well(drive: Drive) -> None:
    d = drive(resnet((2, 2)), size=(120, 90))
    d.canvas.resize(1280, 800)
    d.settle()
    assert d.view.scale_now == 1.0
    assert d.view.viewport().rect().contains(d.view.on_screen(d.scene.nodes["input"].area))
    d.view.zoom_to(0.5)
    d.canvas.resize(1000, 700)
    d.settle()
    assert d.view.scale_now == 0.5


def test_each_tab_is_looked_at_where_it_was_left(drive: Drive) -> None:
    d = drive(resnet((2, 2)))
    other = Session().open(chain())
    other.number = 99
    d.view.look_at(0.8, QPointF(40, 900))
    middle = d.view.seen().center()
    d.canvas.show_network(other)
    assert "fc2" in d.scene.nodes
    d.canvas.show_network(d.tab)
    assert d.view.scale_now == pytest.approx(0.8)
    assert (d.view.seen().center() - middle).manhattanLength() < 4
    d.canvas.show_network(None)
    assert not d.scene.nodes
    other.document.apply(
        "x", operations.append_after(other.document.network, other.document.fresh_id, "fc2", ReLU()).edits
    )


def test_revealing_scrolls_to_a_node_inside_folded_blocks_too(drive: Drive) -> None:
    d = drive(resnet((3, 3), folded=True), size=(600, 300))
    d.view.zoom_to(1.0)
    d.canvas.reveal("stage2.1.conv2")
    area = d.scene.nodes["[stage2]"].area
    assert d.view.viewport().rect().contains(d.view.on_screen(area))
    assert d.tab.selection.nodes == {"stage2.1.conv2"}


def test_a_selected_layer_that_is_folded_away_marks_the_card_that_holds_it(drive: Drive) -> None:
    d = drive(resnet((2,), folded=True))
    d.tab.selection.set(("stage1.1.conv2",))
    assert d.scene.nodes["[stage1]"].stance.holds
    assert not d.scene.nodes["[stage1]"].stance.selected
    assert not d.scene.nodes["conv1"].stance.holds


def test_what_is_inserted_out_of_sight_is_brought_into_view(drive: Drive) -> None:
    d = drive(resnet((3, 3)), size=(900, 400))
    d.view.begin_at_top()
    from explorer.ui.canvas.item_mime import Item

    d.canvas.insert(Item("layer", "Linear"))
    (made,) = d.tab.selection.nodes
    d.settle()
    assert d.view.viewport().rect().contains(d.view.on_screen(d.scene.nodes[made].area).center())


def test_a_stale_mend_is_told_and_does_nothing(drive: Drive) -> None:
    d = drive(broken())
    d.canvas.problems.show_now()
    mend = d.canvas.problems.cards[0].problem.mends[0]
    d.canvas.editor.tab.selection.set(("add",))
    d.canvas.delete()
    before = d.network
    d.canvas._mend(mend)
    d.canvas.preview(mend.edits)
    assert d.network is before
    assert len(d.messages) == 1


def test_riders_can_be_cards_of_their_own(drive: Drive) -> None:
    d = drive(chain())
    d.canvas.set_docked(False)
    assert len(d.scene.nodes) == 11
    d.canvas.set_docked(True)
    assert len(d.scene.nodes) == 6


def test_all_words_on_a_card_fit_into_it(drive: Drive) -> None:
    d = drive(inception())
    long = operations.rename(
        d.network, "inception3a.three0", "a_name_that_is_much_longer_than_any_card_is_wide"
    )
    d.tab.document.apply(long.title, long.edits)
    look = d.scene.look
    for item in d.scene.nodes.values():
        face = item.face
        size = look.width(look.elided(face.size, "size", CARD_WIDTH * 0.66), "size")
        name = look.elided(face.name, "name", CARD_WIDTH - 26 - 10 - size)
        assert look.width(name, "name") + size <= CARD_WIDTH - 26
    assert "…" in look.elided("a_name_that_is_much_longer_than_any_card_is_wide", "name", 100)


def test_actions_of_the_canvas_have_their_own_ids_and_shortcuts(drive: Drive) -> None:
    from PySide6.QtWidgets import QWidget

    d = drive(inception())
    window = QWidget()
    registry = Actions(window)
    registry.set_actions("canvas", canvas_actions(d.canvas))
    assert not registry.trigger("canvas.delete")
    d.tab.selection.set(("fc",))
    assert registry.trigger("canvas.delete")
    assert "fc" not in d.network.nodes
    for action in registry.all():
        if action.enabled():
            action.run()
    window.deleteLater()


def test_dragging_to_the_edge_pans(drive: Drive) -> None:
    d = drive(resnet((3, 3)))
    d.view.zoom_to(1.0)
    top = d.view.seen().top()
    start = d.middle("conv1")
    d.hover(start)
    d.press(start)
    d.move(start + QPoint(20, 20))
    d.move(QPoint(start.x(), d.view.viewport().height() - 2))
    for _ in range(3):
        d.view._auto_pan._timer.timeout.emit()
    assert d.view.seen().top() > top
    d.key(Qt.Key.Key_Escape)
    assert not d.view._auto_pan._timer.isActive()
    d.release(start)
    assert d.network.nodes["conv1"].position is None


def test_the_canvas_does_not_run_away_from_what_comes_over_its_edge(drive: Drive) -> None:
    d = drive(resnet((3, 3)))
    timer = d.view._auto_pan._timer
    left, bottom = QPoint(3, 300), QPoint(400, d.view.viewport().height() - 2)
    d.drag_over(Item("layer", "ReLU"), left, left + QPoint(4, 9))
    assert not timer.isActive()
    d.drag_over(Item("layer", "ReLU"), left, bottom)
    assert timer.isActive()  # another edge than the one it came over
    d.drag_over(Item("layer", "ReLU"), left, QPoint(300, 300), left)
    assert timer.isActive()  # it was inside, and goes back to the edge on purpose
    d.drag_away()
    assert not timer.isActive()


def test_a_copy_of_several_is_brought_into_view(drive: Drive) -> None:
    d = drive(resnet((3, 3)), size=(420, 400))
    d.tab.selection.set({"conv1", "bn1"})
    d.canvas.duplicate()
    made = [d.view.card_of(node) for node in d.tab.selection.nodes]
    assert made
    area = d.scene.area_of(made[0])
    assert area is not None
    assert d.view.viewport().rect().contains(d.view.on_screen(area))


def test_branches_that_would_be_cut_are_shown_from_further_off(drive: Drive) -> None:
    d = drive(catalogue.find("inception-reduced").build(), size=(640, 420))
    assert d.view.seen().contains(d.scene.bounds())
    assert d.scene.level is Level.MIDDLE
    d = drive(catalogue.find("vgg16").build(), size=(640, 420))
    assert not d.view.seen().contains(d.scene.bounds())  # a chain begins at its top, and can be read
    d.view.repaint()
    assert d.scene.level is Level.NEAR
