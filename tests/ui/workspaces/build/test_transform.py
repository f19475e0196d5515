"""Transform: the sheet, what it shows before, what it does, and the word about the proof."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.interop.tensors import STORE
from explorer.interop.torch_module import build as as_module
from explorer.interop.weights import of_module, unweighted
from explorer.network import surgery
from explorer.network.inference import infer
from explorer.network.layers import BatchNorm, Conv2d, Linear
from explorer.session.session import OpenNetwork, Session
from explorer.ui.shell.messages import Message
from explorer.ui.widgets.fields import NumberField
from explorer.ui.workspaces.build import BuildWorkspace
from explorer.ui.workspaces.build.transform import sheet as sheet_module
from explorer.ui.workspaces.build.transform.carrying import verdict
from explorer.ui.workspaces.build.transform.operations import OPERATIONS, Operation, fitting
from explorer.ui.workspaces.build.transform.preview import look
from explorer.ui.workspaces.build.transform.sheet import TransformSheet
from explorer.zoo import catalogue
from tests.ui.workspaces.build.waiting import wait_for


def until(found: Callable[[], object]) -> None:
    assert wait_for(lambda: bool(found()))


@pytest.fixture
def said(build: BuildWorkspace) -> list[Message]:
    found: list[Message] = []
    build.surroundings.messages.said.connect(found.append)
    return found


def opened(build: BuildWorkspace, key: str = "") -> TransformSheet:
    build.transform(key)
    assert build.sheet is not None
    return build.sheet


def texts(sheet: TransformSheet) -> dict[str, str]:
    return dict(sheet.preview.lines())


def with_weights(tab: OpenNetwork, seed: int = 0) -> None:
    network = tab.document.network
    change = of_module(network, as_module(network, seed=seed), None)
    tab.document.apply(change.title, change.edits)


def test_the_sheet_shows_what_it_would_do(build: BuildWorkspace, session: Session) -> None:
    session.open(catalogue.find("lenet5").build())
    sheet = opened(build, "convolve")
    assert sheet.isVisible()
    shown = texts(sheet)
    assert shown["Parameters"] == "61,706, as before"
    assert shown["Layers"] == "= 7 same, ≠ 5 changed, + 1 added, − 1 removed"
    assert shown["Weights"] == "It has none yet: only the structure changes"
    assert shown["Outputs"].startswith("The same")
    assert sheet.apply.isEnabled()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_refusal_is_told_and_nothing_can_be_applied(build: BuildWorkspace, session: Session) -> None:
    tab = session.open(catalogue.find("vgg16").build())
    before = tab.document.network
    sheet = opened(build, "plain")
    assert "there is no shortcut" in sheet.refusal.text()
    assert not sheet.apply.isEnabled()
    sheet.accept()
    assert tab.document.network is before
    sheet.close_sheet()


def test_another_answer_gives_another_preview(build: BuildWorkspace, session: Session) -> None:
    session.open(catalogue.find("plain20").build())
    sheet = opened(build, "classes")
    assert "10 classes apart already" in sheet.refusal.text()
    assert sheet.form is not None
    field = sheet.form.fields["classes"]
    assert isinstance(field, NumberField)
    field.selectAll()
    QTest.keyClicks(field, "25")
    until(lambda: sheet.preview.plan is not None)
    assert texts(sheet)["Parameters"] == "269,722 → 270,697  (+975, +0.4 %)"
    sheet.close_sheet()


def test_without_weights_it_is_done_at_once_and_then_checked(
    build: BuildWorkspace, session: Session, said: list[Message]
) -> None:
    tab = session.open(catalogue.find("lenet5").build())
    before = tab.document.network
    opened(build, "convolve").accept()
    assert isinstance(tab.document.network.nodes["classifier.fc1"].layer, Conv2d)
    assert tab.selection.nodes == {"classifier.fc1", "classifier.fc2", "classifier.fc3"}
    until(lambda: said)
    assert said[0].kind == "ok"
    assert "the largest difference of the outputs is" in said[0].text
    tab.document.undo()
    assert tab.document.network == before


def test_with_weights_they_come_along_in_one_step(
    build: BuildWorkspace, session: Session, tab: OpenNetwork, said: list[Message]
) -> None:
    session.activate(tab)
    with_weights(tab)
    before = tab.document.network
    sheet = opened(build, "fold")
    assert texts(sheet)["Weights"] == "All are kept or carried over"
    sheet.accept()
    until(lambda: said)
    network = tab.document.network
    assert not any(isinstance(node.layer, BatchNorm) for node in network.nodes.values())
    assert unweighted(network, infer(network), STORE) == frozenset()
    assert said[0].kind == "ok"
    tab.document.undo()
    assert tab.document.network == before


def test_an_edit_meanwhile_is_not_lost(
    build: BuildWorkspace, session: Session, tab: OpenNetwork, said: list[Message]
) -> None:
    session.activate(tab)
    with_weights(tab)
    opened(build, "fold").accept()
    tab.document.undo()  # while the weights are being carried over
    edited = tab.document.network
    until(lambda: said)
    assert tab.document.network is edited
    assert "not done, as the network was edited meanwhile" in said[0].text


def test_zeros_are_told_to_the_last_bit(build: BuildWorkspace, session: Session, said: list[Message]) -> None:
    tab = session.open(catalogue.find("resnet20").build())
    tab.selection.set(blocks=["layer1.0"])
    sheet = opened(build, "zero")
    assert sheet.form is not None
    assert sheet.form.on_selection
    assert texts(sheet)["Weights"] == "One layer becomes 0"
    sheet.accept()
    until(lambda: said)
    assert said[0].text == "Set bn2 to zero: each sum is its shortcut, to the last bit."
    assert set(tab.document.network.nodes["layer1.0.bn2"].tensors) == {
        "weight", "bias", "running_mean", "running_var",
    }  # fmt: skip


def test_large_networks_are_looked_at_in_a_job(
    build: BuildWorkspace, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_module, "QUICK_LAYERS", 10)
    session.open(catalogue.find("resnet20").build())
    sheet = opened(build, "fold")
    assert not sheet.apply.isEnabled()
    until(lambda: sheet.apply.isEnabled())
    assert sheet.preview.plan is not None
    sheet.list.setCurrentRow(sheet.list.count() - 1)  # the width; the first answer comes no more
    until(lambda: sheet.preview.plan is not None and sheet.apply.isEnabled())
    assert sheet.preview.plan.change.title == "Multiply the width by 0.5"
    sheet.close_sheet()


def test_what_suits_a_selection() -> None:
    network = catalogue.find("resnet34").build()
    inference = infer(network)
    assert fitting(inference, None) == "convolve"
    assert fitting(inference, ["layer1.0"]) == "plain"
    assert fitting(inference, [network.paths["layer1.0.bn1"]]) == "fold"
    assert fitting(inference, [network.paths["relu"]]) == "swap"
    assert fitting(inference, [network.paths["fc"]]) == "convolve"
    assert fitting(inference, [network.paths["input"]]) == "input"
    plain = infer(catalogue.find("plain34").build())
    assert fitting(plain, ["layer2.0"]) == "shortcuts"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.key)
@pytest.mark.parametrize("name", ["resnet20", "plain20", "lenet5"])
def test_every_operation_plans_or_says_why_not(operation: Operation, name: str) -> None:
    inference = infer(catalogue.find(name).build())
    values = {question.key: question.start(inference) for question in operation.questions}
    for scope in (None, list(inference.network.blocks)[:1], list(inference.network.nodes)[1:2]):
        preview = look(inference, operation, scope, values, 1)
        assert (preview.plan is None) == bool(preview.refusal)
        assert (preview.plan is None) == (not preview.lines())


def test_the_menu_and_the_palette_have_them_all(build: BuildWorkspace, tab: OpenNetwork) -> None:
    found = [action for action in build.own_actions() if action.menu == "Transform"]
    assert [action.text for action in found[1:]] == [f"{one.title}…" for one in OPERATIONS]
    assert all(action.enabled() for action in found)
    found[1].run()
    assert build.sheet is not None
    assert build.sheet.title.text() == OPERATIONS[0].title
    build.sheet.close_sheet()


def test_the_verdict_in_words() -> None:
    network = catalogue.find("lenet5").build()
    plan = surgery.dense_to_convolution(infer(network), lambda p: p + "9")
    assert verdict(plan, 0.0, 1.0) == (
        "Make fc1, fc2 and fc3 convolutions: the outputs are the same to the last bit.", True,
    )  # fmt: skip
    text, fine = verdict(plan, 3.04e-8, 0.0863)
    assert text.endswith("the largest difference of the outputs is 3.0 × 10⁻⁸, of values up to 0.0863.")
    assert fine
    assert not verdict(plan, 0.01, 1.0)[1]
    assert isinstance(network.nodes["classifier.fc1"].layer, Linear)
