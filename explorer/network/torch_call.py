"""The constructor call that makes a layer's torch module, as a value to show, export and carry out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Call(NamedTuple):
    """`nn.NAME(*args, **settings)`; with `own`, NAME is a class of `explorer/interop/modules.py`.

    Arguments may be calls themselves, as in `nn.Sequential(…)`.
    """

    name: str
    args: tuple[Any, ...] = ()
    settings: Mapping[str, Any] = {}
    own: bool = False

    def __str__(self) -> str:
        parts = [literal(value) for value in self.args]
        parts += [f"{name}={literal(value)}" for name, value in self.settings.items()]
        return f"{'' if self.own else 'nn.'}{self.name}({', '.join(parts)})"


def literal(value: Any) -> str:
    """A value as it stands in Python."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Call):
        return str(value)
    return repr(value)


def short(pair: tuple[int, int]) -> int | tuple[int, int]:
    """One number for a pair of equals, as people write it."""
    return pair[0] if pair[0] == pair[1] else pair


def changed(**settings: tuple[Any, Any]) -> dict[str, Any]:
    """Of `name=(value, torch's default)`, the settings whose value is another; pairs written short."""
    return {
        name: short(value) if isinstance(value, tuple) and len(value) == 2 else value
        for name, (value, default) in settings.items()
        if value != default
    }
