"""The threshold workbench: sources, τ by mouse and key, what follows it, small samples, the curve as CSV."""

from __future__ import annotations

import csv
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.assets import asset
from explorer.faces.evaluation import at_threshold
from explorer.faces.face_set import FaceSet, of_embeddings
from explorer.faces.intervals import drawn_roc, figures
from explorer.faces.pipeline import FacePipeline
from explorer.media.pictures import read_picture
from explorer.network.errors import UserError
from explorer.ui.workspaces.faces.threshold import ThresholdTab, write_curve
from explorer.ui.workspaces.faces.threshold_pairs import Flips
from explorer.ui.workspaces.faces.threshold_source import FaceSource, Kind, Measured
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for


@pytest.fixture(scope="module", autouse=True)
def opencv_begun() -> None:
    """OpenCV's own threads begin with the first face and keep the name of the Job they were begun in."""
    FacePipeline().encoder.encode(np.zeros((112, 112, 3), np.uint8))


def measured(people: int = 20, each: int = 4, spread: float = 0.75) -> Measured:
    """Made embeddings, each with a chip of its own grey."""
    draw = np.random.default_rng(0)
    names = [f"p{number:02}" for number in range(people) for _ in range(each)]
    rows = (
        np.repeat(draw.normal(size=(people, 24)), each, axis=0) + draw.normal(size=(len(names), 24)) * spread
    )
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    chips = [np.full((112, 112, 3), number % 256, np.uint8) for number in range(len(names))]
    faces = of_embeddings("made", rows.astype(np.float32), names, chips)
    return Measured(faces, drawn_roc(faces.genuine, faces.impostor), figures(faces, rounds=20))


@pytest.fixture
def tab(faces: FacesWorkspace) -> ThresholdTab:
    found = next(tab for tab in faces.tabs if isinstance(tab, ThresholdTab))
    faces.show_tab(found)
    return found


def put(tab: ThresholdTab, what: Measured) -> None:
    tab.source.kind, tab.source.measured = Kind.FOLDER, what
    tab.source.changed.emit()
    QApplication.processEvents()


def test_it_begins_with_a_way_to_see_something(tab: ThresholdTab, faces: FacesWorkspace) -> None:
    assert tab._pages.currentIndex() == 0
    tab.source.use_bundled()
    assert tab.source.reading
    assert wait_for(lambda: tab.source.measured is not None)
    assert tab._pages.currentIndex() == 1
    found = tab.source.measured
    assert found is not None
    assert found.faces.missing == ()
    assert found.faces.people_count == len(list(asset("faces").iterdir()))
    assert "too few to tell" in tab.figures.rough.text()
    assert tab.figures.overall._cells[2][0].text() == "too few pairs"
    assert FaceSource.of(faces.model) is tab.source, "all tabs share what was read"


def test_tau_moves_by_key_and_everything_follows(tab: ThresholdTab) -> None:
    put(tab, measured())
    before = tab.threshold
    plot = tab.plots.histogram
    plot.setFocus()
    for _ in range(4):
        QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert tab.threshold == pytest.approx(before - 0.2)
    assert wait_for(lambda: tab.figures.threshold.value == pytest.approx(before - 0.2))
    faces = tab.source.measured.faces if tab.source.measured else None
    assert faces is not None
    expected = at_threshold(faces.genuine, faces.impostor, tab.threshold)
    assert tab.at == expected
    assert f"{expected.false_rejects:,} pairs" in tab.pairs.away_title._whole
    assert tab.plots.judged._handle == pytest.approx(tab.threshold)
    assert tab.model.threshold == before, "the workspace's threshold is changed by the button only"


def test_use_this_tau(tab: ThresholdTab) -> None:
    put(tab, measured())
    assert not tab.figures.use.isEnabled()
    tab.figures.threshold.selectAll()
    QTest.keyClicks(tab.figures.threshold, "1.05")
    assert wait_for(lambda: tab.figures.use.isEnabled())
    tab.figures.use.click()
    assert tab.model.threshold == 1.05
    assert wait_for(lambda: not tab.figures.use.isEnabled())
    assert tab.figures.in_use.text() == "Verify uses this τ."


