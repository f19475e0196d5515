"""Tensors that are worked out from weights alone, carried out again with the module's own numbers.

A trace runs on the meta device, where nothing has numbers; standardised and normalised weights, tables looked
up by an index and masks are made by calls that no picture has touched, which can be run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.interop.torch_trace.functions import FILLS
from explorer.interop.torch_trace.recording import Call, Ref

#: What gives other numbers every time, or none.
_UNSETTLED = ("rand", "bernoulli", "normal_", "uniform_", "dropout", "multinomial", "empty", "exponential_")


def workable(ref: Ref, known: dict[int, bool] | None = None) -> bool:
    """Whether `work_out` can give this tensor's numbers."""
    known = {} if known is None else known
    if ref.index in known:
        return known[ref.index]
    known[ref.index] = False  # nothing is made of itself
    call = ref.made_by
    if call is None:
        found = bool(ref.name) or ref.held is not None
    else:
        inputs = () if call.name in FILLS else call.inputs
        found = _repeatable(call) and all(workable(one, known) for one in inputs)
    known[ref.index] = found
    return found


def _repeatable(call: Call) -> bool:
    raw = str(getattr(call.func, "__name__", call.name))
    return call.func is not None and not any(part in raw for part in _UNSETTLED)


def work_out(ref: Ref, tensors: Mapping[str, Tensor]) -> Tensor:
    """The numbers of a workable tensor; `tensors` are the module's, by name."""
    with torch.no_grad():
        return _value(ref, tensors, {})


def _value(ref: Ref, tensors: Mapping[str, Tensor], done: dict[int, Tensor]) -> Tensor:
    if ref.index in done:
        return done[ref.index]
    call = ref.made_by
    if call is None:
        given = tensors[ref.name] if ref.name else ref.held
        assert given is not None
        done[ref.index] = given.detach()
        return done[ref.index]
    if call.name in FILLS:
        done[ref.index] = torch.full(ref.shape, FILLS[call.name])
        return done[ref.index]
    args = [_given(arg, tensors, done) for arg in call.args]
    kwargs = {key: _given(value, tensors, done) for key, value in call.kwargs.items() if key != "out"}
    if call.in_place:
        args[0] = args[0].clone()
    out = call.func(*args, **kwargs)
    out = args[0] if out is None else out
    results = [out] if isinstance(out, Tensor) else [one for one in out if isinstance(one, Tensor)]
    for made, value in zip(call.outputs, results, strict=True):
        done[made.index] = value
    return done[ref.index]


def _given(value: Any, tensors: Mapping[str, Tensor], done: dict[int, Tensor]) -> Any:
    if isinstance(value, Ref):
        return _value(value, tensors, done)
    if isinstance(value, tuple | list):
        return type(value)(_given(item, tensors, done) for item in value)
    if isinstance(value, slice):
        return slice(*(_given(part, tensors, done) for part in (value.start, value.stop, value.step)))
    if isinstance(value, torch.device) or value in ("meta", "cuda"):
        return torch.device("cpu")
    return value


def spelled(ref: Ref) -> str:
    """How a tensor is worked out, so that two that are worked out alike can be told to be one."""
    steps: dict[Any, int] = {}
    places: dict[int, int] = {}
    _spell(ref, steps, places)
    return repr(list(steps))


def _spell(ref: Ref, steps: dict[Any, int], places: dict[int, int]) -> int:
    """The number of the step that makes a tensor; steps that are alike are one."""
    if ref.index not in places:
        call = ref.made_by
        if call is None:
            step: Any = ref.name or id(ref.held)
        elif call.name in FILLS:
            step = (call.name, ref.shape)
        else:
            step = (call.name, ref.port, _spelled((call.args, tuple(call.kwargs.items())), steps, places))
        places[ref.index] = steps.setdefault(step, len(steps))
    return places[ref.index]


def _spelled(value: Any, steps: dict[Any, int], places: dict[int, int]) -> Any:
    if isinstance(value, Ref):
        return _spell(value, steps, places)
    if isinstance(value, tuple | list):
        return tuple(_spelled(item, steps, places) for item in value)
    return str(value)
