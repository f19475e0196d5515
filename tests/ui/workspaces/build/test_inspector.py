from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from explorer.network import operations
from explorer.network.layers import LAYERS, Conv2d, Hardtanh, Input, fields_of
from explorer.network.layers.activation import LARGEST
from explorer.session.session import OpenNetwork
from explorer.ui.shell.settings import Settings
from explorer.ui.widgets.fields import DRAG_STEP, NumberField
from explorer.ui.workspaces.build.assumptions import Assumptions
from explorer.ui.workspaces.build.inspector.editors import (
    NumberEditor,
    PairEditor,
    SwitchEditor,
    TupleEditor,
)
from explorer.ui.workspaces.build.inspector.form import FieldsForm
from explorer.ui.workspaces.build.inspector.panel import Inspector
from explorer.ui.workspaces.build.inspector.word_editors import WordOrNumbersEditor
from explorer.ui.workspaces.build.problem_feed import ProblemFeed


@pytest.fixture
def inspector(tab: OpenNetwork, tmp_path: Path, qapp: Any) -> Inspector:
    feed = ProblemFeed()
    made = Inspector(Assumptions(Settings(tmp_path)), feed)
    feed.setParent(made)
    feed.show_network(tab)
    made.show_network(tab)
    made.resize(340, 900)
    made.show()
    qapp.processEvents()
    return made


def catch_up(inspector: Inspector) -> None:
    """Let the page follow the change that was just made, as it does once the canvas has painted."""
    assert inspector.follows
    while inspector.follows:
        QApplication.processEvents()


def layer(tab: OpenNetwork, node: str) -> Any:
    return tab.document.network.nodes[node].layer


def number(inspector: Inspector, name: str) -> NumberField:
    editor = inspector.node.form.editors[name]
    assert isinstance(editor, NumberEditor)
    return editor.field


def drag(field: QWidget, steps: int) -> None:
    """Press in a field, move sideways by so many steps, let go."""
    start = QPointF(field.rect().center())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    def send(kind: QMouseEvent.Type, at: QPointF, button: Any, held: Any) -> None:
        event = QMouseEvent(kind, at, QPointF(field.mapToGlobal(at.toPoint())), button, held, none)
        QApplication.sendEvent(field, event)

    send(QMouseEvent.Type.MouseButtonPress, start, left, left)
    for step in range(1, steps + 1):
        send(QMouseEvent.Type.MouseMove, start + QPointF(step * DRAG_STEP, 0), Qt.MouseButton.NoButton, left)
    send(QMouseEvent.Type.MouseButtonRelease, start + QPointF(steps * DRAG_STEP, 0), left, left.NoButton)


def test_typing_changes_the_layer_and_every_number_at_once(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    field = number(inspector, "out_channels")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "16")
    assert layer(tab, "conv1").out_channels == 16
    catch_up(inspector)
    assert "16 × 32 × 32" in inspector.node._output.text()
    assert "3·3·3·16 = 432" in inspector.node.counts.plain_text()
    QTest.keyClick(field, Qt.Key.Key_Return)
    tab.document.undo()
    assert layer(tab, "conv1").out_channels == 8, "typing two digits is one step"
    catch_up(inspector)
    assert field.text() == "8"


