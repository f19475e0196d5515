"""Arguments as torch takes them, brought into the form that layers have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.interop.torch_trace.plan import Unfit


def ints(value: Any, count: int) -> tuple[int, ...]:
    """`3`, `(3,)` or `(3, 3)` as so many numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,) * count
    if isinstance(value, Sequence) and all(isinstance(item, int) for item in value):
        if len(value) == 1:
            return tuple(value) * count
        if len(value) == count:
            return tuple(value)
    raise Unfit("its sizes are unusual")


def pair(value: Any) -> tuple[int, int]:
    """`3` as (3, 3)."""
    rows, columns = ints(value, 2)
    return rows, columns
