"""One run of a module, written down: every torch function that was called, on what, inside which module.

The module runs for real, on the meta device where that is possible, so any Python that runs can be traced:
branches, loops, dictionaries, modules that are called twice. Nothing is decomposed: `F.batch_norm` is one
call, whatever it does inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._device import _device_constructors

from explorer.interop.torch_trace.counting import Macs
from explorer.interop.torch_trace.functions import KEPT, has_tensor, name_of, writes

Shape = tuple[int, ...]


@dataclass(eq=False, slots=True)
class Ref:
    """A tensor of the run. `name` is that of a parameter or buffer, in the module's own words."""

    index: int
    shape: Shape
    kind: str  # "input", "parameter", "buffer", "constant" or "computed"
    name: str = ""
    floating: bool = True
    #: For a computed one: the call that made it and its place among that call's results.
    made_by: Call | None = None
    port: int = 0
    #: The one number that a constant or a buffer holds everywhere, where that is known.
    value: float | None = None
    #: The tensor itself, of a constant whose numbers are known.
    held: Tensor | None = None


@dataclass(eq=False, slots=True)
class Visit:
    """One entrance into a module, from within another one's."""

    module: str
    kind: str
    around: Visit | None


@dataclass(eq=False, slots=True)
class Call:
    """One call: a torch function, or a whole module that is described as one layer."""

    index: int
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: tuple[Ref, ...]
    macs: int
    #: Which entrance into that module: a module that is called twice is visited twice.
    visit: Visit
    in_place: bool = False
    #: The module itself, where it is described as a whole.
    whole: nn.Module | None = None
    #: The function, so that what is made of weights alone can be worked out again with their numbers.
    func: Any = None

    @property
    def inputs(self) -> list[Ref]:
        """Every tensor among the arguments, in their order."""
        found: list[Ref] = []
        _collect((self.args, self.kwargs), found)
        return found


@dataclass(eq=False)
class Trace:
    """All calls of one run. `results` are the tensors that the module returned, by their path in what it
    returned (`""`, `out`, `0.boxes`).
    """

    calls: list[Call] = field(default_factory=list)
    inputs: list[Ref] = field(default_factory=list)
    results: list[tuple[str, Ref]] = field(default_factory=list)
    parameters: dict[str, Ref] = field(default_factory=dict)
    batch: int = 1
    #: All that was counted, whether a call was written down for it or not.
    macs: int = 0
    #: The entrance into the module itself.
    root: Visit = field(default_factory=lambda: Visit("", "", None))


def _collect(value: Any, found: list[Ref]) -> None:
    if isinstance(value, Ref):
        found.append(value)
    elif isinstance(value, tuple | list):
        for item in value:
            _collect(item, found)
    elif isinstance(value, dict):
        for item in value.values():
            _collect(item, found)
    elif isinstance(value, slice):
        _collect((value.start, value.stop, value.step), found)


#: Whether a module is described as one layer, so that its inside is not written down.
Whole = Callable[[nn.Module], bool]


