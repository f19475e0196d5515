"""Past epochs: the worst mistakes of then, with their pictures where the run's data is read."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from explorer.learning.data import load
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import QUICK, tiny, until


def ended(train: TrainWorkspace) -> bool:
    return bool(train.run.states) and not train.run.running


def test_an_epoch_that_is_gone_back_to_shows_its_worst_mistakes(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny(), msgspec.structs.replace(QUICK, epochs=3))
    train.toggle()
    until(lambda: ended(train))
    last = [tile.lines for tile in train.diagnosis.mistakes.tiles]
    train.overlay.scrubber.slider.setValue(0)
    store = train.kept.store
    assert store is not None
    kept = store.points(train.kept.runs[0].id)[0].worst[:9]
    tiles = train.diagnosis.mistakes.tiles
    assert train.diagnosis.mistakes.isVisible()
    assert [tile.story.split(":")[0] for tile in tiles] == [f"Validation picture {one.index}" for one in kept]
    data = train.source.data
    assert data is not None
    shown = tiles[0].image
    assert np.array_equal(
        [[shown.pixelColor(x, y).red() for x in range(28)] for y in range(28)],
        data.validation.pictures[kept[0].index][0],
    )
    train.overlay.scrubber.slider.setValue(2)
    assert [tile.lines for tile in train.diagnosis.mistakes.tiles] == last


def test_where_the_data_is_another_mistakes_are_told_in_words(
    make: Callable[..., TrainWorkspace], said: list[Message]
) -> None:
    first = make(tiny())
    first.toggle()
    until(lambda: ended(first))
    train = make(tiny())  # another window, as after a new start
    train.turn(train.overlay.page)
    sample, train.source.data = train.source.data, load("digits-sample").limited(100, 50)
    train.source.changed.emit()
    train.overlay.show_rows()
    train.side.runs.selectAll()
    assert not train.diagnosis.mistakes.isVisible()
    words = train.diagnosis.unseen.text()
    assert "Choose this run's data" in words
    assert words.count("→") == min(9, len(_worst(train)))
    assert train.diagnosis.confusion._names[0] == "T-shirt"
    train.source.data = sample
    train.source.changed.emit()
    assert train.diagnosis.mistakes.isVisible()
    assert not train.diagnosis.unseen.isVisible()
    assert not said


def _worst(train: TrainWorkspace) -> tuple[object, ...]:
    assert train.kept.store is not None
    return train.kept.store.points(train.kept.runs[0].id)[-1].worst
