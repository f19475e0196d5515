"""ResNet-152 as PyTorch code, against the code that torch.fx writes of it.

torch.fx writes one line a call, 516 of them without any class; ours has classes, loops and names.
"""

from __future__ import annotations

from collections.abc import Iterator

from explorer.interop.torch_code import generate
from explorer.network.inference import infer
from explorer.zoo import catalogue
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The code's figure."""
    import torch
    import torchvision
    from torch import fx

    with torch.device("meta"):
        model = torchvision.models.resnet152().eval()
    network = catalogue.find("resnet152").build()
    inference = infer(network)
    lines: dict[str, int] = {}

    def ours() -> float:
        return seconds(lambda: lines.update(ours=len(generate(network, inference).text.splitlines())))

    def peer() -> float:
        return seconds(lambda: lines.update(peer=len(fx.symbolic_trace(model).code.splitlines())))

    ours()
    yield in_turns(
        "code",
        ours,
        peer,
        "< 1 (faster than torch.fx)",
        lambda _, ratio: ratio < 1,
        pairs=pairs,
        note=f"{lines['ours']} lines; what torch.fx writes is one function",
    )
