"""Which channels of a network of another width are copies of which of the old one's.

A layer that grows repeats its filters, and what follows shares its weights among the copies: the outputs stay
the same (Net2WiderNet, Chen, Goodfellow and Shlens 2015). A layer that shrinks keeps its first filters.
"""

from __future__ import annotations

from typing import NamedTuple

from explorer.network.inference import Inference
from explorer.network.layer import Family, Layer
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Crop,
    DepthwiseConv2d,
    Flatten,
    GroupNorm,
    Identity,
    Input,
    L2Normalize,
    Linear,
    LocalResponseNorm,
    LogSoftmax,
    Multiply,
    Output,
    Pad,
    PReLU,
    Scale,
    Softmax,
    SpatialPyramidPool,
    Upsample,
)
from explorer.network.surgery.plan import Carry, Selection

Origins = tuple[int, ...]
"""For each channel of an output the channel of the old output that it is a copy of."""

_PASSING = (BatchNorm, Identity, Output, Crop, Pad, Upsample, Scale)


class Widened(NamedTuple):
    """How weights are carried over, and whether the outputs stay the same where no layer shrinks."""

    carries: tuple[Carry, ...]
    exact: bool


class _Passed(NamedTuple):
    """What comes out of a layer: its channels' origins, None where they can't be told; which of its old
    weights go where; whether copies that come in are still copies that come out.
    """

    origins: Origins | None
    selection: Selection | None = None
    exact: bool = True


def follow(before: Inference, after: Inference) -> Widened:
    """Follow the channels through both networks, which differ in their numbers of channels alone."""
    network = after.network
    origins: dict[str, Origins | None] = {}
    carries: list[Carry] = []
    exact = True
    for step in network.topology.steps:
        node = step.node
        sources = [origins[source] for source, _ in step.sources]
        passed = _through(before, after, node, network.nodes[node].layer, sources)
        origins[node] = passed.origins
        if passed.selection is not None and after.results[node].tensors:
            carries.append(Carry(node, "select", (node,), passed.selection))
        missing = passed.selection is None and bool(after.results[node].tensors)
        exact = exact and passed.exact and passed.origins is not None and not missing
    return Widened(tuple(carries), exact)


def _through(
    before: Inference, after: Inference, node: str, layer: Layer, sources: list[Origins | None]
) -> _Passed:
    old, new = before.results[node].output, after.results[node].output
    if old is None or new is None:
        return _Passed(None)
    if isinstance(layer, Input):
        return _Passed(tuple(range(new[0])))
    many = filters_a_channel(after, node)
    if many and sources[0] is not None:
        out = tuple(sources[0][channel // many] * many + channel % many for channel in range(new[0]))
        return _Passed(out, Selection(out, None))
    if isinstance(layer, Conv2d | ConvTranspose2d | Linear):
        out = tuple(channel % old[0] for channel in range(new[0]))
        if getattr(layer, "groups", 1) != 1 or len(new) not in (1, 3) or sources[0] is None:
            return _Passed(out, None, False)
        return _Passed(out, Selection(out, sources[0]))
    known = [one for one in sources if one is not None]
    if not known or len(known) < len(sources):
        return _Passed(None)
    if isinstance(layer, Flatten):
        each = new[0] // len(known[0])
        return _Passed(tuple(origin * each + place for origin in known[0] for place in range(each)))
    if isinstance(layer, Concat):
        return _Passed(_joined(before, node, layer, known))
    if isinstance(layer, Add | Multiply):
        return _Passed(known[0], None, all(one == known[0] for one in known))
    if len(known[0]) != new[0] or isinstance(layer, SpatialPyramidPool):
        return _Passed(None)
    alone = _works_alone(layer, known[0])
    if alone or isinstance(layer, LocalResponseNorm | GroupNorm | L2Normalize):
        return _Passed(known[0], Selection(known[0], None), alone)
    return _Passed(None)


def filters_a_channel(inference: Inference, node: str) -> int:
    """How many filters each channel has of its own; 0 where filters see several channels."""
    layer = inference.network.nodes[node].layer
    if isinstance(layer, DepthwiseConv2d):
        return layer.multiplier
    shapes = inference.input_shapes(node)
    if isinstance(layer, Conv2d) and layer.groups > 1 and shapes and shapes[0][0] == layer.groups:
        return layer.out_channels // layer.groups
    return 0


def _joined(before: Inference, node: str, layer: Concat, sources: list[Origins]) -> Origins | None:
    shapes = before.input_shapes(node)
    if layer.dim != 1 or shapes is None:
        return None
    found: list[int] = []
    start = 0
    for origins, shape in zip(sources, shapes, strict=True):
        found += [start + origin for origin in origins]
        start += shape[0]
    return tuple(found)


def _works_alone(layer: Layer, origins: Origins) -> bool:
    """Whether a layer works on every channel by itself, so that copies stay copies."""
    if isinstance(layer, Softmax | LogSoftmax):
        return origins == tuple(range(len(origins)))
    if isinstance(layer, PReLU):
        return layer.per_channel
    return isinstance(layer, _PASSING) or layer.family in (
        Family.ACTIVATION,
        Family.POOLING,
        Family.REGULARIZE,
    )
