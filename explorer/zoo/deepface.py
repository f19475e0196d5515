"""DeepFace (Taigman, Yang, Ranzato and Wolf 2014): locally connected layers on aligned faces."""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Dropout, Flatten, LocallyConnected2d, ReLU
from explorer.network.shorthand import conv, linear, max_pool, pair


def deepface() -> Network:
    """152×152 faces to a 4096-D representation and 4,030 people; names are the paper's."""
    b = Builder("DeepFace")
    b.input(3, 152, 152)
    b.add(conv(32, 11), name="C1")
    b.add(ReLU(), name="C1_relu")
    b.add(max_pool(3, 2, ceil_mode=True), name="M2")
    b.add(conv(16, 9), name="C3")
    b.add(ReLU(), name="C3_relu")
    for name, kernel_size, stride in (("L4", 9, 1), ("L5", 7, 2), ("L6", 5, 1)):
        b.add(LocallyConnected2d(16, pair(kernel_size), pair(stride)), name=name)
        b.add(ReLU(), name=f"{name}_relu")
    b.add(Flatten(), name="flatten")
    b.add(linear(4096), name="F7")
    b.add(ReLU(), name="F7_relu")
    b.add(Dropout(0.5), name="F7_drop")
    b.add(linear(4030), name="F8")
    return b.network()
