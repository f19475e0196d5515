"""Compare: choosing both sides, the table, what is copied and written, and following open networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from explorer.network import operations as do
from explorer.network import project
from explorer.network.diff import Status
from explorer.ui.shell.messages import Message
from explorer.ui.shell.question import Question
from explorer.ui.shell.trust import RUN
from explorer.ui.theme import THEMES, Tokens, contrast
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.compare import model as comparison_model
from explorer.ui.workspaces.compare.head import FILE
from explorer.ui.workspaces.compare.rows import Column
from explorer.ui.workspaces.compare.sides import ACTIVE, Side, bring
from explorer.ui.workspaces.compare.table_view import WASH, status_color
from explorer.ui.workspaces.compare.workspace import CompareWorkspace
from explorer.zoo import catalogue
from tests.ui.workspaces.compare.conftest import until

Make = Callable[..., CompareWorkspace]


def zoo(name: str) -> Side:
    return Side("zoo", name)


def cells(compare: CompareWorkspace, path: str) -> list[str]:
    """The texts of the row of a layer or block with this path on either side."""
    for _, line in compare.model.lines():
        row = line.row
        if row is not None and path in [part.path for part in (row.a, row.b) if part is not None]:
            index = compare.model.index_of(line)
            return [str(index.siblingAtColumn(column).data()) for column in Column]
    raise AssertionError(path)


def test_the_empty_page_offers_pairs(make: Make) -> None:
    compare = make()
    assert compare.pages.currentWidget() is compare.empty
    assert compare.status().left == ()
    compare.empty.buttons[0].click()
    assert compare.pages.currentWidget() is compare.across
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.counts[Status.ADDED] == 22
    assert [figure.label for figure in compare.status().left] == ["Plain-34", "ResNet-34"]


def test_a_slow_comparison_is_not_told_with_the_figures_of_the_one_before(make: Make) -> None:
    compare = make()
    comparison = compare.comparison
    comparison.choose(zoo("alexnet"), zoo("vgg16"))
    comparison._old.setInterval(3_600_000)
    comparison.choose(zoo("resnet101"), zoo("resnet152"))
    assert comparison.busy
    assert [figure.label for figure in compare.status().left] == ["AlexNet", "VGG-16"]
    comparison._old.timeout.emit()
    assert compare.status().left == ()
    until(lambda: not comparison.busy)
    assert [figure.label for figure in compare.status().left] == ["ResNet-101", "ResNet-152"]


def test_an_open_network_is_held_against_a_relative(make: Make) -> None:
    compare = make("vgg16")
    assert compare.comparison.a == ACTIVE
    assert compare.comparison.b == zoo("vgg19")
    assert compare.head.a.currentText() == "VGG-16 (open)"
    assert compare.head.b.currentText() == "VGG-19"


def test_two_open_networks_are_held_against_each_other(make: Make) -> None:
    compare = make("lenet5", "first-convnet")
    assert compare.head.a.currentText() == "First convnet (open)"
    assert compare.head.b.currentText() == "LeNet-5"
    compare.surroundings.session.close(compare.surroundings.session.tabs[0])
    assert compare.comparison.b == zoo("lenet5")
    compare.surroundings.session.close(compare.surroundings.session.tabs[0])
    assert compare.pages.currentWidget() is compare.empty


def test_the_cells_of_a_change(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("alexnet"), zoo("zfnet"))
    assert cells(compare, "features.conv1")[:7] == [
        "conv1", "Convolution  96 · 11×11 / 4", "96 × 55 × 55", "Convolution  96 · 7×7 / 2, pad 1",
        "96 × 110 × 110", "−20,736", "+65.34 M",
    ]  # fmt: skip
    assert cells(compare, "classifier.fc6")[5:7] == ["37,752,832", "37.75 M"]
    assert [compare.model.headerData(n, Qt.Orientation.Horizontal) for n in (1, 3)] == ["AlexNet", "ZFNet"]


def test_only_differences(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("plain34"), zoo("resnet34"))
    whole = len(compare.model.lines())
    compare.head.only.click()
    shown = [line.row for _, line in compare.model.lines() if line.row is not None]
    assert all(row.status is not Status.SAME for row in shown)
    assert sum(not row.is_block for row in shown) == 22
    compare.toggle_only()
    assert len(compare.model.lines()) == whole


def test_going_from_difference_to_difference(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("vgg16"), zoo("vgg19"))
    seen = []
    for _ in range(7):
        compare.go(1)
        line = compare.model.line(compare.view.currentIndex())
        assert line.row is not None
        seen.append(line.row.part.name)
    assert seen == ["conv3_4", "relu3_4", "conv4_4", "relu4_4", "conv5_4", "relu5_4", "conv3_4"]
    compare.go(-1)
    line = compare.model.line(compare.view.currentIndex())
    assert line.row is not None
    assert line.row.part.name == "relu5_4"
    texts = [label.text() for label in compare.details.findChildren(Label)]
    assert "+ added" in texts
    assert "stage5.relu5_4" in texts


def test_the_ledger_is_told_of_both(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("lenet5"), zoo("alexnet"))
    texts = " ".join(label.text() for label in compare.details.findChildren(Label))
    assert "the lecture: around 60k" in texts
    assert "the lecture: ~ 255 MB" in texts
    assert "60,965,224 parameters of 4 bytes" in texts


def test_an_edit_is_followed(make: Make) -> None:
    compare = make("lenet5")
    compare.comparison.choose(ACTIVE, zoo("lenet5"))
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.equal
    tab = compare.surroundings.session.active
    assert tab is not None
    node = tab.document.network.paths["features.conv1"]
    change = do.set_fields(tab.document.network, node, {"out_channels": 12})
    tab.document.apply(change.title, change.edits)
    until(lambda: compare.comparison.diff is not None and not compare.comparison.diff.equal)
    assert cells(compare, "features.conv1")[1:4:2] == ["Convolution  12 · 5×5", "Convolution  6 · 5×5"]


def test_edits_are_followed_when_somebody_looks(make: Make) -> None:
    compare = make("lenet5")
    compare.comparison.choose(ACTIVE, zoo("lenet5"))
    before = compare.comparison.diff
    compare.hide()
    session = compare.surroundings.session
    session.open(catalogue.find("alexnet").build())
    assert compare.comparison.diff is before
    compare.show()
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.a.network.name == "AlexNet"


def test_swapping(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("plain34"), zoo("resnet34"))
    compare.head.swap.click()
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.counts[Status.REMOVED] == 22
    assert compare.head.a.currentText() == "ResNet-34"


def test_large_networks_are_compared_in_a_job(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison_model, "QUICK_LAYERS", 100)
    compare = make("resnet18")
    compare.comparison.choose(ACTIVE, zoo("resnet34"))
    assert compare.comparison.busy
    assert compare.surroundings.runner.running[0].title == "Comparing ResNet-18 with ResNet-34"
    compare.comparison.choose(b=zoo("resnet50"))  # the first outcome must not come through any more
    until(lambda: not compare.comparison.busy)
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.b.network.name == "ResNet-50"


def test_a_project_file(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = make("lenet5")
    path = tmp_path / "mine.convnet"
    project.save(path, catalogue.find("lenet5-1998").build())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    compare.take("b", FILE)
    until(lambda: compare.comparison.diff is not None and not compare.comparison.busy)
    assert compare.head.b.currentText() == "mine.convnet"
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.totals[1].parameters == 60_000


def test_a_file_that_is_none(make: Make, tmp_path: Path) -> None:
    compare = make("lenet5")
    path = tmp_path / "broken.convnet"
    path.write_text("{")
    compare.comparison.choose(b=Side("file", str(path)))
    until(lambda: not compare.comparison.busy)
    assert compare.comparison.diff is None
    assert "broken.convnet" in compare.comparison.failure
    assert compare.view.nothing == compare.comparison.failure


def test_copying(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("vgg16"), zoo("vgg19"))
    compare.view.setFocus()
    QTest.keyClick(compare.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:3] == ["Status", "Layer", "VGG-16"]
    assert len(lines) == 1 + len(compare.model.lines())
    compare.go(1)
    assert "conv3_4" in next(line for line in lines if line.startswith("+"))


@pytest.mark.parametrize(("kind", "start"), [("csv", "status,a,"), ("md", "# VGG-16 → VGG-19")])
def test_export(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, start: str) -> None:
    compare = make()
    compare.comparison.choose(zoo("vgg16"), zoo("vgg19"))
    path = tmp_path / f"out.{kind}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    action = next(one for one in compare.export_actions() if one.id.endswith(kind))
    assert action.enabled()
    action.run()
    assert path.read_text(encoding="utf-8").startswith(start)


def test_a_place_that_cannot_be_written(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[Message]
) -> None:
    compare = make()
    compare.comparison.choose(zoo("vgg16"), zoo("vgg19"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "out.csv"), ""))
    compare.export("csv")
    assert len(said) == 1


def test_the_palette_offers_every_classic_network(make: Make) -> None:
    compare = make("lenet5")
    found = {action.id: action for action in compare.commands("")}
    found["compare.with.resnet50"].run()
    assert compare.comparison.b == zoo("resnet50")
    assert len(found) == len(catalogue.entries())


def test_running_both_shows_where_they_part(make: Make, said: list[Message]) -> None:
    compare = make()
    compare.comparison.choose(zoo("plain20"), zoo("resnet20"))
    assert compare.view.isColumnHidden(Column.APART)
    action = compare.primary_action()
    assert action is not None
    action.run()
    assert not action.enabled()
    until(lambda: said)
    assert said[0].text.startswith("Plain-20 and ResNet-20 on the same input with the same random weights:")
    assert said[0].text.endswith("the first layer that comes out otherwise is layer1.0.relu2.")
    assert not compare.view.isColumnHidden(Column.APART)
    assert cells(compare, "layer1.0.bn2")[Column.APART] == "0"
    assert float(cells(compare, "fc")[Column.APART]) > 1e-3
    compare.comparison.choose(b=zoo("plain20"))
    assert compare.view.isColumnHidden(Column.APART)
    said.clear()
    compare.run_both()
    until(lambda: said)
    assert said[0].kind == "ok"
    assert "the outputs are the same to the last bit." in said[0].text


def test_networks_for_other_inputs_cannot_be_run_side_by_side(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("lenet5"), zoo("resnet20"))
    failed: list[str] = []
    compare.surroundings.runner.failed.connect(lambda handle: failed.append(str(handle.error)))
    compare.run_both()
    until(lambda: failed)
    assert "LeNet-5 takes 1 × 32 × 32, ResNet-20 3 × 32 × 32" in failed[0]


def test_torchvision_by_name(make: Make) -> None:
    compare = make("alexnet-tower")
    assert not any("torchvision" in action.id for action in compare.commands("torchvision:"))
    (found, *_) = compare.commands("torchvision:alexnet")
    found.run()
    until(lambda: not compare.comparison.busy)
    assert compare.head.b.currentText() == "torchvision:alexnet"
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.totals[1].parameters == 61_100_840
    compare.comparison.choose(b=Side("torchvision", "alexnett"))
    until(lambda: not compare.comparison.busy)
    assert "did you mean alexnet" in compare.comparison.failure


def test_the_model_is_one_that_qt_accepts(make: Make) -> None:
    compare = make()
    compare.comparison.choose(zoo("googlenet"), zoo("bn-inception"))
    model = compare.model
    seen = 0

    def walk(parent: QModelIndex) -> None:
        nonlocal seen
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            assert model.parent(index) == parent
            seen += 1
            walk(index)

    walk(QModelIndex())
    assert seen == len(model.lines())
    assert not model.index(9999, 0).isValid()


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
def test_every_status_can_be_read_on_its_row(tokens: Tokens) -> None:
    for status in (Status.ADDED, Status.REMOVED):
        color = status_color(status, tokens)
        ground = blended(color, tokens.panel)
        assert contrast(tokens.text, ground) >= 4.5
        assert contrast(tokens.muted, ground) >= 4.5
        assert contrast(color, ground) >= 4.5
    assert contrast(status_color(Status.CHANGED, tokens), tokens.panel) >= 4.5
    assert contrast(tokens.text, tokens.warning_wash) >= 4.5


def blended(color: QColor, ground: QColor) -> QColor:
    """What a wash of a colour makes of its ground."""
    share = WASH / 255
    one, other = (
        (color.redF(), color.greenF(), color.blueF()),
        (ground.redF(), ground.greenF(), ground.blueF()),
    )
    parts = [share * a + (1 - share) * b for a, b in zip(one, other, strict=True)]
    return QColor.fromRgbF(*parts)


def test_an_onnx_file_that_is_none_is_told(make: Make, tmp_path: Path) -> None:
    compare = make("lenet5")
    for name in ("broken.onnx", "model.pt2"):
        path = tmp_path / name
        path.write_bytes(b"nothing")
        compare.comparison.choose(b=Side("file", str(path)))
        until(lambda: not compare.comparison.busy)
        assert compare.comparison.diff is None
        assert compare.comparison.failure


def test_a_large_network_out_of_code_is_compared_beside_the_window(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison_model, "QUICK_LAYERS", 100)
    compare = make()
    large = bring("large.py:make", catalogue.find("resnet101").build())
    compare.comparison.choose(large, zoo("lenet5"))
    assert compare.comparison.busy
    until(lambda: not compare.comparison.busy)
    assert compare.comparison.diff is not None


def test_a_file_that_runs_code_is_asked_about_and_run_once(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[Message]
) -> None:
    program = tmp_path / "net.py"
    program.write_text(
        "from pathlib import Path\nfrom torch import nn\n\n\ndef make():\n"
        "    with Path(__file__).with_suffix('.ran').open('a') as file:\n        file.write('x')\n"
        "    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())\n"
    )
    ran = program.with_suffix(".ran")
    asked: list[str] = []
    answers = iter(["Cancel", RUN])

    def answer(question: Question) -> str:
        asked.append(question.windowTitle())
        question.deleteLater()
        return next(answers)

    monkeypatch.setattr(Question, "ask", answer)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(program), ""))
    compare = make("vgg16")
    head = compare.head
    compare.take("b", FILE)
    assert not ran.exists()
    assert compare.comparison.b == zoo("vgg19"), "what was chosen before stays"
    compare.take("b", FILE)
    until(lambda: compare.comparison.b == Side("code", f"{program}:make"))
    assert asked == ["Run the code in “net.py”?"] * 2
    assert compare.comparison.diff is not None
    assert compare.comparison.diff.b.network.nodes["0"].layer.summary().startswith("8")
    assert head.b.currentText() == "net.py:make"
    compare.comparison.swap()
    compare.comparison.refresh()
    assert ran.read_text() == "x", "and never again by itself"
    program.write_text("def make():\n    raise ValueError('no data')\n")
    monkeypatch.setattr(Question, "ask", lambda question: (question.deleteLater(), RUN)[1])
    failed: list[str] = []
    compare.surroundings.runner.failed.connect(lambda handle: failed.append(str(handle.error)))
    compare.take("a", FILE)
    until(lambda: bool(failed))
    assert "ValueError: no data" in failed[0]
    assert not said
