"""Mends of maps that are too small, or not maps, or not a vector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer.network import operations as do
from explorer.network.inference import Inference
from explorer.network.layers.boundary import Input
from explorer.network.layers.reshape import Flatten, Reshape
from explorer.network.layers.whole import GlobalAvgPool2d
from explorer.network.mends.settings import place
from explorer.network.mends.trial import Idea, Trial, deleting, inserting, setting
from explorer.network.problems import Problem, shrinking

_LARGEST_INPUT = 4096


def at_kernel(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Padding, a smaller kernel, less shrinking before it, or a larger input."""
    node, layer, details = place(inference, problem)
    size, spans = details.get("size"), details.get("spans")
    if size is not None and spans is not None:
        yield from _wider(node, layer, size, spans)
        yield from _smaller(node, layer, size)
    elif hasattr(layer, "padding"):
        yield setting(node, padding=tuple((k - 1) // 2 for k in layer.kernel_size))
        yield setting(node, padding=(0, 0))
    yield from _less_shrinking(inference, node)
    yield from _larger_input(inference, node)


def _wider(node: str, layer: Any, size: tuple[int, int], spans: tuple[int, int]) -> Iterator[Idea]:
    """The least padding that fits; what a kernel of odd size needs to keep the size comes next."""
    if not hasattr(layer, "padding"):
        return
    least = [max(0, -(-(span - n) // 2)) for span, n in zip(spans, size, strict=True)]
    yield setting(node, padding=(max(least), max(least)))
    yield setting(node, padding=tuple(least))
    yield setting(node, padding=(spans[0] // 2, spans[1] // 2))


def _smaller(node: str, layer: Any, size: tuple[int, int]) -> Iterator[Idea]:
    if not hasattr(layer, "kernel_size"):
        return
    if getattr(layer, "dilation", (1, 1)) != (1, 1):
        yield setting(node, dilation=(1, 1))
    kernel = tuple(min(k, n) for k, n in zip(layer.kernel_size, size, strict=True))
    changes: dict[str, Any] = {"kernel_size": kernel}
    if getattr(layer, "dilation", (1, 1)) != (1, 1):
        changes["dilation"] = (1, 1)
    odd = tuple(k - 1 if k > 1 and k % 2 == 0 else k for k in kernel)
    if any(k % 2 for k in layer.kernel_size) and odd != kernel:
        yield setting(node, **{**changes, "kernel_size": odd})
    yield setting(node, **changes)


def _less_shrinking(inference: Inference, node: str) -> Iterator[Idea]:
    """The last pooling before it removed, or the last stride before it set to 1."""
    network = inference.network
    for at, _ in reversed(shrinking(network, inference, node)):
        layer: Any = network.nodes[at].layer
        if getattr(layer, "stride", (1, 1)) == (1, 1):
            continue
        if layer.family == "pooling":
            yield deleting(f"Remove {network.nodes[at].name}", nodes=(at,))
        else:
            yield setting(at, stride=(1, 1))
        return


def _larger_input(inference: Inference, node: str) -> Iterator[Idea]:
    """The input that feeds it, twice as high and wide, four times, …"""
    network = inference.network
    way = shrinking(network, inference, node)
    source = next((at for at, _ in way if type(network.nodes[at].layer) is Input), None)
    source = source or next((n.id for n in network.nodes.values() if type(n.layer) is Input), None)
    if source is None:
        return
    layer: Any = network.nodes[source].layer
    if len(layer.shape) != 3:
        return
    channels, height, width = layer.shape
    factor = 2
    while max(height, width) * factor <= _LARGEST_INPUT:
        shape = (channels, height * factor, width * factor)
        yield Idea("", _resizing(source, shape), "larger input")
        factor *= 2


def _resizing(source: str, shape: tuple[int, ...]) -> Any:
    return lambda trial: trial.do(do.set_input_shape(trial.network, source, shape))


def at_vector(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Maps before a layer that takes a vector: flatten them, or average each."""
    network = inference.network
    assert problem.node is not None
    name = network.nodes[problem.node].name
    for link in network.topology.incoming[problem.node][:1]:
        yield inserting(link.id, Flatten(), title=f"Flatten before {name}")
        yield inserting(link.id, GlobalAvgPool2d(flatten=True), title=f"Average each map before {name}")


def at_maps(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """A vector before a layer that takes maps: no flattening before it, or maps of one pixel."""
    network = inference.network
    node = problem.node
    assert node is not None
    for link in network.topology.incoming[node][:1]:
        before = network.nodes[link.source]
        if isinstance(before.layer, Flatten):
            yield deleting(f"Remove {before.name}", nodes=(before.id,))
            yield Idea(f"Move {before.name} behind {network.nodes[node].name}", _swapping(before.id, node))
        shape = inference.results[link.source].outputs[link.source_port]
        if len(shape) == 1:
            side = round(shape[0] ** 0.5)
            if side > 1 and side * side == shape[0]:
                yield inserting(
                    link.id, Reshape((1, side, side)), title=f"Read the vector as one map of {side} × {side}"
                )
            yield inserting(link.id, Reshape((shape[0], 1, 1)), title="Read the vector as maps of one pixel")
        elif len(shape) == 2:
            yield inserting(link.id, Reshape((1, *shape)), title="Read it as one map")


def _swapping(first: str, second: str) -> Any:
    """Take the layer `first` out and put it behind `second`."""

    def act(trial: Trial) -> None:
        layer = trial.network.nodes[first].layer
        trial.do(do.delete(trial.network, trial.fresh, (first,)))
        trial.do(do.append_after(trial.network, trial.fresh, second, layer))

    return act
