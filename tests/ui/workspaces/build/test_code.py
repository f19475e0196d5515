from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from explorer.interop.torch_code import generate
from explorer.network import operations
from explorer.network.layers import Flatten
from explorer.session.session import OpenNetwork
from explorer.tasks.qt import Runner
from explorer.ui.theme import contrast, theme
from explorer.ui.workspaces.build import BuildWorkspace, code_panel
from explorer.ui.workspaces.build.code_colours import LEAST, family_of
from explorer.ui.workspaces.build.code_panel import FOLLOW_MS, CodePanel


@pytest.fixture
def runner(qapp: Any) -> Iterator[Runner]:
    made = Runner()
    yield made
    assert made.close(10)


def shown(tab: OpenNetwork, runner: Runner) -> CodePanel:
    panel = CodePanel(runner)
    panel.resize(700, 300)
    panel.show_network(tab)
    panel.show()
    return panel


def test_the_whole_network_as_it_would_be_written(tab: OpenNetwork, runner: Runner) -> None:
    panel = shown(tab, runner)
    assert panel.text() == generate(tab.document.network).text
    panel.copy()
    assert QGuiApplication.clipboard().text() == panel.text()


def test_what_is_selected(tab: OpenNetwork, runner: Runner) -> None:
    panel = shown(tab, runner)
    tab.selection.set(["conv1"])
    assert panel.text() == 'conv1 = nn.Conv2d(3, 8, kernel_size=3, padding="same", bias=False)\n'
    tab.selection.set(["stage.0.add"])
    assert panel.text() == "add = relu + bn1\n"
    tab.selection.set(["input"])
    assert panel.text() == "# Input: 3 × 32 × 32\n"
    tab.selection.set(blocks=["stage"])
    assert "class Stage(nn.Module)" in panel.text() or "class Stage(nn.Sequential)" in panel.text()
    assert "class Small" not in panel.text()
    panel.what.setCurrentIndex(1)
    panel.what.activated.emit(1)
    assert "class Small" in panel.text()


def test_it_follows_a_change_when_a_person_pauses(tab: OpenNetwork, runner: Runner) -> None:
    panel = shown(tab, runner)
    change = operations.set_fields(tab.document.network, "conv1", {"kernel_size": (5, 5)})
    tab.document.apply(change.title, change.edits)
    assert "nn.Conv2d(3, 8, kernel_size=5" not in panel.view.toPlainText()
    QTest.qWait(3 * FOLLOW_MS)
    assert "nn.Conv2d(3, 8, kernel_size=5" in panel.view.toPlainText()


def test_nothing_is_written_while_it_is_hidden(tab: OpenNetwork, runner: Runner) -> None:
    panel = CodePanel(runner)
    panel.show_network(tab)
    change = operations.set_fields(tab.document.network, "conv1", {"kernel_size": (5, 5)})
    tab.document.apply(change.title, change.edits)
    assert panel.view.toPlainText() == ""
    panel.show()
    assert "nn.Conv2d(3, 8, kernel_size=5" in panel.view.toPlainText()


def test_a_network_with_a_problem_has_no_code_and_says_why(tab: OpenNetwork, runner: Runner) -> None:
    panel = shown(tab, runner)
    change = operations.set_layer(tab.document.network, "flatten", Flatten(5))
    tab.document.apply(change.title, change.edits)
    assert panel.text() == ""
    assert not panel.copy_button.isEnabled()
    assert "flatten" in panel._why.text()
    tab.document.undo()
    assert "class Small" in panel.text()


def test_large_networks_are_written_beside_the_window(
    tab: OpenNetwork, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_panel, "AT_ONCE", 3)
    panel = shown(tab, runner)
    assert panel.view.toPlainText() == ""
    for _ in range(100):
        if not runner.running:
            break
        QTest.qWait(20)
    assert panel.view.toPlainText() == generate(tab.document.network).text


def test_it_takes_the_place_of_the_table_where_there_is_no_room_for_both(
    build: BuildWorkspace, tab: OpenNetwork
) -> None:
    assert not build.code.isVisible()
    build.panels.toggle("code")
    assert build.code.isVisible()
    assert not build.table.isVisible()
    assert "class Small" in build.code.text()
    build.panels.toggle("table")
    assert build.table.isVisible()
    assert not build.code.isVisible()
    build.resize(2200, 1200)
    build.panels.toggle("code")
    assert build.table.isVisible()
    assert build.code.isVisible()
    build.panels.toggle("code")
    build.panels.toggle("table")
    assert not build.panels.low.isVisible()


def test_the_keyboard_reaches_it(build: BuildWorkspace, tab: OpenNetwork) -> None:
    build.panels.toggle("code")
    build.code.view.setFocus()
    QTest.keyClick(build.code.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(build.code.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().strip() == build.code.text().strip()


def test_layers_have_the_colour_of_their_family() -> None:
    assert family_of("Conv2d") == "convolution"
    assert family_of("BatchNorm1d") == "normalization"
    assert family_of("MaxPool2d") == "pooling"
    assert family_of("Sequential") is None
    assert family_of("Module") is None


def test_every_colour_can_be_read(runner: Runner) -> None:
    for choice in ("light", "dark"):
        theme().choose(choice)
        panel = CodePanel(runner)
        colours = panel._colours
        for made in (colours._quiet, *colours._layers.values()):
            assert contrast(made.foreground().color(), theme().tokens.panel) >= LEAST, choice
