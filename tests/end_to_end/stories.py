"""What a person does with the window, step by step. Told by driver.py."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QFileDialog, QListView, QPushButton

from explorer.network.layers.boundary import Input
from explorer.network.layers.convolution import Conv2d
from explorer.ui.widgets.fields import NumberField, SearchField
from tests.end_to_end import training_story
from tests.end_to_end.driver import Person

Story = Callable[[Person], None]
VGG16 = 138_357_544
PLAIN34, RESNET34 = 21_623_848, 21_797_672


def build(file: Path) -> tuple[Story, list[str]]:
    """A network from nothing: drag, connect, change a number, undo, save, close."""

    def story(person: Person) -> None:
        person.press("ctrl+n")
        middle = person.middle_of(person.canvas.viewport())
        person.drag(person.library_row("Input"), middle - QPoint(0, 140))
        entrance, _ = person.layer(Input)
        person.drag(person.library_row("Convolution"), person.card(entrance).center() + QPoint(0, 160))
        conv, _ = person.layer(Conv2d)
        connect(person, entrance, conv)
        person.wait_for_size(conv, "64 × 222 × 222")
        set_number(person, conv, "out_channels", "32")
        person.wait_for_size(conv, "32 × 222 × 222")
        person.click(person.card(entrance).center())
        person.press("ctrl+z")
        person.wait_for_size(conv, "64 × 222 × 222")
        person.press("ctrl+shift+z")
        person.wait_for_size(conv, "32 × 222 × 222")
        assert person.tab.modified
        save_as(person, file)
        person.press("ctrl+q")

    return story, []


def reopen(file: Path) -> tuple[Story, list[str]]:
    """Open a saved file by name, look at it, close."""

    def story(person: Person) -> None:
        conv, layer = person.layer(Conv2d)
        assert layer.out_channels == 32
        person.wait_for_size(conv, "32 × 222 × 222")
        assert not person.tab.modified
        person.press("ctrl+q")

    return story, [str(file)]


def killed(file: Path) -> tuple[Story, list[str]]:
    """Change a file's network, wait for the copy that is kept, and be killed."""
    from explorer.folders import state_folder
    from explorer.ui.shell import recovery

    recovery.EVERY_MS = 200

    def story(person: Person) -> None:
        conv, _ = person.layer(Conv2d)
        set_number(person, conv, "out_channels", "48")
        person.wait_for_size(conv, "48 × 222 × 222")
        copies = state_folder() / "autosave"
        person.wait(
            "a kept copy",
            lambda: any('"out_channels": 48' in one.read_text() for one in copies.rglob("*.autosave")),
        )
        os.kill(os.getpid(), signal.SIGKILL)

    return story, [str(file)]


def recover(file: Path) -> tuple[Story, list[str]]:
    """Start again: what was not saved is offered, comes back by a click, and is given up at the end."""

    def story(person: Person) -> None:
        person.click(person.middle_of(person.find(QPushButton, "Restore")))
        _, layer = person.layer(Conv2d)
        assert layer.out_channels == 48
        assert person.tab.modified
        assert person.tab.path == file
        person.press("ctrl+q")
        question = person.dialog(QDialog)
        person.click(person.middle_of(person.find(QPushButton, "Don't save", question)))

    return story, []


def shrink_vgg16(file: Path) -> tuple[Story, list[str]]:
    """Open VGG-16 by name, give it ten classes, see the totals, undo and redo, save."""

    def story(person: Person) -> None:
        person.press("ctrl+k")
        person.write("VGG-16")
        person.wait("the palette's answer", lambda: bool(person.window.palette_sheet.findChildren(QListView)))
        person.press("Return")
        person.wait_for_total(VGG16)
        person.click(person.middle_of(person.find(SearchField, "Filter layers")))
        person.write("fc8")
        person.click(person.table_row("fc8"))
        type_number(person, "out_features", "10")
        person.wait_for_total(VGG16 - 4097 * 990)
        person.press("ctrl+z")
        person.wait_for_total(VGG16)
        person.press("ctrl+shift+z")
        person.wait_for_total(VGG16 - 4097 * 990)
        save_as(person, file)
        person.press("ctrl+q")

    return story, []


