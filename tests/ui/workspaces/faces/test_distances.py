"""The distances of the lecture side by side, learned beside the window, and the experiment with light."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.assets import asset
from explorer.faces.distances import Kind
from explorer.faces.face_set import of_embeddings
from explorer.faces.held_out import HOLDS
from explorer.faces.illumination import FACTORS, Evening
from explorer.faces.intervals import drawn_roc, figures
from explorer.faces.pipeline import FacePipeline
from explorer.media.pictures import read_picture
from explorer.ui.workspaces.faces.distances import DISTANCE_KEY, DistancesTab
from explorer.ui.workspaces.faces.distances_learning import LEARNED
from explorer.ui.workspaces.faces.threshold_source import Kind as SourceKind
from explorer.ui.workspaces.faces.threshold_source import Measured
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for


@pytest.fixture(scope="module", autouse=True)
def opencv_begun() -> None:
    """OpenCV's own threads begin with the first face and keep the name of the Job they were begun in."""
    FacePipeline().encoder.encode(np.zeros((112, 112, 3), np.uint8))


def measured(people: int = 12, each: int = 3, size: int = 16) -> Measured:
    draw = np.random.default_rng(0)
    names = [f"p{number:02}" for number in range(people) for _ in range(each)]
    rows = (
        np.repeat(draw.normal(size=(people, size)), each, axis=0) + draw.normal(size=(len(names), size)) * 0.7
    )
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    chips = [np.full((112, 112, 3), 3 * number, np.uint8) for number in range(len(names))]
    faces = of_embeddings("made", rows.astype(np.float32), names, chips)
    return Measured(faces, drawn_roc(faces.genuine, faces.impostor), figures(faces, rounds=5))


@pytest.fixture
def tab(faces: FacesWorkspace) -> DistancesTab:
    found = next(tab for tab in faces.tabs if isinstance(tab, DistancesTab))
    faces.show_tab(found)
    return found


def put(tab: DistancesTab, what: Measured) -> None:
    tab.source.kind, tab.source.measured = SourceKind.FOLDER, what
    tab.source.changed.emit()


def test_nothing_is_learned_before_it_is_looked_at(faces: FacesWorkspace) -> None:
    tab = next(tab for tab in faces.tabs if isinstance(tab, DistancesTab))
    put(tab, measured())
    assert tab.learning.faces is None
    faces.show_tab(tab)
    assert tab.learning.running
    assert wait_for(lambda: not tab.learning.running)
    assert tab.learning.fraction == 1


def test_all_distances_on_the_same_pairs(tab: DistancesTab) -> None:
    put(tab, measured())
    assert wait_for(lambda: not tab.learning.running)
    for hold in HOLDS:
        base = tab.learning.result(Kind.SQUARED_L2, hold)
        assert base is not None
        for kind in LEARNED:
            found = tab.learning.result(kind, hold)
            assert found is not None
            assert found.hold == hold
            assert np.array_equal(found.same, base.same)
    for kind in Kind:
        text = tab.compared._cells[kind, 1, True].text()
        found = tab.learning.result(kind, tab.compared.hold)
        assert found is not None
        assert float(text.removesuffix(" %")) == pytest.approx(found.held_out.accuracy * 100, abs=0.06)
        assert text.split()[0] in tab.page.cards.cards[kind]._figure
    assert "too few to rank" in tab.compared.few.text()


def test_less_regularisation_fits_better_what_was_learned(tab: DistancesTab) -> None:
    put(tab, measured())
    assert wait_for(lambda: not tab.learning.running)
    tab.compared.slider.setFocus()
    for _ in HOLDS:
        QTest.keyClick(tab.compared.slider, Qt.Key.Key_Left)
    assert tab.compared.hold == 0
    assert tab.compared.words.text().startswith("free")
    drawn = tab.page.fit._curves["learned"]
    assert float(np.asarray(drawn.y)[0]) < float(np.asarray(drawn.y)[-1])
    weights = np.asarray(tab.page.weights._curves["weights"].y)
    assert len(weights) == 16
    assert weights.std() > 0.1


