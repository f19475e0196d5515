"""Names for new layers, as people who write torch modules choose them: conv1, bn1, relu, fc1."""

from __future__ import annotations

import re
from collections.abc import Collection

from explorer.network.layer import Layer

_STEMS = {
    "Conv2d": "conv",
    "ConvTranspose2d": "deconv",
    "LocallyConnected2d": "local",
    "DepthwiseConv2d": "conv",
    "TableConv2d": "conv",
    "BatchNorm": "bn",
    "LayerNorm": "ln",
    "GroupNorm": "gn",
    "InstanceNorm": "norm",
    "LocalResponseNorm": "lrn",
    "Linear": "fc",
    "Dropout": "drop",
    "Dropout2d": "drop",
    "AdaptiveAvgPool2d": "avgpool",
    "AdaptiveMaxPool2d": "maxpool",
    "GlobalAvgPool2d": "avgpool",
    "GlobalMaxPool2d": "maxpool",
    "SpatialPyramidPool": "spp",
    "L2Normalize": "normalize",
    "StochasticDepth": "drop_path",
}
_NUMBERED = {"conv", "deconv", "local", "bn", "gn", "ln", "norm", "fc"}


def stem(layer: Layer) -> str:
    """What the names of layers of this type begin with."""
    kind = type(layer).__name__
    return _STEMS.get(kind) or re.sub(r"[123]d$", "", kind).lower()


def is_numbered(name: str) -> bool:
    """Whether the first of this name already carries a number, like conv1 and unlike relu."""
    return name in _NUMBERED


def unique(wanted: str, taken: Collection[str], numbered: bool = False) -> str:
    """`wanted` if it is free, else with the first free number: relu, relu2; numbered ones begin at 1."""
    if not numbered and wanted not in taken:
        return wanted
    base = wanted
    first = 1 if numbered else 2
    if not numbered and (found := re.fullmatch(r"(.*?\D)(\d{1,9})", wanted)):
        base, first = found[1], int(found[2]) + 1
    while f"{base}{first}" in taken:
        first += 1
    return f"{base}{first}"
