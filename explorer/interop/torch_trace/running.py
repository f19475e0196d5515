"""Runs a module under the recorder: on the meta device if it can be, else with its own weights.

The module's parameters are swapped for empty ones of the meta device while it runs and put back afterwards,
so nothing is computed, copied or allocated.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from explorer.interop.torch_trace.recording import Recorder, Shape, Trace, Whole
from explorer.interop.torch_trace.wholes import described_whole

#: Carries a module out in place of calling it: takes the recorder and the inputs.
Runner = Callable[..., Any]


def trace(
    module: nn.Module,
    shapes: Sequence[Shape],
    *,
    batch: int = 1,
    device: str = "meta",
    train: bool = False,
    runner: Runner | None = None,
    whole: Whole = described_whole,
) -> Trace:
    """Run `module` on a batch of zeros of each shape (without the batch). Raises whatever the module raises.

    In training mode nothing of the module changes either: its buffers are put back.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # what a foreign module warns of is not ours to pass on
        stack.enter_context(_untouched(module, train))
        named = stack.enter_context(on_device(module, device))
        inputs = [torch.zeros(batch, *shape, device=device, dtype=dtype_of(module)) for shape in shapes]
        recorder = Recorder(named, device, whole)
        recorder.trace.batch = batch
        for name, inner in module.named_modules():
            if name or whole(inner):
                for hook in recorder.watch(name, inner):
                    stack.callback(hook.remove)
        for tensor in inputs:
            recorder.add_input(tensor)
        with recorder.macs, recorder:
            returned = module(*inputs) if runner is None else runner(recorder, *inputs)
        return recorder.finish(returned)


def dtype_of(module: nn.Module) -> torch.dtype:
    """The type of numbers that a module works with: that of its weights."""
    for parameter in module.parameters():
        if parameter.is_floating_point() and not is_lazy(parameter):
            return parameter.dtype
    return torch.float32


@contextmanager
def _untouched(module: nn.Module, train: bool) -> Iterator[None]:
    """In the wanted mode for a while; whatever attributes a run leaves behind are put back too."""
    kept = [
        (inner, dict(vars(inner)), dict(inner._buffers))
        for inner in module.modules()
        if not isinstance(inner, torch.jit.ScriptModule)
    ]
    try:
        with suppress(NotImplementedError):  # an exported program has one mode, its own
            module.train(train)
        yield
    finally:
        for inner, attributes, buffers in kept:
            vars(inner).clear()
            vars(inner).update(attributes)
            inner._buffers.clear()
            inner._buffers.update(buffers)


@contextmanager
def on_device(module: nn.Module, device: str) -> Iterator[dict[int, tuple[str, str]]]:
    """The module's parameters and buffers on `device` for a while, by the address that each has there."""
    named: dict[int, tuple[str, str]] = {}
    kept: list[tuple[dict[str, Any], str, Tensor]] = []
    twins: dict[int, Tensor] = {}
    scripted: list[Tensor] = []  # an address stands for a tensor as long as that is there
    try:
        for prefix, inner in module.named_modules():
            if isinstance(inner, torch.jit.ScriptModule):
                scripted += _name_scripted(prefix, inner, device, named)
                continue
            for kind, table in (("parameter", inner._parameters), ("buffer", inner._buffers)):
                for key, tensor in list(table.items()):
                    if tensor is None or is_lazy(tensor):
                        continue
                    twin = twins.get(id(tensor))
                    if twin is None:
                        twin = twins[id(tensor)] = _twin(tensor, device)
                        named[id(twin)] = (kind, f"{prefix}.{key}" if prefix else key)
                    kept.append((table, key, tensor))
                    table[key] = twin  # past nn.Module's own check, which wants a Parameter
        yield named
    finally:
        for table, key, tensor in kept:
            table[key] = tensor


def _name_scripted(
    prefix: str, module: nn.Module, device: str, named: dict[int, tuple[str, str]]
) -> list[Tensor]:
    """The tensors of a TorchScript module, which stay as and where they are. Raises RuntimeError on meta."""
    if device == "meta":
        raise RuntimeError("TorchScript cannot be taken to the meta device")
    found = []
    for kind, tensors in (
        ("parameter", module.named_parameters(recurse=False)),
        ("buffer", module.named_buffers(recurse=False)),
    ):
        for key, tensor in tensors:
            named[id(tensor)] = (kind, f"{prefix}.{key}" if prefix else key)
            found.append(tensor)
    return found


def _twin(tensor: Tensor, device: str) -> Tensor:
    if tensor.device.type == device:
        # Of the same memory but another object; what training mode writes into buffers goes to a copy.
        return tensor.detach().clone() if device != "meta" and not tensor.requires_grad else tensor.detach()
    twin = torch.empty_like(tensor, device=device)
    return nn.Parameter(twin, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else twin
