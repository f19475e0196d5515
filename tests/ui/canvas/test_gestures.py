from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.network import operations
from explorer.network.graph import Network
from explorer.ui.canvas.chooser import LayerChooser
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.outline import block_key
from explorer.ui.canvas.scene import CanvasScene
from tests.ui.canvas.networks import broken, chain, inception, resnet

Drive = Callable[..., Any]


def feeds(network: Network, source: str, target: str) -> bool:
    return any((link.source, link.target) == (source, target) for link in network.links.values())


def new_node(driver: Any, before: Network) -> str:
    found = set(driver.network.nodes) - set(before.nodes)
    assert len(found) == 1
    return str(found.pop())


def test_dropping_on_a_wire_inserts_into_it(drive: Drive) -> None:
    d = drive(chain())
    before = d.network
    area = d.scene.nodes["pool1"].area
    d.drop(Item("layer", "Conv2d"), d.at(area.middle[0] + 4, area.y - 12))
    made = new_node(d, before)
    assert feeds(d.network, "relu1", made)
    assert feeds(d.network, made, "pool1")
    assert d.tab.selection.nodes == {made}
    d.tab.document.undo()
    assert d.network == before


def test_the_ghost_says_where_a_drop_goes_and_lights_it(drive: Drive) -> None:
    d = drive(chain())
    area = d.scene.nodes["pool1"].area
    d.drag_over(Item("layer", "Conv2d"), d.at(area.middle[0], area.y - 12))
    ghost = d.view.gesture
    assert ghost._note == "Between conv1 and pool1"
    assert ghost._size == "64 × 30 × 30"
    assert [key for key, wire in d.scene.wires.items() if wire.lit] == ["relu1>pool1"]
    d.canvas.grab()
    d.drag_away()
    assert d.view.gesture is None
    assert not any(wire.lit for wire in d.scene.wires.values())


def test_dropping_on_or_below_the_last_card_appends(drive: Drive) -> None:
    d = drive(chain())
    before = d.network
    area = d.scene.nodes["fc2"].area
    d.drop(Item("layer", "ReLU"), d.at(area.middle[0], area.bottom + 30))
    made = new_node(d, before)
    assert feeds(d.network, "softmax", made)
    d.tab.document.undo()
    d.drop(Item("layer", "Dropout"), d.middle("fc1"))
    assert feeds(d.network, "drop", new_node(d, before))


def test_dropping_on_the_empty_canvas_puts_it_there(drive: Drive) -> None:
    d = drive(chain())
    before = d.network
    place = QPoint(200, 300)
    d.drop(Item("layer", "MaxPool2d"), place)
    made = new_node(d, before)
    assert not d.network.topology.incoming[made]
    area = d.scene.nodes[made].area
    assert (d.at(*area.middle) - place).manhattanLength() < 12
    assert area.x % 4 == 0


def test_what_is_put_behind_a_card_on_its_own_hangs_under_it(drive: Drive) -> None:
    d = drive(chain())
    before = d.network
    d.drop(Item("layer", "Conv2d"), d.at(420, 40))
    first = new_node(d, before)
    for _ in range(2):
        d.canvas.insert(Item("layer", "Conv2d"))
    below = [link.target for link in d.network.topology.outgoing[first]]
    below += [link.target for link in d.network.topology.outgoing[below[0]]]
    areas = [d.scene.nodes[node].area for node in (first, *below)]
    assert len({area.x for area in areas}) == 1
    assert areas[0].bottom < areas[1].y < areas[1].bottom < areas[2].y
    assert d.network.nodes[below[0]].position is None


