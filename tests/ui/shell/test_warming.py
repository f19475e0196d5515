"""What a workspace imports is begun when the pointer or the keyboard nears it, once, beside the window."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.ui.shell.warming import Warming
from explorer.ui.workspace import Entry, Workspace


def entry(*modules: str) -> Entry:
    return Entry("one", "One", "build", lambda surroundings: Workspace(), imports=modules)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "slow_to_import.py").write_text("import threading\nWHERE = threading.current_thread()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "slow_to_import", raising=False)
    return "slow_to_import"


def test_the_pointer_over_it_imports_what_it_needs_in_another_thread(
    qapp: QApplication, module: str, wait: Callable[..., bool]
) -> None:
    parent = QWidget()
    warming = Warming((entry(module),), parent)
    button = QWidget(parent)
    warming.watch(button, "one")
    QApplication.sendEvent(button, QEvent(QEvent.Type.Enter))
    assert wait(lambda: hasattr(sys.modules.get(module), "WHERE"))
    warming.close()
    assert sys.modules[module].WHERE is not threading.main_thread()
    parent.deleteLater()


def test_what_can_not_be_imported_is_tried_once_and_left_to_the_opening(
    qapp: QApplication, wait: Callable[..., bool]
) -> None:
    parent = QWidget()
    warming = Warming((entry("no_such_module_anywhere"),), parent)
    warming.begin("one")
    warming.begin("one")
    warming.begin("another")
    (handle,) = warming._runner.running
    assert wait(lambda: handle.state.final)
    assert isinstance(handle.error, ModuleNotFoundError)
    warming.close()
    parent.deleteLater()
