"""The Siamese network of Koch, Zemel and Salakhutdinov (2015): are two drawings of one character?"""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, Pointwise, ReLU, Sigmoid, Subtract
from explorer.network.shorthand import conv, linear, max_pool

#: Channels and kernel of each convolution; all but the last are pooled 2/2.
CONVOLUTIONS = ((64, 10), (128, 7), (128, 4), (256, 4))


def siamese() -> Network:
    """Two inputs of 1×105×105, one encoder with one set of weights, σ(Σ w·|a − b| + b)."""
    b = Builder("Siamese network")
    inputs = [b.input(1, 105, 105, name=name) for name in ("first", "second")]
    ends: list[str] = []

    def encoder(side: int) -> None:
        b.follow(inputs[side])
        for number, (channels, size) in enumerate(CONVOLUTIONS, start=1):
            b.add(conv(channels, size), name=f"conv{number}")
            b.add(ReLU(), name=f"relu{number}")
            if number < len(CONVOLUTIONS):
                b.add(max_pool(2), name=f"pool{number}")
        b.add(Flatten(), name="flatten")
        b.add(linear(4096), name="fc")
        ends.append(b.add(Sigmoid(), name="sigmoid"))

    b.share(("encoder_a", "encoder_b"), encoder, kind="encoder")
    b.add(Subtract(), *ends, name="difference")
    b.add(Pointwise("abs"), name="distance")
    b.add(linear(1), name="weigh")
    b.add(Sigmoid(), name="same")
    return b.network()
