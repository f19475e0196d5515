from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from explorer.interop.tensors import STORE
from explorer.network.graph import Network
from explorer.ui.canvas.outline import block_key
from explorer.ui.canvas.walking import neighbour, step
from tests.ui.canvas.networks import chain, inception, resnet

Drive = Callable[..., Any]
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_arrows_walk_along_the_wires(drive: Drive) -> None:
    d = drive(inception())
    d.view.setFocus()
    walked = []
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Right, Key.Key_Down, Key.Key_Down, Key.Key_Up):
        d.key(key)
        walked.append(next(iter(d.tab.selection.nodes)))
    assert walked[0] == "input"
    assert walked[1].startswith("inception3a.")
    assert walked[-2] == "inception3a.concat"
    assert walked[-1] != walked[-2]


def test_walking_across_branches() -> None:
    from explorer.ui.canvas.outliner import outline_of
    from explorer.ui.canvas.placement import place

    network = inception()
    outline = outline_of(network)
    placement = place(outline, network)
    row = ["inception3a.one0", "inception3a.three0", "inception3a.five0", "inception3a.pool0"]
    row.sort(key=lambda key: placement.bodies[key].x)
    for left, right in itertools.pairwise(row):
        assert step(outline, placement, left, "right") == right
        assert step(outline, placement, right, "left") == left
    assert step(outline, placement, row[0], "left") is None
    assert step(outline, placement, None, "down") == "input"
    assert neighbour(outline, "input", False) is None


def test_shift_and_arrows_select_on_and_the_ends_can_be_connected(drive: Drive) -> None:
    d = drive(resnet((1,)))
    d.tab.selection.set(("conv1",))
    for _ in range(2):
        d.key(Key.Key_Down, SHIFT)
    assert {"conv1", "pool1"} <= d.tab.selection.nodes
    d.tab.selection.set(("stage1.0.conv1", "stage1.0.add"))
    d.key(Key.Key_J, CTRL)
    assert any(
        (link.source, link.target) == ("stage1.0.relu1", "stage1.0.add") for link in d.network.links.values()
    )
    d.tab.selection.set(("stage1.0.conv1", "stage1.0.add"))
    d.key(Key.Key_J, CTRL | SHIFT)
    assert d.network == resnet((1,))
    d.tab.selection.set(("conv1",))
    d.key(Key.Key_J, CTRL)
    assert len(d.messages) == 1


def test_a_rider_is_undocked_without_a_mouse(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("bn1",))
    assert d.canvas.selected_rider == "bn1"
    d.canvas.undock()
    d.settle()
    assert "bn1" in d.scene.nodes
    assert d.canvas.selection_pinned
    d.canvas.unpin()
    assert d.scene.nodes["conv1"].card.riders == ("bn1", "relu1")


def test_tab_goes_through_the_cards_and_out_behind_the_last(drive: Drive) -> None:
    d = drive(chain())
    d.view.setFocus()
    seen = []
    for _ in range(6):
        assert d.canvas._tab(True)
        seen += list(d.tab.selection.nodes)
    assert seen == ["input", "conv1", "pool1", "flatten", "fc1", "fc2"]
    assert not d.canvas._tab(True)
    assert d.canvas._tab(False)
    assert d.tab.selection.nodes == {"fc1"}


def test_delete_takes_the_riders_along_and_heals_the_chain(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("conv1",))
    d.key(Key.Key_Delete)
    assert not {"conv1", "bn1", "relu1"} & set(d.network.nodes)
    assert any((link.source, link.target) == ("input", "pool1") for link in d.network.links.values())
    assert d.tab.selection.nodes == {"pool1"}
    d.key(Key.Key_Z, CTRL)
    assert d.network == chain()


def test_deleting_a_link_and_a_folded_repeat(drive: Drive) -> None:
    d = drive(resnet((3,), folded=True))
    d.canvas.editor.toggle_fold(["stage1"])
    d.tab.selection.set(blocks=("stage1.1",))
    d.key(Key.Key_Delete)
    assert set(d.network.blocks) == {"stage1", "stage1.0"}
    link = next(link.id for link in d.network.links.values() if link.target == "flatten")
    d.tab.selection.set(links=(link,))
    d.key(Key.Key_Backspace)
    assert link not in d.network.links


def test_copy_cut_and_paste_go_through_the_clipboard_as_text(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("conv1",))
    d.key(Key.Key_C, CTRL)
    text = QGuiApplication.clipboard().text()
    assert text.lstrip().startswith("{")
    assert "Conv2d" in text
    d.tab.selection.set(("pool1",))
    d.key(Key.Key_V, CTRL)
    assert len(d.network.nodes) == len(chain().nodes) + 3
    pasted = next(n for n in d.tab.selection.nodes if type(d.network.nodes[n].layer).__name__ == "Conv2d")
    assert [link.source for link in d.network.topology.incoming[pasted]] == ["pool1"]

    other = drive(Network("Other"))
    other.key(Key.Key_V, CTRL)
    assert len(other.network.nodes) == 3

    d.tab.selection.set(("fc1",))
    d.key(Key.Key_X, CTRL)
    assert "fc1" not in d.network.nodes
    assert "relu2" not in d.network.nodes


def test_weights_that_only_another_program_has_are_told_of_when_they_are_pasted(drive: Drive) -> None:
    def named(tensor: str) -> Network:
        network = chain()
        conv = msgspec.structs.replace(network.nodes["conv1"], tensors={"weight": tensor})
        return dataclasses.replace(network, nodes={**network.nodes, "conv1": conv})

    for tensor, said in ((STORE.put(torch.ones(6, 1, 5, 5)), False), ("0" * 32, True)):
        d = drive(named(tensor))
        d.tab.selection.set(("conv1",))
        d.key(Key.Key_C, CTRL)
        d.key(Key.Key_V, CTRL)
        assert sum(node.tensors == {"weight": tensor} for node in d.network.nodes.values()) == 2
        assert [message.partition(":")[0] for message in d.messages] == ["1 layer is random"] * said


