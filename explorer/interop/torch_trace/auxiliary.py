"""Heads that only training runs: found in a second run, in training mode, and marked training-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from torch import nn

from explorer.interop.torch_trace.lowering import Plan, lower
from explorer.interop.torch_trace.owning import Stored
from explorer.interop.torch_trace.pairing import pair_up
from explorer.interop.torch_trace.plan import Value
from explorer.interop.torch_trace.recording import Shape, Trace
from explorer.interop.torch_trace.running import trace


def add(
    plan: Plan,
    evaluated: Trace,
    module: nn.Module,
    shapes: Sequence[Shape],
    device: str,
    stored: Mapping[str, Stored],
) -> None:
    """Append to `plan` what a run in training mode reaches beside it, if parameters were left over."""
    held = {
        name
        for planned in plan.layers
        for name in (*planned.tensors.values(), *planned.owed, *planned.sources)
    }
    if all(name in held for name in stored):
        return
    trained = _train(module, shapes, device)
    if trained is None:
        return
    more = lower(trained)
    known = _same(plan, evaluated, more, trained)
    wanted = {
        index
        for index, planned in enumerate(more.layers)
        if any(name in stored and name not in held for name in (*planned.tensors.values(), *planned.owed))
    }
    _take_what_feeds(wanted, more, known)
    for index, planned in enumerate(more.layers):
        fed_by = {value.layer for value in planned.inputs}
        if index not in known and fed_by & wanted:
            wanted.add(index)
    _take_what_feeds(wanted, more, known)
    for index in sorted(wanted):
        planned = more.layers[index]
        inputs = tuple(known[value.layer]._replace(port=value.port) for value in planned.inputs)
        known[index] = Value(len(plan.layers), planned.outputs[0])
        plan.layers.append(replace(planned, inputs=inputs, training_only=True))


def _take_what_feeds(wanted: set[int], more: Plan, known: Mapping[int, Value]) -> None:
    waiting = list(wanted)
    while waiting:
        for value in more.layers[waiting.pop()].inputs:
            if value.layer not in known and value.layer not in wanted:
                wanted.add(value.layer)
                waiting.append(value.layer)


def _train(module: nn.Module, shapes: Sequence[Shape], device: str) -> Trace | None:
    for batch in (1, 2):  # batch norm over one value refuses a batch of one
        try:
            return trace(module, shapes, batch=batch, device=device, train=True)
        except Exception:  # it wants targets, or more than pictures
            continue
    return None


def _same(plan: Plan, evaluated: Trace, more: Plan, trained: Trace) -> dict[int, Value]:
    """For layers of the training run the value that the eval run has in their place."""
    known = {theirs.layer: ours for theirs, ours in zip(more.inputs, plan.inputs, strict=True)}
    for index, call in pair_up(trained, evaluated).items():
        theirs, ours = more.at_call.get(index), plan.at_call.get(call.index)
        if theirs is not None and ours is not None and theirs.shape == ours.shape:
            known[theirs.layer] = ours
    return known