class Recorder(TorchFunctionMode):
    """Writes down what is called while it is active; `named` are the module's parameters and buffers."""

    def __init__(self, named: Mapping[int, tuple[str, str]], device: str, whole: Whole) -> None:
        super().__init__()
        self.trace = Trace()
        self._named = named
        self._device = torch.device(device)
        self._whole = whole
        self._refs: dict[int, Ref] = {}
        self._alive: list[Tensor] = []
        self._count = 0
        self._visits = [self.trace.root]
        self._silent = 0
        self.active = True
        #: For each storage the last call that wrote into it in place.
        self._written: dict[int, Call] = {}
        #: Counts while it is active; whoever runs the module enters it.
        self.macs = Macs(self._unseen)
        #: How many torch functions are being carried out, one inside the other.
        self._depth = 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _device_constructors() and kwargs.get("device") is None:
            kwargs = {**kwargs, "device": self._device}
        before = self.macs.total
        self._depth += 1
        try:
            out = func(*args, **kwargs)
        finally:
            self._depth -= 1
        if self._silent or not has_tensor(out, func):
            return out
        name = name_of(func)
        in_place = writes(func, name, args, out)
        if not in_place and isinstance(out, Tensor) and id(out) in {id(value) for value in args[:1]}:
            if name not in KEPT:
                return out  # it only handed its input on: .contiguous(), .to(), …
            out = out.view_as(out)
        self._write(name, args, kwargs, out, self.macs.total - before, in_place, func=func)
        return out

    def _unseen(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any, macs: int) -> None:
        """An operation that came past Python: scripted functions call no torch function."""
        if self._depth or self._silent or not self.active or not has_tensor(out, func):
            return
        name = name_of(func)
        self._depth += 1  # what is asked of the tensors now is nobody's doing
        try:
            self._write(name, args, kwargs, out, macs, writes(func, name, args, out), func=func)
        finally:
            self._depth -= 1

    def _write(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        out: Any,
        macs: int,
        in_place: bool = False,
        whole: nn.Module | None = None,
        func: Any = None,
    ) -> None:
        call = Call(
            len(self.trace.calls),
            name,
            self._replaced(args),
            self._replaced(kwargs),
            (),
            macs,
            self._visits[-1],
            in_place,
            whole,
            func,
        )
        target = args[0] if in_place and name == "setitem" else out
        call.outputs = tuple(
            self._ref(tensor, "computed", call=call, port=port)
            for port, tensor in enumerate(_tensors(target))
        )
        self.trace.calls.append(call)
        if in_place:
            self._written[_storage(target)] = call

    def _replaced(self, value: Any) -> Any:
        """The same arguments with tensors as references."""
        if isinstance(value, Tensor):
            return self.read(value)
        if isinstance(value, tuple):
            return tuple(self._replaced(item) for item in value)
        if isinstance(value, list):
            return [self._replaced(item) for item in value]
        if isinstance(value, dict):
            return {key: self._replaced(item) for key, item in value.items()}
        if isinstance(value, slice):
            return slice(*(self._replaced(part) for part in (value.start, value.stop, value.step)))
        return value

    def read(self, tensor: Tensor) -> Ref:
        """The reference of a tensor that is used; one whose memory was written since gets a new one."""
        ref = self._refs.get(id(tensor))
        if ref is None:
            kind, name = self._named.get(id(tensor), ("constant", ""))
            ref = self._ref(tensor, kind, name)
            if kind == "parameter":
                self.trace.parameters.setdefault(name, ref)
        if self._written and ref.kind == "computed":
            writer = self._written.get(_storage(tensor))
            if writer is not None and ref.made_by is not None and ref.made_by.index < writer.index:
                sources = (ref, writer.outputs[0])
                call = Call(len(self.trace.calls), "rewritten", sources, {}, (), 0, self._visits[-1])
                ref = self._ref(tensor, "computed", call=call)
                call.outputs = (ref,)
                self.trace.calls.append(call)
        return ref

    def _ref(self, tensor: Tensor, kind: str, name: str = "", call: Call | None = None, port: int = 0) -> Ref:
        ref = Ref(
            self._count,
            tuple(tensor.shape),
            kind,
            name,
            tensor.is_floating_point(),
            call,
            port,
            _uniform(tensor) if kind in ("constant", "buffer") else None,
            tensor if kind == "constant" and not tensor.is_meta else None,
        )
        self._count += 1
        self._refs[id(tensor)] = ref
        self._alive.append(tensor)  # an address is used again once its tensor is gone
        return ref

    def invent(
        self, kind: str, inputs: Sequence[Any], shapes: Sequence[Shape], device: torch.device
    ) -> tuple[Tensor, ...]:
        """Results of a call that torch can't carry out, of which only the shapes are known."""
        self._depth += 1
        try:
            with torch._C.DisableTorchFunction():
                out = tuple(torch.zeros(shape, device=device) for shape in shapes)
            self._write(kind, tuple(inputs), {}, out, 0)
        finally:
            self._depth -= 1
        return out

    def stand_in(self, visit: Visit) -> None:
        """What comes next is called inside this module, as the record of an earlier run says."""
        self._visits[-1] = visit

    def add_input(self, tensor: Tensor) -> None:
        self.trace.inputs.append(self._ref(tensor, "input"))

    def finish(self, returned: Any) -> Trace:
        """The trace, once the run is over."""
        self.active = False
        self.trace.macs = self.macs.total
        for path, tensor in _leaves(returned):
            self.trace.results.append((path, self.read(tensor)))
        return self.trace

    def watch(self, name: str, module: nn.Module) -> list[Any]:
        """Follow a module: what is called inside bears its name. Gives the hooks, to be removed."""
        whole = self._whole(module)
        started: list[int] = []

        def enter(_: nn.Module, args: Any, kwargs: Any) -> None:
            self._visits.append(Visit(name, type(module).__name__, self._visits[-1]))
            if whole:
                started.append(self.macs.total)
                self._silent += 1

        def leave(_: nn.Module, args: Any, kwargs: Any, out: Any) -> Any:
            visit = self._visits.pop()
            if not whole:
                return None
            macs = self.macs.total - started.pop()
            self._silent -= 1
            if self._silent:
                return None
            self._depth += 1
            if isinstance(out, Tensor) and any(out is value for value in args):
                with torch._C.DisableTorchFunction():
                    out = out.view_as(out)
            self._visits.append(visit)
            self._write(f"module {visit.kind}", args, kwargs, out, macs, whole=module)
            self._visits.pop()
            self._depth -= 1
            return out

        if isinstance(module, torch.jit.ScriptModule):
            return []
        return [
            module.register_forward_pre_hook(enter, with_kwargs=True),
            module.register_forward_hook(leave, with_kwargs=True),
        ]


def _tensors(out: Any) -> Sequence[Tensor]:
    if isinstance(out, Tensor):
        return (out,)
    return [tensor for _, tensor in _leaves(out)]


def _leaves(value: Any, path: str = "") -> list[tuple[str, Tensor]]:
    """Every tensor in tuples, lists, dictionaries and objects with fields, by where it is."""
    if isinstance(value, Tensor):
        return [(path, value)]
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        items = list(zip(value._fields, value, strict=True))
    elif isinstance(value, tuple | list):
        items = list(enumerate(value))
    elif hasattr(value, "__dataclass_fields__"):
        items = [(name, getattr(value, name)) for name in value.__dataclass_fields__]
    elif hasattr(value, "tensors") and isinstance(value.tensors, Tensor):  # torchvision's ImageList
        items = [("tensors", value.tensors)]
    return [leaf for key, item in items for leaf in _leaves(item, f"{path}.{key}" if path else str(key))]


def _storage(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _uniform(tensor: Tensor) -> float | None:
    """The value of a tensor that holds one number, if it is known without much work."""
    if tensor.is_meta or tensor.numel() != 1 or tensor.is_complex():
        return None
    return float(tensor)