def test_more_people_let_more_strangers_in(tab: ThresholdTab) -> None:
    put(tab, measured(spread=0.9))
    tab.move(1.4)
    assert wait_for(lambda: tab.figures.threshold.value == 1.4)
    shown = tab.figures.among._cells[0][0]

    def chance() -> float:
        return float(shown.text().removesuffix(" %"))

    tab.figures.people.setFocus()
    tab.figures.people.selectAll()
    QTest.keyClicks(tab.figures.people, "1")
    one = chance()
    QTest.keyClicks(tab.figures.people, "00")
    rate = tab.at.false_accepts / (tab.at.false_accepts + tab.at.true_rejects)
    assert one == pytest.approx(rate * 100, abs=0.1)
    assert chance() == pytest.approx((1 - (1 - rate) ** 100) * 100, abs=0.1)


def test_the_pairs_nearest_to_tau_come_first() -> None:
    faces = measured(spread=0.9).faces
    flips = Flips(faces)
    count, away = flips.turned_away(0.9)
    assert count == (faces.genuine > 0.9).sum()
    distances = [pair.distance for pair in away]
    assert distances == sorted(distances)
    assert distances[0] == faces.genuine[faces.genuine > 0.9].min()
    count, strangers = flips.let_in(1.4)
    assert count == (faces.impostor <= 1.4).sum()
    distances = [pair.distance for pair in strangers]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] == faces.impostor[faces.impostor <= 1.4].max()
    assert flips.next_let_in(0.0)[0].distance == faces.impostor.min()
    assert flips.next_turned_away(4.0)[0].distance == faces.genuine.max()


def test_where_nobody_is_wrong_the_next_one_is_shown(tab: ThresholdTab) -> None:
    put(tab, measured(people=6, spread=0.2))
    tab.move(0.4)
    assert wait_for(lambda: tab.figures.threshold.value == 0.4)
    assert tab.at.false_accepts == tab.at.false_rejects == 0
    assert tab.pairs.away_title._whole.startswith("Nobody is turned away")
    assert len(tab.pairs.away._pairs) == len(tab.pairs.let_in._pairs) == 1
    assert tab.pairs.away._quiet


def test_a_folder_with_troubles_names_them(tab: ThresholdTab, tmp_path: Path) -> None:
    root = tmp_path / "people"
    for person, number in (("Nora", 1), ("Nora", 2), ("Grace Hopper", 1)):
        (root / person).mkdir(parents=True, exist_ok=True)
        copy(asset("faces", person, f"{number}.jpg"), root / person)
    (root / "Nora" / "broken.jpg").write_bytes(b"no picture")
    tab.source.use_folder(root)
    assert wait_for(lambda: not tab.source.reading)
    assert tab.source.kind is Kind.FOLDER
    assert "Nora, broken.jpg" in tab.figures.missing.text()
    assert tab.at.true_accepts == 1


def test_wrong_sources_say_what_is_wrong(tab: ThresholdTab, tmp_path: Path) -> None:
    tab.source.use_gallery()
    assert "two pictures" in tab.source.trouble
    tab.source.use_folder(tmp_path / "nowhere")
    assert wait_for(lambda: not tab.source.reading)
    assert "does not exist" in tab.source.trouble
    path = tmp_path / "pairs.csv"
    path.write_text("left,right\n1,2\n")
    tab.source.use_pairs(path)
    assert wait_for(lambda: not tab.source.reading)
    assert "columns" in tab.source.trouble
    lonely = tmp_path / "lonely" / "Nora"
    lonely.mkdir(parents=True)
    copy(asset("faces", "Nora", "1.jpg"), lonely)
    tab.source.use_folder(lonely.parent)
    assert wait_for(lambda: not tab.source.reading)
    assert "no two pictures of one person" in tab.source.trouble
    assert tab._pages.currentIndex() == 0


