"""Who holds which parameter: each counts once, at the first layer that uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from explorer.interop.torch_trace.plan import Planned
from explorer.interop.torch_trace.working import spelled
from explorer.network.layers import Opaque


class Stored(NamedTuple):
    """A parameter of the module, by its first name."""

    name: str
    numel: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Owners:
    """`groups` are layers with one set of weights; `unreached` are parameters that no layer holds, `sources`
    those of which a layer's weights were worked out.
    """

    groups: tuple[tuple[int, ...], ...]
    unreached: tuple[Stored, ...]
    sources: tuple[Stored, ...]


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
        if not held and _alike(layers[first], planned):
            same.setdefault(first, [first]).append(index)
        else:
            _give_up(planned, names)
    for index, planned in enumerate(layers):
        if isinstance(planned.layer, Opaque):
            owed = [name for name in planned.owed if name in stored and name not in owner]
            owner.update((name, index) for name in owed)
            count = sum(stored[name].numel for name in dict.fromkeys(owed))
            planned.layer = replace(planned.layer, parameter_count=count)
    needed = {name for planned in layers for name in planned.sources}
    rest = [one for name, one in stored.items() if name not in owner]
    return Owners(
        tuple(tuple(group) for group in same.values()),
        tuple(one for one in rest if one.name not in needed),
        tuple(one for one in rest if one.name in needed),
    )


def _alike(first: Planned, planned: Planned) -> bool:
    """Whether two layers have one set of weights, worked out in the same way if they are."""
    if first.tensors != planned.tensors or first.layer != planned.layer:
        return False
    one, other = ({name: spelled(ref) for name, ref in each.worked.items()} for each in (first, planned))
    return one == other


def _give_up(planned: Planned, names: list[str]) -> None:
    """Make it opaque: some of its weights are another layer's, under other settings."""
    shapes = tuple(value.shape for value in planned.inputs)
    macs = planned.layer.macs(shapes, planned.outputs)
    kind = type(planned.layer).__name__
    planned.layer = Opaque(kind, shapes, planned.outputs, 0, macs)
    planned.owed, planned.tensors, planned.worked = tuple(names), {}, {}
    planned.why = "some of its weights are another layer's"
