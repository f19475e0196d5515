"""Copies of what is not saved: kept while it is not, offered after a kill, gone after an orderly end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from explorer.network.edits import add
from explorer.network.graph import Network, Node
from explorer.network.layers import ReLU
from explorer.session.session import OpenNetwork, Session
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.recovery import Recovery
from explorer.ui.window import Window

Wait = Callable[..., bool]

KILLED = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from explorer.network.edits import add
from explorer.network.graph import Network, Node
from explorer.network.layers import ReLU
from explorer.session.session import Session
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.recovery import Recovery

app = QApplication([])
session = Session()
recovery = Recovery(session, Messages())
recovery.start()
for name, path in (("one", None), ("two", Path("/somewhere/two.convnet"))):
    session.open(Network(name=name), path).document.apply("Add", [add(Node("n1", "relu", ReLU()))])
recovery.keep(then=lambda: os.kill(os.getpid(), 9))
QTimer.singleShot(20_000, app.quit)
app.exec()
"""


@pytest.fixture
def recovery(qapp: object) -> Iterator[tuple[Session, Recovery]]:
    session = Session()
    made = Recovery(session, Messages())
    made.start()
    yield session, made
    made.end()


def edit(tab: OpenNetwork) -> None:
    node = Node(tab.document.fresh_id("n"), f"relu{tab.document.revision}", ReLU())
    tab.document.apply("Add ReLU", [add(node)])


def copies(home: Path) -> list[Path]:
    return sorted((home / "state" / "autosave").glob("*/*"))


def test_copies_follow_the_unsaved(
    recovery: tuple[Session, Recovery], isolated_home: Path, wait: Wait, tmp_path: Path
) -> None:
    session, keeper = recovery
    done: list[int] = []

    def keep() -> None:
        done.clear()
        keeper.keep(then=lambda: done.append(1))
        assert wait(lambda: bool(done))

    tab = session.open(Network(name="a"))
    keep()
    assert copies(isolated_home) == []
    edit(tab)
    keep()
    (copy,) = copies(isolated_home)
    first = copy.read_bytes()
    keep()
    assert copy.read_bytes() == first
    edit(tab)
    keep()
    assert copy.read_bytes() != first
    tab.mark_saved(tmp_path / "a.convnet")
    keeper.follow_close(tab)
    assert copies(isolated_home) == []


def killed(home: Path) -> None:
    environment = {**os.environ, "CONVNET_EXPLORER_HOME": str(home)}
    code = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False, timeout=60).returncode
    assert code != 0


def press(window: Window, text: str) -> None:
    buttons = {one.text(): one for one in window.toasts.findChildren(QPushButton)}
    QTest.mouseClick(buttons[text], Qt.MouseButton.LeftButton)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_what_a_killed_window_left_is_restored(isolated_home: Path, request: pytest.FixtureRequest) -> None:
    killed(isolated_home)
    assert len(copies(isolated_home)) == 2
    window: Window = request.getfixturevalue("window")
    wait: Wait = request.getfixturevalue("wait")
    assert wait(lambda: bool(window.toasts.shown))
    assert window.toasts.shown[0].text.startswith("2 networks were not saved")
    press(window, "Restore")
    tabs = window.session.tabs
    assert {tab.title for tab in tabs} == {"one", "two"}
    assert all(tab.modified and len(tab.document.network.nodes) == 1 for tab in tabs)
    assert {tab.path for tab in tabs} == {None, Path("/somewhere/two.convnet")}
    own = window.recovery._own
    assert wait(
        lambda: len(copies(isolated_home)) == 2 and all(one.parent == own for one in copies(isolated_home))
    )


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_what_is_discarded_is_gone(isolated_home: Path, request: pytest.FixtureRequest) -> None:
    killed(isolated_home)
    window: Window = request.getfixturevalue("window")
    wait: Wait = request.getfixturevalue("wait")
    assert wait(lambda: bool(window.toasts.shown))
    press(window, "Discard")
    assert copies(isolated_home) == []
    assert window.session.tabs == []


def test_a_living_window_keeps_its_copies_to_itself(
    recovery: tuple[Session, Recovery], isolated_home: Path, wait: Wait
) -> None:
    session, keeper = recovery
    edit(session.open(Network(name="mine")))
    done: list[int] = []
    keeper.keep(then=lambda: done.append(1))
    assert wait(lambda: bool(done))
    messages = Messages()
    said: list[object] = []
    messages.said.connect(said.append)
    other = Recovery(Session(), messages)
    other.start()
    other.offer()
    wait(least=200, most=200)
    other.end()
    assert said == []
    assert len(copies(isolated_home)) == 1


def test_a_folder_that_cannot_be_made_is_told(isolated_home: Path, qapp: object) -> None:
    (isolated_home / "state").mkdir(parents=True, exist_ok=True)
    (isolated_home / "state" / "autosave").write_text("a file in the way")
    messages = Messages()
    said: list[object] = []
    messages.said.connect(said.append)
    keeper = Recovery(Session(), messages)
    keeper.start()
    keeper.end()
    assert "can't be kept" in str(said[0])


def test_an_orderly_end_leaves_nothing(isolated_home: Path, qapp: object, wait: Wait) -> None:
    session = Session()
    keeper = Recovery(session, Messages())
    keeper.start()
    edit(session.open(Network(name="x")))
    done: list[int] = []
    keeper.keep(then=lambda: done.append(1))
    assert wait(lambda: bool(done))
    keeper.end()
    assert list((isolated_home / "state" / "autosave").iterdir()) == []