def reopen_vgg16(file: Path) -> tuple[Story, list[str]]:
    """Open what was saved: the totals are those of the changed network."""

    def story(person: Person) -> None:
        person.wait_for_total(VGG16 - 4097 * 990)
        assert not person.tab.modified
        person.press("ctrl+q")

    return story, [str(file)]


def make_residual(file: Path) -> tuple[Story, list[str]]:
    """Give Plain-34 its shortcuts, then see in Compare that it is ResNet-34, layer by layer."""
    from explorer.ui.workspaces.build.transform.sheet import TransformSheet
    from explorer.ui.workspaces.compare.table_view import DiffView
    from explorer.ui.workspaces.compare.workspace import CompareWorkspace

    def story(person: Person) -> None:
        person.press("ctrl+k")
        person.write("Plain-34")
        person.wait("the palette's answer", lambda: bool(person.window.palette_sheet.findChildren(QListView)))
        person.press("Return")
        person.wait_for_total(PLAIN34)
        person.press("ctrl+shift+t")
        sheet = person.find(TransformSheet)
        row = person.ask(lambda: sheet.list.findItems("Insert shortcuts", Qt.MatchFlag.MatchExactly)[0])
        middle = person.ask(lambda: sheet.list.visualItemRect(row).center())
        person.click(person.ask(lambda: sheet.list.viewport().mapToGlobal(middle)))
        person.wait("what it would do", lambda: "21,797,672" in str(sheet.preview.lines()))
        person.click(person.middle_of(person.find(QPushButton, "Apply", sheet)))
        person.wait_for_total(RESNET34)
        person.click(person.middle_of(person.find(QAbstractButton, "Compare")))
        person.find(DiffView)
        shown = person.ask(lambda: person.window.workspace)
        assert isinstance(shown, CompareWorkspace)
        person.wait("a comparison", lambda: shown.comparison.diff is not None)
        assert shown.head.b.currentText() == "ResNet-34"
        assert shown.comparison.diff is not None
        assert shown.comparison.diff.equal
        person.press("ctrl+q")
        question = person.dialog(QDialog)
        person.click(person.middle_of(person.find(QPushButton, "Don't save", question)))

    return story, []


def save_as(person: Person, file: Path) -> None:
    """Save a new network under a name typed into the system's dialog."""
    person.press("ctrl+s")
    person.dialog(QFileDialog)
    person.press("ctrl+a")
    person.write(str(file))
    person.press("Return")
    person.wait("the saved file", lambda: person.window.session.tabs[0].path == file)
    person.activate(person.window)


def connect(person: Person, source: str, target: str) -> None:
    """Drag from the output port of one card to the input port of another; ports show under the pointer."""
    below, above = person.card(source), person.card(target)
    begin, end = QPoint(below.center().x(), below.bottom()), QPoint(above.center().x(), above.top() + 1)
    person.move(begin - QPoint(0, 12))
    time.sleep(0.1)
    person.drag(begin, end)
    person.wait(
        "a link",
        lambda: any(
            (link.source, link.target) == (source, target)
            for tab in person.window.session.tabs
            for link in tab.document.network.links.values()
        ),
    )


def set_number(person: Person, node: str, name: str, value: str) -> None:
    """Select a node with the mouse and type a number into a field of the inspector."""
    card = person.card(node)
    person.click(QPoint(card.center().x(), card.top() + 12))
    tab = person.tab
    person.wait("the selection", lambda: node in tab.selection.nodes)
    type_number(person, name, value)


def type_number(person: Person, name: str, value: str) -> None:
    """Click into a field of the inspector, replace the number in it."""
    person.click(person.middle_of(person.find(NumberField, name)))
    person.press("ctrl+a")
    person.write(value)
    person.press("Return")


STORIES: dict[str, Callable[[Path], tuple[Story, list[str]]]] = {
    "build": build,
    "reopen": reopen,
    "killed": killed,
    "recover": recover,
    "shrink-vgg16": shrink_vgg16,
    "reopen-vgg16": reopen_vgg16,
    "make-residual": make_residual,
    "train": training_story.train,
}
