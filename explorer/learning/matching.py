"""Whether a network and a data set go together, and the edits that would make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from explorer.learning.data_set import DataSet
from explorer.network.edits import Edit, apply
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layer import Shape, spell
from explorer.network.layers import RBF, Constant, Conv2d, Input, Linear, Output, ParameterTensor
from explorer.network.operations import set_fields, set_input_shape, set_training_only
from explorer.network.problems import Mend, Severity

FEWEST_OF_CLASS = 0.1
"""A class with less than this share of the average is worth a word."""


@dataclass(frozen=True)
class Mismatch:
    """What does not fit. An ERROR keeps a training from starting; a NOTE says what will be done about it."""

    code: str
    severity: Severity
    message: str
    mends: tuple[Mend, ...] = ()


def input_shape(network: Network) -> Shape:
    """The shape of the one picture (C, H, W) or vector (F,) that the network takes. Raises UserError."""
    inputs = [node.layer for node in network.nodes.values() if isinstance(node.layer, Input)]
    if len(inputs) != 1:
        raise UserError(f"{network.name} has {len(inputs)} inputs; a network that is trained here has one")
    if len(inputs[0].shape) not in (1, 3):
        raise UserError(f"{network.name} takes {spell(inputs[0].shape)}, not a picture (C, H, W) or a vector")
    return inputs[0].shape


def heads(network: Network) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the results, those that only training uses), as `NetworkModule.forward` returns them."""
    outgoing = network.topology.outgoing
    found = []
    for training_only in (False, True):
        nodes = [node for node in network.nodes.values() if node.training_only is training_only]
        marked = tuple(node.id for node in nodes if isinstance(node.layer, Output))
        ends = [node for node in nodes if not outgoing[node.id]]
        found.append(
            marked
            or tuple(one.id for one in ends if not isinstance(one.layer, Constant | Input | ParameterTensor))
        )
    return found[0], found[1]


def problems(network: Network, data: DataSet) -> tuple[Mismatch, ...]:
    """All that is in the way, and what is worth knowing before a start; the worst first."""
    found = sorted(_all(network, data), key=lambda one: one.severity is not Severity.ERROR)
    return tuple(found)


def fitted(network: Network, data: DataSet) -> tuple[Network, tuple[str, ...]]:
    """The network with one result, of the data's classes, and what was done by title. Raises UserError."""
    done: list[str] = []
    for code in ("results", "head"):  # what has several results is asked for its head only then
        for problem in problems(network, data):
            if problem.code == code and problem.mends:
                network = apply(network, problem.mends[0].edits)
                done.append(problem.mends[0].title)
    for problem in problems(network, data):
        if problem.severity is Severity.ERROR:
            raise UserError(problem.message)
    return network, tuple(done)


def _all(network: Network, data: DataSet) -> Iterator[Mismatch]:
    try:
        wanted = input_shape(network)
    except UserError as error:
        yield Mismatch("input", Severity.ERROR, str(error))
        return
    yield from _pictures(network, wanted, data)
    yield from _heads(network, data)
    counts = data.train.counts(len(data.classes))
    for name, count in zip(data.classes, counts.tolist(), strict=True):
        if count < FEWEST_OF_CLASS * counts.mean():
            pictures = "1 picture" if count == 1 else f"{count:,} pictures"
            message = f"Class '{name}' has {pictures} to learn from; "
            message += f"the average is {counts.mean():,.0f}."
            yield Mismatch("balance", Severity.NOTE, message)


def _pictures(network: Network, wanted: Shape, data: DataSet) -> Iterator[Mismatch]:
    node = next(node.id for node in network.nodes.values() if isinstance(node.layer, Input))
    have = data.input
    if len(wanted) == 1:
        if wanted[0] != prod(have):
            change = set_input_shape(network, node, (prod(have),))
            yield Mismatch(
                "size",
                Severity.ERROR,
                f"{network.name} takes {wanted[0]:,} values, a picture of {data.title} has {prod(have):,}.",
                (Mend(change.title, change.edits),),
            )
        return
    own = set_input_shape(network, node, have)
    mends = (Mend(own.title, own.edits),) if _runs(network, own.edits) else ()
    if wanted[0] not in (1, 3):
        message = f"{network.name} takes {wanted[0]} channels; a picture has 1 (grey) or 3 (RGB)."
        yield Mismatch("channels", Severity.ERROR, message, mends)
    elif wanted[0] != have[0]:
        how = "turned to grey" if wanted[0] == 1 else "repeated in three channels"
        yield Mismatch("channels", Severity.NOTE, f"The pictures of {data.title} are {how}.", mends)
        mends = ()  # one is enough: it would put size and channels right
    if wanted[1:] != have[1:]:
        message = f"The pictures of {data.title}, {spell(have)}, are resized to {spell(wanted)}."
        yield Mismatch("size", Severity.NOTE, message, mends)


def _heads(network: Network, data: DataSet) -> Iterator[Mismatch]:
    inference = infer(network)
    main, extra = heads(network)
    if len(main) != 1:
        message = f"{network.name} has {len(main)} results; a network that is trained here has one."
        mend = _one_result(network, main)
        yield Mismatch("results", Severity.ERROR, message, () if mend is None else (mend,))
        return
    classes = len(data.classes)
    for node in (*main, *extra):
        shape = inference.results[node].output
        if shape is None:
            yield Mismatch("unknown", Severity.ERROR, f"{network.path(node)}: its size is not known yet.")
        elif prod(shape) != classes:
            mend = _new_head(network, node, classes)
            message = f"{network.path(node)} gives {spell(shape)}; {data.title} has {classes} classes."
            yield Mismatch("head", Severity.ERROR, message, () if mend is None else (mend,))


def _one_result(network: Network, results: tuple[str, ...]) -> Mend | None:
    """The deepest stays; what leads to others alone becomes auxiliary heads, for training only."""
    if len(results) < 2:
        return None
    deepest = max((_leading_to(network, result) for result in results), key=len)
    heads_only = [
        node
        for node in network.nodes
        if node not in deepest and any(node in _leading_to(network, result) for result in results)
    ]
    change = set_training_only(network, heads_only, True)
    if not _runs(network, change.edits):
        return None
    count = len(results) - 1
    which = "the other result as an auxiliary head" if count == 1 else "the other results as auxiliary heads"
    return Mend(f"Use {which}, in training only", change.edits)


def _leading_to(network: Network, result: str) -> set[str]:
    found, ahead = {result}, [result]
    while ahead:
        for link in network.topology.incoming[ahead.pop()]:
            if link.source not in found:
                found.add(link.source)
                ahead.append(link.source)
    return found


def _new_head(network: Network, result: str, classes: int) -> Mend | None:
    """The last layer with outputs to choose gets one a class; None where that doesn't help."""
    node = result
    for _ in network.nodes:
        layer = network.nodes[node].layer
        if isinstance(layer, Linear | Conv2d | RBF):
            field = "out_channels" if isinstance(layer, Conv2d) else "out_features"
            edits = set_fields(network, node, {field: classes}).edits
            shape = infer(apply(network, edits)).results[result].output
            if shape is None or prod(shape) != classes:
                return None
            return Mend(f"Give {network.path(node)} {classes} outputs, one a class", edits)
        into = network.topology.incoming[node]
        if len(into) != 1:
            return None
        node = into[0].source
    return None


def _runs(network: Network, edits: tuple[Edit, ...]) -> bool:
    inference = infer(apply(network, edits))
    return all(result.known for result in inference.results.values())
