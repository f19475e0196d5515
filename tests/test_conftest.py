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
from PySide6.QtCore import Qt, QThread, qWarning

def test_python_thread():
    threading.Thread(target=time.sleep, args=(4,)).start()

def test_daemon_thread_is_fine():
    threading.Thread(target=time.sleep, args=(4,), daemon=True).start()

kept = []

def test_qt_thread():
    thread = QThread()
    kept.append(thread)
    begun = threading.Event()
    thread.started.connect(begun.set, Qt.ConnectionType.DirectConnection)  # called there: it has its name
    thread.start()
    assert begun.wait(20)

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
    assert found == CAUGHT, answer.stdout
    assert re.search(r"^\d+ passed, 4 errors", answer.stdout, re.MULTILINE), answer.stdout
