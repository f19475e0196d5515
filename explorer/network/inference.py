"""One pass over the network: every shape, count, memory and receptive field.

The pass survives errors: a node whose layer refuses its inputs is marked, what depends on it is unknown,
everything else is counted, and the totals say whether they are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import NamedTuple

import msgspec

from explorer.network.graph import Network, Step, Topology
from explorer.network.layer import Layer, Parameter, Refused, Shape, Shaped, Window, shape_layer

BYTES = 4  # float32, as the papers and torch count by default


class AxisField(msgspec.Struct, frozen=True, gc=False):
    """The receptive field along one axis, in pixels of the network's input.

    Output position i sees the input from `low + i·jump` on, `size` pixels of it (the largest branch).
    The `least_*` values are those of the branch with the smallest: with residual connections the two differ.
    """

    low: float
    size: float
    jump: float
    least_size: float
    least_jump: float
    least_centre: float
    most_centre: float

    @property
    def centre(self) -> float:
        """The offset: the input coordinate under the middle of the first output's field."""
        return self.low + (self.size - 1) / 2


Field = tuple[AxisField, ...]
_POINT = AxisField(0, 1, 1, 1, 1, 0, 0)

#: What the rules of a layer say of inputs of these shapes: deep networks repeat few layers at few sizes.
Rules = dict[tuple[Layer, tuple[Shape, ...]], Shaped]


