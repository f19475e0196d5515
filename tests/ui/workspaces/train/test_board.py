"""The curves that are watched: drawn is what the runs told; what is drawn already is left alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from explorer.ui.theme import theme
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.train.board import Board, _remarks
from explorer.ui.workspaces.train.curves import Lane


@pytest.fixture
def board(qapp: QApplication) -> Iterator[Board]:
    made = Board()
    made.resize(800, 600)
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    qapp.processEvents()


def lane(key: str = "a", color: str = "accent") -> Lane:
    made = Lane(key, key, 4, color, batches=10)
    for step in range(1, 21):
        made.add_batch(step, 2 / step, step / 40, 0.1)
        if step % 10 == 0:
            made.add_epoch(step / 10, 1 / step, step / 50, (0.1, 1.0))
    return made


def drawn(plot: Plot, key: str) -> tuple[object, object]:
    """The points of a curve as pyqtgraph has them."""
    x, y = plot._items[key].getData()
    return [*x], [*y]


def last(plot: Plot, key: str) -> float:
    return float(plot._items[key].getData()[1][-1])


def test_plots_have_their_own_names(board: Board) -> None:
    plots = (board.loss, board.accuracy, board.rate)
    assert [plot._title.text() for plot in plots] == ["Loss", "Accuracy", "Learning rate"]


def test_what_a_run_tells_is_drawn(board: Board) -> None:
    one = lane()
    board.show_lanes([one])
    assert drawn(board.loss, "a train") == (pytest.approx(one.x), pytest.approx(one.loss))
    assert drawn(board.accuracy, "a val") == ([1.0, 2.0], [0.2, 0.4])
    one.add_batch(21, 0.5, 0.6, 0.05)
    board.show_lanes([one])
    assert drawn(board.loss, "a train") == (pytest.approx(one.x), pytest.approx(one.loss))
    assert last(board.rate, "a") == 0.05
    one.add_epoch(3.0, 0.01, 0.9)
    board.show_lanes([one])
    assert drawn(board.accuracy, "a val") == ([1.0, 2.0, 3.0], [0.2, 0.4, 0.9])
    assert last(board.loss, "a val") == 0.01


def test_a_run_that_goes_back_is_drawn_as_it_is(board: Board) -> None:
    one = lane()
    board.show_lanes([one])
    one.cut(10)
    board.show_lanes([one])
    assert last(board.loss, "a train") == pytest.approx(one.loss[-1])
    assert len(one.loss) == 10
    assert drawn(board.loss, "a val")[0] == [1.0]
    for step in range(11, 21):
        one.add_batch(step, 1.0, 0.5, 0.1)
    one.add_epoch(2.0, 1 / 20, 20 / 50)
    board.show_lanes([one])
    one.cut(10)
    one.add_epoch(2.0, 7.0, 0.1)
    board.show_lanes([one])
    assert drawn(board.loss, "a val") == ([1.0, 2.0], [pytest.approx(0.1), 7.0])


def test_only_what_is_new_is_traced(board: Board) -> None:
    live, over = lane("live"), lane("over", "pooling")
    board.show_lanes([live, over])
    before = {key: item.getData()[1] for key, item in board.loss._items.items()}
    live.add_batch(21, 0.5, 0.6, 0.05)
    board.show_lanes([live, over])
    after = {key: item.getData()[1] for key, item in board.loss._items.items()}
    assert [key for key in after if after[key] is not before[key]] == ["live train"]


def test_another_run_of_the_same_key_or_color_takes_its_place(board: Board) -> None:
    board.show_lanes([lane()])
    other = lane(color="pooling")
    other.loss[-1] = 9.0
    board.show_lanes([other])
    assert last(board.loss, "a train") == 9.0
    assert board.loss._items["a val"].opts["symbolBrush"] == theme().tokens.pooling


def test_the_axis_of_the_loss_moves_rarely(board: Board) -> None:
    """With every batch the highest loss is a little another one: the axis would be painted anew each time."""
    one, tops = Lane("a", "a", 1, batches=1000), set()
    for step, loss in enumerate(np.random.default_rng(0).normal(2.0, 0.01, 500), 1):
        one.add_batch(step, float(loss), 0.1, 0.1)
        board.show_lanes([one])
        top = board.loss._range[1][1]
        assert top > max(one.loss[-1], 2.0)
        tops.add(top)
    assert len(tops) <= 2


def test_dots_that_would_touch_are_left_out(board: Board) -> None:
    for epochs, dotted in ((4, True), (150, False)):
        long = lane(str(epochs))
        long.epochs = epochs
        board.show_lanes([long])
        (held,) = (curve for curve in board._traced[long.key].loss if curve.dash)
        assert held.dots is dotted


def test_a_figure_at_the_top_stands_below_its_point(board: Board) -> None:
    rising = lane()
    for epoch, loss in ((2.5, 0.2), (3.0, 1.9)):
        rising.add_epoch(epoch, loss, 0.5)
        (words,) = _remarks([rising], "loss", 4, 2.0)
        assert (words.anchor[1] < 0) is (loss > 1)