def test_pasting_something_else_is_told(drive: Drive) -> None:
    d = drive(chain())
    QGuiApplication.clipboard().setText("hello")
    d.key(Key.Key_V, CTRL)
    assert d.network == chain()
    assert d.messages == ["The clipboard holds no layers; copy some first."]


def test_duplicate_select_all_and_escape(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("pool1",))
    d.key(Key.Key_D, CTRL)
    assert len(d.network.nodes) == len(chain().nodes) + 1
    d.key(Key.Key_A, CTRL)
    assert len(d.tab.selection.nodes) == 7
    d.key(Key.Key_Escape)
    assert d.tab.selection.empty


def test_alt_and_arrows_nudge_in_one_undoable_step(drive: Drive) -> None:
    d = drive(chain())
    before = d.scene.nodes["pool1"].area
    d.tab.selection.set(("pool1",))
    for _ in range(5):
        d.key(Key.Key_Right, ALT)
    assert d.scene.nodes["pool1"].area.x == before.x + 20
    d.tab.document.undo()
    assert d.network.nodes["pool1"].position is None


def test_enter_folds_blocks_and_opens_the_settings_of_layers(drive: Drive) -> None:
    d = drive(inception())
    d.tab.selection.set(blocks=("inception3a",))
    d.key(Key.Key_Return)
    assert d.network.blocks["inception3a"].folded
    asked: list[str] = []
    d.canvas.inspect.connect(asked.append)
    d.tab.selection.set(("fc",))
    d.key(Key.Key_Return)
    assert asked == ["fc"]


def test_zoom_keys(drive: Drive) -> None:
    d = drive(resnet((2, 2)))
    d.key(Key.Key_0)
    assert d.view.scale_now == 1.0
    d.key(Key.Key_Plus)
    assert d.view.scale_now == 1.25
    d.key(Key.Key_Minus)
    d.key(Key.Key_F)
    assert d.view.seen().contains(d.scene.bounds())


def test_renaming_on_the_spot(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("fc1",))
    d.key(Key.Key_F2)
    field = d.view.viewport().findChild(QLineEdit)
    assert field is not None
    assert field.text() == "fc1"
    QTest.keyClicks(field, "hidden")
    QTest.keyClick(field, Key.Key_Return)
    assert d.network.nodes["fc1"].name == "hidden"
    d.settle()
    assert d.scene.nodes["fc1"].face.name == "hidden"


def test_a_rider_is_renamed_where_it_rides(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("relu1",))
    d.key(Key.Key_F2)
    field = d.view.viewport().findChild(QLineEdit)
    assert field is not None
    head = d.middle("conv1")
    assert field.text() == "relu1"
    assert field.geometry().top() > head.y()  # the name of the card that it rides on stays readable
    QTest.keyClick(field, Key.Key_Escape)


def test_group_asks_for_a_name(drive: Drive) -> None:
    d = drive(chain())
    d.tab.selection.set(("conv1", "pool1"))
    d.key(Key.Key_G, CTRL)
    field = d.view.viewport().findChild(QLineEdit)
    QTest.keyClicks(field, "stem")
    QTest.keyClick(field, Key.Key_Return)
    (block,) = d.network.blocks.values()
    assert block.name == "stem"
    assert {n for n, node in d.network.nodes.items() if node.block} == {"conv1", "bn1", "relu1", "pool1"}


def test_the_selected_card_is_announced(drive: Drive) -> None:
    d = drive(chain())
    assert d.view.accessibleName() == "Network canvas"
    d.tab.selection.set(("conv1",))
    text = d.view.accessibleDescription()
    assert "conv1" in text
    assert "16 × 32 × 32" in text
    assert "Batch norm" in text
    assert "1,200 parameters" in text
    d.tab.selection.set(("conv1", "fc1"))
    assert d.view.accessibleDescription() == "2 selected"


def test_keys_that_mean_nothing_are_left_to_others(drive: Drive) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    d = drive(chain())
    event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_J, Qt.KeyboardModifier.NoModifier, "j")
    d.view.keyPressEvent(event)
    assert not event.isAccepted()


def test_a_folded_block_is_walked_onto(drive: Drive) -> None:
    d = drive(resnet((1,), folded=True))
    d.tab.selection.set(("pool1",))
    d.key(Key.Key_Down)
    assert d.tab.selection.blocks == {"stage1"}
    assert d.canvas.current == block_key("stage1")


def test_links_are_selected_walked_and_removed_by_keys(drive: Drive) -> None:
    d = drive(resnet((1,)))
    d.tab.selection.set(("stage1.0.add",))
    ends = []
    for _ in range(3):
        d.key(Key.Key_L)
        wire = d.canvas.current_wire
        ends.append((wire.source, wire.target))
        assert d.view.accessibleDescription().startswith("Link from")
    assert len(set(ends)) == 3
    assert sum(target == "stage1.0.add" for _, target in ends) == 2
    d.key(Key.Key_L)  # and round again
    link = next(iter(d.tab.selection.links))
    d.key(Key.Key_Up)
    assert d.tab.selection.nodes == {ends[0][0]}
    d.tab.selection.set(links=(link,))
    d.key(Key.Key_Delete)
    assert link not in d.network.links
    d.tab.selection.clear()
    d.key(Key.Key_L)
    assert d.messages[-1].startswith("Select a layer first")
