"""One pass over the network: every shape, count, memory and receptive field.

The pass survives errors: a node whose layer refuses its inputs is marked, what depends on it is unknown,
everything else is counted, and the totals say whether they are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import NamedTuple

import msgspec

from explorer.network.graph import Network, Step
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


class Result(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What is known of one node. `shaped` is None where nothing can be said; `refusal` says why."""

    layer: Layer
    step: Step | None
    inputs: tuple[Result, ...]
    shaped: Shaped | None
    field: Field | None
    refusal: Refused | None = None

    def __repr__(self) -> str:
        # Not those before it: they come together so often that all of them would never end.
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
    def dropped(self) -> tuple[int, ...]:
        """Input rows and columns that no output sees; worked out when asked for, as few ask."""
        shapes = _shapes(self.step, self.inputs) if self.shaped and self.step else None
        return self.layer.dropped(shapes) if shapes is not None else ()

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
    """All results for one network."""

    network: Network
    results: Mapping[str, Result]

    @cached_property
    def totals(self) -> Totals:
        results, borrowers = self.results, self.network.borrowers
        parameters = macs = activation = 0
        exact = True
        for name, node in self.network.nodes.items():
            shaped = results[name].shaped
            if shaped is None:
                exact = False
                continue
            if name not in borrowers:
                parameters += shaped.weights + shaped.biases
            if not node.training_only:
                macs += shaped.macs
                activation += shaped.elements
        return Totals(parameters, macs, BYTES * activation, exact)

    def owns_weights(self, node: str) -> bool:
        """Whether this node counts its weights; of those that share one set only one does."""
        return not self.network.groups or self.network.sharers(node)[0] == node

    def input_shapes(self, node: str) -> tuple[Shape, ...] | None:
        """The shapes at a node's inputs in the order of its ports, or None while one is unknown."""
        result = self.results[node]
        return None if result.step is None else _shapes(result.step, result.inputs)


def infer(network: Network, previous: Inference | None = None) -> Inference:
    """Infer everything. What `previous` knows of nodes whose layer and inputs are the same is reused."""
    known = previous.results if previous is not None else {}
    results: dict[str, Result] = {}
    others: set[str] = set()  # nodes whose result is another than before; what they feed is not looked up
    nodes = network.nodes
    for step in network.topology.steps:
        name = step.node
        layer = nodes[name].layer
        sources = step.sources
        if len(sources) == 1:
            source = sources[0][0]
            inputs: tuple[Result, ...] = (results[source],)
            same = source not in others
        else:
            inputs = tuple([results[source] for source, _ in sources])
            same = others.isdisjoint([source for source, _ in sources])
        old = known.get(name) if same else None
        if old is not None and old.layer is layer and old.inputs == inputs and old.step == step:
            results[name] = old  # results compare by identity
            continue
        others.add(name)
        if step.plain and inputs:
            # Nearly every node, after each keystroke: what a rule says is mostly remembered, and is
            # remembered only where the number of inputs was right.
            rule = _remembered(layer, inputs)
            if rule is not None:
                results[name] = Result(layer, step, inputs, rule, _field(inputs, rule))
                continue
        results[name] = _evaluate(layer, step, inputs)
    cyclic = network.topology.cyclic
    for name in [name for name in nodes if name in cyclic] if cyclic else ():
        refusal = None
        if name in network.topology.on_cycle:
            refusal = Refused(
                "cycle", "Its output comes back to it as its input: data can only flow forward."
            )
        results[name] = Result(nodes[name].layer, None, (), None, None, refusal)
    return Inference(network, results)


def _evaluate(layer: Layer, step: Step, inputs: tuple[Result, ...]) -> Result:
    try:
        _check_ports(layer, step)
        shapes = _shapes(step, inputs)
        if shapes is None:
            return Result(layer, step, inputs, None, None)
        shaped = _shaped(layer, shapes)
    except Refused as refusal:
        return Result(layer, step, inputs, None, None, refusal)
    return Result(layer, step, inputs, shaped, _field(inputs, shaped))


def _remembered(layer: Layer, inputs: tuple[Result, ...]) -> Shaped | None:
    """What the rules of `layer` said before of inputs like these, each the first output of its source."""
    above = inputs[0].shaped
    if above is None:
        return None
    shapes = above.outputs if len(above.outputs) == 1 else above.outputs[:1]
    for other in inputs[1:]:
        if other.shaped is None:
            return None
        shapes = (*shapes, other.shaped.outputs[0])
    return _RULES.get((layer, shapes))


def _check_ports(layer: Layer, step: Step) -> None:
    """Raise Refused when links are missing or collide; ports of merges may have gaps."""
    fewest, most = layer.arity
    ports = step.ports
    if len(set(ports)) < len(ports):
        raise Refused("port_taken", f"{layer.title} gets two links into one input; an input takes one.")
    if len(ports) < fewest:
        missing = "Nothing feeds it." if not ports else f"It has {len(ports)} of {fewest} inputs."
        raise Refused("missing_input", missing)
    if most is not None and len(ports) > most:
        raise Refused("too_many_inputs", f"{layer.title} takes {most or 'no'} input{'s' * (most > 1)}.")


def _shapes(step: Step, inputs: tuple[Result, ...]) -> tuple[Shape, ...] | None:
    shapes = []
    for (_, port), result in zip(step.sources, inputs, strict=True):
        if result.shaped is None:
            return None
        if port >= len(result.shaped.outputs):
            raise Refused("missing_input", f"Its source has no output {port + 1}.")
        shapes.append(result.shaped.outputs[port])
    return tuple(shapes)


_RULES: dict[tuple[Layer, tuple[Shape, ...]], Shaped] = {}
_MOST_RULES = 50_000


def _shaped(layer: Layer, shapes: tuple[Shape, ...]) -> Shaped:
    """`shape_layer`, remembered: deep networks repeat few layers at few sizes."""
    key = (layer, shapes)
    found = _RULES.get(key)
    if found is None:
        if len(_RULES) >= _MOST_RULES:
            _RULES.clear()
        found = _RULES[key] = shape_layer(layer, shapes)
    return found


def _field(inputs: tuple[Result, ...], shaped: Shaped) -> Field | None:
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
    """The field of an output that sees `window` of positions with this field."""
    if field is None or len(window) != len(field):
        return field
    if len(field) == 2 and field[0] == field[1] and window[0] == window[1]:
        # Most layers are square, and this runs for every node after each keystroke.
        square = _look_through(field[0], window[0])
        return (square, square)
    return tuple(_look_through(axis, look) for axis, look in zip(field, window, strict=True))


def _look_through(axis: AxisField, window: Window) -> AxisField:
    """The field of an output that sees `window` of positions whose fields are `axis` (Araujo et al. 2019)."""
    extent, stride, before = window
    jump, least_jump, more = axis.jump, axis.least_jump, extent - 1
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
