"""Exports that are run: what is said of them, from the menu on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from explorer.interop.onnx_out import Checked
from explorer.interop.torch_code import generate
from explorer.session.session import OpenNetwork
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.build import BuildWorkspace
from explorer.ui.workspaces.build.exporting import Outcome


def heard(build: BuildWorkspace) -> list[Message]:
    messages: list[Message] = []
    build.surroundings.messages.said.connect(messages.append)
    return messages


def wait(build: BuildWorkspace) -> None:
    for _ in range(1200):
        if not build.surroundings.runner.running:
            return
        QTest.qWait(50)
    raise AssertionError("the export does not end")


def test_code_is_written_and_run_beside_the_network(
    build: BuildWorkspace, tab: OpenNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "small.py"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    messages = heard(build)
    next(action for action in build.export_actions() if action.id == "build.export_py").run()
    wait(build)
    assert target.read_text(encoding="utf-8") == generate(tab.document.network).text
    assert [message.kind for message in messages] == ["ok"]
    assert "differ by 0 at most" in messages[0].text


def test_an_export_that_computes_something_else_is_an_error(build: BuildWorkspace, tmp_path: Path) -> None:
    messages = heard(build)
    build.exporting._tell(Outcome(tmp_path / "x.onnx", Checked(0.25, False)))
    assert messages[0].kind == "error"
    assert "differ by 0.25" in messages[0].text


def test_weights_that_nobody_trained_are_not_written(
    build: BuildWorkspace, tab: OpenNetwork, tmp_path: Path
) -> None:
    failed: list[Any] = []
    build.surroundings.runner.failed.connect(failed.append)
    build.exporting.start(tab, tmp_path / "small.safetensors")
    wait(build)
    assert "without trained weights" in str(failed[0].error)
    assert not (tmp_path / "small.safetensors").exists()
