from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest

from explorer.network.layers import Input
from explorer.network.operations import set_input_shape
from explorer.session.session import OpenNetwork
from explorer.ui.shell.settings import Settings
from explorer.ui.workspaces.build.assumptions import Assumptions, Optimizer, training_memory
from explorer.ui.workspaces.build.budget import BudgetPanel
from explorer.ui.workspaces.build.budget_section import BudgetSection
from explorer.ui.workspaces.build.log_slider import LogSlider
from explorer.zoo.catalogue import find


@pytest.fixture
def assumptions(tmp_path: Path) -> Assumptions:
    return Assumptions(Settings(tmp_path))


@pytest.fixture
def budget(assumptions: Assumptions, tab: OpenNetwork) -> BudgetPanel:
    made = BudgetPanel(assumptions)
    made.resize(320, 360)
    made.show_network(tab)
    made.show()
    return made


def side(tab: OpenNetwork) -> tuple[int, ...]:
    found = tab.document.network.nodes["input"].layer
    assert isinstance(found, Input)
    return found.shape


def test_training_memory_is_weights_gradients_optimizer_and_outputs(tab: OpenNetwork) -> None:
    totals = tab.document.inference.totals
    memory = training_memory(totals, 32, Optimizer.ADAM)
    assert memory.weights == memory.gradients == 4 * totals.parameters
    assert memory.optimizer == 2 * memory.weights
    assert memory.activations == 32 * totals.activation_bytes
    assert memory.training == sum(memory)
    assert training_memory(totals, 1, Optimizer.SGD).optimizer == 0


def test_the_batch_changes_memory_and_is_kept(budget: BudgetPanel, assumptions: Assumptions) -> None:
    before = budget.training.text()
    budget.batch.setValue(budget.batch.maximum())
    assert assumptions.batch == 1024
    assert budget.batch_field.value == 1024
    assert budget.training.text() != before
    QTest.keyClick(budget.batch_field, Qt.Key.Key_Down)
    assert assumptions.batch == 1023
    assert Assumptions(assumptions._settings).batch == 1023


def test_the_folded_budget_follows_every_change(budget: BudgetPanel, tab: OpenNetwork) -> None:
    section = BudgetSection(budget)
    change = set_input_shape(tab.document.network, "input", (3, 64, 64))
    tab.document.apply(change.title, change.edits)
    budget.flush()
    assert section.header.summary.text() == f"{budget.training.text()} to train at batch 32"


def test_operations_are_macs_or_flops(budget: BudgetPanel, tab: OpenNetwork) -> None:
    macs = tab.document.inference.totals.macs
    assert f"{macs:,}" in budget.operations.toolTip()
    budget.unit.chosen.emit(True)
    assert f"{2 * macs:,} FLOPs, two to a multiply-accumulate" in budget.operations.toolTip()
    assert budget.note.text().startswith("FLOP = 2 MAC.")


def test_dragging_the_input_size_is_one_step_and_keeps_the_proportions(
    budget: BudgetPanel, tab: OpenNetwork
) -> None:
    document = tab.document
    macs = document.inference.totals.macs
    budget.side.setSliderDown(True)
    for position in (60, 70, 80):
        budget.side.setSliderPosition(position)
    budget.side.setSliderDown(False)
    assert side(tab) == (3, 128, 128)
    assert document.inference.totals.macs > macs
    budget.flush()
    assert budget.side_field.value == 128
    document.undo()
    assert side(tab) == (3, 32, 32)
    assert not document.can_undo


def test_a_tall_input_stays_tall(tab: OpenNetwork, budget: BudgetPanel) -> None:
    from explorer.network.operations import set_input_shape

    change = set_input_shape(tab.document.network, "input", (3, 40, 20))
    tab.document.apply(change.title, change.edits)
    budget.flush()
    budget.side_field.selectAll()
    QTest.keyClicks(budget.side_field, "80")
    QTest.keyClick(budget.side_field, Qt.Key.Key_Return)
    assert side(tab) == (3, 80, 40)


def test_the_optimizer_is_chosen(budget: BudgetPanel, assumptions: Assumptions) -> None:
    changed = QSignalSpy(assumptions.changed)
    budget.optimizer.chosen.emit(Optimizer.ADAM)
    assert changed.count() == 1
    assert budget.parts[2].text() != budget.parts[0].text()
    assert "Adam" in budget.optimizer.currentText()


def test_resnet34_needs_what_it_needs(assumptions: Assumptions) -> None:
    from explorer.session.session import Session

    made = BudgetPanel(assumptions)
    made.show_network(Session().open(find("resnet34").build()))
    assert made.parameters.text() == "21.80 M"
    assert made.operations.text() == "3.66 G"
    assert made.parts[0].text() == "83.2 MiB"
    assert made.parameters.toolTip() == "21,797,672"


def test_a_log_slider_reaches_both_ends_in_equal_ratios() -> None:
    slider = LogSlider(1, 1024, "batch")
    moved = QSignalSpy(slider.moved)
    slider.setValue(slider.maximum())
    slider.setValue(20)
    assert [moved.at(0), moved.at(1)] == [[1024], [2]]
    slider.show_number(64)
    assert moved.count() == 2
    assert slider.value() == 120
