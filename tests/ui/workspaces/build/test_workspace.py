from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QMenu, QWidget

from explorer.network.layers import Conv2d
from explorer.network.operations import set_fields
from explorer.session.session import OpenNetwork, Session
from explorer.ui.actions import Actions
from explorer.ui.shell.messages import Message
from explorer.ui.shell.sheets import Shortcuts
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.build import BuildWorkspace
from explorer.ui.workspaces.build.exports import write_table
from explorer.ui.workspaces.build.layout import PANELS
from explorer.ui.workspaces.build.picture_menu import bundled_pictures
from explorer.ui.workspaces.build.table_cells import Column
from tests.ui.workspaces.build.conftest import small_network
from tests.ui.workspaces.build.waiting import settle, wait_for


@pytest.fixture(scope="module")
def torch_loaded() -> None:
    """Loads torch in the main thread: the pools that numpy and torch start are nobody's leak."""
    importlib.import_module("explorer.interop.execute")


def messages(build: BuildWorkspace) -> list[Message]:
    said: list[Message] = []
    build.surroundings.messages.said.connect(said.append)
    build.surroundings.runner.failed.connect(
        lambda handle: build.surroundings.messages.error(handle.error, handle.title)
    )
    return said


def test_its_actions_do_not_collide(build: BuildWorkspace) -> None:
    registry = Actions(build)
    registry.set_actions("workspace", build.own_actions())
    identifiers = {action.id for action in build.own_actions()}
    assert {"build.run_picture", "build.panel.library", "build.export_csv", "build.save_block"} <= identifiers
    registry.set_actions("workspace", ())


def test_an_item_goes_behind_the_selection(build: BuildWorkspace, tab: OpenNetwork) -> None:
    tab.selection.set(["pool"])
    build.choose("layer", "Conv2d")
    follower = tab.document.network.topology.outgoing["pool"][0].target
    assert tab.document.network.nodes[follower].layer == Conv2d()
    assert tab.selection.nodes == {follower}
    tab.document.undo()
    assert tab.document.network.topology.outgoing["pool"][0].target == "flatten"


def test_the_first_layer_of_an_empty_network_brings_its_input(
    build: BuildWorkspace, session: Session
) -> None:
    from explorer.network.graph import Network

    tab = session.open(Network("New"))
    build.choose("layer", "Conv2d")
    build.choose("block", "residual")
    titles = [node.layer.title for node in tab.document.network.nodes.values()]
    assert titles[:2] == ["Input", "Convolution"]
    assert len(tab.document.network.blocks) == 1
    assert tab.document.inference.totals.exact
    for _ in range(3):
        tab.document.undo()
    assert not tab.document.network.nodes


def test_what_is_not_known_at_all_is_not_told_as_nothing(build: BuildWorkspace, session: Session) -> None:
    from explorer.network.edits import add
    from explorer.network.graph import Network, Node

    tab = session.open(Network("New"))
    tab.document.apply("Add", [add(Node("n1", "conv", Conv2d(8, (3, 3))))])
    assert [figure.value for figure in build.status().left] == [""]
    assert "follow" in build.status().left[0].label


def test_every_item_of_the_palette_runs(build: BuildWorkspace, session: Session) -> None:
    for action in build.commands(""):
        session.open(small_network())
        before = len(session.tabs)
        tab = session.active
        assert tab is not None
        nodes = len(tab.document.network.nodes)
        action.run()
        if action.group == "Classic networks":
            assert len(session.tabs) == before + 1
            session.close(session.tabs[-1])
        else:
            assert len(tab.document.network.nodes) > nodes, action.text
        tab.mark_saved(Path("x"))
        session.close(tab)