def test_what_is_put_behind_a_block_stays_outside_of_it(drive: Drive) -> None:
    d = drive(resnet((2,), folded=True))
    before = d.network
    d.tab.selection.set((), ("stage1",))
    d.canvas.insert(Item("layer", "ReLU"))
    made = new_node(d, before)
    assert d.network.nodes[made].block is None
    assert feeds(d.network, made, "avgpool")

    before = d.network
    card = d.scene.nodes[block_key("stage1")].area
    d.drop(Item("layer", "ReLU"), d.at(card.middle[0], card.middle[1]))
    assert d.network.nodes[new_node(d, before)].block is None

    d.tab.selection.clear()
    d.tab.document.apply(*_without(d, "avgpool", "flatten", "fc"))
    before = d.network
    d.canvas.insert(Item("block", "squeeze-excite"))
    assert any(d.network.blocks[block].parent is None for block in set(d.network.blocks) - set(before.blocks))


def _without(d: Any, *nodes: str) -> Any:
    there = [node for node in nodes if node in d.network.nodes]
    change = operations.delete(d.network, d.tab.document.fresh_id, there)
    return change.title, change.edits


def test_dropping_into_a_block_puts_it_into_the_block(drive: Drive) -> None:
    d = drive(inception())
    before = d.network
    area = d.scene.regions["inception3a"].area
    d.drop(Item("layer", "ReLU"), d.at(area.x + 60, area.bottom - 20))
    assert d.network.nodes[new_node(d, before)].block == "inception3a"


def test_a_block_and_a_network_can_be_dropped(drive: Drive) -> None:
    d = drive(chain())
    area = d.scene.nodes["pool1"].area
    d.drop(Item("block", "basic"), d.at(area.middle[0], area.y - 12))
    if d.messages:  # the library calls it by another name
        from explorer.zoo.blocks import BLOCKS

        d.messages.clear()
        d.drop(Item("block", BLOCKS[0].name), d.at(area.middle[0], area.y - 12))
    assert d.network.blocks
    assert not d.messages
    opened: list[str] = []
    d.canvas.network_dropped.connect(opened.append)
    d.drop(Item("network", "lenet5"), QPoint(40, 40))
    assert opened == ["lenet5"]


def test_an_unknown_item_is_told_in_a_sentence(drive: Drive) -> None:
    d = drive(chain())
    before = d.network
    d.drop(Item("saved", "gone"), QPoint(60, 60))
    assert d.network is before
    assert d.messages == ["There is no saved block 'gone'."]


def test_dropping_on_an_empty_network_begins_it(drive: Drive) -> None:
    d = drive(Network("Empty"))
    assert d.canvas.hint.isVisible()
    d.drag_over(Item("layer", "Input"), QPoint(640, 300))
    assert not d.canvas.hint.isVisible()  # it would cover the ghost
    d.drag_away()
    d.settle()
    assert d.canvas.hint.isVisible()
    d.drop(Item("layer", "Input"), QPoint(500, 260))
    (made,) = d.network.nodes
    assert len(d.network.nodes) == 1
    area = d.view.on_screen(d.scene.nodes[made].area)
    assert (area.center() - QPoint(500, 260)).manhattanLength() < 40  # where it was let go, on the grid
    assert not d.canvas.hint.isVisible()
    d.drop(Item("layer", "Conv2d"), d.middle(next(iter(d.network.nodes))))
    assert len(d.network.links) == 1


def test_dragging_a_card_moves_it_and_it_stays(drive: Drive) -> None:
    d = drive(chain())
    before = d.scene.nodes["pool1"].area
    start = d.middle("pool1")
    d.drag(start, start + QPoint(-203, 61))
    position = d.network.nodes["pool1"].position
    assert position is not None
    assert position[0] % 4 == 0
    assert position[1] % 4 == 0
    assert abs(position[0] - (before.x - 203 / d.view.scale_now)) <= 4
    assert d.scene.nodes["pool1"].area[:2] == position
    d.tab.document.undo()
    d.settle()
    assert d.network.nodes["pool1"].position is None
    assert d.scene.nodes["pool1"].area == before


def test_selected_cards_move_together_in_one_step(drive: Drive) -> None:
    d = drive(chain())
    d.click(d.middle("conv1"))
    d.click(d.middle("pool1"), Qt.KeyboardModifier.ShiftModifier)
    assert d.tab.selection.nodes == {"conv1", "pool1"}
    d.drag(d.middle("conv1"), d.middle("conv1") + QPoint(240, 0))
    moved = d.network.nodes
    assert moved["conv1"].position[0] == moved["pool1"].position[0]
    d.tab.document.undo()
    assert all(node.position is None for node in d.network.nodes.values())


