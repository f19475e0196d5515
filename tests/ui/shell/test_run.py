"""The real program in a process of its own: it opens, says nothing, closes, and outlives its own faults."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli.parsing import WORKSPACES
from explorer.network.errors import UserError
from explorer.ui import app

HEAD = """
import os, sys, traceback
from PySide6.QtCore import QTimer
from explorer.ui import app, window
from explorer.ui.workspace import Entry, Workspace

app.ENTRIES = (Entry("build", "Build", "build", lambda surroundings: Workspace()),)

def guarded(check):
    try:
        check()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(70)

def later(milliseconds, check):
    QTimer.singleShot(milliseconds, lambda: guarded(check))

begun = window.Window.after_first_paint
def after(self):
    begun(self)
    later(30_000, lambda: os._exit(71))
    guarded(lambda: then(self))
window.Window.after_first_paint = after
"""


def start(home: Path, then: str, call: str = "app.run()") -> subprocess.Popen[str]:
    code = f"{HEAD}\ndef then(self):\n" + "\n".join(f"    {line}" for line in then.strip().splitlines())
    environment = {**os.environ, "CONVNET_EXPLORER_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen(
        [sys.executable, "-c", f"{code}\nsys.exit({call})"],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and everything it said, offscreen's own words left out."""
    out, err = process.communicate(timeout=60)
    said = [line for line in (out + err).splitlines() if "propagateSizeHints" not in line]
    return process.returncode, "\n".join(said)


def run(home: Path, then: str, call: str = "app.run()") -> tuple[int, str]:
    return finish(start(home, then, call))


def test_opens_closes_and_says_nothing(isolated_home: Path) -> None:
    heavy = ("torch", "cv2", "numpy", "pyqtgraph", "PIL")
    then = f"""
assert not [name for name in {heavy!r} if name in sys.modules]
assert self.isVisible() and self.start.isVisible()
later(300, self.close)
"""
    assert run(isolated_home, then) == (0, "")


def test_opens_the_file_it_is_given(isolated_home: Path, network_file: Path) -> None:
    then = """
def look():
    if self.session.tabs:
        assert self.top.name.text() == "small"
        self.close()
    else:
        later(20, look)
look()
"""
    assert run(isolated_home, then, f"app.run(file={str(network_file)!r})") == (0, "")


def test_a_fault_in_a_slot_is_logged_and_told_and_nothing_ends(isolated_home: Path) -> None:
    then = """
QTimer.singleShot(0, lambda: 1 / 0)
import threading
threading.Thread(target=lambda: [][1]).start()
def look():
    assert len(self.toasts.shown) == 1, self.toasts.shown
    assert "details are in the log" in self.toasts.shown[0].text
    self.close()
later(400, look)
"""
    assert run(isolated_home, then) == (0, "")
    log = (isolated_home / "state" / "explorer.log").read_text()
    assert "ZeroDivisionError" in log
    assert "IndexError" in log


def test_a_hard_crash_is_told_at_the_next_start(isolated_home: Path) -> None:
    code, _ = run(isolated_home, "import faulthandler; faulthandler._sigsegv()")
    assert code != 0
    then = """
def look():
    assert any("ended unexpectedly" in message.text for message in self.toasts.shown), self.toasts.shown
    self.close()
later(200, look)
"""
    assert run(isolated_home, then) == (0, "")
    assert "Segmentation fault" in (isolated_home / "state" / "explorer.log").read_text()
    quiet = "later(100, lambda: (print(self.toasts.shown), self.close()))"
    assert run(isolated_home, quiet) == (0, "()")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT between processes")
def test_control_c_in_the_terminal_closes_in_order(isolated_home: Path) -> None:
    process = start(isolated_home, "print('up', flush=True)")
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    assert finish(process) == (0, "")
    assert (isolated_home / "settings" / "window.ini").is_file()


def test_two_windows_at_once(isolated_home: Path) -> None:
    first = start(isolated_home, "print('up', flush=True); later(1500, self.close)")
    assert first.stdout is not None
    first.stdout.readline()
    then = """
def look():
    assert self.toasts.shown == (), self.toasts.shown
    self.close()
later(200, look)
"""
    assert run(isolated_home, then) == (0, "")
    assert finish(first) == (0, "")


def test_an_unknown_workspace_is_wrong_use() -> None:
    with pytest.raises(UserError, match="There is no workspace 'dream'; there is build"):
        app.run(workspace="dream")


def test_opens_a_classic_network_by_its_name(isolated_home: Path) -> None:
    then = """
def look():
    assert self.session.active.document.network.name == "LeNet-5"
    self.session.active.mark_saved(__import__("pathlib").Path("closing.convnet"))
    self.close()
later(400, look)
"""
    call = "__import__('explorer.__main__').__main__.main(['lenet5'])"
    assert run(isolated_home, then, call) == (0, "")


def test_the_command_line_knows_every_workspace() -> None:
    assert {entry.name for entry in app.ENTRIES} <= set(WORKSPACES)