def test_a_network_opens_in_a_tab_and_the_numbers_are_right(build: BuildWorkspace, session: Session) -> None:
    build.choose("network", "vgg16")
    status = build.status()
    assert [(figure.value, figure.label) for figure in status.left][:3] == [
        ("138.36 M", "parameters"), ("15.47 G", "MACs"), ("527.8 MiB", "weights"),
    ]  # fmt: skip
    assert status.left[3].label == "to train at batch 32"
    assert status.right[0].value == "3 × 224 × 224"
    assert status.problems == 0
    build.assumptions.set_batch(1)
    assert build.status().left[3].label == "to train at batch 1"


def test_a_problem_is_counted_listed_mended(build: BuildWorkspace, tab: OpenNetwork) -> None:
    change = set_fields(tab.document.network, "conv1", {"groups": 2})
    tab.document.apply(change.title, change.edits)
    assert wait_for(lambda: build.status().problems > 0, 2000)
    assert "follow" in build.status().left[0].label  # nothing is known behind the first layer
    build.show_problems()
    assert build.problem_list.isVisible()
    cards = build.problem_list.cards.cards
    assert cards
    jumped = QSignalSpy(build.problem_list.jumped)
    cards[0].jumped.emit()
    assert jumped.count() == 1
    assert not build.problem_list.isVisible()
    assert tab.selection.nodes == {"conv1"}
    title = cards[0].problem.mends[0].title
    build.show_problems()
    assert build.problem_list.isVisible()
    needed = build.problem_list.cards.cards[-1].geometry().bottom()
    assert needed <= build.problem_list.height() < needed + 120  # neither cut off nor half empty
    build._preview(cards[0].problem, title)
    assert tab.document.network.nodes["conv1"].layer == Conv2d(
        8, (3, 3), padding="same", bias=False, groups=2
    )
    build._mend(cards[0].problem, title)
    assert build.status().problems == 0
    assert wait_for(lambda: not build.problem_list.isVisible(), 2000)  # nothing is left to tell
    tab.document.undo()
    assert tab.document.network.nodes["conv1"].layer.groups == 2


def test_an_old_mend_is_worked_out_again(build: BuildWorkspace, tab: OpenNetwork) -> None:
    change = set_fields(tab.document.network, "conv1", {"groups": 2})
    tab.document.apply(change.title, change.edits)
    build.feed.look()
    problem = build.feed.at("conv1")[0]
    title = problem.mends[0].title
    change = set_fields(tab.document.network, "conv1", {"dilation": 2})
    tab.document.apply(change.title, change.edits)
    build._mend(problem, title)
    assert not build.feed.at("conv1")


def test_panels_fold_and_are_remembered(build: BuildWorkspace, tab: OpenNetwork) -> None:
    settings = build.surroundings.settings
    for name in PANELS:
        before = build.panels.is_shown(name)
        build.panels.toggle(name)
        assert build.panels.is_shown(name) is not before
        assert settings.flag(f"build/show-{name}", before) is not before
        build.panels.toggle(name)
        assert build.panels.is_shown(name) is before


@pytest.mark.parametrize("size", [(1280, 660), (1440, 840), (2560, 1400)])
def test_nothing_is_cut(build: BuildWorkspace, tab: OpenNetwork, qapp: Any, size: tuple[int, int]) -> None:
    build.resize(*size)
    build.choose("network", "resnet34")
    shown = build.tab
    assert shown is not None
    for selected in ([], ["conv1"], ["conv1", "maxpool"]):
        shown.selection.set([shown.document.network.paths[one] for one in selected])
        qapp.processEvents()
        assert build.minimumSizeHint().width() <= size[0]
        content = build.inspector.content
        assert content.width() <= build.inspector.viewport().width() + 1
        assert content.minimumSizeHint().width() <= build.inspector.viewport().width(), selected
    assert build.table.view.horizontalScrollBar().maximum() == 0


