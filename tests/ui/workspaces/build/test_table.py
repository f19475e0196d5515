from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy, QTest

from explorer.network import operations
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.workspaces.build.run_results import RunResults
from explorer.ui.workspaces.build.table import TablePanel
from explorer.ui.workspaces.build.table_cells import Column
from explorer.ui.workspaces.build.table_model import TableModel
from explorer.zoo.catalogue import find


def text(model: TableModel, row: str, column: Column) -> str:
    index = model.index_of(row)
    return str(model.data(index.siblingAtColumn(column)))


def names(model: TableModel) -> list[str]:
    return [str(model.value(row, Column.LAYER)) for _, row in model.walk()]


def shown(tab: OpenNetwork) -> TablePanel:
    panel = TablePanel()
    panel.resize(900, 300)
    panel.show_network(tab)
    panel.show()
    return panel


def test_rows_are_nested_by_block_in_the_order_of_the_flow(tab: OpenNetwork) -> None:
    panel = shown(tab)
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert names(panel.model) == [
        "input", "conv1", "bn1", "stage", "0", "conv", "relu", "add", "1", "conv", "relu", "add", "pool",
        "flatten", "fc",
    ]  # fmt: skip
    assert [depth for depth, _ in panel.model.walk()][3:8] == [0, 1, 2, 2, 2]
    assert text(panel.model, "conv1", Column.OUTPUT) == "8 × 32 × 32"
    assert text(panel.model, "conv1", Column.PARAMETERS) == "216"
    assert text(panel.model, "stage", Column.PARAMETERS) == "1,168"
    assert text(panel.model, "stage", Column.OUTPUT) == "8 × 32 × 32"
    assert text(panel.model, "stage.0", Column.TYPE) == "residual · 1 of 2"
    assert text(panel.model, "pool", Column.MACS) == "–"
    assert tester.model() is panel.model


def test_an_edit_changes_cells_and_not_rows(tab: OpenNetwork) -> None:
    panel = shown(tab)
    reset, changed = QSignalSpy(panel.model.modelReset), QSignalSpy(panel.model.dataChanged)
    change = operations.set_fields(tab.document.network, "conv1", {"out_channels": 16})
    tab.document.apply(change.title, change.edits)
    panel.flush()
    assert reset.count() == 0
    assert changed.count() > 0
    assert text(panel.model, "conv1", Column.PARAMETERS) == "432"


def test_a_new_layer_is_a_new_row_and_open_blocks_stay_open(tab: OpenNetwork) -> None:
    panel = shown(tab)
    panel.view.setExpanded(panel.model.index_of("stage.1"), False)
    from explorer.network.layers import ReLU

    change = operations.append_after(tab.document.network, tab.document.fresh_id, "conv1", ReLU())
    tab.document.apply(change.title, change.edits)
    panel.flush()
    assert names(panel.model)[2] == "relu"
    assert panel.view.isExpanded(panel.model.index_of("stage.0"))
    assert not panel.view.isExpanded(panel.model.index_of("stage.1"))


def test_sorting_orders_siblings_and_a_third_click_gives_the_flow_back(tab: OpenNetwork) -> None:
    panel = shown(tab)
    panel.view.sortByColumn(Column.PARAMETERS, Qt.SortOrder.DescendingOrder)
    first = [
        name for (depth, _), name in zip(panel.model.walk(), names(panel.model), strict=True) if depth == 0
    ]
    assert first[:4] == ["fc", "stage", "conv1", "bn1"]
    panel.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert names(panel.model)[0] == "input"


def test_a_click_on_a_number_puts_the_largest_first_and_on_a_name_a_first(tab: OpenNetwork) -> None:
    panel = shown(tab)
    panel.resize(900, 400)
    header = panel.view.header()
    for column, order in (
        (Column.PARAMETERS, Qt.SortOrder.DescendingOrder), (Column.LAYER, Qt.SortOrder.AscendingOrder)
    ):  # fmt: skip
        at = QPoint(header.sectionViewportPosition(column) + 10, 8)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (column, order)


def test_the_filter_keeps_matches_and_the_blocks_around_them(tab: OpenNetwork) -> None:
    panel = shown(tab)
    tab.selection.set(["bn1"])
    QTest.keyClicks(panel.search, "relu")
    panel.filter_now()
    assert names(panel.model) == ["stage", "0", "relu", "1", "relu"]
    assert tab.selection.nodes == {"bn1"}, "what the filter hides stays selected"
    panel.search.clear()
    panel.filter_now()
    assert len(panel.model.walk()) == 15
    assert panel.model.row(panel.view.selectionModel().selectedRows()[0]).id == "bn1"


def test_selection_goes_both_ways(tab: OpenNetwork, qapp: Any) -> None:
    panel = shown(tab)
    panel.view.collapseAll()
    tab.selection.set(["stage.1.conv"])
    assert [panel.model.row(i).id for i in panel.view.selectionModel().selectedRows()] == ["stage.1.conv"]
    assert panel.view.isExpanded(panel.model.index_of("stage.1"))
    wanted = QSignalSpy(panel.wanted)
    qapp.processEvents()
    place = panel.view.visualRect(panel.model.index_of("bn1")).center()
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert tab.selection.nodes == {"bn1"}
    assert wanted.at(0) == ["bn1"]
    tab.selection.set((), ["stage"])
    assert [panel.model.row(i).id for i in panel.view.selectionModel().selectedRows()] == ["stage"]


