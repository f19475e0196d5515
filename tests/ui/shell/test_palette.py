"""Ctrl+K: everything there is, by a few letters and without the mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.ui.actions import Action
from explorer.ui.shell.palette import ranked
from explorer.ui.theme import theme
from explorer.ui.window import Window

CTRL = Qt.KeyboardModifier.ControlModifier


class PlainWorkspace(Protocol):
    done: list[str]


def opened(window: Window) -> None:
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_K, CTRL)
    assert window.palette_sheet.isVisible()


def offered(window: Window) -> list[str]:
    return [row.text for row in window.palette_sheet.rows if row.action is not None]


def test_typing_and_enter_runs_the_best(window: Window, plain: PlainWorkspace) -> None:
    opened(window)
    QTest.keyClicks(window.palette_sheet.field, "mp")
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Return)
    assert plain.done == ["Max pool"]
    assert not window.palette_sheet.isVisible()


def test_what_only_keywords_find_stands_behind_all_that_names_find() -> None:
    def action(text: str, group: str, keywords: str = "") -> Action:
        return Action(text, text, lambda: None, keywords=keywords, group=group)

    found = ranked(
        "res",
        [
            action("Reshape", "Layers"),
            action("Add", "Layers", "residual"),
            action("Residual", "Blocks"),
            action("ResNet-18", "Classic networks"),
        ],
        (),
    )
    assert [row.text for row in found if row.action is None] == [
        "Layers", "Blocks", "Classic networks", "Related",
    ]  # fmt: skip
    assert found[-1].text == "Add"


def test_arrows_choose_and_pass_over_headings(window: Window, plain: PlainWorkspace) -> None:
    opened(window)
    field, view = window.palette_sheet.field, window.palette_sheet.list
    rows = window.palette_sheet.rows
    seen = []
    for _ in range(len(rows)):
        seen.append(view.currentIndex().row())
        QTest.keyClick(field, Qt.Key.Key_Down)
    assert all(rows[at].action is not None for at in seen)
    assert set(seen) == {at for at, row in enumerate(rows) if row.action is not None}
    first = next(at for at in seen)
    while view.currentIndex().row() != first:
        QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert view.currentIndex().row() == max(seen)


def test_escape_and_a_click_beside_it_close(window: Window) -> None:
    opened(window)
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Escape)
    assert not window.palette_sheet.isVisible()
    opened(window)
    QTest.mouseClick(window.palette_sheet, Qt.MouseButton.LeftButton, pos=QPoint(20, 600))
    assert not window.palette_sheet.isVisible()


def test_the_keyboard_goes_back_where_it_was(window: Window, plain: PlainWorkspace) -> None:
    window.top.primary.setFocus()
    opened(window)
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Escape)
    assert window.top.primary.hasFocus()


def test_what_was_run_comes_first_next_time(window: Window, plain: PlainWorkspace) -> None:
    opened(window)
    QTest.keyClicks(window.palette_sheet.field, "tidy")
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Return)
    opened(window)
    window.palette_sheet.field.clear()
    assert [row.text for row in window.palette_sheet.rows[:2]] == ["Recent", "Tidy"]


def test_what_cannot_be_done_now_is_not_offered(window: Window, plain: PlainWorkspace) -> None:
    opened(window)
    assert "Never" not in offered(window)
    assert "Undo" not in offered(window)


def test_classic_networks_and_recent_files_can_be_opened(
    window: Window, network_file: Path, wait: Callable[..., bool]
) -> None:
    window.settings.add_recent(network_file)
    opened(window)
    QTest.keyClicks(window.palette_sheet.field, "vgg16")
    assert offered(window)[0] == "VGG-16"
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Return)
    assert window.top.name.text() == "VGG-16"
    assert window.workspace is not None  # one that has no classic networks of its own
    opened(window)
    QTest.keyClicks(window.palette_sheet.field, "vgg19")
    assert offered(window)[0] == "VGG-19"
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Escape)
    opened(window)
    QTest.keyClicks(window.palette_sheet.field, "small")
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Return)
    assert wait(lambda: len(window.session.tabs) == 2)


def test_nothing_found_is_said(window: Window) -> None:
    opened(window)
    QTest.keyClicks(window.palette_sheet.field, "qqqq")
    assert offered(window) == []
    assert window.palette_sheet._nothing.isVisible()
    QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Return)
    assert window.palette_sheet.isVisible()


def test_the_panel_stays_in_the_window_in_every_theme(window: Window) -> None:
    for projector in (False, True):
        theme().choose("dark", projector)
        window.resize(1280, 720)
        opened(window)
        card = window.palette_sheet.card
        assert window.rect().contains(card.geometry())
        assert not window.grab().isNull()
        QTest.keyClick(window.palette_sheet.field, Qt.Key.Key_Escape)


def test_groups_are_ordered_by_their_best_fit() -> None:
    def act(name: str, group: str) -> Action:
        return Action(f"{group}.{name}", name, lambda: None, group=group)

    actions = [act("Open", "File"), act("Convolution", "Layers"), act("Copy on next view", "Edit")]
    rows = ranked("conv", actions, ())
    assert [row.text for row in rows[:2]] == ["Layers", "Convolution"]
