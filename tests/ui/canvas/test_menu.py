from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from explorer.ui.canvas.hits import Hit, Target, hit
from explorer.ui.canvas.menu import menu_for
from explorer.ui.canvas.outline import block_key
from tests.ui.canvas.networks import chain, inception, resnet

Drive = Callable[..., Any]


def action(menu: QMenu, *path: str) -> QAction:
    """The action at a path of titles."""
    for title in path[:-1]:
        submenu = next(found.menu() for found in menu.actions() if found.text() == title)
        assert isinstance(submenu, QMenu)
        menu = submenu
    return next(found for found in menu.actions() if found.text() == path[-1])


def menu_at(d: Any, at: QPoint) -> QMenu:
    found = hit(d.scene, d.view.mapToScene(at), d.view.scale_now)
    d.view.menu_point = d.view.mapToScene(at)
    d.canvas._menu_wanted(found, d.view.viewport().mapToGlobal(at))
    for open_menu in d.canvas.findChildren(QMenu):
        open_menu.close()
    return menu_for(d.canvas, found)


def test_on_a_card(drive: Drive) -> None:
    d = drive(chain())
    menu = menu_at(d, d.middle("pool1"))
    assert d.tab.selection.nodes == {"pool1"}
    action(menu, "Insert layer after", "Activation", "ReLU").trigger()
    d.settle()
    assert len(d.scene.nodes["pool1"].card.riders) == 1
    action(menu_at(d, d.middle("fc1")), "Delete").trigger()
    assert "fc1" not in d.network.nodes


def test_on_a_wire(drive: Drive) -> None:
    d = drive(chain())
    area = d.scene.nodes["fc2"].area
    at = d.at(area.middle[0], area.y - 14)
    menu = menu_at(d, at)
    assert len(d.tab.selection.links) == 1
    action(menu, "Insert layer", "Dense", "Linear").trigger()
    assert len(d.network.nodes) == len(chain().nodes) + 1
    d.tab.document.undo()
    d.settle()
    action(menu_at(d, at), "Remove this link").trigger()
    assert not d.network.topology.incoming["fc2"]


def test_on_the_canvas(drive: Drive) -> None:
    d = drive(chain())
    menu = menu_at(d, QPoint(100, 400))
    action(menu, "Add layer", "Convolution", "Convolution").trigger()
    d.settle()
    (made,) = set(d.network.nodes) - set(chain().nodes)
    assert abs(d.at(*d.scene.nodes[made].area.middle).y() - 400) < 40
    assert not action(menu_at(d, QPoint(40, 40)), "Paste").isEnabled()


def test_on_a_repeat(drive: Drive) -> None:
    d = drive(resnet((3,), folded=True))
    d.canvas.editor.toggle_fold(["stage1"])
    d.settle()
    key = block_key("stage1.1")
    assert d.scene.nodes[key].face.copies == 2
    action(menu_at(d, d.middle(key)), "Repeat", "×6").trigger()
    d.settle()
    assert d.scene.nodes[key].face.copies == 6
    action(menu_at(d, d.middle(key)), "Show the 6 copies", "Every copy").trigger()
    d.settle()
    assert len(d.scene.regions) == 7
    d.tab.selection.set(blocks=("stage1.2",))
    action(menu_for(d.canvas, Hit(Target.NOTHING)), "Detach from the repeat").trigger()
    assert d.network.blocks["stage1.2"].group is None


def test_saving_a_selection_as_a_block(drive: Drive) -> None:
    d = drive(inception())
    kept: list[Any] = []
    d.canvas.block_saved.connect(kept.append)
    d.tab.selection.set(blocks=("inception3a",))
    action(menu_for(d.canvas, Hit(Target.NOTHING)), "Save as block in the library").trigger()
    assert len(kept[0].network.nodes) == 14


def test_every_entry_of_every_menu_runs(drive: Drive) -> None:
    """Nothing in a menu may fail, whatever is selected."""
    for make, selected in (
        (chain, {"nodes": ("conv1",)}),
        (inception, {"blocks": ("inception3a",)}),
        (inception, {"nodes": ("inception3a.concat", "fc")}),
        (inception, {}),
    ):
        count = len(menu_for((d := drive(make())).canvas, Hit(Target.NOTHING)).actions())
        for index in range(count):
            d.tab.selection.set(**selected)
            entry = menu_for(d.canvas, Hit(Target.NOTHING)).actions()[index]
            if entry.menu() is None and not entry.isSeparator():
                entry.trigger()
            while d.tab.document.can_undo:
                d.tab.document.undo()
