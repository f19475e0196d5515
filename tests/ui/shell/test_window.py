"""The window from the outside: keys, mouse, files, questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QPushButton, QTabBar, QWidget

from explorer.network.edits import add
from explorer.network.graph import Network, Node
from explorer.network.layers import ReLU
from explorer.network.project import load
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.ui.shell.overlay import takes_tab
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.window import Window
from explorer.ui.workspace import Workspace

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Wait = Callable[..., bool]


class PlainWorkspace(Protocol):
    done: list[str]
    taken: list[Path]
    problems: int


def key(
    window: Window, which: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(QApplication.focusWidget() or window, which, modifiers)


def edit(tab: OpenNetwork) -> None:
    name = f"relu{len(tab.document.network.nodes)}"
    tab.document.apply("Add ReLU", [add(Node(tab.document.fresh_id("n"), name, ReLU()))])


def answer(button: str) -> list[str]:
    """Press a button of the next question; the list gets the question's title."""
    asked: list[str] = []

    def press() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        asked.append(dialog.windowTitle())
        buttons = {one.text(): one for one in dialog.findChildren(QPushButton)}
        QTest.mouseClick(buttons[button], Qt.MouseButton.LeftButton)

    QTimer.singleShot(50, press)
    return asked


def fill_in(path: Path) -> None:
    """Choose a file in the next file dialog, which offscreen is Qt's own."""

    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit)
        assert line is not None
        line.setText(str(path))
        dialog.accept()

    QTimer.singleShot(50, choose)


def drop(window: Window, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(600, 300), copy, mime, left, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(600, 300), copy, mime, left, none))


def test_starts_on_the_start_page(window: Window) -> None:
    assert window.workspace is None
    assert window.windowTitle() == "ConvNet Explorer"
    assert not window.top.primary.isVisible()
    menus = [action.text() for action in window.top.menus.actions() if action.isVisible()]
    assert menus == ["File", "Edit", "View", "Help"]
    assert window.top.menus.width() > 100
    assert len(window.start.classic.cards) >= 9


def test_a_new_network_opens_the_workspace_with_all_that_is_its(window: Window) -> None:
    key(window, Qt.Key.Key_T, CTRL)
    assert isinstance(window.workspace, Workspace)
    assert window.top.name.text() == "Untitled"
    assert window.top.saved.text() == "not saved yet"
    assert window.top.primary.text() == "Run a picture"
    assert window.top.export.isVisible()
    assert window.rail.buttons["plain"].isChecked()
    assert window.actions_registry.get("plain.tidy").text == "Tidy"


def test_workspace_actions_go_with_the_workspace(window: Window, plain: PlainWorkspace) -> None:
    key(window, Qt.Key.Key_T)
    window.show_start()
    key(window, Qt.Key.Key_T)
    assert plain.done == ["tidy"]
    key(window, Qt.Key.Key_Escape)
    assert window.workspace is window.workspaces["plain"]


def test_tabs_appear_with_the_second_network(window: Window, plain: PlainWorkspace) -> None:
    assert window.tabs.isHidden()
    key(window, Qt.Key.Key_N, CTRL)
    assert window.tabs.isVisible()
    assert [window.tabs.bar.tabText(i) for i in range(2)] == ["Untitled", "Untitled 2"]
    key(window, Qt.Key.Key_Tab, CTRL)
    assert window.session.active is window.session.tabs[0]
    middle = window.tabs.bar.tabRect(1).center()
    QTest.mouseClick(window.tabs.bar, Qt.MouseButton.MiddleButton, pos=middle)
    assert len(window.session.tabs) == 1
    key(window, Qt.Key.Key_W, CTRL)
    assert window.session.tabs == []
    assert window.workspace is None


def test_tabs_of_the_same_name_are_told_apart(window: Window) -> None:
    for _ in range(3):
        window.files.open_network(Network(name="LeNet-5"))
    assert [window.tabs.bar.tabText(i) for i in range(3)] == ["LeNet-5", "LeNet-5 (2)", "LeNet-5 (3)"]


def test_the_cross_on_a_tab_closes_that_tab(window: Window, plain: PlainWorkspace) -> None:
    window.files.new()
    first = window.session.tabs[0]
    cross = window.tabs.bar.tabButton(0, QTabBar.ButtonPosition.RightSide)
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert first not in window.session.tabs


