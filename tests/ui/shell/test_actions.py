"""One declaration makes the menu, the shortcut, the tooltip and the row of the palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from explorer.assets import asset
from explorer.ui.actions import Action, Actions, tooltip
from explorer.ui.window import Window


@pytest.fixture
def owner(qapp: QApplication) -> Iterator[QMainWindow]:
    made = QMainWindow()
    made.show()
    made.activateWindow()
    QTest.qWaitForWindowActive(made)
    yield made
    made.deleteLater()


def texts(menu: QMenu) -> list[str]:
    return [one.text() if not one.isSeparator() else "-" for one in menu.actions()]


def test_shortcut_runs_and_asks_first(owner: QMainWindow, wait: Callable[..., bool]) -> None:
    done: list[str] = []
    free = [True]
    actions = Actions(owner)
    actions.set_actions(
        "a", [Action("x", "Do", lambda: done.append("x"), shortcut="Ctrl+J; F7", enabled=lambda: free[0])]
    )
    for key, modifier in (
        (Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(owner, key, modifier)
    assert done == ["x", "x"]
    free[0] = False
    QTest.keyClick(owner, Qt.Key.Key_F7)
    assert done == ["x", "x"]
    assert not actions.trigger("x")


def test_menu_has_sections_and_submenus_and_greys_out(owner: QMainWindow) -> None:
    actions = Actions(owner)
    actions.set_actions(
        "a",
        [
            Action("b", "Second part", lambda: None, "View", 2),
            Action("a", "First part", lambda: None, "View", 0, enabled=lambda: False),
            Action("c", "Dark", lambda: None, "View", 2, "Theme", checked=lambda: True),
            Action("d", "Elsewhere", lambda: None, "Edit"),
        ],
    )
    menu = QMenu()
    actions.fill(menu, "View")
    assert texts(menu) == ["First part", "-", "Second part", "Theme"]
    actions.show_state()
    assert not actions.qt("a").isEnabled()
    actions.hide_state()
    assert actions.qt("a").isEnabled()


def test_an_owner_can_take_its_actions_back(owner: QMainWindow) -> None:
    done: list[str] = []
    actions = Actions(owner)
    actions.set_actions("workspace", [Action("x", "Do", lambda: done.append("x"), shortcut="F7")])
    actions.set_actions("workspace", ())
    QTest.keyClick(owner, Qt.Key.Key_F7)
    assert done == []
    with pytest.raises(KeyError):
        actions.get("x")


def test_two_owners_cannot_have_one_id_or_one_shortcut(owner: QMainWindow) -> None:
    actions = Actions(owner)
    actions.set_actions("a", [Action("x", "Do", lambda: None, shortcut="F7")])
    with pytest.raises(ValueError, match="two actions are called x"):
        actions.set_actions("b", [Action("x", "Do", lambda: None)])
    with pytest.raises(ValueError, match="F7"):
        actions.set_actions("b", [Action("y", "Do", lambda: None, shortcut="F7")])


def test_tooltip_is_text_and_shortcut(owner: QMainWindow) -> None:
    assert tooltip(Action("x", "Save as…", lambda: None, shortcut="Ctrl+Shift+S")) == "Save as (Ctrl+Shift+S)"
    assert tooltip(Action("x", "Tidy", lambda: None)) == "Tidy"


def test_every_action_of_the_window_is_in_a_menu_with_an_icon_that_exists(window: Window) -> None:
    for action in window.actions_registry.all():
        assert action.menu in ("File", "Edit", "View", "Layer", "Help"), action.id
        assert action.text[0].isupper()
        assert not any(
            word[0].isupper() for word in action.text.split()[1:] if word not in ("ConvNet", "Explorer")
        )
        if action.icon:
            assert asset("icons", f"{action.icon}.svg").is_file()