def test_the_keyboard_goes_from_panel_to_panel(build: BuildWorkspace, tab: OpenNetwork, qapp: Any) -> None:
    build.activateWindow()
    tab.selection.set(["conv1"])
    build.search_library()
    seen = []
    for _ in range(4):
        focus = build.focusWidget()
        seen.append(next(panel for panel in (build.library, build.canvas, build.table, build.inspector)
                         if panel.isAncestorOf(focus)))  # fmt: skip
        build.focus_next_panel()
    assert seen == [build.library, build.canvas, build.table, build.inspector]


def test_everything_that_takes_the_keyboard_has_a_name(build: BuildWorkspace, tab: OpenNetwork) -> None:
    for selected in ((), ("conv1",), ("conv1", "pool")):
        tab.selection.set(selected)
        for widget in build.findChildren(QWidget):
            around = widget.parent()
            inner = isinstance(around, QAbstractScrollArea) and around.viewport() is widget
            scrolls = isinstance(widget, ScrollPanel | QLabel)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and not inner | scrolls:
                assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_repeats_and_folds_are_done_from_the_inspector(build: BuildWorkspace, tab: OpenNetwork) -> None:
    tab.selection.set((), ["stage.0"])
    build.inspector.block.repeating.emit("stage.0", 4)
    assert len(tab.document.network.copies_of("stage.0")) == 4
    assert build.inspector.block.copies.value == 4
    build.inspector.block.fold.click()
    assert tab.document.network.blocks["stage.0"].folded
    tab.document.undo()
    tab.document.undo()
    assert len(tab.document.network.copies_of("stage.0")) == 2
    build._detach("stage.0")
    assert tab.document.network.blocks["stage.0"].group is None


def test_the_selection_becomes_a_block_of_the_library(build: BuildWorkspace, tab: OpenNetwork) -> None:
    tab.selection.set((), ["stage.0"])
    build.save_selection()
    assert [row.name for row in build.library.model.rows if row.kind == "saved"] == ["Residual"]
    tab.selection.set(["pool"])
    nodes = len(tab.document.network.nodes)
    build.choose("saved", "Residual")
    assert len(tab.document.network.nodes) == nodes + 3


def test_tables_are_written_in_three_forms(build: BuildWorkspace, tab: OpenNetwork, tmp_path: Path) -> None:
    for name, piece in (("a.csv", "conv1,Conv2d"), ("a.md", "| conv1 |"), ("a.html", '<td class="text"')):
        write_table(tab, tmp_path / name)
        assert piece in (tmp_path / name).read_text(encoding="utf-8")
    from explorer.network.errors import UserError

    with pytest.raises(UserError, match="should end in"):
        write_table(tab, tmp_path / "a.xyz")
    with pytest.raises(UserError, match="cannot be written"):
        write_table(tab, tmp_path / "none" / "a.csv")