def test_reading_can_be_stopped(tab: ThresholdTab) -> None:
    tab.source.use_bundled()
    tab.source.stop()
    assert wait_for(lambda: not tab.source.reading)
    assert tab.source.measured is None
    assert tab.source.trouble


def test_who_is_deleted_from_the_gallery_is_gone_here(tab: ThresholdTab, faces: FacesWorkspace) -> None:
    pipeline, gallery = FacePipeline(), faces.model.gallery
    for name, number in (("Nora", 1), ("Nora", 2), ("Grace Hopper", 1)):
        picture = read_picture(asset("faces", name, f"{number}.jpg"))
        gallery.enrol(name, pipeline.read(picture), consent=True)
    tab.shown()
    assert wait_for(lambda: tab.source.measured is not None)
    assert tab.source.kind is Kind.GALLERY
    assert tab.source.measured is not None
    assert all(chip is not None for chip in tab.source.measured.faces.chips)
    gallery.delete("Nora")
    assert tab.source.measured is None
    assert tab.pairs._faces is None
    assert tab._pages.currentIndex() == 0


def test_the_curve_as_csv(tmp_path: Path) -> None:
    found = measured(spread=0.9)
    path = tmp_path / "curve.csv"
    write_curve(found, path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(found.roc.thresholds)
    row = rows[len(rows) // 2]
    at = at_threshold(found.faces.genuine, found.faces.impostor, float(row["threshold"]) + 1e-8)
    assert float(row["accuracy"]) == pytest.approx(at.accuracy, abs=1e-6)
    assert float(row["precision"]) == pytest.approx(at.precision or 0, abs=1e-6)
    assert float(row["cosine"]) == pytest.approx(1 - float(row["threshold"]) / 2)
    with pytest.raises(UserError, match="could not be saved"):
        write_curve(found, tmp_path / "no" / "where.csv")


def test_faces_that_were_not_found_are_drawn_and_told(tab: ThresholdTab) -> None:
    base = measured().faces
    found = base.found.copy()
    found[0] = False
    chips = (None, *base.chips[1:])
    faces = FaceSet("made", base.names, base.people, chips, base.embeddings, found, base.a, base.b, base.same)
    put(tab, Measured(faces, drawn_roc(faces.genuine, faces.impostor), figures(faces, rounds=5)))
    tab.move(4.0)
    assert wait_for(lambda: tab.figures.threshold.value == 4)
    assert "3 pairs of one person" in tab.pairs.away_title._whole
    assert "not found" in tab.pairs.away.accessibleDescription()
    assert not tab.pairs.grab().isNull()


def test_roc_and_det(tab: ThresholdTab) -> None:
    put(tab, measured(people=8, spread=0.9))
    for value in ("det", "roc"):
        tab.plots.which.set_value(value)
        tab.plots.which.chosen.emit(value)
        assert {"curve", "here"} == set(tab.plots.curve._curves)
        assert np.isfinite(np.asarray(tab.plots.curve._curves["curve"].x)).all()
    alike = np.asarray(tab.plots.judged._curves["accuracy"].y)
    tab.plots.mix.set_value(False)
    tab.plots.mix.chosen.emit(False)
    drawn = tab.plots.judged._curves["accuracy"]
    assert not np.allclose(alike, np.asarray(drawn.y))
    place = int(np.searchsorted(np.asarray(drawn.x), tab.threshold, side="right")) - 1
    assert float(np.asarray(drawn.y)[place]) == pytest.approx(tab.at.accuracy)


def test_everything_can_be_reached_and_named(tab: ThresholdTab) -> None:
    put(tab, measured())
    for widget in (
        tab.figures.threshold,
        tab.figures.use,
        tab.figures.people,
        tab.plots.which,
        tab.plots.mix,
    ):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert tab.plots.histogram.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert "arrow keys" in tab.plots.histogram.accessibleDescription()
    assert tab.side is not None
    assert tab.side.minimumSizeHint().width() <= 320
    assert tab.widget.minimumSizeHint().width() <= 640
