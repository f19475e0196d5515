"""The watchers of `conftest.py` must be able to fail: each is shown a test that it has to catch."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TESTS = """
import logging, threading, time
import pytest
from pathlib import Path
from PySide6.QtCore import QThread, qWarning

def named(name):
    tasks = Path("/proc/self/task").glob("*/comm")
    return any(task.read_text().strip() == name for task in tasks)

def test_python_thread():
    threading.Thread(target=time.sleep, args=(4,)).start()

def test_daemon_thread_is_fine():
    threading.Thread(target=time.sleep, args=(4,), daemon=True).start()

kept = []

def test_qt_thread():
    thread = QThread()
    kept.append(thread)
    thread.start()
    ends = time.monotonic() + 20
    while not named("QThread") and time.monotonic() < ends:  # it gives itself its name
        time.sleep(0.01)
    assert named("QThread")

def test_qt_thread_that_ended():
    kept[0].quit()
    assert kept[0].wait(5000)

def test_qt_message():
    qWarning("the paint device is gone")

@pytest.mark.allows("paint device")
def test_allowed_qt_message():
    qWarning("the paint device is gone")

def test_log():
    logging.getLogger("explorer.x").warning("something is odd")

def test_read_log(caplog):
    logging.getLogger("explorer.x").warning("something is odd")

@pytest.mark.allows("is odd$")
def test_allowed_log():
    logging.getLogger("explorer.x").warning("something is odd")

def test_home(isolated_home):
    from explorer import folders
    assert folders.state_folder() == isolated_home / "state"
"""

CAUGHT = {"test_python_thread", "test_qt_thread", "test_qt_message", "test_log"}


@pytest.mark.skipif(sys.platform != "linux", reason="Qt's threads are found by their names in /proc")
def test_the_watchers_catch_what_they_are_for(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_watched.py").write_text(TESTS)
    configured = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "no:cacheprovider")
    pytest_here = (sys.executable, "-m", "pytest", "-q", *configured)
    answer = subprocess.run(
        [*pytest_here, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    found = set(re.findall(r"^ERROR \S*::(\w+)", answer.stdout, re.MULTILINE))
    assert found == CAUGHT, f"{answer.returncode}: {answer.stdout}{answer.stderr}"
    assert re.search(r"^\d+ passed, 4 errors", answer.stdout, re.MULTILINE), answer.stdout
