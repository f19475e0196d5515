"""What the calls of a trace become: layers in their order, before they have names and places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import Any, Literal, NamedTuple

import msgspec

from explorer.interop.torch_trace.recording import Call, Ref, Shape, Visit
from explorer.interop.torch_trace.windows import Pair, window_of
from explorer.interop.torch_trace.working import workable
from explorer.network.layer import Layer, Refused, shape_layer
from explorer.network.layers import Opaque, ParameterTensor


class Unfit(Exception):
    """No layer describes this call; the reason is for the report."""


class Value(NamedTuple):
    """What a planned layer gives: `shape` is that of one example.

    `batch` is the axis of torch's tensor that is the batch and nothing else, mostly 0. With None axis 0 holds
    the batch and more (windows of every picture, one behind the other) or there is no batch at all: then
    every axis belongs to the shape.
    """

    layer: int
    shape: Shape
    batch: int | None = 0
    port: int = 0


@dataclass(eq=False)
class Planned:
    """A layer to be: `tensors` says which of the module's tensors it holds, by the names that its own torch
    module has for them; `owed` are parameters that an opaque part uses.
    """

    layer: Layer
    inputs: tuple[Value, ...]
    outputs: tuple[Shape, ...]
    visit: Visit
    stem: str
    tensors: Mapping[str, str] = field(default_factory=dict)
    owed: tuple[str, ...] = ()
    #: Tensors of its own that are worked out from the module's, and the parameters that only that needs.
    worked: Mapping[str, Ref] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    training_only: bool = False
    why: str = ""


class Derived(NamedTuple):
    """A tensor that no picture has touched: worked out from parameters and constants alone.

    `counts` are how many values each parameter has, `view_of` is the one tensor that it shows in another
    shape, `fill` the number that it holds everywhere.
    """

    parameters: tuple[str, ...]
    counts: tuple[int, ...] = ()
    macs: int = 0
    view_of: Ref | None = None
    fill: float | None = None


class Around(NamedTuple):
    """What a rule may ask of the whole run: `maps` are the feature maps so far, each with the twin run's,
    `seen` all that has come out so far, `uses` the first call that takes a tensor, by its number.
    """

    maps: list[tuple[Ref, Ref]]
    seen: list[tuple[Ref, Ref]]
    uses: Mapping[int, Call]


class Op:
    """One call in the hands of the rule that describes it.

    What the rule adds counts only if, taken together, it has the output shape, the parameters and the MACs
    that torch said.
    """

    def __init__(
        self,
        call: Call,
        twin: Call | None,
        values: Mapping[int, Value],
        first: int,
        batch: int,
        ratio: int,
        branch: Callable[[Op, Ref, int, int | None], Value],
        around: Around,
        derivation: Callable[[Ref], Derived],
        owners: Mapping[str, Planned],
    ) -> None:
        self.call = call
        self.twin = twin
        self.added: list[Planned] = []
        self.macs = 0
        #: How many examples the run had.
        self.batch = batch
        #: How many times as many the twin run had.
        self.ratio = ratio
        #: Parameters and constants that became branches of their own, to be used again.
        self.branches: dict[Any, Value] = {}
        self._values = values
        self._first = first
        self._branch = branch
        self._around = around
        self._derivation = derivation
        #: The layers that hold the parameters so far.
        self.owners = owners

    @property
    def out(self) -> Ref:
        return self.call.outputs[0]

    def branch(self, ref: Any, like: Ref) -> Value:
        """The value behind a reference; what no picture has touched becomes a branch beside `like`."""
        if not isinstance(ref, Ref):
            raise Unfit("it is not a tensor")
        if ref.index in self._values:
            return self._values[ref.index]
        return self._branch(self, ref, len(like.shape), self.value(like).batch)

    def beside(self, ref: Any) -> Value:
        """The value of a tensor whose first axis is the batch, also where no picture has touched it."""
        if not isinstance(ref, Ref):
            raise Unfit("it is not a tensor")
        return (
            self._values[ref.index]
            if ref.index in self._values
            else self._branch(self, ref, len(ref.shape), 0)
        )

    def value(self, ref: Any) -> Value:
        """The value behind a reference. Raises Unfit for anything else."""
        if isinstance(ref, Value):
            return ref
        found = self._values.get(ref.index) if isinstance(ref, Ref) else None
        if found is None:
            raise Unfit("it does not work on the picture alone")
        return found

    def knows(self, ref: Any) -> bool:
        return isinstance(ref, Ref) and ref.index in self._values

    def axis(self, ref: Ref, dim: int) -> int:
        """The document's number of a tensor's axis: 0 is the batch, 1 the first of an example."""
        batch = self.value(ref).batch
        if not -len(ref.shape) <= dim < len(ref.shape):
            raise Unfit("it names an axis that is not there")
        dim = dim % len(ref.shape)
        if dim == batch:
            raise Unfit("it works along the batch")
        return dim if batch is not None and dim > batch else dim + 1

    def add(
        self,
        layer: Layer,
        *inputs: Any,
        stem: str = "",
        batch: int | Literal["same"] | None = "same",
        **tensors: Ref | None,
    ) -> Value:
        """Put a layer behind `inputs`; tensors are the module's parameters and buffers that it holds."""
        values = tuple(self.value(ref) for ref in inputs)
        check_bounds(layer)
        try:
            shaped = shape_layer(layer, tuple(value.shape for value in values))
        except Refused as refusal:
            raise Unfit(refusal.message) from None
        wanted = {parameter.name: parameter.shape for parameter in shaped.parameters}
        planned = Planned(layer, values, shaped.outputs, self.call.visit, stem)
        self._hold(planned, wanted, {name: ref for name, ref in tensors.items() if ref is not None})
        self.added.append(planned)
        self.macs += shaped.macs
        if batch == "same":
            batch = values[0].batch if values else 0
        return Value(self._first + len(self.added) - 1, shaped.outputs[0], batch)

    def _hold(self, planned: Planned, wanted: Mapping[str, Shape], tensors: Mapping[str, Ref]) -> None:
        """Give a layer its tensors: the module's own, or what is worked out from them."""
        held: dict[str, str] = {}
        given: dict[str, Shape] = {}
        worked: dict[str, Ref] = {}
        sources: list[str] = []
        for name, ref in tensors.items():
            if ref.name and (ref.kind != "parameter" or name in wanted or ref.name not in self.owners):
                held[name] = ref.name
                if ref.kind == "parameter":
                    given[name] = ref.shape or (1,)
                continue
            derived = self.derived(ref)
            worked[name] = ref
            sources += derived.parameters
            if name in wanted:
                given[name] = ref.shape
                held[name] = self._stands_for(derived, prod(ref.shape), held.values())
        if wanted != given:
            raise Unfit("its parameters are not those of the layer")
        planned.tensors, planned.worked = held, worked
        planned.sources = tuple(name for name in dict.fromkeys(sources) if name not in held.values())

    def derived(self, ref: Ref) -> Derived:
        """What a tensor is worked out from. Raises Unfit where its numbers can't be worked out again."""
        found = self._derivation(ref)
        if found.macs:
            raise Unfit("its weights are worked out by products of others")
        if ref.index in self._values or not workable(ref):
            raise Unfit("its weights are worked out in the run")
        return found

    @staticmethod
    def _stands_for(derived: Derived, numel: int, taken: Collection[str]) -> str:
        """The parameter with as many values as what is worked out from it: it is trained in its place."""
        for name, count in zip(derived.parameters, derived.counts, strict=True):
            if count == numel and name not in taken:
                return name
        raise Unfit("no single parameter stands behind its weights")

    def owned_otherwise(self, layer: Layer, **tensors: Ref | None) -> bool:
        """Whether one of these parameters is another layer's, or this one's together with others."""
        names = {name: ref.name for name, ref in tensors.items() if ref is not None}
        owners = [self.owners[name] for name in names.values() if name in self.owners]
        return any(owner.layer != layer or owner.tensors != names for owner in owners)

    def made(self, ref: Ref, func: Callable[..., Any], shape: Shape) -> Ref:
        """What `func` makes of a tensor that no picture has touched, such as its transpose."""
        call = Call(-1, getattr(func, "__name__", ""), (ref,), {}, (), 0, self.call.visit, func=func)
        out = Ref(-2 - ref.index, shape, "computed", made_by=call)
        call.outputs = (out,)
        return out

    def weights(self, ref: Ref, view: Shape) -> Value:
        """A tensor that no picture has touched as a branch of its own, read as `view`, without a batch."""
        trainable = ref.kind == "parameter" and ref.name not in self.owners
        return self.add(ParameterTensor(ref.shape, view, trainable), batch=None, stem="weight", weight=ref)

    def add_whole(self, layer: Layer, *inputs: Any) -> Value:
        """Put a layer in the place of a module that is described whole, with all of the module's tensors."""
        module = self.call.whole
        assert module is not None
        values = tuple(self.value(ref) for ref in inputs)
        try:
            shaped = shape_layer(layer, tuple(value.shape for value in values))
        except Refused as refusal:
            raise Unfit(refusal.message) from None
        given = {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}
        if given != {parameter.name: parameter.shape for parameter in shaped.parameters}:
            raise Unfit("its parameters are not those of the layer")
        prefix = f"{self.call.visit.module}." if self.call.visit.module else ""
        held = {name: prefix + name for name in module.state_dict(keep_vars=True)}
        self.added.append(Planned(layer, values, shaped.outputs, self.call.visit, "", held))
        self.macs += shaped.macs
        return Value(self._first + len(self.added) - 1, shaped.outputs[0], values[0].batch)

    def of_size(self, ref: Ref) -> Value | None:
        """The latest feature maps that are as high and wide as `ref` in both runs."""
        if self.twin is None:
            return None
        size, other = ref.shape[-2:], self.twin.outputs[0].shape[-2:]
        for maps, twin in reversed(self._around.maps):
            if maps.shape[-2:] == size and twin.shape[-2:] == other:
                return self._values[maps.index]
        return None

    def with_axes(
        self, sizes: Sequence[tuple[int, int]], most_missing: int
    ) -> tuple[Value, list[int]] | None:
        """The latest value with axes of these sizes in both runs, and which they are, 0 for one it lacks."""
        for ref, twin in reversed(self._around.seen):
            value = self._values[ref.index]
            axes = list(zip(value.shape, example(twin, value.batch, self.ratio), strict=False))
            places = []
            for wanted in sizes:
                places.append(axes.index(wanted) + 1 if wanted in axes else 0)
                if places[-1]:
                    axes[places[-1] - 1] = (0, 0)
            if places.count(0) <= most_missing:
                return value, places
        return None

    def next_window(self) -> tuple[Pair, Pair, Pair] | None:
        """kernel_size, stride and dilation of the window that goes over this call's output."""
        call = self._around.uses.get(self.out.index)
        return None if call is None else window_of(call)

    def put(self, layer: Opaque, batch: int | None, owed: tuple[str, ...]) -> Value:
        """An opaque source: what it was worked out from is no picture."""
        outputs = layer.output()
        self.added.append(
            Planned(layer, (), outputs, self.call.visit, "constant", owed=owed, why="a constant")
        )
        self.macs += layer.mac_count
        return Value(self._first + len(self.added) - 1, outputs[0], batch)


