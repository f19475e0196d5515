"""The lab as a person uses it: kernels, settings, the chain, undo, the sweep."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider

from explorer.imaging.filtering import Pooling, show
from explorer.imaging.kernels import BY_NAME, KERNELS
from explorer.ui.workspaces.filters.presets import LECTURE
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace


def centre(filters: FiltersWorkspace, row: int, column: int) -> QPoint:
    return filters.panel.grid.cell_rect(row, column).center().toPoint()


def test_it_opens_with_a_picture_and_edges(filters: FiltersWorkspace) -> None:
    lab = filters.lab
    assert lab.filter.kernel is BY_NAME["edges-laplace-8"]
    assert lab.stage is not None
    assert lab.picture is not None
    assert np.array_equal(lab.stage.shown, show(lab.picture, lab.filter))
    assert filters.stage.output_caption.text() == "output 384 × 384, same, zero"
    assert filters.panel.size_text.text() == "⌊(384 + 2 − 3) / 1⌋ + 1 = 384"
    assert filters.kernels.list.currentItem().text() == "Edges, Laplace 8"


def test_every_kernel_of_the_list_can_be_chosen(filters: FiltersWorkspace) -> None:
    listed = filters.kernels._shown()
    assert [item.text() for item in listed] == [kernel.title for kernel in KERNELS]
    assert [item.text() for item in listed[:4]] == [
        "Identity", "Edges, diagonal", "Edges, Laplace 4", "Edges, Laplace 8",
    ]  # fmt: skip
    for item in listed:
        filters.kernels.list.setCurrentItem(item)
        assert filters.lab.filter.kernel.title == item.text()
        assert filters.lab.stage is not None
    assert filters.panel.grid.rows == filters.lab.filter.kernel.rows


def test_searching_and_taking_the_first(filters: FiltersWorkspace) -> None:
    search = filters.kernels.search
    QTest.keyClicks(search, "gauss 7x7")
    assert [item.text() for item in filters.kernels._shown()] == ["Gaussian 7×7, σ 1.5"]
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert filters.lab.filter.kernel is BY_NAME["gaussian-7"]
    search.setText("zzz")
    assert filters.kernels.nothing.isVisible()


def test_random_kernels_differ_and_are_in_nobodys_list(filters: FiltersWorkspace) -> None:
    found = set()
    for _ in range(4):
        filters.kernels.random.click()
        found.add(filters.lab.filter.kernel.rows)
    assert len(found) > 1
    assert filters.kernels.list.currentRow() == -1


def test_a_drag_paints_and_is_one_step(filters: FiltersWorkspace) -> None:
    grid, lab = filters.panel.grid, filters.lab
    before = lab.filter.kernel.rows
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(grid, left, pos=centre(filters, 1, 1))
    QTest.mouseMove(grid, centre(filters, 1, 2))
    QTest.mouseMove(grid, centre(filters, 2, 2))
    QTest.mouseRelease(grid, left, pos=centre(filters, 2, 2))
    assert lab.filter.kernel.rows == ((-1, -1, -1), (-1, 8, 8), (-1, -1, 8))
    lab.undo()
    assert lab.filter.kernel.rows == before
    lab.redo()
    assert lab.filter.kernel.rows[2][2] == 8


def test_typing_takes_fractions_and_refuses_what_is_no_number(filters: FiltersWorkspace) -> None:
    grid = filters.panel.grid
    grid.setFocus()
    grid.choose(0, 0)
    QTest.keyClicks(grid, "1")
    QTest.keyClicks(grid.editor, "/9")
    QTest.keyClick(grid.editor, Qt.Key.Key_Tab)
    assert filters.lab.filter.kernel.rows[0][0] == pytest.approx(1 / 9)
    assert grid.at == (0, 1)
    grid.editor.setText("one")
    QTest.keyClick(grid.editor, Qt.Key.Key_Return)
    assert grid.editor.isVisible()
    assert grid.editor.property("invalid")
    assert "not a number" in grid.editor.toolTip()
    QTest.keyClick(grid.editor, Qt.Key.Key_Escape)
    assert filters.lab.filter.kernel.rows[0][1] == -1


def test_the_wheel_changes_a_cell_only_where_one_works(filters: FiltersWorkspace) -> None:
    grid = filters.panel.grid

    def turn() -> None:
        spot = QPointF(centre(filters, 0, 0))
        none = Qt.MouseButton.NoButton
        event = QWheelEvent(
            spot, grid.mapToGlobal(spot), QPoint(), QPoint(0, 120), none,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(grid, event)

    filters.kernels.search.setFocus()
    turn()
    assert grid.rows[0][0] == -1
    grid.setFocus()
    turn()
    assert grid.rows[0][0] == 0


def test_the_size_of_the_kernel(filters: FiltersWorkspace) -> None:
    filters.panel.rows.changing.emit(1)
    panel = filters.panel
    for field, text in ((panel.rows, "1"), (panel.columns, "15")):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert filters.lab.filter.kernel.size == (1, 15)
    assert filters.lab.stage is not None
    assert filters.lab.out == (384, 384)


def test_ctrl_z_takes_back_what_was_done_here(filters: FiltersWorkspace) -> None:
    filters.lab.choose_kernel(BY_NAME["sharpen"])
    filters.panel.form.stride.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(filters.panel.form.stride, Qt.Key.Key_Z, control)
    assert filters.lab.filter.kernel is BY_NAME["edges-laplace-8"]
    QTest.keyClick(filters.panel.form.stride, Qt.Key.Key_Y, control)
    assert filters.lab.filter.kernel is BY_NAME["sharpen"]


def test_settings_change_the_filter_and_follow_it(filters: FiltersWorkspace) -> None:
    form, lab = filters.panel.form, filters.lab
    form.stride.setFocus()
    QTest.keyClick(form.stride, Qt.Key.Key_Up)
    form.padding.chosen.emit("valid")
    assert lab.filter.stride == 2
    assert lab.out == (191, 191)
    assert not form.border.isEnabled()
    form.padding.chosen.emit("pixels")
    assert lab.filter.padding == 0
    form.channels.chosen.emit("sum")
    form.pooling.chosen.emit("max")
    assert lab.filter.pooling == Pooling("max", 2, 2)
    assert lab.out == (95, 95)
    assert "pooled 2×2 / 2: 95 × 95" in filters.panel.size_text.text()
    form.relu.click()
    assert lab.filter.relu
    while lab.past.undo_title:
        lab.undo()
    assert form.stride.value == 1
    assert form.pooling.currentData() is None
    assert not form.relu.isChecked()


def test_what_cannot_be_done_is_said_in_place(filters: FiltersWorkspace) -> None:
    filters.lab.show_picture(np.zeros((2, 2, 3), np.uint8), "tiny")
    filters.lab.change("padding", padding="valid")
    assert filters.stage.fault.isVisible()
    assert "the picture has only 2" in filters.stage.fault.text()
    assert not filters.has_result()
    filters.lab.change("padding", padding="same")
    assert not filters.stage.fault.isVisible()


def test_flipping_says_which_of_the_two_it_is(filters: FiltersWorkspace) -> None:
    assert "Cross-correlation" in filters.panel.sense.text()
    filters.lab.choose_kernel(BY_NAME["sobel-x"])
    before = filters.lab.stage
    filters.panel.flip.click()
    assert "mathematical sense" in filters.panel.sense.text()
    assert filters.status().left[0].value == "convolution"
    assert before is not None
    assert filters.lab.stage is not None
    assert not np.array_equal(before.shown, filters.lab.stage.shown)


def test_separable_kernels_are_recognised(filters: FiltersWorkspace) -> None:
    filters.lab.choose_kernel(BY_NAME["sobel-x"])
    assert filters.panel.separable.text() == (
        "Separable: column (1, 2, 1) × row (−1, 0, 1), 6 products a pixel instead of 9."
    )
    filters.lab.choose_kernel(BY_NAME["edges-laplace-8"])
    assert filters.panel.separable.isHidden()


def test_a_chain_grows_moves_and_shrinks(filters: FiltersWorkspace) -> None:
    lab, chain = filters.lab, filters.chain
    chain.add.click()
    lab.choose_kernel(BY_NAME["box-7"])
    lab.change("stride", stride=2)
    assert [step.kernel.name for step in lab.recipe.steps] == ["edges-laplace-8", "box-7"]
    assert chain.chips[1].text() == "Box blur 7×7   192 × 192"
    assert "⌊(384 + 6 − 7) / 2⌋ + 1 = 192" in chain.chips[1].toolTip()
    chain.earlier.click()
    assert [step.kernel.name for step in lab.recipe.steps] == ["box-7", "edges-laplace-8"]
    assert lab.recipe.at == 0
    chain.chips[1].click()
    assert filters.stage.input_caption.text() == "input 192 × 192"
    chain.remove.click()
    assert len(lab.recipe.steps) == 1
    assert not chain.remove.isVisible()
    for _ in range(9):
        chain.add_step()
    assert len(lab.recipe.steps) == 8
    assert not chain.add.isEnabled()


def test_a_click_and_the_arrow_keys_explain_a_pixel(filters: FiltersWorkspace) -> None:
    output = filters.stage.output
    area, cell = output.area(), output.cell
    spot = QPointF(area.left() + 100.5 * cell, area.top() + 50.5 * cell).toPoint()
    QTest.mouseClick(output, Qt.MouseButton.LeftButton, pos=spot)
    row, column = filters.lab.pixel
    assert abs(row - 50) <= 1
    assert abs(column - 100) <= 1
    QTest.keyClick(output, Qt.Key.Key_Right)
    QTest.keyClick(output, Qt.Key.Key_Down)
    assert filters.lab.pixel == (row + 1, column + 1)
    found = filters.lab.explanation()
    assert found is not None
    assert filters.lab.stage is not None
    assert found.shown == filters.lab.stage.shown[row + 1, column + 1, 0]
    assert found.lines[0] in filters.stage.explanation.lines.text()
    QTest.mouseClick(filters.stage.input, Qt.MouseButton.LeftButton, pos=spot)
    assert abs(filters.lab.pixel[0] - 50) <= 1


def test_the_sweep_plays_to_the_end(filters: FiltersWorkspace) -> None:
    sweep, lab = filters.stage.sweep, filters.lab
    lab.show_picture(np.zeros((20, 30), np.uint8), "small")
    sweep.speed.set_value(60.0)
    lab.set_pixel(0, 0)
    sweep.button.click()
    assert sweep.playing
    sweep.advance(0.75)
    assert lab.pixel == (1, 15)
    assert sweep.slider.value() == 45
    sweep.advance(100)
    assert lab.pixel == (19, 29)
    assert not sweep.playing
    sweep.slider.setValue(31)
    assert lab.pixel == (1, 1)


def test_the_lectures_examples(filters: FiltersWorkspace) -> None:
    filters.sources.show_preset(LECTURE[0])
    assert filters.panel.volume.text() == "63 × 63 × 8 = 31,752 values"
    filters.sources.show_preset(LECTURE[1])
    assert filters.panel.size_text.text() == "⌊(63 + 0 − 3) / 2⌋ + 1 = 31"
    assert filters.panel.volume.text() == "31 × 31 × 8 = 7,688 values"
    assert "30 × 30" in filters.stage.note.text()
    assert filters.stage.note.isVisible()


def test_zoom_shows_both_at_the_same_place(filters: FiltersWorkspace) -> None:
    stage = filters.stage
    filters.lab.set_pixel(200, 100)
    stage.zoom_to_pixels()
    assert stage.output.cell > 25
    for view in (stage.input, stage.output):
        middle = view.pixel_at(QPointF(view.rect().center()))
        assert abs(middle[0] - 200) <= 1
        assert abs(middle[1] - 100) <= 1
        assert not view.grab().isNull()
    QTest.keyClick(stage.output, Qt.Key.Key_0)
    assert stage.lens.zoom == 1


@pytest.mark.parametrize("page", range(3))
def test_everything_has_a_name_and_can_be_reached_by_keyboard(filters: FiltersWorkspace, page: int) -> None:
    filters.show_page(page)
    QApplication.processEvents()
    for kind in (QAbstractButton, QLineEdit, QComboBox, QSlider):
        for widget in filters.findChildren(kind):
            if widget.isVisible() and widget.objectName() != "qt_spinbox_lineedit":
                assert widget.accessibleName(), widget
                assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget


def test_actions_have_ids_of_their_own(filters: FiltersWorkspace) -> None:
    ids = [action.id for action in (*filters.own_actions(), *filters.commands(""))]
    assert len(ids) == len(set(ids))
    assert "filters.kernel.sobel-x" in ids
