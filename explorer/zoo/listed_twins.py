"""The catalogue's networks that exist to be compared."""

from __future__ import annotations

from explorer.zoo.entry import Entry

_AUTHORS = "ConvNet Explorer"
_INPUT = (1, 32, 32)

ENTRIES = (
    Entry(
        "fully-connected",
        "Fully connected",
        None,
        _AUTHORS,
        _INPUT,
        61_698,
        61_568,
        "Beside LeNet-5: as many parameters, but no convolution",
        "twins:fully_connected",
        note="Three fully connected layers, 8 parameters fewer than LeNet-5.",
    ),
    Entry(
        "gap-head",
        "Global average pooling head",
        None,
        _AUTHORS,
        _INPUT,
        23_946,
        2_547_712,
        "Lin, Chen, Yan: Network in network (2013), for the head",
        "twins:pooled_head",
        note="Three convolutions, a 1×1 convolution to a map a class, and the mean of each map.",
    ),
    Entry(
        "fc-head",
        "Fully connected head",
        None,
        _AUTHORS,
        _INPUT,
        64_266,
        2_547_712,
        "Beside the global average pooling head: the same body",
        "twins:connected_head",
        note="The same three convolutions, and one fully connected layer over all that they found.",
    ),
)
