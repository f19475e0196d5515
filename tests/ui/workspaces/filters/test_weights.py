"""Kernels to and from the open network, as a person sends them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.imaging.filtering import respond
from explorer.imaging.kernels import BY_NAME, KERNELS
from explorer.interop.tensors import STORE
from explorer.network.operations import set_fields
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.filters.inside.page import InsidePage
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace
from explorer.zoo import catalogue

Until = Callable[..., bool]


def offer(filters: FiltersWorkspace) -> str:
    return filters.kernels.list.item(filters.kernels.list.count() - 1).text()


def test_filters_of_the_first_layer_are_listed_and_laid_over_the_picture(
    filters: FiltersWorkspace, until: Until
) -> None:
    lab, kernels = filters.lab, filters.kernels
    assert len(kernels._shown()) == len(KERNELS)
    filters.surroundings.session.open(catalogue.find("resnet18").build())
    assert offer(filters) == "conv1 of ResNet-18…"
    assert lab.filter.kernel is BY_NAME["edges-laplace-8"]
    kernels.list.setCurrentRow(kernels.list.count() - 1)
    assert until(lambda: len(kernels._shown()) == len(KERNELS) + 64)
    item = kernels._shown()[len(KERNELS) + 3]
    assert item.text() == "Filter 3"
    assert "random" in item.toolTip()
    kernels.list.setCurrentItem(item)
    assert lab.filter.channels == "sum"
    assert lab.filter.deep
    assert filters.panel.color.isVisibleTo(filters.panel)
    assert filters.panel.grid.rows == lab.filter.kernel.colors[0]
    filters.panel.color.chosen.emit(2)
    assert filters.panel.grid.rows == lab.filter.kernel.colors[2]
    assert until(lambda: lab.stage is not None)
    found = lab.explanation()
    assert found is not None
    assert lab.picture is not None
    row, column = lab.pixel
    assert found.sight.total == pytest.approx(float(respond(lab.picture, lab.filter)[row, column]), rel=1e-4)
    before = lab.filter.kernel.colors
    rows = [list(row) for row in before[2]]
    rows[0][0] = 9.0
    filters.panel.grid.painted.emit(tuple(tuple(row) for row in rows))
    assert lab.filter.kernel.colors[2][0][0] == 9
    assert lab.filter.kernel.colors[:2] == before[:2]
    mean = np.mean([one[0][0] for one in lab.filter.kernel.colors])
    assert lab.filter.kernel.rows[0][0] == pytest.approx(mean)


def test_every_convolution_is_listed_and_found_by_typing(filters: FiltersWorkspace) -> None:
    form = filters.panel.weights
    network = catalogue.find("resnet152").build()
    filters.surroundings.session.open(network)
    filters.lab.choose_kernel(BY_NAME["sobel-x"])
    assert form.layer.count() == 155
    assert form.layer.isEditable()
    line = form.layer.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "layer4.2.CONV2")
    completer = form.layer.completer()
    assert completer is not None
    assert [completer.completionModel().index(0, 0).data()] == ["layer4.2.conv2, 3×3"]
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert form.target is not None
    assert form.target.node == network.paths["layer4.2.conv2"]
    assert "One of 512 filters" in form.note.text()
    line.selectAll()
    QTest.keyClicks(line, "conv9")  # there is none
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert form.target.node == network.paths["layer4.2.conv2"]
    assert form.layer.currentText() == "layer4.2.conv2, 3×3"
    filters.surroundings.session.open(catalogue.find("lenet5").build())
    assert not form.layer.isEditable()


def test_a_kernel_goes_into_the_open_network_and_comes_out_again(
    filters: FiltersWorkspace, until: Until, said: list[Message]
) -> None:
    form, lab = filters.panel.weights, filters.lab
    assert not form.isVisibleTo(filters.panel)
    tab = filters.surroundings.session.open(catalogue.find("lenet5").build())
    assert form.isVisibleTo(filters.panel)
    node = tab.document.network.paths["features.conv1"]
    assert form.target is not None
    assert form.target.node == node
    lab.choose_kernel(BY_NAME["box-7"])
    assert not form.use.isEnabled()
    assert "5 × 5, smaller" in form.note.text()
    lab.choose_kernel(BY_NAME["sobel-x"])
    form.filter.set_value(4)
    form.use.click()
    assert until(lambda: bool(tab.document.network.nodes[node].tensors))
    weight = STORE.get(tab.document.network.nodes[node].tensors["weight"])
    np.testing.assert_array_equal(weight[4, 0, 1:4, 1:4].numpy(), lab.filter.kernel.values)
    assert tab.document.undo_title == "Use Sobel x as filter 4 of features.conv1"
    assert [label for label, _ in said[-1].buttons] == ["Look inside", "Undo"]
    said[-1].buttons[0][1]()
    page = filters.stack.currentWidget()
    assert isinstance(page, InsidePage)
    assert page.model.node == node
    assert until(lambda: page.model.page is not None and not page.model.passing.busy)
    said[-1].buttons[1][1]()
    assert not tab.document.network.nodes[node].tensors
    assert until(lambda: not page.model.passing.busy)


def test_what_is_edited_elsewhere_is_read_when_filters_is_shown_again(
    filters: FiltersWorkspace, until: Until
) -> None:
    tab = filters.surroundings.session.open(catalogue.find("lenet5").build())
    filters.kernels.filters_wanted.emit()
    shown = filters.kernels._shown
    assert until(lambda: len(shown()) == len(KERNELS) + 6)
    filters.hide()
    conv1 = tab.document.network.paths["features.conv1"]
    for count in (7, 8, 9):
        change = set_fields(tab.document.network, conv1, {"out_channels": count})
        tab.document.apply(change.title, change.edits)
        assert not filters.surroundings.runner.running
    assert len(shown()) == len(KERNELS) + 6
    filters.show()
    assert until(lambda: len(shown()) == len(KERNELS) + 9)


def test_the_list_follows_the_weights(filters: FiltersWorkspace, until: Until) -> None:
    tab = filters.surroundings.session.open(catalogue.find("lenet5").build())
    filters.kernels.filters_wanted.emit()
    shown = filters.kernels._shown
    assert until(lambda: len(shown()) == len(KERNELS) + 6)
    filters.lab.choose_kernel(BY_NAME["sobel-y"])
    filters.panel.weights.every.setChecked(True)
    assert not filters.panel.weights.filter.isEnabled()
    filters.panel.weights.use.click()

    def listed() -> bool:
        from PySide6.QtCore import Qt

        kernels = [item.data(Qt.ItemDataRole.UserRole) for item in shown()[len(KERNELS) :]]
        return len(kernels) == 6 and all(one.rows[1][1:4] == (-1, -2, -1) for one in kernels)

    assert until(listed)
    filters.surroundings.session.close(tab)
    assert len(shown()) == len(KERNELS)