class Result(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What is known of one node. `shaped` is None where nothing can be said; `refusal` says why.

    The next inference gives the same object while neither the node's layer nor anything before it changes.
    """

    layer: Layer
    shaped: Shaped | None
    field: Field | None
    refusal: Refused | None = None

    def __repr__(self) -> str:
        return f"Result({type(self.layer).__name__} → {self.outputs})"

    @property
    def known(self) -> bool:
        return self.shaped is not None

    @property
    def outputs(self) -> tuple[Shape, ...]:
        return self.shaped.outputs if self.shaped else ()

    @property
    def output(self) -> Shape | None:
        """The shape at the first output port, the only one that most layers have."""
        return self.shaped.outputs[0] if self.shaped else None

    @property
    def weights(self) -> int:
        return self.shaped.weights if self.shaped else 0

    @property
    def biases(self) -> int:
        return self.shaped.biases if self.shaped else 0

    @property
    def parameters(self) -> int:
        return self.shaped.weights + self.shaped.biases if self.shaped else 0

    @property
    def tensors(self) -> tuple[Parameter, ...]:
        return self.shaped.parameters if self.shaped else ()

    @property
    def macs(self) -> int:
        return self.shaped.macs if self.shaped else 0

    @property
    def activation_bytes(self) -> int:
        """Memory of the outputs for one image, in float32."""
        return BYTES * self.shaped.elements if self.shaped else 0


class Totals(NamedTuple):
    """Sums over the network; `exact` is False when a part is unknown, so that each is only "at least".

    `macs` leaves training-only nodes out, `parameters` counts shared weights once.
    `activation_bytes` is every output of one image kept, in float32.
    """

    parameters: int
    macs: int
    activation_bytes: int
    exact: bool

    @property
    def parameter_bytes(self) -> int:
        return BYTES * self.parameters


@dataclass(frozen=True)
class Inference:
    """All results for one network, in the order of its steps; what lies on or behind a cycle follows."""

    network: Network
    found: Sequence[Result]

    @cached_property
    def results(self) -> Mapping[str, Result]:
        """The results by node."""
        return dict(zip(self.network.topology.rank, self.found, strict=True))

    @cached_property
    def totals(self) -> Totals:
        network = self.network
        known = [result.shaped for result in self.found if result.shaped is not None]
        parameters = sum([shaped.weights + shaped.biases for shaped in known])
        macs = sum([shaped.macs for shaped in known])
        elements = sum([shaped.elements for shaped in known])
        for node in network.borrowers:
            parameters -= self.results[node].parameters
        for node in network.left_out:
            shaped = self.results[node].shaped
            if shaped is not None:
                macs -= shaped.macs
                elements -= shaped.elements
        return Totals(parameters, macs, BYTES * elements, len(known) == len(self.found))

    def owns_weights(self, node: str) -> bool:
        """Whether this node counts its weights; of those that share one set only one does."""
        return not self.network.groups or self.network.sharers(node)[0] == node

    def input_shapes(self, node: str) -> tuple[Shape, ...] | None:
        """The shapes at a node's inputs in the order of its ports, or None while one is unknown."""
        shapes = []
        for link in self.network.topology.incoming[node]:
            outputs = self.results[link.source].outputs
            if link.source_port >= len(outputs):
                return None
            shapes.append(outputs[link.source_port])
        return tuple(shapes)


def infer(network: Network, previous: Inference | None = None) -> Inference:
    """Infer everything. What `previous` knows of nodes whose layer and inputs are the same is reused."""
    topology, rank = network.topology, network.topology.rank
    found: list[Result] = []
    others: list[bool] = []  # whether that result is another than before
    rules: Rules = {}
    # One turn for each node after each keystroke. In a network of hundreds the memory that is read costs
    # most: this goes along three rows and looks nothing up by name.
    for layer, above, old in zip(network.layers, topology.above, _before(topology, previous), strict=True):
        if above >= 0:
            other = others[above]
        else:
            sources = topology.steps[len(found)].sources
            other = any(others[rank[source]] for source, _ in sources)
        if not other and old is not None and old.layer is layer:
            others.append(False)
            found.append(old)
            continue
        others.append(True)
        if above >= 0:
            # Its rule is mostly known from its like further up, and known only if its layer takes one input.
            source = found[above]
            shaped = source.shaped and rules.get((layer, source.shaped.outputs[:1]))
            if shaped:
                look = shaped.window
                field = source.field if look is None else _seen(source.field, look)
                found.append(Result(layer, shaped, field))
                continue
        step = topology.steps[len(found)]
        found.append(_evaluate(layer, step, [found[rank[source]] for source, _ in step.sources], rules))
    for name in rank if topology.cyclic else ():
        if name in topology.cyclic:
            refusal = None
            if name in topology.on_cycle:
                refusal = Refused(
                    "cycle", "Its output comes back to it as its input: data can only flow forward."
                )
            found.append(Result(network.nodes[name].layer, None, None, refusal))
    return Inference(network, found)


def _before(topology: Topology, previous: Inference | None) -> Sequence[Result | None]:
    """For each step what is known of its node, if that is fed as it was; else None."""
    if previous is None:
        return [None] * len(topology.steps)
    before = previous.network.topology
    if before is topology:
        return previous.found[: len(topology.steps)]
    known = dict(zip(before.steps, previous.found, strict=False))
    return [known.get(step) for step in topology.steps]


def _evaluate(layer: Layer, step: Step, inputs: Sequence[Result], rules: Rules) -> Result:
    try:
        _check_ports(layer, step)
        fed: list[Shape] = []
        for place, (_, port) in enumerate(step.sources):
            outputs = inputs[place].outputs
            if port < len(outputs):
                fed.append(outputs[port])
            elif outputs:
                raise Refused("missing_input", f"Its source has no output {port + 1}.")
            else:
                return Result(layer, None, None)
        shapes = tuple(fed)
        shaped = rules.get((layer, shapes))
        if shaped is None:
            shaped = rules[layer, shapes] = shape_layer(layer, shapes)
    except Refused as refusal:
        return Result(layer, None, None, refusal)
    return Result(layer, shaped, _field(inputs, shaped))


def _check_ports(layer: Layer, step: Step) -> None:
    """Raise Refused when links are missing or collide; ports of merges may have gaps."""
    fewest, most = layer.arity
    count = len(step.sources)
    if step.clash:
        raise Refused("port_taken", f"{layer.title} gets two links into one input; an input takes one.")
    if count < fewest:
        missing = f"It has {count} of {fewest} inputs." if count else "Nothing feeds it."
        raise Refused("missing_input", missing)
    if most is not None and count > most:
        raise Refused("too_many_inputs", f"{layer.title} takes {most or 'no'} input{'s' * (most > 1)}.")


def _field(inputs: Sequence[Result], shaped: Shaped) -> Field | None:
    """The field of an output that comes from these inputs."""
    if not inputs:
        return (_POINT,) * (len(shaped.outputs[0]) - 1)
    field = inputs[0].field
    if len(inputs) > 1:
        out = shaped.outputs[0]
        field = _stretched(inputs[0], out)
        for other in inputs[1:]:
            field = _join(field, _stretched(other, out))
    return field if shaped.window is None else _seen(field, shaped.window)


def _stretched(branch: Result, out: Shape) -> Field | None:
    """The field of a branch, without steps along axes of 1 that a merge stretches to the size of `out`."""
    field = branch.field
    shape = branch.shaped.outputs[0] if branch.shaped else out
    if shape == out or field is None or len(shape) != len(out) or len(field) != len(out) - 1:
        return field
    return tuple(
        msgspec.structs.replace(axis, jump=0.0, least_jump=inf) if size == 1 < wanted else axis
        for axis, size, wanted in zip(field, shape[1:], out[1:], strict=True)
    )


def _seen(field: Field | None, window: tuple[Window, ...]) -> Field | None:
    """The field of an output that sees `window` of positions with this field; None beyond all numbers.

    An import may hold a loop of hundreds of strides, each undone by a reshape: no field is that large.
    """
    if field is None or len(window) != len(field):
        return field
    try:
        return _looked(field, window)
    except OverflowError:
        return None


def _looked(field: Field, window: tuple[Window, ...]) -> Field:
    if len(field) == 2 and field[0] is field[1] and window[0] is window[1]:
        # Most layers are square, and this runs for every node after each keystroke.
        square = _look_through(field[0], window[0])
        return (square, square)
    return tuple(_look_through(axis, look) for axis, look in zip(field, window, strict=True))


def _look_through(axis: AxisField, window: Window) -> AxisField:
    """The field of an output that sees `window` of positions whose fields are `axis` (Araujo et al. 2019)."""
    stride, before = window.stride, window.before
    jump, least_jump, more = axis.jump, axis.least_jump, window.extent - 1
    shift = (more / 2 - before) * jump
    return AxisField(
        axis.low - before * jump,
        axis.size + more * jump,
        jump * stride,
        axis.least_size + more * least_jump,
        least_jump * stride,
        axis.least_centre + shift,
        axis.most_centre + shift,
    )


def _join(a: Field | None, b: Field | None) -> Field | None:
    """The field behind a merge: all that either branch sees."""
    if a is None or b is None or len(a) != len(b):
        return a or b
    if len(a) == 2 and a[0] is a[1] and b[0] is b[1]:
        square = _join_axis(a[0], b[0])
        return (square, square)
    return tuple(_join_axis(one, two) for one, two in zip(a, b, strict=True))


def _join_axis(a: AxisField, b: AxisField) -> AxisField:
    # Comparisons written out: min and max take several times as long, and this is most of a merge's time.
    low = a.low if a.low < b.low else b.low
    end, end_b = a.low + a.size, b.low + b.size
    return AxisField(
        low,
        (end if end > end_b else end_b) - low,
        a.jump if a.jump > b.jump else b.jump,
        a.least_size if a.least_size < b.least_size else b.least_size,
        a.least_jump if a.least_jump < b.least_jump else b.least_jump,
        a.least_centre if a.least_centre < b.least_centre else b.least_centre,
        a.most_centre if a.most_centre > b.most_centre else b.most_centre,
    )
