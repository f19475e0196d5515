"""ResNet-152 from the library to the painted canvas, against a plain QGraphicsView with the same cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.network.graph import Network
from explorer.ui.canvas.canvas import Canvas
from explorer.zoo import catalogue
from tests.benchmarks.desk import (
    SIZE,
    close,
    desk,
    drawing_of,
    flat,
    folded,
    open_window,
    plain_view,
    settle,
    until_painted,
)
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

FOLDED, FLAT = 0.3, 1.5


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Folded, flat with docked riders, and flat with a card for every layer."""
    yield _figure("opening-folded", folded, FOLDED, pairs, docked=True)
    yield _figure("opening-flat", flat, FLAT, pairs, docked=True)
    yield _figure("opening-cards", flat, None, pairs, docked=False)


def _figure(
    name: str, shown: Callable[[Network], Network], goal: float | None, pairs: int, *, docked: bool
) -> Figure:
    with open_window() as window, desk() as app:

        def canvas() -> Canvas:
            window.files.new()
            found = window.findChild(Canvas)
            assert isinstance(found, Canvas)
            close(window)
            return found

        seen = canvas()
        seen.set_docked(docked)

        def act() -> None:
            window.files.open_network(shown(catalogue.find("resnet152").build()))

        window.files.open_network(shown(catalogue.find("resnet152").build()))
        settle(app)
        drawing = drawing_of(seen)
        close(window)
        settle(app)

        def ours() -> float:
            taken = seconds(lambda: until_painted(app, seen.view.viewport(), act))
            settle(app)
            close(window)
            settle(app)
            return taken

        def peer() -> float:
            def plain() -> None:
                view = plain_view(drawing)
                view.resize(*SIZE)
                until_painted(app, view.viewport(), view.show)
                views.append(view)

            views: list[object] = []
            taken = seconds(plain)
            views.clear()
            settle(app)
            return taken

        return in_turns(
            name,
            ours,
            peer,
            f"ours < {goal:g} s" if goal else "reported",
            lambda taken, _: goal is None or taken < goal,
            pairs=pairs,
            note=f"{len(drawing.cards)} cards, {len(drawing.routes)} links",
        )
