"""Every page, small and large and on a projector: no words cut off, nothing covered, all controls named."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from explorer.assets import asset
from explorer.faces.pipeline import FacePipeline
from explorer.media.pictures import read_picture
from explorer.tasks.qt import Runner
from explorer.ui.app import ENTRIES
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel
from explorer.ui.window import Window
from explorer.ui.workspaces.compare.head import RESULTS
from explorer.ui.workspaces.compare.workspace import CompareWorkspace
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace
from explorer.zoo.catalogue import find

SIZES = ((1280, 720), (1920, 1080))
THEMES = (("light", False), ("dark", True))
"""A dark theme has the sizes of a light one: what can differ is the scale of the projector's."""
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSlider, QAbstractItemView)


def settle(qapp: QApplication, seconds: float = 0.05) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        qapp.processEvents()
        time.sleep(0.002)


@pytest.fixture
def whole(qapp: QApplication) -> Iterator[Window]:
    import torch

    # An import under way could not be stopped, and threads that OpenCV and torch keep would pass for a Job's.
    torch.ones(256, 256) @ torch.ones(256, 256)
    FacePipeline().read(read_picture(asset("faces", "Viktor", "1.jpg")))
    theme().choose("light", False)
    made = Window(ENTRIES)
    made.resize(*SIZES[0])
    made.show()
    made.files.open_network(find("lenet5").build())
    settle(qapp)
    yield made
    for tab in made.session.tabs:
        tab.mark_saved(Path("closing.convnet"))
    theme().choose("light", False)
    made.close()
    for runner in made.findChildren(Runner):
        assert runner.close(20.0)
    made.deleteLater()
    settle(qapp)


def pages(window: Window) -> Iterator[str]:
    """The name of each page, once it is on show."""
    for entry in ENTRIES:
        window.show_workspace(entry.name)
        yield entry.name
        workspace = window.workspace
        if isinstance(workspace, FiltersWorkspace):
            for page in (1, 2):
                workspace.show_page(page)
                yield f"filters {page}"
        elif isinstance(workspace, CompareWorkspace):
            workspace.show_page(RESULTS)
            yield "results"
        elif isinstance(workspace, FacesWorkspace):
            for tab in workspace.tabs[1:]:
                workspace.show_tab(tab)
                yield f"faces {tab.title}"
    window.show_start()
    yield "start"


def lasting(qapp: QApplication, window: Window) -> set[str]:
    """The faults that stay: a layout that is still being made is none, as long as nobody could read it."""
    settle(qapp)
    seen = set(faults(window))
    if seen:
        settle(qapp, 0.3)
        seen &= set(faults(window))
    return seen


def test_a_page_on_show_follows_into_projector_mode_and_back(qapp: QApplication, whole: Window) -> None:
    found = []
    for name in pages(whole):
        if name not in ("build", "filters 1", "compare"):
            continue
        for projector in (True, False):
            theme().choose(projector=projector)
            found += [f"{name}, {theme().tokens.name}: {fault}" for fault in lasting(qapp, whole)]
    assert not found, "\n".join(found)


def test_nothing_is_cut_off_covered_or_nameless(qapp: QApplication, whole: Window) -> None:
    found: list[str] = []
    for choice, projector in THEMES:
        theme().choose(choice, projector)  # type: ignore[arg-type]
        for name in pages(whole):
            for size in SIZES:
                whole.resize(*size)
                found += [
                    f"{name}, {size[0]} wide, {theme().tokens.name}: {fault}"
                    for fault in lasting(qapp, whole)
                ]
    assert not found, "\n".join(found)


def faults(window: QWidget) -> Iterator[str]:
    """What a person would see of it."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        if words:
            yield from _cut(widget, words, window)
        reached = isinstance(widget, CONTROLS) and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if reached and not (widget.accessibleName() or words):
            yield f"{_place(widget)} has no name"
        if widget.layout() is not None and not isinstance(widget.layout(), QStackedLayout):
            yield from _covered(widget)


def _cut(widget: QWidget, words: str, window: QWidget) -> Iterator[str]:
    if isinstance(widget, QPushButton | QToolButton):
        if widget.sizeHint().width() > widget.width() + 1 and not _breaks(widget):
            yield f"the button '{words}' needs {widget.sizeHint().width()} pixels and has {widget.width()}"
    elif isinstance(widget, QLabel) and widget.wordWrap():
        if widget.heightForWidth(widget.width()) > widget.height() + 2:
            yield f"'{words[:40]}' needs more lines than it has"
    elif isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel) and "\n" not in words:
        needed = widget.fontMetrics().horizontalAdvance(words)
        if needed > widget.contentsRect().width() + 1 and not widget.toolTip():
            yield f"'{words[:40]}' needs {needed} pixels and has {widget.contentsRect().width()}"
    seen = _seen(widget, window)
    if 0 < seen.width() < widget.width() - 1:
        yield f"'{words[:40]}' is cut off at {seen.width()} of {widget.width()} pixels ({_place(widget)})"


def _breaks(button: QWidget) -> bool:
    """Whether its words go on a second line."""
    return button.sizePolicy().hasHeightForWidth()


def _seen(widget: QWidget, window: QWidget) -> QRect:
    """The part of a widget that no widget around it cuts off; what is scrolled out of sight is whole."""
    seen = QRect(widget.mapTo(window, QPoint()), widget.size())
    above = widget.parentWidget()
    while above is not None and above is not window:
        scrolls = isinstance(above.parentWidget(), QAbstractScrollArea)
        bar = above.parentWidget().horizontalScrollBar() if scrolls else None  # type: ignore[union-attr]
        if bar is None or bar.maximum() == 0:
            seen = seen.intersected(QRect(above.mapTo(window, QPoint()), above.size()))
        above = above.parentWidget()
    return seen.intersected(window.rect())


def _covered(widget: QWidget) -> Iterator[str]:
    inside = list(_laid_out(widget.layout()))
    for place, first in enumerate(inside):
        for second in inside[place + 1 :]:
            both = first.geometry().intersected(second.geometry())
            if both.width() > 1 and both.height() > 1:
                yield f"{_place(first)} and {_place(second)} share {both.width()} × {both.height()} pixels"


def _laid_out(layout: QLayout | None) -> Iterator[QWidget]:
    items = [layout.itemAt(index) for index in range(layout.count())] if layout is not None else []
    for item in items:
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None and widget.isVisible():
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)


def _place(widget: QWidget | None) -> str:
    names: list[str] = []
    while widget is not None and len(names) < 3:
        names.append(type(widget).__name__)
        widget = widget.parentWidget()
    return " in ".join(names)