def test_escape_breaks_a_move_off(drive: Drive) -> None:
    d = drive(chain())
    before, area = d.network, d.scene.nodes["pool1"].area
    start = d.middle("pool1")
    d.press(start)
    d.move(start + QPoint(80, 40))
    d.move(start + QPoint(160, 40))
    assert d.scene.nodes["pool1"].area != area
    d.key(Qt.Key.Key_Escape)
    assert d.scene.nodes["pool1"].area == area
    d.release(start + QPoint(160, 40))
    assert d.network is before


def test_a_folded_block_and_an_open_one_can_be_moved(drive: Drive) -> None:
    d = drive(resnet((1, 1), folded=True))
    key = block_key("stage1")
    start = d.middle(key)
    d.drag(start, start + QPoint(300, 0))
    placed = [n for n in d.network.nodes.values() if n.position is not None]
    assert placed
    assert all(node.block == "stage1.0" for node in placed)
    moved = d.scene.nodes[key].area
    d.canvas.editor.toggle_fold(["stage1"])
    d.settle()
    assert abs(d.scene.regions["stage1"].area.x - moved.x) < 200
    area = d.scene.regions["stage1"].area
    head = d.at(area.x + 120, area.y + 12)
    before = d.scene.nodes[block_key("stage1.0")].area
    d.drag(head, head + QPoint(-200, 0))
    assert d.scene.nodes[block_key("stage1.0")].area.x < before.x - 100


def test_a_rubber_band_selects_what_it_touches(drive: Drive) -> None:
    d = drive(chain())
    top, bottom = d.scene.nodes["conv1"].area, d.scene.nodes["pool1"].area
    d.drag(d.at(top.x - 30, top.y + 10), d.at(bottom.x + 40, bottom.y + 10))
    assert d.tab.selection.nodes == {"conv1", "pool1"}
    d.click(QPoint(20, 20))
    assert d.tab.selection.empty


def test_dragging_from_port_to_port_connects(drive: Drive) -> None:
    d = drive(broken())
    before = len(d.network.links)
    d.drag(d.port("conv2", True), d.port("fc", False))
    assert feeds(d.network, "conv2", "fc")
    assert not feeds(d.network, "pool", "fc")
    assert len(d.network.links) == before
    d.drag(d.port("conv2", True), d.middle("add"))
    assert sum(link.target == "add" for link in d.network.links.values()) == 3


def test_a_wire_can_begin_between_a_layer_and_its_rider(drive: Drive) -> None:
    d = drive(chain())
    d.drag(d.port("conv1", True, "bn1"), d.middle("pool1"))
    assert feeds(d.network, "bn1", "pool1")
    assert d.scene.nodes["conv1"].card.riders == ("bn1",)


def test_connecting_backwards_is_told(drive: Drive) -> None:
    d = drive(chain())
    before = d.network
    d.drag(d.port("fc1", True), d.middle("conv1"))
    assert d.network is before
    assert len(d.messages) == 1


def test_a_wires_end_can_be_led_elsewhere_or_dropped(drive: Drive) -> None:
    d = drive(broken())
    d.drag(d.port("pool", False), d.middle("fc"))
    assert feeds(d.network, "relu2", "fc")
    assert not feeds(d.network, "relu2", "pool")
    d.tab.document.undo()
    d.settle()
    d.drag(d.port("pool", False), QPoint(60, 60))
    assert not d.network.topology.incoming["pool"]
    assert len(d.network.links) == len(broken().links) - 1


def test_a_rider_can_be_dragged_out_and_tidied_back(drive: Drive) -> None:
    d = drive(chain())
    area = d.scene.nodes["conv1"].area
    start = d.at(area.x + 60, area.y + 62)
    d.drag(start, start + QPoint(320, 10))
    assert d.network.nodes["bn1"].position is not None
    assert "bn1" in d.scene.nodes
    assert d.tab.selection.nodes == {"bn1"}
    d.canvas.tidy()
    assert d.scene.nodes["conv1"].card.riders == ("bn1", "relu1")


