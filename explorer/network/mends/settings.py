"""Mends that change a setting of the layer itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.mends.trial import Idea, detaching, separating, setting
from explorer.network.problems import Problem


def place(inference: Inference, problem: Problem) -> tuple[str, Any, dict[str, Any]]:
    """The problem's node, its layer, and the details of its refusal."""
    assert problem.node is not None
    details = problem.refusal.details if problem.refusal is not None else {}
    return problem.node, inference.network.nodes[problem.node].layer, details


def at_groups(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Channels that divide, here or where they come from, or other groups."""
    node, layer, details = place(inference, problem)
    channels = details["in_channels"]
    field = "groups" if hasattr(layer, "groups") else "num_groups"
    count = getattr(layer, field)
    out = getattr(layer, "out_channels", channels)
    best = next(n for n in range(min(count, channels), 0, -1) if channels % n == 0 and out % n == 0)
    if best > 1:
        yield setting(node, **{field: best})
    if out % count and field == "groups":
        yield setting(node, out_channels=max(count, round(out / count) * count))
    if channels % count:
        source = before_with(inference.network, node, "out_channels")
        if source is not None:
            yield setting(source, out_channels=max(count, round(channels / count) * count))
    yield setting(node, **{field: best})


def before_with(network: Network, node: str, field: str) -> str | None:
    """The nearest layer upstream that has this setting, unless branches come together between."""
    for _ in network.nodes:
        into = network.topology.incoming[node]
        if len(into) != 1:
            return None
        node = into[0].source
        if hasattr(network.nodes[node].layer, field):
            return node
    return None


def at_same_with_stride(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """The padding as numbers, or a stride of 1."""
    node, _, details = place(inference, problem)
    rows, columns = details["spans"]
    yield setting(node, padding=(rows // 2, columns // 2))
    yield setting(node, stride=(1, 1))


def at_padding(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """The most padding that is possible, or padding that needs no pixels."""
    node, layer, details = place(inference, problem)
    limit = details["limit"]
    pads = layer.padding
    if not isinstance(pads, str):
        most = limit if len(pads) == 2 else (limit[1], limit[1], limit[0], limit[0])
        yield setting(node, padding=tuple(min(p, n) for p, n in zip(pads, most, strict=True)))
    if hasattr(layer, "padding_mode"):
        yield setting(node, padding_mode="zeros")
    if hasattr(layer, "mode"):
        yield setting(node, mode="constant")


def at_output_padding(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """The most that is possible."""
    node, layer, _ = place(inference, problem)
    sides = zip(layer.output_padding, layer.stride, layer.dilation, strict=True)
    yield setting(node, output_padding=tuple(min(p, max(s, d) - 1) for p, s, d in sides))


def at_wrong_size(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """A shape or a window that the input does fit."""
    node, layer, details = place(inference, problem)
    if hasattr(layer, "shape"):
        sizes = tuple(max(size, 1) for size in layer.shape)
        for index in range(len(sizes) - 1, -1, -1):
            yield setting(node, shape=(*sizes[:index], -1, *sizes[index + 1 :]))
        yield setting(node, shape=(-1,))
    if hasattr(layer, "offset") and "size" in details:
        size = tuple(min(a, b) for a, b in zip(layer.size, details["size"], strict=True))
        yield setting(node, size=size)
        yield setting(node, size=size, offset=None)


def at_wrong_channels(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """As many maps as the layer was made for, from where they come."""
    node, _, details = place(inference, problem)
    source = before_with(inference.network, node, "out_channels")
    if source is not None:
        yield setting(source, out_channels=details["expected"])


def at_axis(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """The last axis that there is."""
    node, layer, details = place(inference, problem)
    for field in ("dim", "start_dim"):
        if hasattr(layer, field):
            yield setting(node, **{field: details["axes"]})


def at_few_values(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """One group of all channels, where there are groups."""
    node, layer, _ = place(inference, problem)
    if hasattr(layer, "num_groups"):
        yield setting(node, num_groups=1)


def at_range(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """The two bounds the other way round, or one just above the other."""
    node, layer, _ = place(inference, problem)
    if layer.max_val < layer.min_val:
        yield setting(node, min_val=layer.max_val, max_val=layer.min_val)
    yield setting(node, max_val=layer.min_val + 1)


def at_sharing(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Weights of their own for one copy or for all."""
    network = inference.network
    assert problem.node is not None
    node = network.nodes[problem.node]
    for block in network.ancestors(node.block):
        if block.group is not None and network.groups[block.group].shares_weights:
            yield separating(block.group, f"Give each copy of {block.name} weights of its own")
            yield detaching(block.id)
    if node.group is not None:
        yield separating(node.group, f"Give {node.name} weights of its own")
