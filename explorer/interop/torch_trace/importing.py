"""A module becomes a network, and a report says how much of it is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter, is_lazy

from explorer.interop.import_report import ImportReport
from explorer.interop.tensors import STORE
from explorer.interop.torch_trace import auxiliary, report
from explorer.interop.torch_trace.assembling import Assembled
from explorer.interop.torch_trace.fusing import fuse
from explorer.interop.torch_trace.lowering import lower
from explorer.interop.torch_trace.owning import Stored
from explorer.interop.torch_trace.recording import Ref, Shape, Trace
from explorer.interop.torch_trace.running import Runner, trace
from explorer.interop.torch_trace.working import work_out
from explorer.network.errors import UserError
from explorer.network.graph import Network


@dataclass(frozen=True)
class Imported:
    """The network and what is to be said of how it was read."""

    network: Network
    report: ImportReport


def import_module(
    module: nn.Module,
    shapes: Sequence[Shape],
    name: str,
    *,
    keep_weights: bool = True,
    runner: Runner | None = None,
    batch: int = 1,
) -> Imported:
    """The network of a module that takes a batch of each shape (without the batch).

    With `keep_weights` the module's tensors go to the store and the network names them. `runner` carries the
    module out where calling it would not do; `batch` is how many examples it insists on. Raises UserError
    where the module does not run.
    """
    if runner is None:
        _materialize(module, shapes, name)
    first, device = _run(module, shapes, name, batch, runner)
    twin = _twin(module, shapes, device, batch, runner)
    plan = lower(first, twin)
    stored = _parameters(module)
    if runner is None:
        auxiliary.add(plan, first, module, shapes, device, stored)
    fuse(plan)
    tensors: dict[str, Tensor] = {
        **dict(module.named_parameters(remove_duplicate=False)),
        **dict(module.named_buffers(remove_duplicate=False)),
    }

    def keep(source: str | Ref) -> str | None:
        if not keep_weights:
            return None
        if isinstance(source, Ref):
            return _worked_out(source, tensors)
        if source not in tensors or tensors[source].is_meta:
            return None
        return STORE.put(_with_axes(tensors[source].detach()))

    made = Assembled(plan, stored, name, keep)

    def counted(other: Sequence[Shape]) -> int | None:
        try:
            return trace(module, other, batch=batch, device=device, runner=runner).macs // batch
        except Exception:  # then nothing can be said of that size
            return None

    return Imported(made.network, report.of(made, plan, first, twin, counted, _frozen(module)))


def _worked_out(ref: Ref, tensors: Mapping[str, Tensor]) -> str | None:
    """The name of a tensor that is worked out from the module's, None where they have no numbers."""
    try:
        value = work_out(ref, tensors)
    except Exception:  # a foreign function may refuse what it took on the meta device
        return None
    return None if value.is_meta else STORE.put(_with_axes(value))


def _with_axes(value: Tensor) -> Tensor:
    """A single number is a tensor of one value in the document."""
    return value.reshape(1) if value.dim() == 0 else value


def _materialize(module: nn.Module, shapes: Sequence[Shape], name: str) -> None:
    """Lazy layers find their sizes in a first run."""
    if not any(is_lazy(tensor) for tensor in (*module.parameters(), *module.buffers())):
        return
    try:
        with torch.no_grad():
            module.eval()(*(torch.zeros(1, *shape) for shape in shapes))
    except Exception as error:
        raise UserError(f"the module '{name}' does not run on {_spell(shapes)}: {_line(error)}") from error


def _parameters(module: nn.Module) -> dict[str, Stored]:
    return {
        name: Stored(name, parameter.numel(), tuple(parameter.shape))
        for name, parameter in module.named_parameters()
        if not isinstance(parameter, UninitializedParameter) and parameter.numel()  # an empty one is nothing
    }


def _frozen(module: nn.Module) -> int:
    return sum(
        parameter.numel()
        for parameter in module.parameters()
        if not parameter.requires_grad and not isinstance(parameter, UninitializedParameter)
    )


def _run(
    module: nn.Module, shapes: Sequence[Shape], name: str, batch: int, runner: Runner | None
) -> tuple[Trace, str]:
    """On the meta device, or with real numbers where the module asks for them."""
    try:
        return trace(module, shapes, batch=batch, runner=runner), "meta"
    except Exception:  # a foreign module may raise anything; what it says with real numbers counts
        pass
    try:
        return trace(module, shapes, batch=batch, device="cpu", runner=runner), "cpu"
    except Exception as error:
        raise UserError(f"the module '{name}' does not run on {_spell(shapes)}: {_line(error)}") from error


def _twin(
    module: nn.Module, shapes: Sequence[Shape], device: str, batch: int, runner: Runner | None
) -> Trace | None:
    """The same module on a batch three times as large, at another size if it takes one."""
    for examples in (3 * batch, batch):
        for changed in _other_sizes(shapes):
            try:
                return trace(module, changed, batch=examples, device=device, runner=runner)
            except Exception:  # this size is not for it
                continue
    return None


def _other_sizes(shapes: Sequence[Shape]) -> list[list[Shape]]:
    """Sizes that share no factor with the first, then multiples of 32 more, then the same."""
    steps = ((33, 51), (32, 64))
    sizes = []
    for steps_of in steps:
        changed: list[Shape] = []
        for shape in shapes:
            if len(shape) < 3:
                changed.append(shape)
            else:
                more = (*[0] * (len(shape) - 2), *steps_of)
                changed.append(tuple(size + extra for size, extra in zip(shape, more, strict=True)))
        sizes.append(changed)
    return [*sizes, list(shapes)]


def _spell(shapes: Sequence[Shape]) -> str:
    return " and ".join("×".join(map(str, shape)) for shape in shapes)


def _line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {text}".rstrip(": ")[:300]