def test_a_card_chooses_what_is_shown_and_is_remembered(tab: DistancesTab) -> None:
    put(tab, measured())
    assert wait_for(lambda: not tab.learning.running)
    card = tab.page.cards.cards[Kind.WEIGHTED_L1]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Space)
    assert tab.kind is Kind.WEIGHTED_L1
    assert tab.model.surroundings.settings.words(DISTANCE_KEY) == ["weighted L1"]
    found = tab.learning.result(Kind.WEIGHTED_L1, tab.compared.hold)
    assert found is not None
    assert np.asarray(tab.page.weights._curves["weights"].y) == pytest.approx(found.weights)
    tab.choose(Kind.SQUARED_L2)
    assert set(np.asarray(tab.page.weights._curves["weights"].y)) == {1.0}


def test_too_few_people_say_so(tab: DistancesTab) -> None:
    one = measured(4, 2).faces
    rows = one.embeddings[[0, 2, 4, 6, 1]]
    faces = of_embeddings("few", rows, ["a", "b", "c", "d", "a"], [None] * 5)
    put(tab, Measured(faces, drawn_roc(faces.genuine, faces.impostor), figures(faces, rounds=3)))
    assert wait_for(lambda: not tab.learning.running)
    assert "at least two people" in tab.compared.few.text()


def test_another_source_replaces_what_was_learned(tab: DistancesTab) -> None:
    put(tab, measured())
    second = measured(10, 3)
    put(tab, second)
    assert wait_for(lambda: not tab.learning.running)
    assert tab.learning.faces is second.faces
    assert tab.learning.fraction == 1
    tab.source.measured = None
    tab.source.changed.emit()
    assert tab.learning.faces is None
    assert tab.light._faces is None


def test_the_experiment_with_light_on_real_faces(tab: DistancesTab) -> None:
    pipeline = FacePipeline()
    read = [
        pipeline.read(read_picture(asset("faces", name, f"{number}.jpg")), careful=False)
        for name, number in (("Nora", 1), ("Nora", 2), ("Grace Hopper", 1))
    ]
    rows = np.stack([one.embedding for one in read])
    faces = of_embeddings("real", rows, ["Nora", "Nora", "Grace Hopper"], [one.chip for one in read])
    put(tab, Measured(faces, drawn_roc(faces.genuine, faces.impostor), figures(faces, rounds=3)))
    tab.actions()[0].run()
    assert tab._pages.currentWidget() is tab.light
    assert tab.light.running
    assert wait_for(lambda: not tab.light.running)
    assert len(tab.light.results) == len(FACTORS) * len(Evening)
    assert {curve.label for curve in tab.light.plot._curves.values()} == {way.value for way in Evening}
    for measure in range(4):
        tab.light.measure.setCurrentIndex(measure)
        tab.light.measure.chosen.emit(measure)
    tab.light.slider.setFocus()
    QTest.keyClick(tab.light.slider, Qt.Key.Key_Home)
    assert tab.light.factor_words.text() == "×0.2"
    assert "let in" in tab.light.previews[Evening.NONE].accessibleDescription()
    assert not tab.light.grab().isNull()


def test_the_experiment_can_be_stopped(tab: DistancesTab) -> None:
    put(tab, measured())
    tab.turn_to(1)
    tab.light.run.click()
    tab.light.stop_button.click()
    assert wait_for(lambda: not tab.light.running)
    assert len(tab.light.results) < len(FACTORS) * len(Evening)
    assert tab.light.run.isEnabled()


def test_it_fits_a_small_window(tab: DistancesTab) -> None:
    put(tab, measured())
    assert tab.side is not None
    assert tab.side.minimumSizeHint().width() <= 320
    assert tab.widget.minimumSizeHint().width() <= 648
    for card in tab.page.cards.cards.values():
        assert card.accessibleName()
