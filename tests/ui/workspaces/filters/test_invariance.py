"""Invariance as a person uses it: sliders, curves, two networks, the open one among them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.imaging.distortions import KINDS, Distortion, distort
from explorer.learning.shipped import trained
from explorer.ui.workspaces.filters.invariance.page import InvariancePage
from explorer.ui.workspaces.filters.invariance.sliders import amount_of, step_of
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace
from explorer.zoo import catalogue

Until = Callable[..., bool]


@pytest.fixture
def page(filters: FiltersWorkspace, until: Until) -> InvariancePage:
    filters.top.pages[2].click()
    shown = filters.stack.currentWidget()
    assert isinstance(shown, InvariancePage)
    model = shown.model
    assert until(lambda: bool(model.compared and model.curves and model.layers and not model.busy))
    return shown


def bars(page: InvariancePage, place: int) -> list[str]:
    return [bar.name for bar in page.columns[place].bars.bars]


def test_it_works_at_once_with_what_ships(page: InvariancePage) -> None:
    model = page.model
    assert [column.count.text() for column in page.columns] == ["61,706 parameters", "61,698 parameters"]
    assert bars(page, 0)[0] == bars(page, 1)[0] == "Ankle boot"
    assert "156 parameters" in page.saved.text()
    assert "4,821,600" in page.saved.text()
    assert model.curves is not None
    assert set(model.curves.found) == {"lenet5", "fully-connected"}
    curve = model.curves.found["lenet5"]
    assert curve.pictures == 50
    assert curve.right[curve.amounts.tolist().index(0.0)] > 0.8
    assert model.layers is not None
    convolutions = [one for one in model.layers.found["lenet5"] if one.unmoved is not None]
    assert [one.path for one in convolutions] == [
        "features.conv1", "features.pool1", "features.conv2", "features.pool2",
    ]  # fmt: skip
    assert all(one.unmoved is not None and one.unmoved < 1e-4 for one in convolutions)


def test_a_slider_distorts_the_picture_and_both_networks_answer(page: InvariancePage, until: Until) -> None:
    model = page.model
    assert model.compared is not None
    plain, before = model.compared.plain, model.compared
    page.sliders.sliders["turn"].setValue(90)
    assert until(lambda: model.compared is not before and not model.busy)
    assert model.compared is not None
    turned = model.distortion.turn
    assert turned == pytest.approx(72)
    assert np.array_equal(model.compared.distorted, distort(plain, Distortion(turn=turned)))
    assert page.sliders.values["turn"].text() == "+72°"
    assert until(lambda: model.curves is not None and model.curves.kind.name == "turn")
    assert page.sliders.names["turn"].isChecked()
    assert all(answer.distance > 0.05 for answer in model.compared.answers)
    page.sliders.reset.click()
    assert until(lambda: not model.busy and model.distortion.neutral)
    assert np.array_equal(model.compared.distorted, plain)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_sliders_reach_both_ends_and_neutral(kind: object) -> None:
    from explorer.imaging.distortions import Kind

    assert isinstance(kind, Kind)
    assert amount_of(kind, 0) == kind.low
    assert amount_of(kind, 100) == kind.high
    assert amount_of(kind, step_of(kind, kind.neutral)) == kind.neutral


def test_the_heads_and_one_picture_alone(page: InvariancePage, until: Until) -> None:
    model = page.model
    page.sliders.pair.chosen.emit(("gap-head", "fc-head"))
    assert until(lambda: model.curves is not None and set(model.curves.found) == {"gap-head", "fc-head"})
    assert until(lambda: not model.busy)
    assert page.columns[0].count.text() == "23,946 parameters"
    gap, dense = (
        (model.curves.found[key] for key in ("gap-head", "fc-head")) if model.curves else (None, None)
    )
    assert gap is not None
    assert dense is not None
    # The mean over places forgives a shift; a weight for each place does not.
    assert gap.right[[2, 3, 13, 14]].mean() > dense.right[[2, 3, 13, 14]].mean() + 0.1
    page.sliders.over.chosen.emit(False)
    assert until(
        lambda: bool(model.curves and model.curves.found["gap-head"].pictures == 1 and not model.busy)
    )
    page.sliders.other.click()
    assert until(lambda: not model.busy and model.which == 1)


def test_the_open_network_beside_one_that_ships(
    filters: FiltersWorkspace, page: InvariancePage, until: Until
) -> None:
    model = page.model
    filters.surroundings.session.open(catalogue.find("first-convnet").build())
    titles = [page.columns[0].choice.itemText(at) for at in range(page.columns[0].choice.count())]
    assert titles[-1] == "Open: First convnet"
    page.columns[0].choice.chosen.emit("open")
    assert until(lambda: bool(model.compared and model.compared.answers[0].key == "open" and not model.busy))
    assert page.columns[0].badge.isVisible()
    assert not bars(page, 0)
    assert bars(page, 1)
    assert page.columns[0].count.text() == "392,460 parameters"
    filters.surroundings.session.close(filters.surroundings.session.tabs[0])
    assert model.keys[0] == "lenet5"
    assert until(lambda: not model.busy)


def test_the_open_network_comes_first_where_it_knows_the_pictures(
    filters: FiltersWorkspace, until: Until
) -> None:
    filters.surroundings.session.open(trained("gap-head"))
    filters.show_page(2)
    page = filters.stack.currentWidget()
    assert isinstance(page, InvariancePage)
    assert page.model.keys == ("open", "fully-connected")
    assert until(lambda: bool(page.model.compared and not page.model.busy))
    assert bars(page, 0)[0] == "Ankle boot"
    assert not page.columns[0].badge.isVisible()


def test_a_video_is_looked_at_frame_by_frame(
    filters: FiltersWorkspace, page: InvariancePage, video: Path, until: Until
) -> None:
    model = page.model
    filters.sources.take_path(video)
    assert model.label is None
    shown: list[object] = []

    def several() -> bool:
        if not shown or model.compared is not shown[-1]:
            shown.append(model.compared)
        return len(shown) >= 5

    assert until(several)
    filters.top.freeze.click()
    assert until(lambda: not model.busy)


def test_a_picture_of_ones_own(filters: FiltersWorkspace, page: InvariancePage, until: Until) -> None:
    model = page.model
    page.sliders.picture.chosen.emit(None)
    assert until(lambda: model.compared is not None and not model.busy)
    picture = np.zeros((50, 40, 3), np.uint8)
    picture[10:40, 10:30] = 200
    filters.lab.show_picture(picture, "Mine")
    assert until(lambda: bool(model.compared and model.compared.plain.max() == 200 and not model.busy))
    assert not page.sliders.other.isEnabled()