def test_the_network_is_written_as_a_picture(build: BuildWorkspace, tab: OpenNetwork, tmp_path: Path) -> None:
    from explorer.ui.workspaces.build.exports import write_picture

    write_picture(tab, tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert build.export_actions()[0].id == "build.export_picture"


def test_torch_is_not_there_before_a_picture_is_run() -> None:
    import subprocess

    code = (
        "import sys, explorer.ui.workspaces.build;"
        "sys.exit(bool({'torch', 'numpy', 'cv2', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.usefixtures("torch_loaded")
def test_a_picture_is_run_and_its_statistics_shown(build: BuildWorkspace, tab: OpenNetwork) -> None:
    said = messages(build)
    picture = bundled_pictures()[0]
    assert build.take_file(picture)
    assert wait_for(lambda: build.run_results is not None)
    run = build.run_results
    assert run is not None
    assert set(run.nodes) == set(tab.document.network.nodes)
    assert build.table.strip.isVisible()
    assert "random weights" in build.table.strip.badge.accessibleName()
    model = build.table.model
    index = model.index_of("stage.0.relu").siblingAtColumn(Column.ZEROS)
    assert str(model.data(index)).endswith(" %")
    tab.selection.set(["conv1"])
    page = build.inspector.node
    assert page._measured.isVisible()
    assert page.maps.count == 8
    assert "zeros" in page.measured.plain_text()
    tab.selection.set(["fc"])
    assert page.maps.count == 0
    build.clear_run()
    assert not build.table.strip.isVisible()
    assert not said


@pytest.mark.usefixtures("torch_loaded")
def test_a_bad_picture_is_one_clear_message(build: BuildWorkspace, tab: OpenNetwork, tmp_path: Path) -> None:
    said = messages(build)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"this is no picture")
    assert build.take_file(bad)
    assert wait_for(lambda: bool(said), 10_000)
    assert len(said) == 1
    assert "bad.png" in said[0].text
    assert "not a picture" in said[0].text
    assert build.run_results is None
    assert not build.take_file(tmp_path / "notes.txt")


@pytest.mark.usefixtures("torch_loaded")
def test_a_network_that_cannot_run_says_so(build: BuildWorkspace, tab: OpenNetwork) -> None:
    said = messages(build)
    change = set_fields(tab.document.network, "pool", {"kernel_size": 99})
    tab.document.apply(change.title, change.edits)
    build.take_file(bundled_pictures()[0])
    assert wait_for(lambda: bool(said))
    assert len(said) == 1
    assert said[0].kind == "error"
    assert "pool" in said[0].text


def test_pictures_are_offered_by_name(build: BuildWorkspace, tab: OpenNetwork) -> None:
    build.choose_picture()
    menu = build.findChild(QMenu)
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Seven", "Still life", "Test chart", "Choose a file…"]
    menu.close()
    settle()


@pytest.mark.usefixtures("torch_loaded")
def test_closing_the_network_stops_its_run(build: BuildWorkspace, tab: OpenNetwork, session: Session) -> None:
    handle = build.running.start(tab, bundled_pictures()[0])
    session.close(tab)
    ended = QSignalSpy(handle.ended)
    assert wait_for(lambda: ended.count() > 0 or handle.state.final)
    assert build.run_results is None
    assert build.status().left == ()


def test_the_list_of_shortcuts_tells_the_keys_of_the_canvas(build: BuildWorkspace) -> None:
    sheet = Shortcuts(build, Actions(build), build.keys)
    sheet.open()
    told = [label.text() for label in sheet.findChildren(QLabel)]
    assert "On the canvas" in told
    assert told[told.index("Fit on the screen") + 1] == "F"


def test_where_it_is_tight_a_problem_is_told_in_the_inspector_alone(
    build: BuildWorkspace, tab: OpenNetwork, qapp: Any
) -> None:
    build.resize(1100, 620)
    change = set_fields(tab.document.network, "conv1", {"groups": 2})
    tab.document.apply(change.title, change.edits)
    board = build.canvas.problems
    for chosen, shown in ((set(), True), ({"conv1"}, False)):
        tab.selection.set(chosen)
        build.canvas.view.look_at(2.5, QPointF(100, 100))  # the cards fill the canvas
        qapp.processEvents()
        board.show_now()
        assert [card.isVisible() for card in board.cards] == [shown]
    build.panels.set_shown("inspector", False)
    board.show_now()
    assert [card.isVisible() for card in board.cards] == [True]


@pytest.mark.parametrize(("width", "left_out"), [(1400, 0), (560, 1), (440, 3), (330, 4)])
def test_the_table_leaves_out_what_has_no_room(
    build: BuildWorkspace, tab: OpenNetwork, width: int, left_out: int
) -> None:
    view = build.table.view
    build.table.setParent(None)
    build.table.resize(width, 300)
    build.table.show()
    QApplication.processEvents()
    assert sum(view.isColumnHidden(one) for one in range(view.header().count())) == left_out
    assert view.horizontalScrollBar().maximum() == 0
    assert build.table.share.isVisible() == (left_out < 2)
    build.table.close()