@cache
def check_bounds(layer: Layer) -> None:
    """Raise Unfit for settings that no file could hold."""
    try:
        msgspec.convert(msgspec.to_builtins(layer), type(layer))
    except msgspec.ValidationError as error:
        raise Unfit(f"its settings are out of bounds ({error})") from None


#: Describes a call: adds layers and gives the value of each output.
Rule = Callable[..., "Value | tuple[Value | None, ...]"]


def example(ref: Ref, batch: int | None, ratio: int = 1) -> Shape:
    """The shape of one example; of a single number it is (1,). No more than eight axes are told apart.

    Without an axis for the batch alone, a run with `ratio` times as many examples has them in its first axis.
    """
    shape = ref.shape if batch is None else ref.shape[:batch] + ref.shape[batch + 1 :]
    if batch is None and shape and shape[0] % ratio == 0:
        shape = (shape[0] // ratio, *shape[1:])
    if len(shape) > 8:
        shape = (prod(shape[: len(shape) - 7]), *shape[len(shape) - 7 :])
    return tuple(max(1, size) for size in shape) or (1,)


def opaque(call: Call, values: tuple[Value, ...], batches: tuple[int | None, ...], macs: int) -> Opaque:
    """The layer that stands for a call of which no more than shapes and counts is known."""
    return Opaque(
        kind_of(call),
        tuple(value.shape for value in values),
        tuple(example(ref, batch) for ref, batch in zip(call.outputs, batches, strict=True)) or ((1,),),
        0,
        macs,
    )


def kind_of(call: Call) -> str:
    """What a call is called in the report: the module's class, or the function's name."""
    return call.name.removeprefix("module ").removeprefix("get ")[:200]


def number(value: Any) -> float | None:
    """A number, or a tensor that is known to hold one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return value.value if isinstance(value, Ref) else None
