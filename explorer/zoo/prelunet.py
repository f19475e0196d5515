"""PReLU-net, model A (He, Zhang, Ren and Sun 2015): a trained slope a channel, and pyramid pooling."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Dropout, PReLU, SpatialPyramidPool
from explorer.network.shorthand import conv, linear, max_pool


def prelunet_a() -> Network:
    """7×7/2 with 96 filters, three stages of five 3×3 convolutions, a pyramid of 7, 3, 2, 1."""
    b = Builder("PReLU-net A")
    b.input(3, 224, 224)
    b.add(conv(96, 7, stride=2, padding=3), name="conv1")
    b.add(PReLU(), name="prelu1")
    for number, width in enumerate((256, 512, 512), 2):
        b.add(max_pool(2, 2), name=f"pool{number - 1}")
        with b.block(f"stage{number}", kind="stage"):
            for index in range(1, 6):
                b.add(conv(width, 3, padding=1), name=f"conv{number}_{index}")
                b.add(PReLU(), name=f"prelu{number}_{index}")
    b.add(SpatialPyramidPool((7, 3, 2, 1)), name="pyramid")
    with b.block("classifier"):
        for layer in (1, 2):
            b.add(linear(4096), name=f"fc{layer}")
            b.add(PReLU(), name=f"prelu{layer}")
            b.add(Dropout(0.5), name=f"drop{layer}")
        b.add(linear(1000), name="fc3")
    return b.network()