def test_a_drag_is_one_step_of_the_history(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    drag(number(inspector, "out_channels"), 5)
    assert layer(tab, "conv1").out_channels == 13
    drag(number(inspector, "out_channels"), 2)
    assert layer(tab, "conv1").out_channels == 15
    tab.document.undo()
    assert layer(tab, "conv1").out_channels == 13
    tab.document.undo()
    assert layer(tab, "conv1").out_channels == 8
    assert not tab.document.can_undo


def test_an_entry_that_is_not_allowed_is_told_at_the_field(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    field = number(inspector, "groups")
    note = inspector.node.form._notes["groups"]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0")
    assert layer(tab, "conv1").groups == 1
    assert note.isVisible()
    assert note.text() == "groups can be 1 to 1,000,000."
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not note.isVisible()
    assert not tab.document.can_undo


def test_a_pair_is_linked_until_its_link_is_taken_off(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    editor = inspector.node.form.editors["kernel_size"]
    assert isinstance(editor, PairEditor)
    QTest.keyClick(editor.first, Qt.Key.Key_Up)
    assert layer(tab, "conv1").kernel_size == (4, 4)
    editor.link.click()
    QTest.keyClick(editor.second, Qt.Key.Key_Up)
    assert layer(tab, "conv1").kernel_size == (4, 5)


def test_padding_is_a_word_or_numbers(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    editor = inspector.node.form.editors["padding"]
    assert isinstance(editor, WordOrNumbersEditor)
    assert editor.choice.currentText() == "same"
    assert not editor.numbers.isVisible()
    editor.choice.chosen.emit("number")
    assert layer(tab, "conv1").padding == (1, 1)
    assert editor.numbers.isVisible()
    assert isinstance(editor.numbers, PairEditor)
    QTest.keyClick(editor.numbers.first, Qt.Key.Key_Up)
    assert layer(tab, "conv1").padding == (2, 2)
    editor.choice.chosen.emit("valid")
    assert layer(tab, "conv1").padding == "valid"


def test_a_switch_says_that_batch_norm_follows(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    editor = inspector.node.form.editors["bias"]
    assert isinstance(editor, SwitchEditor)
    assert editor._words.text() == "off, batch norm follows"
    editor.switch.click()
    assert layer(tab, "conv1").bias is True
    catch_up(inspector)
    assert editor._words.text() == "on, though batch norm follows"


def test_an_edit_in_a_repeat_reaches_all_copies_until_one_is_detached(
    tab: OpenNetwork, inspector: Inspector
) -> None:
    tab.selection.set(["stage.0.conv"])
    assert inspector.node.repeat.isVisible()
    assert inspector.node.repeat.words.text() == "Applies to all ×2"
    editor = inspector.node.form.editors["dilation"]
    assert isinstance(editor, PairEditor)
    QTest.keyClick(editor.first, Qt.Key.Key_Up)
    assert layer(tab, "stage.0.conv").dilation == layer(tab, "stage.1.conv").dilation == (2, 2)
    detaching = QSignalSpy(inspector.node.detaching)
    inspector.node.repeat.detach.click()
    assert detaching.at(0) == ["stage.0"]
    change = operations.detach(tab.document.network, "stage.0")
    tab.document.apply(change.title, change.edits)
    assert not inspector.node.repeat.isVisible()
    QTest.keyClick(editor.first, Qt.Key.Key_Up)
    assert layer(tab, "stage.0.conv").dilation == (3, 3)
    assert layer(tab, "stage.1.conv").dilation == (2, 2)


def test_the_derivation_says_what_the_floor_loses(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["pool"])
    words = inspector.node.derivation.plain_text()
    assert words.splitlines()[0] == "⌊(n + 2p − f) / s⌋ + 1"
    assert "⌊14.5⌋ + 1 = 15" in words
    assert "1 row and 1 column of the input are never seen." in words
    tab.selection.set(["conv1"])
    assert "MACs 216 · 32 · 32 = 221.18 k" in inspector.node.counts.plain_text()
    assert "output at batch 32, float32 1.0 MiB" in inspector.node.counts.plain_text()
    assert "sees 3 × 3 pixels of the input" in inspector.node.field.plain_text()
    assert inspector.node.torch.line.startswith("nn.Conv2d(3, 8, kernel_size=3")


def test_the_field_of_a_merge_has_a_shortest_branch(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["stage.1.add"])
    words = inspector.node.field.plain_text()
    assert "sees 7 × 7 pixels" in words
    assert "through its shortest branch 3 × 3" in words


def test_several_layers_are_edited_through_what_they_share(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1", "stage.0.conv", "stage.1.conv"])
    page = inspector.several
    assert page.isVisible()
    assert page.title.text() == "3 selected"
    bias = page.form.editors["bias"]
    assert isinstance(bias, SwitchEditor)
    assert bias._words.text() == "mixed"
    editor = page.form.editors["out_channels"]
    assert isinstance(editor, NumberEditor)
    editor.field.selectAll()
    QTest.keyClicks(editor.field, "12")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert {layer(tab, node).out_channels for node in ("conv1", "stage.0.conv", "stage.1.conv")} == {12}
    tab.document.undo()
    assert layer(tab, "conv1").out_channels == 8
    assert not tab.document.can_undo
    tab.selection.set(["conv1", "pool"])
    assert set(page.form.editors) == {"kernel_size", "stride", "dilation"}


def test_a_block_shows_its_totals_and_asks_to_be_repeated(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set((), ["stage.0"])
    page = inspector.block
    assert page.isVisible()
    assert "Parameters 584" in page.totals.plain_text()
    assert page.copies.value == 2
    repeating, folding = QSignalSpy(page.repeating), QSignalSpy(page.folding)
    page.copies.setFocus()
    page.copies.selectAll()
    QTest.keyClicks(page.copies, "4")
    QTest.keyClick(page.copies, Qt.Key.Key_Return)
    assert repeating.at(0) == ["stage.0", 4]
    page.fold.click()
    assert folding.at(0) == ["stage.0", True]


def test_with_nothing_selected_the_network_itself_is_edited(tab: OpenNetwork, inspector: Inspector) -> None:
    page = inspector.network
    assert page.isVisible()
    assert "Layers 12" in page.totals.plain_text()
    page.notes.setPlainText("For the lesson")
    assert tab.document.network.notes == "For the lesson"
    assert tab.document.undo_title == "Edit the notes"
    shape = page.inputs["input"]
    assert isinstance(shape, TupleEditor)
    QTest.keyClick(shape.fields[1], Qt.Key.Key_Up)
    found = tab.document.network.nodes["input"].layer
    assert isinstance(found, Input)
    assert found.shape == (3, 33, 32)


def test_names_are_changed_where_they_stand(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["conv1"])
    edit = inspector.node.header.name
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "stem")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert tab.document.network.nodes["conv1"].name == "stem"
    edit.selectAll()
    QTest.keyClicks(edit, "bn1")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert "already a bn1" in inspector.node.header._fault.text()
    catch_up(inspector)
    assert edit.text() == "stem"


def test_problems_come_with_mends_that_are_looked_up_for_the_network_as_it_is(
    tab: OpenNetwork, inspector: Inspector
) -> None:
    change = operations.set_fields(tab.document.network, "conv1", {"out_channels": 9, "groups": 2})
    tab.document.apply(change.title, change.edits)
    inspector._feed.look()
    tab.selection.set(["conv1"])
    cards = inspector.node.problems.cards
    assert len(cards) == 1
    assert "2 groups cannot share" in cards[0].problem.message
    assert not inspector.node._counts.isVisible()
    mended, eyed = QSignalSpy(inspector.mended), QSignalSpy(inspector.eyed)
    button = cards[0].buttons[0]
    button.setFocus()
    assert eyed.at(0)[1] == button.text()
    button.click()
    problem, title = mended.at(0)
    mend = inspector._feed.mend(problem, title)
    assert mend is not None
    tab.document.apply(mend.title, mend.edits)
    inspector._feed.look()
    assert not inspector.node.problems.cards
    catch_up(inspector)
    assert inspector.node._counts.isVisible()


def test_the_pytorch_line_can_be_copied(tab: OpenNetwork, inspector: Inspector) -> None:
    from PySide6.QtWidgets import QToolButton

    tab.selection.set(["conv1"])
    button = inspector.node.torch.findChild(QToolButton)
    assert isinstance(button, QToolButton)
    button.click()
    assert QGuiApplication.clipboard().text() == inspector.node.torch.line


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_every_layer_has_a_form_that_shows_its_defaults(kind: Any) -> None:
    form = FieldsForm()
    changing = QSignalSpy(form.changing)
    fields = {info.name: info.default for info in fields_of(kind) if info.default is not None}
    form.show_layers([kind(**fields)], {})
    assert set(form.editors) == {info.name for info in fields_of(kind)}
    assert changing.count() == 0


def test_a_bound_that_bounds_nothing_is_written_with_its_power_of_ten(qapp: Any) -> None:
    form = FieldsForm()
    form.show_layers([Hardtanh(-1.5, LARGEST)], {})
    low, high = (form.editors[name] for name in ("min_val", "max_val"))
    assert isinstance(low, NumberEditor)
    assert isinstance(high, NumberEditor)
    assert (low.field.text(), high.field.text()) == ("-1.5", "3.40282e+38")
    high.field.selectAll()
    QTest.keyClicks(high.field, "1e39")
    assert form._notes["max_val"].text() == "max_val can be -3.40282e+38 to 3.40282e+38."


def test_only_in_training_is_a_switch(tab: OpenNetwork, inspector: Inspector) -> None:
    tab.selection.set(["fc"])
    inspector.node.training_only.click()
    assert tab.document.network.nodes["fc"].training_only
    tab.document.undo()
    catch_up(inspector)
    assert not inspector.node.training_only.isChecked()
    assert isinstance(layer(tab, "conv1"), Conv2d)


def test_undo_in_a_field_takes_back_the_step_and_not_the_letter(
    tab: OpenNetwork, inspector: Inspector
) -> None:
    from PySide6.QtGui import QKeyEvent

    tab.selection.set(["conv1"])
    field = number(inspector, "out_channels")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "24")
    control = Qt.KeyboardModifier.ControlModifier
    press = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Z, control, "z")
    press.ignore()
    QApplication.sendEvent(field, press)
    assert not press.isAccepted(), "the window's shortcut gets it"
    tab.document.undo()
    catch_up(inspector)
    assert field.text() == "8"
