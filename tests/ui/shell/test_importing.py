"""Networks from outside: asked for, read in a process of their own, told of; torchvision's in the palette."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QPushButton

from explorer.interop.import_report import ImportReport, OpaquePart
from explorer.interop.tensors import STORE
from explorer.ui.shell.import_sheet import ImportSheet
from explorer.ui.widgets.labels import Label
from explorer.ui.window import Window

Wait = Callable[..., bool]

TEXT = """
import pathlib
from torch import nn

pathlib.Path(__file__).with_suffix(".ran").touch()

class Block(nn.Sequential):
    def __init__(self, channels):
        super().__init__(nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU())

class Small(nn.Sequential):
    def __init__(self):
        super().__init__(Block(3), nn.Flatten())

class Large(nn.Sequential):
    def __init__(self):
        super().__init__(Block(3), Block(3), nn.Flatten())
"""


def answer(button: str, choose: str = "") -> list[str]:
    """Press a button of the next question, having chosen; the list gets the question's texts."""
    said: list[str] = []

    def press() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        said.extend(label.text() for label in dialog.findChildren(Label))
        if choose:
            box = dialog.findChild(QComboBox)
            assert box is not None
            said.extend(box.itemText(index) for index in range(box.count()))
            box.setCurrentText(choose)
        next(one for one in dialog.findChildren(QPushButton) if one.text() == button).click()

    QTimer.singleShot(50, press)
    return said


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(TEXT)
    return path


def test_nothing_runs_before_it_is_asked(window: Window, program: Path) -> None:
    said = answer("Cancel", "Small")
    window.files.open(program)
    assert said[0] == "Run the code in “net.py”?"
    assert said[-2:] == ["Large", "Small"]
    assert window.session.tabs == []
    assert not program.with_suffix(".ran").exists()


def test_a_python_file_becomes_a_tab(window: Window, program: Path, wait: Wait) -> None:
    answer("Run and import", "Small")
    window.files.open(program)
    assert wait(lambda: bool(window.session.tabs), most=60_000)
    assert program.with_suffix(".ran").exists()
    network = window.session.tabs[0].document.network
    assert network.name == "Small"
    assert set(network.nodes) == {"input", "0.0", "0.1", "1"}
    assert set(network.nodes["0.0"].tensors) == {"weight", "bias"}
    assert all(tensor in STORE for tensor in network.nodes["0.0"].tensors.values())
    (message,) = window.toasts.shown
    assert message.text == "Imported “Small”: 4 layers; all counts are torch's."
    message.buttons[0][1]()
    sheet = window.findChild(ImportSheet)
    assert sheet is not None
    assert sheet.isVisible()


def test_torchvisions_model_becomes_a_tab_without_a_question(window: Window, wait: Wait) -> None:
    window.files.open_source("torchvision:squeezenet1_1")
    assert wait(lambda: bool(window.session.tabs), most=60_000)
    network = window.session.tabs[0].document.network
    assert network.notes.startswith("From torchvision:squeezenet1_1.\nImported ")
    assert network.blocks["features.3"].kind == "Fire"
    window.files.open_source("torchvision:squeezenet9")
    assert wait(lambda: len(window.toasts.shown) == 2, most=60_000)
    assert "no model called 'squeezenet9'; did you mean" in window.toasts.shown[1].text


def test_what_goes_wrong_is_told(window: Window, program: Path, wait: Wait) -> None:
    program.write_text("def net():\n    raise ValueError('no data')")
    answer("Run and import")
    window.files.open(program)
    assert wait(lambda: bool(window.toasts.shown), most=60_000)
    assert "failed when it was called: ValueError: no data" in window.toasts.shown[0].text
    assert window.session.tabs == []


def test_the_palette_offers_torchvisions_models(window: Window) -> None:
    window.palette_sheet.open_for("convnext_tiny")
    rows = [row.text for row in window.palette_sheet.rows]
    assert rows[:2] == ["Models of torchvision", "torchvision:convnext_tiny"]
    window.palette_sheet.close_sheet()


def test_the_report_lists_what_stayed_opaque(window: Window) -> None:
    parts = tuple(OpaquePart(f"blocks.{n}.attn", "einsum", "no layer is like it", n, 10**n) for n in range(3))
    report = ImportReport(40, 1000, 2000, True, parts, 3, ("head.weight",), 2, ((3, 64, 64),))
    sheet = ImportSheet(window, "odd", report)
    texts = [label.text() for label in sheet.findChildren(Label)]
    assert texts.index("blocks.2.attn") < texts.index("blocks.0.attn")
    assert any("3 × einsum" in text for text in texts)
    assert any("head.weight" in text for text in texts)