def test_the_middle_button_and_the_space_bar_pan(drive: Drive) -> None:
    d = drive(chain())
    before = d.middle("pool1")
    d.drag(QPoint(200, 200), QPoint(260, 240), Qt.MouseButton.MiddleButton)
    assert d.middle("pool1") - before == QPoint(60, 40)
    d.view.setFocus()
    d.view._space = True
    d.drag(QPoint(200, 200), QPoint(140, 160))
    assert d.middle("pool1") == before


def test_hovering_shows_ports_and_tells_what_is_there(drive: Drive) -> None:
    d = drive(chain())
    d.hover(d.middle("conv1"))
    assert d.scene.nodes["conv1"].stance.hovered
    d.hover(d.port("conv1", True))
    assert d.scene.hot_port is not None
    assert d.scene.hot_port.output
    d.canvas.grab()
    d.hover(QPoint(10, 10))
    assert not d.scene.nodes["conv1"].stance.hovered


def test_clicking_chevron_and_double_clicking_fold_and_unfold(drive: Drive) -> None:
    from PySide6.QtTest import QTest

    d = drive(inception())
    area = d.scene.regions["inception3a"].area
    d.click(d.at(area.x + 14, area.y + 14))
    assert d.network.blocks["inception3a"].folded
    d.settle()
    QTest.mouseDClick(d.view.viewport(), Qt.MouseButton.LeftButton, pos=d.middle(block_key("inception3a")))
    assert not d.network.blocks["inception3a"].folded
    asked: list[str] = []
    d.canvas.inspect.connect(asked.append)
    d.settle()
    QTest.mouseDClick(d.view.viewport(), Qt.MouseButton.LeftButton, pos=d.middle("avgpool"))
    assert asked == ["avgpool"]


def test_folding_keeps_the_block_where_it_was_on_the_screen(drive: Drive) -> None:
    d = drive(resnet((2, 2, 2)))
    d.view.look_at(1.0, d.view.mapToScene(d.middle("stage2.0.conv1")))
    d.settle()
    top = d.view.on_screen(d.scene.regions["stage2"].area).topLeft()
    d.canvas.editor.toggle_fold(["stage2"])
    d.settle()
    area = d.scene.nodes[block_key("stage2")].area
    assert abs(d.view.on_screen(area).top() - top.y()) < 400


def test_items_survive_many_rebuilds(drive: Drive) -> None:
    d = drive(resnet((2, 2)))
    scene: CanvasScene = d.scene
    for _ in range(6):
        d.canvas.fold_all()
        d.canvas.grab()
        d.canvas.expand_all()
        d.canvas.grab()
    assert len(scene.items()) == len(scene.nodes) + len(scene.wires) + len(scene.regions)


def test_a_wire_let_go_on_empty_ground_asks_for_a_layer(drive: Drive) -> None:
    d = drive(chain())
    before = len(d.network.nodes)
    key, card = list(d.canvas.editor.outline.cards.items())[-1]
    end = card.last
    d.hover(d.middle(key))
    begin = d.port(key, output=True, node=end)
    d.drag(begin, begin + QPoint(260, 90))
    chooser = next(w for w in QApplication.topLevelWidgets() if isinstance(w, LayerChooser) and w.isVisible())
    titles = [chooser.list.item(row).text() for row in range(chooser.list.count())]
    assert "Input" not in titles
    assert titles[-1] == "Output"
    QTest.keyClicks(chooser.field, "linear")
    QTest.keyClick(chooser.field, Qt.Key.Key_Return)
    assert len(d.network.nodes) == before + 1
    made = next(iter(d.tab.selection.nodes))
    assert d.network.nodes[made].layer.title == "Linear"
    assert [link.source for link in d.network.topology.incoming[made]] == [end]
    d.tab.document.undo()
    assert len(d.network.nodes) == before
