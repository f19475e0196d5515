"""Multiply-accumulates of whatever runs, counted with torch's own formulas as FlopCounterMode counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

#: FlopCounterMode does not know the CPU's fused attention; its formula is that of the other devices'.
_FORMULAS: dict[Any, Any] = {
    **flop_registry,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: flop_registry[
        torch.ops.aten._scaled_dot_product_flash_attention
    ],
}


#: An operation, its arguments, its result and its MACs.
Unseen = Callable[[Any, tuple[Any, ...], dict[str, Any], Any, int], None]


class Macs(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While active, `total` grows by FLOPs / 2 of every convolution and matrix product.

    `unseen` is told of every operation, and says itself which of them no torch function has announced, as
    those of a scripted function.
    """

    def __init__(self, unseen: Unseen) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._unseen = unseen
        self._flops = 0
        #: What torch does not take apart any further, so that it need not be asked again.
        self._whole: set[Any] = set()

    @property
    def total(self) -> int:
        return self._flops // 2

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        with torch._C.DisableTorchFunction():  # the recorder has seen it already, or is told of it below
            return self._counted(func, args, kwargs or {})

    def _counted(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        formula = _FORMULAS.get(func._overloadpacket)
        if formula is None and func not in self._whole:
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
            self._whole.add(func)
        out = func(*args, **kwargs)
        flops = 0 if formula is None else int(formula(*args, **kwargs, out_val=out))
        self._flops += flops
        self._unseen(func, args, kwargs, out, flops // 2)
        return out
