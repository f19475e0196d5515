"""ResNet-152 from a torch module to the painted canvas, against torchinfo's summary of the same module.

Both begin with the module on the CPU and torch loaded. Ours keeps all weights: they go to the store.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.desk import close, desk, open_window, settle, until_painted
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

SHAPE = (3, 224, 224)


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """To the canvas with weights and without, each against torchinfo."""
    yield _figure("import", pairs, keep_weights=False)
    yield _figure("import-weights", pairs, keep_weights=True)


def _figure(name: str, pairs: int, *, keep_weights: bool) -> Figure:
    import torchinfo
    import torchvision

    from explorer.interop.torch_trace.importing import import_module
    from explorer.ui.canvas.canvas import Canvas

    module = torchvision.models.resnet152().eval()
    with open_window() as window, desk() as app:
        window.files.new()
        canvas = window.findChild(Canvas)
        assert isinstance(canvas, Canvas)
        close(window)
        counted: list[tuple[int, int]] = []

        def act() -> None:
            found = import_module(module, [SHAPE], "resnet152", keep_weights=keep_weights)
            counted.append((found.report.parameters, found.report.macs))
            window.files.open_network(found.network)

        def ours() -> float:
            taken = seconds(lambda: until_painted(app, canvas.view.viewport(), act))
            settle(app)
            close(window)
            settle(app)
            return taken

        def peer() -> float:
            return seconds(lambda: torchinfo.summary(module, (1, *SHAPE), device="cpu", verbose=0))

        figure = in_turns(
            name,
            ours,
            peer,
            "faster than torchinfo",
            lambda _, ratio: ratio < 1,
            pairs=pairs,
            note="ResNet-152, 517 layers" + (", 240 MB of weights hashed" if keep_weights else ""),
        )
        assert set(counted) == {(60_192_808, 11_513_626_624)}
        return figure
