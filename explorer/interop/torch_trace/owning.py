"""Who holds which parameter: each counts once, at the first layer that uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from explorer.interop.torch_trace.plan import Planned
from explorer.network.layers import Opaque


class Stored(NamedTuple):
    """A parameter of the module, by its first name."""

    name: str
    numel: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Owners:
    """`groups` are layers with one set of weights; `unreached` are parameters that no layer holds."""

    groups: tuple[tuple[int, ...], ...]
    unreached: tuple[Stored, ...]


def settle(layers: list[Planned], stored: Mapping[str, Stored]) -> Owners:
    """Give every parameter one owner. Layers that share only some of their weights become opaque."""
    owner: dict[str, int] = {}
    same: dict[int, list[int]] = {}
    for index, planned in enumerate(layers):
        names = [name for name in planned.tensors.values() if name in stored]
        held = {owner[name] for name in names if name in owner}
        if not held:
            owner.update((name, index) for name in names)
            continue
        first = held.pop()
        if not held and layers[first].tensors == planned.tensors and layers[first].layer == planned.layer:
            same.setdefault(first, [first]).append(index)
        else:
            _give_up(planned, names)
    for index, planned in enumerate(layers):
        if isinstance(planned.layer, Opaque):
            owed = [name for name in planned.owed if name in stored and name not in owner]
            owner.update((name, index) for name in owed)
            count = sum(stored[name].numel for name in dict.fromkeys(owed))
            planned.layer = replace(planned.layer, parameter_count=count)
    unreached = tuple(one for name, one in stored.items() if name not in owner)
    return Owners(tuple(tuple(group) for group in same.values()), unreached)


def _give_up(planned: Planned, names: list[str]) -> None:
    """Make it opaque: some of its weights are another layer's, under other settings."""
    shapes = tuple(value.shape for value in planned.inputs)
    macs = planned.layer.macs(shapes, planned.outputs)
    kind = type(planned.layer).__name__
    planned.layer = Opaque(kind, shapes, planned.outputs, 0, macs)
    planned.owed, planned.tensors = tuple(names), {}
    planned.why = "some of its weights are another layer's"