def test_undo_and_redo_name_their_step(window: Window, plain: PlainWorkspace) -> None:
    tab = window.session.tabs[0]
    edit(tab)
    assert window.actions_registry.get("edit.undo").plain == "Undo add ReLU"
    key(window, Qt.Key.Key_Z, CTRL)
    assert not tab.document.network.nodes
    key(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert len(tab.document.network.nodes) == 1


def test_closing_asks_only_where_work_would_be_lost(window: Window, plain: PlainWorkspace) -> None:
    tab = window.session.tabs[0]
    edit(tab)
    asked = answer("Cancel")
    key(window, Qt.Key.Key_W, CTRL)
    assert asked == ["Save the changes to “Untitled”?"]
    assert window.session.tabs == [tab]
    answer("Don't save")
    key(window, Qt.Key.Key_W, CTRL)
    assert window.session.tabs == []


def test_closing_the_window_asks_too(window: Window, plain: PlainWorkspace) -> None:
    edit(window.session.tabs[0])
    asked = answer("Cancel")
    assert not window.close()
    assert len(asked) == 1
    assert window.isVisible()


def test_save_as_then_save_then_reopen(
    window: Window, plain: PlainWorkspace, tmp_path: Path, wait: Wait
) -> None:
    tab = window.session.tabs[0]
    edit(tab)
    fill_in(tmp_path / "mine")
    key(window, Qt.Key.Key_S, CTRL)
    path = tmp_path / "mine.convnet"
    assert (tab.path, tab.title, tab.modified) == (path, "mine", False)
    assert (window.top.name.text(), window.top.saved.text()) == ("mine", "saved")
    edit(tab)
    assert window.top.saved.text() == "edited"
    key(window, Qt.Key.Key_S, CTRL)
    assert len(load(path).nodes) == 2
    window.files.close()
    window.files.open(path)
    assert wait(lambda: bool(window.session.tabs))
    assert len(window.session.tabs[0].document.network.nodes) == 2
    assert Settings().recents == [path]


def test_an_open_file_is_shown_not_opened_twice(window: Window, network_file: Path, wait: Wait) -> None:
    drop(window, network_file)
    assert wait(lambda: len(window.session.tabs) == 1)
    window.files.new()
    drop(window, network_file)
    assert len(window.session.tabs) == 2
    assert window.session.active is window.session.tabs[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.convnet", "{", "broken.convnet"),
        ("model.pth", "", "“model.pth” is a pickle, which runs code"),
        ("weights.safetensors", "", "“weights.safetensors” holds weights and no network"),
        ("notes.txt", "", "“notes.txt” is not a network"),
    ],
)
def test_a_file_that_is_no_network_gets_a_message(
    window: Window, tmp_path: Path, wait: Wait, name: str, content: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    drop(window, path)
    assert wait(lambda: bool(window.toasts.shown))
    (message,) = window.toasts.shown
    assert said in message.text
    assert message.kind == "error"
    assert window.session.tabs == []
    assert Settings().recents == []


def test_a_picture_goes_to_the_workspace(window: Window, plain: PlainWorkspace, tmp_path: Path) -> None:
    drop(window, tmp_path / "cat.png")
    assert plain.taken == [tmp_path / "cat.png"]
    assert window.toasts.shown == ()


def test_a_file_that_cannot_be_written_is_told(window: Window, plain: PlainWorkspace, tmp_path: Path) -> None:
    tab = window.session.tabs[0]
    tab.mark_saved(tmp_path / "no such folder" / "x.convnet")
    edit(tab)
    assert not window.files.save(tab)
    assert tab.modified
    assert window.toasts.shown[0].kind == "error"


def test_the_theme_is_chosen_and_kept(window: Window) -> None:
    window.actions_registry.trigger("view.theme.dark")
    key(window, Qt.Key.Key_L, CTRL | SHIFT)
    assert theme().tokens.name == "dark projector"
    kept = Settings()
    assert (kept.theme, kept.projector) == ("dark", True)


def test_status_line_follows_the_workspace(window: Window, plain: PlainWorkspace, wait: Wait) -> None:
    assert not window.status.problems.isVisible()
    plain.problems = 2
    edit(window.session.tabs[0])
    assert wait(lambda: window.status.problems.isVisible())
    assert window.status.problems.text() == "2 problems"
    QTest.mouseClick(window.status.problems, Qt.MouseButton.LeftButton)
    assert plain.done == ["problems"]


def test_a_running_job_shows_its_progress_and_can_be_stopped(window: Window, wait: Wait) -> None:
    def work(context: Context) -> None:
        while True:
            context.progress(0.5, "Running VGG-16")
            context.token.wait(0.01)

    window.runner.start(Work("Running", work))
    strip = window.status.jobs
    assert wait(lambda: strip.title.text() == "Running VGG-16" and strip.bar.value() == 500)
    assert strip.isVisible()
    QTest.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
    assert wait(lambda: not strip.isVisible())


def test_every_control_has_a_name_and_can_be_reached(window: Window, plain: PlainWorkspace) -> None:
    window.files.new()
    window.messages.ask("Restore?", ("Restore", lambda: None))
    controls = [w for w in window.findChildren(QWidget) if w.isVisible() and takes_tab(w)]
    nameless = [w for w in controls if not w.accessibleName() and type(w).__name__ not in ("QScrollArea",)]
    assert not nameless
    window.top.searcher.setFocus()
    reached = set()
    for _ in range(60):
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    for wanted in (window.top.export, window.top.primary, window.rail.buttons["plain"], window.tabs.bar):
        assert wanted in reached


@pytest.mark.parametrize("size", [(720, 480), (1280, 720), (3840, 2160)])
@pytest.mark.parametrize("projector", [False, True])
def test_nothing_is_cut_off(
    window: Window, plain: PlainWorkspace, size: tuple[int, int], projector: bool
) -> None:
    theme().choose("dark", projector)
    window.session.tabs[0].mark_saved(Path("/tmp/a rather long name for one network.convnet"))
    if projector and size[0] < 1280:
        size = (1280, 720)
    window.resize(*size)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    for part in (window.top, window.rail, window.status):
        for child in part.findChildren(QWidget):
            if child.isVisible() and child.parentWidget() is part:
                assert part.rect().contains(child.geometry()), (child, child.geometry())


def test_geometry_is_remembered(window: Window, qapp: QApplication) -> None:
    window.resize(760, 560)  # the offscreen screen is 800 pixels wide
    window.close()
    again = Window(window.entries)
    assert (again.width(), again.height()) == (760, 560)
    again.deleteLater()


def test_a_network_named_on_the_command_line(window: Window) -> None:
    window.files.open_source("vgg16")
    assert window.top.name.text() == "VGG-16"
    window.files.open_source("vgg17")
    assert "vgg17" in window.toasts.shown[0].text


def test_the_open_network_is_never_edited_by_looking(window: Window, plain: PlainWorkspace) -> None:
    before = window.session.tabs[0].document.network
    window.show_start()
    window.search()
    window.shortcuts.open()
    assert window.session.tabs[0].document.network is before == Network(name="Untitled")
