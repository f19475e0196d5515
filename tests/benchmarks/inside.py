"""Feature maps of ResNet-50 on one picture, from the picture to tiles on the screen.

The peer is the bare forward pass of the same module with a hook on each layer that keeps its output, as one
would write it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

GOAL = 1.2


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The first convolution's maps; the module is ready, the picture 384 × 384."""
    import torch
    from PySide6.QtWidgets import QApplication

    from explorer.imaging.activations import pass_through
    from explorer.imaging.subject import Subject
    from explorer.ui.workspaces.filters.inside.jobs import Wish, page_of
    from explorer.ui.workspaces.filters.inside.map_grid import MapGrid
    from explorer.zoo import catalogue

    application = QApplication.instance() or QApplication(["bench"])
    subject = Subject.of(catalogue.find("resnet50").build())
    picture = np.random.default_rng(0).integers(0, 256, (384, 384, 3), dtype=np.uint8)
    wish = Wish(subject.network.paths["conv1"], 0, 24, "map")
    inputs = subject.inputs(picture)
    grid = MapGrid()
    grid.resize(700, 560)
    grid.show()

    def ours() -> float:
        def work() -> None:
            grid.show_page(page_of(pass_through(subject, picture), wish))
            grid.repaint()

        return seconds(work)

    kept: dict[str, Any] = {}

    def bare() -> float:
        hooks = [
            subject.module.get_submodule(place).register_forward_hook(
                lambda _module, _inputs, out, node=node: kept.__setitem__(node, out)
            )
            for node, place in subject.module.nodes.items()
        ]
        with torch.no_grad():
            took = seconds(lambda: subject.module(*inputs))
        for hook in hooks:
            hook.remove()
        kept.clear()
        return took

    yield in_turns(
        "maps-resnet50", ours, bare, f"≤ {GOAL} of the pass with hooks", lambda _, ratio: ratio <= GOAL,
        pairs=pairs, note=f"{torch.get_num_threads()} threads",
    )  # fmt: skip
    grid.close()
    application.processEvents()
