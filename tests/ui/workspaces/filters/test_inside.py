"""Look inside as a person uses it: a trained network, a random one, none at all; layers, units, views."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from explorer.imaging.activations import as_maps, by_strength
from explorer.imaging.heat import lay_over
from explorer.imaging.saliency import grad_cam
from explorer.learning.shipped import trained
from explorer.media.pictures import Picture
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.operations import set_fields
from explorer.network.shorthand import conv, linear
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.filters.inside.jobs import Unit
from explorer.ui.workspaces.filters.inside.page import InsidePage
from explorer.ui.workspaces.filters.presets import fashion_picture
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace
from explorer.zoo import catalogue

Until = Callable[..., bool]


@pytest.fixture(scope="module")
def lenet() -> Network:
    return trained("lenet5")


def opened(filters: FiltersWorkspace, network: Network, until: Until) -> InsidePage:
    filters.lab.show_picture(*fashion_picture(9))
    filters.surroundings.session.open(network)
    filters.top.pages[1].click()
    page = filters.stack.currentWidget()
    assert isinstance(page, InsidePage)
    assert until(lambda: page.model.page is not None and not page.model.passing.busy)
    return page


def laid_on(page: InsidePage) -> Picture | None:
    return page.model.laid.picture if page.model.laid is not None else None


def spot(page: InsidePage, place: int, across: float = 0.5, down: float = 0.5) -> QPoint:
    box = page.grid.tile_rect(place)
    return QPoint(round(box.left() + across * box.width()), round(box.top() + down * box.height()))


def test_a_trained_network_shows_maps_and_names_classes(
    filters: FiltersWorkspace, lenet: Network, until: Until
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    assert lenet.path(model.node) == "features.conv1"
    assert page.title.text() == "features.conv1: 6 × 28 × 28"
    assert model.page is not None
    assert model.seen is not None
    assert model.page.order == by_strength(as_maps(model.seen.passage.kept[model.node]))
    assert page.panel.classes.bars[0].name == "Ankle boot"
    assert sum(bar.share for bar in page.panel.classes.bars) <= 1 + 1e-6
    assert not page.panel.badge.isVisible()
    assert [item.text() for item in page.layers._items()][:3] == [
        "input", "features.conv1", "features.tanh1",
    ]  # fmt: skip


def test_choosing_a_layer_and_turning_its_pages(
    filters: FiltersWorkspace, lenet: Network, until: Until
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    fc1 = next(item for item in page.layers._items() if item.text() == "classifier.fc1")
    page.layers.list.setCurrentItem(fc1)
    assert until(lambda: model.page is not None and model.page.node == lenet.paths["classifier.fc1"])
    assert page.title.text() == "classifier.fc1: 120"
    first = model.page.channels if model.page else ()
    assert page.on.isVisible() == (len(first) < 120)
    model.set_count(50)
    assert until(lambda: model.page is not None and len(model.page.tiles) == 50)
    QTest.keyClick(page.grid, Qt.Key.Key_PageDown)
    assert until(lambda: model.page is not None and model.page.first == 50)
    assert page.place.text() == "2 of 3"
    model.turn(5)
    assert until(lambda: model.page is not None and model.page.first == 100 and len(model.page.tiles) == 20)
    page.order.chosen.emit(False)
    assert until(lambda: model.page is not None and model.page.channels[:3] == (0, 1, 2))


def test_pointing_at_a_unit_draws_its_receptive_field(
    filters: FiltersWorkspace, lenet: Network, until: Until
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    QTest.mouseMove(page.grid, spot(page, 0))
    assert until(lambda: model.unit is not None and model.laid is not None)
    assert model.unit is not None
    assert model.page is not None
    assert model.unit.channel == model.page.order[0]
    region = model.region()
    assert region is not None
    assert region.size == (5, 5)
    assert "It sees 5 × 5 pixels" in page.panel.note.text()
    assert model.laid is not None
    assert model.laid.picture.shape == (32, 32, 3)
    QTest.mouseClick(page.grid, Qt.MouseButton.LeftButton, pos=spot(page, 1, 0.25, 0.25))
    assert model.pinned is not None
    before = model.pinned
    QTest.keyClick(page.grid, Qt.Key.Key_Right)
    assert model.pinned == Unit(before.node, before.channel, before.row, before.column + 1)
    QTest.keyClick(page.grid, Qt.Key.Key_Escape)
    assert model.pinned is None
    assert model.laid is None


@pytest.mark.parametrize("view", ["projection", "cam", "occlusion"])
def test_every_view_lays_something_over_the_picture(
    filters: FiltersWorkspace, lenet: Network, until: Until, view: str
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    assert model.page is not None
    model.pin(Unit(model.node, model.page.order[0], 14, 14))
    page.panel.view.chosen.emit(view)
    assert until(lambda: model.laid is not None and model.laid.view == view and not model.laying.busy)
    assert model.laid is not None
    assert model.seen is not None
    assert model.laid.share == 1
    assert model.laid.picture.shape[:2] == (32, 32)
    assert model.laid.picture.shape != model.seen.picture.shape or np.any(
        model.laid.picture != model.seen.picture
    )
    if view != "projection":
        assert page.panel.target.isVisible()
        first = model.laid.picture
        page.panel.target.chosen.emit(0)
        assert until(lambda: not model.laying.busy and laid_on(page) is not first)
        assert np.any(laid_on(page) != first)


def test_grad_cam_goes_by_the_layer_that_is_chosen(
    filters: FiltersWorkspace, lenet: Network, until: Until
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    assert not page.panel.maps.isVisible()
    page.panel.view.chosen.emit("cam")
    assert page.panel.maps.isVisible()
    assert until(lambda: laid_on(page) is not None)
    assert model.laid is not None
    last = model.laid.note
    assert "features.conv1" not in last
    page.panel.maps.chosen.emit(True)
    assert until(lambda: laid_on(page) is not None)
    assert model.laid is not None
    assert model.laid.note == "By the maps of features.conv1."
    seen = model.seen
    assert seen is not None
    heat, _ = grad_cam(seen.passage.subject, seen.passage.inputs, None, model.node)
    np.testing.assert_array_equal(model.laid.picture, lay_over(seen.passage.seen, heat))
    model.choose(lenet.paths["features.conv2"])
    assert until(lambda: "features.conv2" in page.panel.note.text())
    model.choose(lenet.paths["classifier.fc1"])
    assert until(lambda: "has no maps before the scores" in page.panel.note.text())
    page.panel.maps.chosen.emit(False)
    assert until(lambda: page.panel.note.text() == last)


def test_random_weights_wear_a_badge_and_name_no_class(filters: FiltersWorkspace, until: Until) -> None:
    page = opened(filters, catalogue.find("lenet5").build(), until)
    assert page.panel.badge.isVisible()
    assert not page.panel.classes.isVisible()
    assert "random" in page.panel.reason.text()
    assert page.panel.load.isVisible()
    page.panel.load.click()
    assert until(lambda: not page.model.random and not page.model.passing.busy)
    assert page.panel.classes.bars[0].name == "Ankle boot"
    document = filters.surroundings.session.tabs[0].document
    document.undo()
    assert until(lambda: page.model.random)


def test_an_edit_of_the_network_is_followed(filters: FiltersWorkspace, lenet: Network, until: Until) -> None:
    page = opened(filters, lenet, until)
    document = filters.surroundings.session.tabs[0].document
    change = set_fields(document.network, document.network.paths["features.conv1"], {"out_channels": 9})
    document.apply(change.title, change.edits)
    assert until(lambda: page.title.text() == "features.conv1: 9 × 28 × 28")
    assert page.panel.badge.isVisible()


def test_without_a_network_there_is_one_to_begin_with(filters: FiltersWorkspace, until: Until) -> None:
    filters.show_page(1)
    page = filters.stack.currentWidget()
    assert isinstance(page, InsidePage)
    assert page.stack.currentWidget() is page.empty
    page.open_trained()
    assert until(lambda: page.model.page is not None)
    assert page.stack.currentWidget() is page.across
    assert page.panel.classes.bars[0].name == "Ankle boot"


@pytest.mark.allows("takes no picture")
def test_a_network_without_pictures_says_so(
    filters: FiltersWorkspace, until: Until, said: list[Message]
) -> None:
    b = Builder("Numbers")
    b.input(7)
    b.add(linear(3), name="fc")
    filters.surroundings.session.open(b.network())
    filters.show_page(1)
    page = filters.stack.currentWidget()
    assert isinstance(page, InsidePage)
    assert until(lambda: bool(page.model.fault))
    assert "takes no picture" in page.model.fault
    assert page.model.page is None


@pytest.mark.allows("no vector of scores")
def test_a_network_without_scores_says_why_nothing_speaks_for_a_class(
    filters: FiltersWorkspace, until: Until
) -> None:
    b = Builder("Maps")
    b.input(3, 16, 16)
    b.add(conv(4, 3), name="conv")
    page = opened(filters, b.network(), until)
    page.panel.view.chosen.emit("cam")
    assert until(lambda: "no vector of scores" in page.panel.note.text())
    page.panel.view.chosen.emit("field")
    assert "Point at a unit" in page.panel.note.text()


def test_nothing_runs_while_it_is_not_on_show(
    filters: FiltersWorkspace, lenet: Network, until: Until
) -> None:
    page = opened(filters, lenet, until)
    filters.show_page(0)
    shown = page.model.seen
    filters.lab.show_picture(*fashion_picture(1))
    assert not page.model.passing.busy
    assert page.model.seen is shown
    filters.show_page(1)
    assert until(lambda: page.model.seen is not shown)
    assert page.panel.classes.bars[0].name == "Trouser"


def test_a_video_goes_through_the_network_frame_by_frame(
    filters: FiltersWorkspace, lenet: Network, video: Path, until: Until
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    filters.sources.take_path(video)
    shown: list[object] = []

    def several() -> bool:
        if not shown or model.seen is not shown[-1]:
            shown.append(model.seen)
        return len(shown) >= 4

    assert until(several)
    page.panel.view.chosen.emit("occlusion")
    assert "Freeze" in page.panel.note.text()
    filters.top.freeze.click()
    assert until(lambda: model.laid is not None and model.laid.share == 1 and not model.passing.busy)
    assert not filters.lab.live


def test_a_frame_that_was_looked_at_is_frozen_and_covered(
    filters: FiltersWorkspace, lenet: Network, video: Path, until: Until
) -> None:
    page = opened(filters, lenet, until)
    model = page.model
    page.panel.view.chosen.emit("occlusion")
    filters.sources.take_path(video)
    assert until(lambda: filters.lab.live and filters.lab.result is not None)
    filters.lab._stop_live()  # no further frame: the newest one is looked at to the end
    assert until(lambda: model._shown is filters.lab.picture and not model.passing.busy)
    assert model.laid is None
    filters.top.freeze.click()
    assert until(lambda: model.laid is not None and model.laid.share == 1)


def test_a_source_that_fails_says_so_here_too(
    filters: FiltersWorkspace, lenet: Network, tmp_path: Path, until: Until
) -> None:
    page = opened(filters, lenet, until)
    (tmp_path / "broken.avi").write_bytes(b"no video" * 50)
    filters.sources.take_path(tmp_path / "broken.avi")
    assert until(page.retry.isVisible)
    filters.lab.show_picture(*fashion_picture(2))
    assert until(lambda: not page.retry.isVisible() and not page.model.passing.busy)
