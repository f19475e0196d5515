"""The start page: recents with what became of them, classics as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.ui.app import ENTRIES
from explorer.ui.shell.cards import CardGrid
from explorer.ui.shell.door import Door
from explorer.ui.shell.silhouette import MOST, volumes
from explorer.ui.window import Window
from explorer.ui.workspace import Entry, Workspace
from explorer.zoo import catalogue

Wait = Callable[..., bool]


def test_classics_are_drawn_and_open(window: Window, wait: Wait) -> None:
    cards = window.start.classic.cards
    assert wait(lambda: cards[0].pictured and cards[4].pictured)
    assert not cards[-1].pictured  # it is below the fold, and building it would cost the start
    bar = window.start.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert wait(lambda: cards[-1].pictured)
    bar.setValue(0)
    card = next(card for card in cards if card.text() == "VGG-16")
    assert card.accessibleName() == "VGG-16, 2014 · 138.36 M parameters"
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert window.top.name.text() == "VGG-16"


def test_recents_show_what_is_gone(window: Window, network_file: Path, tmp_path: Path, wait: Wait) -> None:
    window.settings.add_recent(tmp_path / "gone.convnet")
    window.settings.add_recent(network_file)
    window.show_start()
    here, gone = window.start.recent.cards
    assert (here.text(), gone.text()) == ("small", "gone")
    assert wait(lambda: gone.missing)
    assert not here.missing
    gone.setFocus()
    QTest.keyClick(gone, Qt.Key.Key_Delete)
    assert [card.text() for card in window.start.recent.cards] == ["small"]
    QTest.mouseClick(window.start.recent.cards[0], Qt.MouseButton.LeftButton)
    assert wait(lambda: len(window.session.tabs) == 1)


def test_opening_one_that_is_gone_says_so(window: Window, tmp_path: Path, wait: Wait) -> None:
    window.settings.add_recent(tmp_path / "gone.convnet")
    window.show_start()
    QTest.mouseClick(window.start.recent.cards[0], Qt.MouseButton.LeftButton)
    assert wait(lambda: bool(window.toasts.shown))
    assert "gone.convnet" in window.toasts.shown[0].text


def test_arrows_move_between_cards_and_enter_opens(window: Window, wait: Wait) -> None:
    wait(least=50, most=50)
    cards = window.start.classic.cards
    cards[0].setFocus()
    QTest.keyClick(cards[0], Qt.Key.Key_Right)
    assert cards[1].hasFocus()
    QTest.keyClick(cards[1], Qt.Key.Key_Down)
    below = next(i for i, card in enumerate(cards) if card.hasFocus())
    assert cards[below].x() == cards[1].x()
    assert cards[below].y() > cards[1].y()
    QTest.keyClick(cards[below], Qt.Key.Key_Return)
    assert len(window.session.tabs) == 1


def test_cards_fill_the_width_evenly(window: Window, wait: Wait) -> None:
    wait(least=50, most=50)
    widths = {card.width() for card in window.start.classic.cards}
    assert max(widths) - min(widths) <= 1


def test_pictures_keep_the_course_of_the_sizes() -> None:
    shown = volumes(catalogue.find("resnet152").build())
    assert len(shown) <= MOST
    heights = [volume.height for volume in shown]
    assert heights == sorted(heights, reverse=True)
    assert (shown[0].family, shown[0].height) == ("boundary", 224)
    assert (shown[-1].family, shown[-1].channels) == ("dense", 1000)


def test_doors_lead_into_workspaces(wait: Wait) -> None:
    invitation = ("Verify a face", "At the webcam")
    bare = Entry("bare", "Bare", "build", lambda _: Workspace())
    plain = Entry("plain", "Plain", "faces", lambda _: Workspace(), False, invitation)
    window = Window([bare, plain])
    window.resize(1280, 720)
    window.show()
    (door,) = window.start.doors.cards
    assert door.accessibleName() == "Verify a face, At the webcam"
    assert wait(lambda: door.width() > 600)  # the only one has the whole row
    window.activateWindow()
    door.setFocus()
    assert wait(door.hasFocus)
    QTest.keyClick(door, Qt.Key.Key_Return)
    assert window.workspace is window.workspaces["plain"]
    window.close()
    window.deleteLater()


def test_doors_stand_in_even_rows(wait: Wait) -> None:
    grid = CardGrid(spread=True)
    grid.show_cards([Door("build", f"Door {number}", "") for number in range(4)])
    grid.show()
    for width, rows in ((1100, 1), (700, 2), (460, 2), (220, 4)):
        grid.resize(width, 500)
        assert wait(lambda rows=rows: len({door.y() for door in grid.cards}) == rows), width
        assert len({sum(other.y() == door.y() for other in grid.cards) for door in grid.cards}) == 1
    grid.close()


def test_there_is_a_door_to_every_workspace_that_needs_no_network() -> None:
    for entry in ENTRIES:
        assert (entry.invitation is not None) == (not entry.needs_network), entry.name
