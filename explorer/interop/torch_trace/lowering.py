"""Calls become layers: each one that a layer describes, exactly or not at all; the rest is opaque.

A second trace, of another batch and picture size, tells what follows from the input's size and what is fixed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from explorer.interop.torch_trace.following import following
from explorer.interop.torch_trace.functions import FILLS, PASSING
from explorer.interop.torch_trace.pairing import pair_up
from explorer.interop.torch_trace.plan import (
    Around,
    Derived,
    Op,
    Planned,
    Unfit,
    Value,
    example,
    kind_of,
    number,
    opaque,
)
from explorer.interop.torch_trace.recording import Call, Ref, Trace
from explorer.interop.torch_trace.rules import RULES
from explorer.interop.torch_trace.working import spelled, workable
from explorer.network.layer import Layer
from explorer.network.layers import Constant, Input, Opaque, ParameterTensor


@dataclass
class Plan:
    """The layers in the order in which they ran, what comes out, and what the run never reached."""

    layers: list[Planned] = field(default_factory=list)
    inputs: list[Value] = field(default_factory=list)
    results: list[tuple[str, Value]] = field(default_factory=list)
    #: For each call of the trace the layer that gives its first output, for those that a twin run repeats.
    at_call: dict[int, Value] = field(default_factory=dict)


def lower(trace: Trace, twin: Trace | None = None) -> Plan:
    """The plan of a trace of one example; `twin` is a second trace, of another size or batch."""
    return _Lowering(trace, twin).run(twin)


_VIEWS = frozenset(
    ("view", "reshape", "expand", "unsqueeze", "squeeze", "expand_as", "view_as", "flatten", "unflatten")
)


#: Functions of two tensors that stretch axes of 1 to the other's size.
_STRETCHING = frozenset(
    (
        *("add", "sub", "mul", "div", "truediv", "iadd", "imul", "radd", "rmul", "multiply"),
        *("max", "maximum", "min", "minimum"),
    )
)


class _Lowering:
    def __init__(self, trace: Trace, twin: Trace | None) -> None:
        self.trace = trace
        self.twins = pair_up(trace, twin) if twin is not None else {}
        self.ratio = 1 if twin is None else twin.batch // trace.batch
        self.plan = Plan()
        self.around = Around([], [], _first_uses(trace))
        self.returned = {ref for _, ref in trace.results}
        self.users: dict[int, list[Call]] = defaultdict(list)
        for call in trace.calls:
            for ref in call.inputs:
                self.users[ref.index].append(call)
        self.values: dict[int, Value] = {}
        self.derived: dict[int, Derived] = {}
        self.owners: dict[str, Planned] = {}
        #: For what only hands a tensor on that no picture has touched: that tensor.
        self.same: dict[int, Ref] = {}
        #: Parameters and constants that are nodes already: used twice, they are one.
        self.branches: dict[Any, Value] = {}

    def run(self, twin: Trace | None) -> Plan:
        for ref in self.trace.inputs:
            value = self._add(Input(example(ref, 0)), (), None, "input")
            self.values[ref.index] = value
            self.plan.inputs.append(value)
        if twin is not None:
            for ref, other in zip(self.trace.inputs, twin.inputs, strict=True):
                self._remember(ref, other)
        for call in self.trace.calls:
            self._call(call)
        for path, ref in self.trace.results:
            found = self.values.get(ref.index)
            if found is None:
                found = self._source(ref)
            self.plan.results.append((path, found))
        return self.plan

    def _call(self, call: Call) -> None:
        inputs = [] if call.name in FILLS else call.inputs
        for ref in inputs:
            self._recover(ref)
        fed = [ref for ref in inputs if ref.index in self.values]
        if (call.name in PASSING or self._only_stretched(call)) and inputs and len(call.outputs) == 1:
            self._pass_on(inputs[0], call.outputs[0])
        elif not fed:
            self._derive(call, inputs)
        else:
            try:
                self._describe(call)
            except Unfit as reason:
                self._opaque(call, fed, str(reason))
        if call.outputs and call.outputs[0].index in self.values:
            self.plan.at_call[call.index] = self.values[call.outputs[0].index]
            twin = self.twins.get(call.index)
            if twin is not None and twin.outputs:
                self._remember(call.outputs[0], twin.outputs[0])

    def _only_stretched(self, call: Call) -> bool:
        """An expansion that only sums and products use: they stretch axes of 1 themselves."""
        if call.name not in ("expand", "expand_as") or len(call.outputs[0].shape) != len(
            call.inputs[0].shape
        ):
            return False
        users = self.users.get(call.outputs[0].index, ())
        return bool(users) and all(user.name in _STRETCHING for user in users)

    def _recover(self, ref: Ref) -> None:
        """A result that its layer does not give, such as the weights of an attention, gets an opaque part."""
        maker = ref.made_by
        if maker is None or ref.index in self.values or ref.index in self.derived:
            return
        sources = tuple(self.values[one.index] for one in maker.inputs if one.index in self.values)
        batch = self._batch(ref, None, sources)
        shapes = tuple(value.shape for value in sources)
        layer = Opaque(f"{kind_of(maker)}, result {ref.port}", shapes, (example(ref, batch),), 0, 0)
        self.values[ref.index] = self._add(layer, sources, maker, "", why="a second result")._replace(
            batch=batch
        )

    def _remember(self, ref: Ref, twin: Ref) -> None:
        """What a later part may want the size of: a decoder, what puts tokens back into maps."""
        value = self.values[ref.index]
        self.around.seen.append((ref, twin))
        if len(value.shape) == 3 and value.batch == 0 and len(twin.shape) == 4:
            self.around.maps.append((ref, twin))

    def _pass_on(self, source: Ref, out: Ref) -> None:
        if source.index in self.values:
            self.values[out.index] = self.values[source.index]
        else:
            self.derived[out.index] = self._derivation(source)
            self.same[out.index] = self.same.get(source.index, source)

    def _derivation(self, ref: Ref) -> Derived:
        known = self.derived.get(ref.index)
        if known is not None:
            return known
        if ref.made_by is not None and len(ref.made_by.inputs) == 1:  # a rule has thought of it
            return self._derivation(ref.made_by.inputs[0])._replace(view_of=None, fill=None)
        names = (ref.name,) if ref.kind == "parameter" else ()
        view = ref if ref.name else None
        return Derived(names, (prod(ref.shape),) * len(names), view_of=view, fill=ref.value)

    def _derive(self, call: Call, inputs: list[Ref]) -> None:
        """A call without any picture in it."""
        parts = [self._derivation(ref) for ref in inputs]
        counts = {
            name: count for part in parts for name, count in zip(part.parameters, part.counts, strict=True)
        }
        view = parts[0].view_of if parts and call.name in _VIEWS else None
        fill = FILLS.get(call.name) if not parts else parts[0].fill if call.name in _VIEWS else None
        if call.name == "full" and len(call.args) > 1:
            fill = number(call.args[1])
        if call.name in ("tensor", "scalar_tensor") and call.args:
            fill = number(call.args[0])  # None of a list
        for port, out in enumerate(call.outputs):
            same = view is not None and prod(view.shape) == prod(out.shape)
            out.value = fill
            macs = (call.macs + sum(part.macs for part in parts)) if port == 0 else 0
            self.derived[out.index] = Derived(
                tuple(counts), tuple(counts.values()), macs, view if same else None, fill
            )

    def _describe(self, call: Call) -> None:
        rule = RULES.get(call.name)
        if rule is None:
            raise Unfit("no layer is like it")
        op = Op(
            call,
            self.twins.get(call.index),
            self.values,
            len(self.plan.layers),
            self.trace.batch,
            self.ratio,
            self._branch,
            self.around,
            self._derivation,
            self.owners,
        )
        try:
            given = rule(op, *call.args, **call.kwargs)
        except Unfit:
            raise
        except Exception as error:  # whatever is unusual about a call, it is still counted
            raise Unfit(f"its arguments are unusual ({error})") from None
        values: tuple[Value | None, ...] = (given,) if isinstance(given, Value) else given
        if op.macs * self.trace.batch != call.macs:
            raise Unfit("its work is counted otherwise")
        if len(values) != len(call.outputs):
            raise Unfit("it gives several results")
        for value, out in zip(values, call.outputs, strict=True):
            if value is not None and not self._is_of(value, out):
                raise Unfit("its output has another shape")
        self.plan.layers.extend(op.added)
        for planned in op.added:
            for name in planned.tensors.values():
                self.owners.setdefault(name, planned)
        self.branches.update(op.branches)
        for value, out in zip(values, call.outputs, strict=True):
            if value is not None:
                self.values[out.index] = value

    def _is_of(self, value: Value, out: Ref) -> bool:
        if value.batch is not None and out.shape[value.batch : value.batch + 1] != (self.trace.batch,):
            return False
        return value.shape == example(out, value.batch)

    def _opaque(self, call: Call, fed: list[Ref], why: str) -> None:
        others = [self._derivation(ref) for ref in call.inputs if ref.index not in self.values]
        owed = tuple(dict.fromkeys(name for part in others for name in part.parameters))
        if call.whole is not None:
            prefix = f"{call.visit.module}." if call.visit.module else ""
            owed += tuple(prefix + name for name, _ in call.whole.named_parameters())
        sources = tuple(self.values[ref.index] for ref in fed)
        twin = self.twins.get(call.index)
        call, twin = self._without_unused(call, twin)
        batches = tuple(
            self._batch(out, twin.outputs[port] if twin and port < len(twin.outputs) else None, sources)
            for port, out in enumerate(call.outputs)
        )
        macs = call.macs // self.trace.batch + sum(part.macs for part in others)
        layer = opaque(call, sources, batches, macs)
        if twin is not None and len(twin.outputs) == len(call.outputs):
            layer = self._following(layer, call, twin, batches, sum(part.macs for part in others))
        added = self._add(layer, sources, call, "", owed=owed, why=why)
        for port, (out, batch) in enumerate(zip(call.outputs, batches, strict=True)):
            self.values[out.index] = Value(added.layer, layer.out_shapes[port], batch, port)

    def _without_unused(self, call: Call, twin: Call | None) -> tuple[Call, Call | None]:
        """Both calls with those results alone that somebody takes, such as maxima without their places."""
        kept = [
            port for port, out in enumerate(call.outputs) if self.users.get(out.index) or out in self.returned
        ]
        if len(kept) in (0, len(call.outputs)):
            return call, twin
        if twin is not None and len(twin.outputs) == len(call.outputs):
            twin = replace(twin, outputs=tuple(twin.outputs[port] for port in kept))
        return replace(call, outputs=tuple(call.outputs[port] for port in kept)), twin

    def _following(
        self, layer: Opaque, call: Call, twin: Call, batches: tuple[int | None, ...], own: int
    ) -> Opaque:
        """The opaque part with what the other run tells of other sizes."""
        inputs = [
            example(other, self.values[ref.index].batch, self.ratio)
            for ref, other in zip(call.inputs, twin.inputs, strict=False)
            if ref.index in self.values
        ]
        if len(inputs) != len(layer.in_shapes):
            return layer
        outputs = [example(out, axis, self.ratio) for out, axis in zip(twin.outputs, batches, strict=True)]
        macs = twin.macs // (self.trace.batch * self.ratio)
        return following(layer, inputs, outputs, macs, own_macs=own)

    def _batch(self, out: Ref, twin: Ref | None, sources: tuple[Value, ...]) -> int | None:
        """Which axis of an opaque part's output is the batch."""
        for axis in dict.fromkeys((*(value.batch or 0 for value in sources), 0)):
            if out.shape[axis : axis + 1] != (self.trace.batch,):
                continue
            if twin is not None and len(twin.shape) == len(out.shape) and self.ratio > 1:
                if twin.shape[axis] != out.shape[axis]:
                    return axis
            elif any(value.batch is not None for value in sources):
                return axis
        return None

    def _branch(self, op: Op, ref: Ref, rank: int, batch: int | None) -> Value:
        """A parameter or a constant as a branch of its own, lined up with a tensor of `rank` axes."""
        ref = self.same.get(ref.index, ref)
        derived = self._derivation(ref)
        if len(ref.shape) > rank:
            raise Unfit("its shapes do not line up")
        padded = (1,) * (rank - len(ref.shape)) + ref.shape
        if batch is not None and padded[batch : batch + 1] != (1,):
            raise Unfit("a constant differs within the batch")
        shape = padded if batch is None else padded[:batch] + padded[batch + 1 :]
        shape = shape or (1,)
        stored = derived.view_of
        made = spelled(ref) if stored is None and derived.fill is None and workable(ref) else derived.fill
        key = (stored.name if stored is not None else made, shape, batch)
        known = self.branches.get(key) if key[0] is not None else None
        if known is not None:
            return known
        if stored is not None and stored.floating:
            layer = ParameterTensor(stored.shape or (1,), shape, stored.kind == "parameter")
            value = op.add(layer, batch=batch, stem=stored.name.rpartition(".")[2], weight=stored)
        elif derived.fill is not None:
            value = op.add(Constant(shape, derived.fill), batch=batch)
        elif not derived.macs and ref.floating and workable(ref):
            fixed = ParameterTensor(ref.shape or (1,), shape, trainable=False)
            value = op.add(fixed, batch=batch, stem="constant", weight=ref)
        else:
            value = op.put(Opaque("constant", (), (shape,), 0, derived.macs), batch, derived.parameters)
            op.macs -= derived.macs  # this work was done by an earlier call
        op.branches[key] = value
        return value

    def _source(self, ref: Ref) -> Value:
        """A constant or parameter that is itself a result."""
        batch = 0 if ref.shape[:1] == (self.trace.batch,) else None
        layer = Opaque("constant", (), (example(ref, batch),), 0, self._derivation(ref).macs)
        return self._add(layer, (), None, "constant", owed=self._derivation(ref).parameters, why="a constant")

    def _add(
        self,
        layer: Layer,
        inputs: tuple[Value, ...],
        call: Call | None,
        stem: str,
        owed: tuple[str, ...] = (),
        why: str = "",
    ) -> Value:
        shapes = tuple(value.shape for value in inputs)
        outputs = layer.output(*shapes)
        visit = call.visit if call is not None else self.trace.root
        self.plan.layers.append(Planned(layer, inputs, outputs, visit, stem, owed=owed, why=why))
        return Value(len(self.plan.layers) - 1, outputs[0])


def _first_uses(trace: Trace) -> dict[int, Call]:
    """For each tensor the first call whose first argument it is."""
    uses: dict[int, Call] = {}
    for call in trace.calls:
        if call.args and isinstance(call.args[0], Ref):
            uses.setdefault(call.args[0].index, call)
    return uses
