"""The shared fields and labels, used with keys and mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMargins, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QVBoxLayout, QWidget

from explorer.ui.icons import icon, pixmap
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import DRAG_STEP, Choice, NumberField, SearchField, Switch
from explorer.ui.widgets.labels import Badge, ElidedLabel, EmptyState, Label

Heard = tuple[list[float], list[float]]


@pytest.fixture
def page(qapp: QApplication) -> Iterator[QWidget]:
    theme().choose("light", False)
    made = QWidget()
    QVBoxLayout(made)
    made.resize(400, 300)
    made.show()
    yield made
    made.deleteLater()


def put(page: QWidget, widget: QWidget) -> None:
    layout = page.layout()
    assert layout is not None
    layout.addWidget(widget)
    page.activateWindow()
    widget.setFocus()
    QApplication.processEvents()


def listening(field: NumberField) -> Heard:
    changing: list[float] = []
    settled: list[float] = []
    field.changing.connect(changing.append)
    field.settled.connect(settled.append)
    return changing, settled


def test_typing_changes_at_once_and_settles_at_the_end(page: QWidget) -> None:
    field = NumberField(64, 1, 4096)
    put(page, field)
    changing, settled = listening(field)
    field.selectAll()
    QTest.keyClicks(field, "128")
    assert changing == [1, 12, 128]
    assert settled == []
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert settled == [128]


def test_what_is_out_of_bounds_is_marked_and_put_back(page: QWidget) -> None:
    field = NumberField(3, 1, 15)
    put(page, field)
    changing, _ = listening(field)
    field.selectAll()
    QTest.keyClicks(field, "99")
    assert field.property("invalid") is True
    assert field.toolTip() == "A whole number from 1 to 15"
    field.clearFocus()
    assert (field.text(), field.value) == ("9", 9)
    assert changing == [9]


def test_arrows_step_within_bounds(page: QWidget) -> None:
    field = NumberField(2, 1, 5)
    put(page, field)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(field, key)
    assert field.value == 5
    QTest.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert field.value == 1


def test_dragging_sideways_is_one_gesture(page: QWidget) -> None:
    field = NumberField(10, 0, 100)
    put(page, field)
    field.deselect()
    changing, settled = listening(field)
    start = QPoint(20, field.height() // 2)
    QTest.mousePress(field, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 4):
        QTest.mouseMove(field, start + QPoint(DRAG_STEP * step, 0))
    QTest.mouseRelease(field, Qt.MouseButton.LeftButton, pos=start + QPoint(DRAG_STEP * 3, 0))
    assert changing == [11, 12, 13]
    assert settled == [13]


def test_escape_puts_back_what_was_there(page: QWidget) -> None:
    field = NumberField(7, 1, 100)
    put(page, field)
    changing, settled = listening(field)
    field.selectAll()
    QTest.keyClicks(field, "42")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.value == 7
    assert changing == [4, 42, 7]
    assert settled == [7]


def test_a_value_from_elsewhere_is_shown_and_not_told(page: QWidget) -> None:
    field = NumberField(7)
    put(page, field)
    changing, _ = listening(field)
    field.set_value(9)
    assert (field.text(), changing) == ("9", [])


def test_undo_in_a_number_field_is_the_document_s(page: QWidget) -> None:
    undone: list[bool] = []
    undo = QAction("Undo", page)
    undo.setShortcut("Ctrl+Z")
    undo.triggered.connect(lambda: undone.append(True))
    page.addAction(undo)
    field = NumberField(7)
    put(page, field)
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [True]
    words = QLineEdit("text")
    put(page, words)
    QTest.keyClick(words, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [True]


def test_a_single_key_shortcut_does_not_eat_what_is_searched(page: QWidget) -> None:
    hit: list[bool] = []
    fit = QAction("Fit", page)
    fit.setShortcut("F")
    fit.triggered.connect(lambda: hit.append(True))
    page.addAction(fit)
    field = SearchField("Search")
    put(page, field)
    QTest.keyClicks(field, "fft")
    assert (field.text(), hit) == ("fft", [])
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_decimals_are_written_short(page: QWidget) -> None:
    field = NumberField(0.5, 0, 1, decimals=3, step=0.1)
    put(page, field)
    assert field.text() == "0.5"
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert (field.text(), field.value) == ("0.6", 0.6)


def test_choice_tells_only_what_a_person_chose(page: QWidget) -> None:
    choice = Choice([("zeros", "zeros"), ("reflect", "reflect")], "padding mode")
    put(page, choice)
    chosen: list[object] = []
    choice.chosen.connect(chosen.append)
    choice.set_value("reflect")
    assert (choice.currentText(), chosen) == ("reflect", [])
    QTest.keyClick(choice, Qt.Key.Key_Up)
    assert chosen == ["zeros"]


def test_a_choice_ends_in_dots_where_it_has_no_room_and_says_the_whole_when_asked(page: QWidget) -> None:
    choice = Choice([("Convolutions and global average pooling", 0), ("none", 1)], "network")
    choice.setFixedWidth(140)
    put(page, choice)
    whole = choice.currentText()
    QApplication.sendEvent(
        choice, QHelpEvent(QEvent.Type.ToolTip, QPoint(4, 4), choice.mapToGlobal(QPoint(4, 4)))
    )
    assert QToolTip.text() == whole
    QToolTip.hideText()


def test_room_around_a_label_outlives_a_theme_before_it_is_shown(page: QWidget) -> None:
    sheet = QWidget(page)
    sheet.hide()
    label = Label("Keyboard shortcuts", "heading")
    QVBoxLayout(sheet).addWidget(label)
    label.setContentsMargins(20, 16, 20, 12)
    page.grab()
    theme().choose("dark", False)
    theme().choose("light", False)
    assert label.contentsMargins() == QMargins(20, 16, 20, 12)


def test_switch_by_keyboard(page: QWidget) -> None:
    switch = Switch("Bias")
    put(page, switch)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    assert switch.accessibleName() == "Bias"


def test_a_long_name_is_elided_and_told_in_the_tooltip(page: QWidget) -> None:
    label = ElidedLabel("a name that is far too long for so small a place", "strong")
    label.setFixedWidth(60)
    put(page, label)
    label.grab()
    assert label.toolTip() == label.accessibleName()


def test_icons_take_the_colour_that_is_asked(qapp: QApplication) -> None:
    image = pixmap("build", 24, theme().tokens.accent).toImage()
    seen = {
        image.pixelColor(x, y).name()
        for x in range(24)
        for y in range(24)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert seen == {theme().tokens.accent.name()}
    assert not icon("search").isNull()


def test_empty_state_and_badge_draw(page: QWidget) -> None:
    put(page, EmptyState("network", "Nothing here yet", "Drag a layer from the library."))
    badge = Badge("×3")
    put(page, badge)
    assert badge.sizeHint().width() > 12
    assert not page.grab().isNull()


def test_an_empty_state_shows_all_of_its_sentence(qapp: QApplication) -> None:
    text = "Open one in Build, or begin with one that ships trained: its sentence takes more than one line."
    empty = EmptyState("network", "Nothing here", text)
    empty.resize(900, 500)
    empty.show()
    qapp.processEvents()
    label = next(one for one in empty.findChildren(Label) if one.text() == text)
    assert label.height() >= label.heightForWidth(label.width())
    assert label.height() >= 2 * label.fontMetrics().height()
    empty.close()
    empty.deleteLater()


def test_a_name_that_looks_like_html_is_shown_as_it_is(qapp: Any) -> None:
    """A name may come from somebody's file: it must not draw a picture from this computer's disk."""
    name = '<img src="/etc/passwd">' + "x" * 200
    label = ElidedLabel(name)
    label.resize(60, 20)
    label.grab()
    document = QTextDocument()
    document.setHtml(label.toolTip())
    assert document.toPlainText() == name
    plain = ElidedLabel("conv1 < conv2 " + "x" * 200)
    plain.resize(60, 20)
    plain.grab()
    assert plain.toolTip().startswith("conv1 < conv2")


def test_an_opened_choice_shows_each_of_its_texts_in_full(page: QWidget) -> None:
    texts = [f"number {count}" for count in range(9)] + ["one with far more words than the field is wide"]
    choice = Choice([(text, text) for text in texts], "number")
    put(page, choice)
    choice.setFixedWidth(90)
    choice.set_value(texts[4])
    choice.showPopup()
    QApplication.processEvents()
    view = choice.view()
    seen = view.viewport().rect()
    boxes = [view.visualRect(choice.model().index(row, 0)) for row in range(len(texts))]
    assert all(seen.contains(box) for box in boxes)
    assert boxes[0].width() > view.fontMetrics().horizontalAdvance(texts[-1])
    choice.hidePopup()
