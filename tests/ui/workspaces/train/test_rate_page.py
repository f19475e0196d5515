"""The range test before a training: begun, drawn, taken over, stopped."""

from __future__ import annotations

from collections.abc import Callable

from explorer.network.builder import Builder
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.ui.workspaces.train.conftest import tiny, until


def test_the_advice_becomes_the_setting(train: TrainWorkspace) -> None:
    train.side.find_rate.click()
    assert train.pages.currentWidget() is train.rates
    assert train.rates.stop_button.isVisible()
    until(lambda: not train.rates.running)
    found = train.rates.found
    assert found is not None, train.rates.words.text()
    assert train.rates.take.text() == f"Use {found.lr:g}"
    train.rates.take.click()
    assert train.side.form.settings.lr == found.lr
    assert train.pages.currentWidget() is train.overlay.page


def test_it_is_stopped(train: TrainWorkspace) -> None:
    train.find_rate()
    until(lambda: len(train.rates._tried) > 1)
    train.rates.stop_button.click()
    until(lambda: not train.rates.running)
    assert train.rates.found is None
    assert not train.rates.take.isVisible()


def test_what_cannot_be_trained_shows_why(make: Callable[..., TrainWorkspace]) -> None:
    train = make(tiny(classes=7))
    train.find_rate()
    assert train.pages.currentWidget() is train.data_view
    b = Builder("Empty")
    train.surroundings.session.open(b.network())
    train.find_rate()
    assert not train.rates.running
