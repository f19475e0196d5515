"""What every test is held to: no thread left behind, no Qt message, no unexpected warning in the log."""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("default", deadline=None, suppress_health_check=_quiet)
settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=60, database=None, suppress_health_check=_quiet
)
settings.load_profile("ci" if os.environ.get("CI") else "default")

HARMLESS = [
    r"This plugin does not support (propagateSizeHints|raise|grabbing the (keyboard|mouse))",
    r"propagateSizeHints",
]
"""What Qt's offscreen platform says of itself."""

FULL_EVERY = 100
"""Tests between two collections of all generations."""


def _allowed(request: pytest.FixtureRequest) -> re.Pattern[str]:
    patterns = [pattern for mark in request.node.iter_markers("allows") for pattern in mark.args]
    return re.compile("|".join([*HARMLESS, *patterns]))


@pytest.fixture(autouse=True, scope="session")
def garbage_waits() -> Iterator[None]:
    """As in the running window: collected on a thread of a Job, a widget would be destroyed there."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def garbage_is_collected_between_tests(garbage_waits: None) -> Iterator[None]:
    """In the main thread; all generations now and then, as that takes long with torch loaded."""
    yield
    gc.collect(2 if gc.get_count()[2] > FULL_EVERY else 1)


@pytest.fixture(autouse=True)
def isolated_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, state, data and caches of this test alone."""
    home = tmp_path / "home"
    for kind in ("config", "state", "data", "cache"):
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(home / f"xdg-{kind}"))
    monkeypatch.setenv("CONVNET_EXPLORER_HOME", str(home))
    return home


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_log_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that logs a warning or worse, unless it reads the log (`caplog`) or allows the line."""
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    if "caplog" in request.fixturenames:
        return
    allowed = _allowed(request)
    lines = [line for line in collector.lines if not allowed.search(line)]
    assert not lines, f"unexpected log lines: {lines}"


def _qt_threads() -> dict[int, str]:
    """Ids and names of the QThreads that run, ours ("job") and others; Linux only."""
    found = {}
    for task in Path("/proc/self/task").glob("*"):
        try:
            name = (task / "comm").read_text().strip()
        except OSError:  # it ended while we were looking
            continue
        if name == "job" or (name.endswith("Thread") and not name.startswith("Thread (pooled")):
            found[int(task.name)] = name
    return found


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fails a test that leaves a thread running: a Python thread that is no daemon, or a QThread."""
    before = set(threading.enumerate())
    qt_before = _qt_threads() if "PySide6.QtCore" in sys.modules else {}
    yield
    leaked = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in leaked:
        thread.join(2)  # one that was told to end may need a moment
    names = [t.name for t in leaked if t.is_alive()]
    assert not names, f"threads left running: {names}"
    if "PySide6.QtCore" in sys.modules:
        new: dict[int, str] = {}
        for _ in range(40):  # a thread that has ended for Qt may be with the system a moment longer
            new = {task: name for task, name in _qt_threads().items() if task not in qt_before}
            if not new:
                break
            time.sleep(0.01)
        assert not new, f"a QThread was left running: {new}"


@pytest.fixture(autouse=True)
def no_qt_messages(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Fails a test during which Qt prints a warning; gives the list of messages to those who ask for it."""
    messages: list[str] = []
    if "PySide6.QtCore" not in sys.modules and "qapp" not in request.fixturenames:
        yield messages
        return
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    def handler(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            messages.append(message)

    previous = qInstallMessageHandler(handler)
    yield messages
    qInstallMessageHandler(previous)
    allowed = _allowed(request)
    lines = [line for line in messages if not allowed.search(line)]
    assert not lines, f"Qt says: {lines}"


@pytest.fixture(scope="session")
def qapp() -> Any:
    """The one QApplication of this test run, offscreen unless QT_QPA_PLATFORM says otherwise."""
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication(["explorer"])