def test_a_row_s_menu_shows_and_copies_it(tab: OpenNetwork, qapp: Any) -> None:
    panel = shown(tab)
    qapp.processEvents()
    wanted = QSignalSpy(panel.wanted)
    place = panel.view.visualRect(panel.model.index_of("bn1")).center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, panel.view.viewport().mapToGlobal(place))
    qapp.sendEvent(panel.view.viewport(), asked)
    menu = qapp.activePopupWidget()
    assert tab.selection.nodes == {"bn1"}
    show, copy = menu.actions()
    show.trigger()
    assert wanted.at(0) == ["bn1"]
    copy.trigger()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 16
    menu.close()


def test_rows_go_to_the_clipboard_as_exact_numbers(tab: OpenNetwork) -> None:
    panel = shown(tab)
    QTest.keyClick(panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:4] == ["Layer", "Type", "Output", "Parameters"]
    assert len(lines) == 16
    assert lines[2].split("\t")[:5] == ["conv1", "Convolution  8 · 3×3, same", "8x32x32", "216", "221184"]
    tab.selection.set(["conv1", "bn1"])
    panel.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 3


def test_shares_are_of_parameters_or_of_macs(tab: OpenNetwork) -> None:
    panel = shown(tab)
    parameters = text(panel.model, "fc", Column.SHARE)
    panel.model.set_share("macs")
    assert parameters != text(panel.model, "fc", Column.SHARE)
    totals = tab.document.inference.totals
    assert text(panel.model, "conv1", Column.SHARE) == f"{100 * 221184 / totals.macs:.1f} %"


def test_a_block_that_is_unknown_in_part_comes_to_at_least_its_sum(tab: OpenNetwork) -> None:
    panel = shown(tab)
    change = operations.set_fields(tab.document.network, "stage.0.conv", {"groups": 3})
    tab.document.apply(change.title, change.edits)
    panel.flush()
    assert text(panel.model, "stage", Column.PARAMETERS) == "≥ 0"
    assert text(panel.model, "stage", Column.MACS) == "≥ 0"
    assert text(panel.model, "stage.0.conv", Column.PARAMETERS) == "–"


def test_another_theme_leaves_the_columns_as_wide_as_the_table(tab: OpenNetwork) -> None:
    panel = shown(tab)
    panel.resize(1600, 300)
    header, widths = panel.view.header(), []
    for name in ("light", "dark", "light"):
        theme().choose(name)
        widths.append([header.sectionSize(at) for at in range(header.count())])
    assert widths[0] == widths[1] == widths[2]
    assert header.length() == panel.view.viewport().width()


def test_an_unknown_layer_has_no_numbers(tab: OpenNetwork) -> None:
    panel = shown(tab)
    change = operations.set_fields(tab.document.network, "pool", {"kernel_size": 99})
    tab.document.apply(change.title, change.edits)
    panel.flush()
    assert text(panel.model, "fc", Column.PARAMETERS) == "–"
    assert text(panel.model, "conv1", Column.PARAMETERS) == "216"


class _Statistics:
    def __init__(self, node: str) -> None:
        self.node, self.seconds, self.mean, self.std = node, 0.002, 0.5, 0.25
        self.minimum, self.maximum, self.zero_share, self.maps = 0.0, 1.0, 0.125, ()


def test_a_run_adds_columns_that_hold_until_the_layer_changes(tab: OpenNetwork) -> None:
    panel = shown(tab)
    document = tab.document
    found = {node: _Statistics(node) for node in document.network.nodes}
    panel.set_run(RunResults("a.png", document.network, document.inference, found))
    assert panel.model.columnCount() == 11
    assert text(panel.model, "conv1", Column.TIME) == "2.00 ms"
    assert text(panel.model, "stage", Column.TIME) == "12.0 ms"
    assert text(panel.model, "fc", Column.ZEROS) == "12.5 %"
    change = operations.set_fields(document.network, "pool", {"stride": 1})
    document.apply(change.title, change.edits)
    panel.flush()
    assert text(panel.model, "conv1", Column.TIME) == "2.00 ms"
    assert text(panel.model, "fc", Column.TIME) == "–"
    document.undo()
    panel.flush()
    assert text(panel.model, "fc", Column.TIME) == "2.00 ms", "undoing brings the same network back"
    panel.set_run(None)
    assert panel.model.columnCount() == 7


def test_the_model_of_a_deep_network_is_sound(qapp: Any) -> None:
    from explorer.session.session import Session

    tab = Session().open(find("resnet152").build())
    panel = shown(tab)
    assert sum(not row.is_block for _, row in panel.model.walk()) == len(tab.document.network.nodes)
    assert panel.model.rowCount(QModelIndex()) < 20
    changed = QSignalSpy(panel.model.dataChanged)
    panel.view.expandAll()
    change = operations.set_fields(tab.document.network, "conv1", {"stride": 1})
    tab.document.apply(change.title, change.edits)
    panel.flush()
    assert 0 < changed.count() < 20, "only what is in sight is drawn again"
    assert text(panel.model, "conv1", Column.OUTPUT) == "64 × 224 × 224"
