"""conv1 of ResNet-152 from stride 2 to 1 and back: all numbers right again, against torchinfo's summary.

Every turn uses an input size that neither side has seen: after the edit every size in the network is
another, and the engine keeps nothing from one pass to the next but the results themselves. torchinfo runs
torchvision's network on the meta device, the fastest that it can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from explorer.network.edits import change
from explorer.network.history import Document
from explorer.zoo import catalogue
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

FACTOR = 100


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The engine's figure."""
    import torch
    import torchinfo
    import torchvision

    with torch.device("meta"):
        model = torchvision.models.resnet152()
    model.eval()
    document = Document(catalogue.find("resnet152").build())
    entrance = next(n for n in document.network.nodes.values() if type(n.layer).__name__ == "Input")
    first = next(n for n in document.network.nodes.values() if type(n.layer).__name__ == "Conv2d")
    sizes = {"ours": 224, "peer": 224}
    totals: dict[tuple[str, int], tuple[int, int]] = {}

    def set_layer(node: str, **fields: Any) -> None:
        before = document.network.nodes[node]
        after = msgspec.structs.replace(before, layer=msgspec.structs.replace(before.layer, **fields))
        document.apply("Change a field", [change(before, after)])

    def ours() -> float:
        size = sizes["ours"] = sizes["ours"] + 4
        set_layer(first.id, stride=(2, 2))
        set_layer(entrance.id, shape=(3, size, size))
        assert document.inference.totals.exact

        def edit() -> None:
            set_layer(first.id, stride=(1, 1))
            found = document.inference
            assert len(found.results) == len(document.network.nodes)  # every number by its node, and the sums
            totals["ours", size] = (found.totals.parameters, found.totals.macs)

        return seconds(edit)

    def peer() -> float:
        size = sizes["peer"] = sizes["peer"] + 4
        model.conv1.stride = (2, 2)

        def edit() -> None:
            model.conv1.stride = (1, 1)
            found = torchinfo.summary(model, (1, 3, size, size), device="meta", verbose=0)
            totals["peer", size] = (found.total_params, found.total_mult_adds)

        return seconds(edit)

    yield in_turns(
        "engine",
        ours,
        peer,
        f"≤ {1 / FACTOR:g} ({FACTOR}× faster than torchinfo)",
        lambda _, ratio: ratio <= 1 / FACTOR,
        pairs=pairs,
        note=f"ResNet-152, {len(document.network.nodes)} layers, a new input size each turn",
    )
    for who, size in totals:
        if totals["ours", size][0] != totals["peer", size][0]:
            raise AssertionError(f"The two sides do not count the same parameters at {size} ({who}).")
