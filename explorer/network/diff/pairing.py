"""How well two parts fit each other, and in what two layers that were paired differ."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from explorer.network.diff.outline import Part
from explorer.network.layers import Flatten

#: A block with less of the other's content than this is another block, unless it has the same name.
LEAST_OVERLAP = 0.3
GOOD_OVERLAP = 0.6


class Delta(NamedTuple):
    """One thing that differs: a setting's name, or `type`, `output`, `parameters`, `macs`,
    `training_only`, `sources`. The values are plain: numbers, texts, tuples.
    """

    what: str
    a: Any
    b: Any


def fit(a: Part, b: Part) -> float:
    """How much is won by pairing two parts; 0 where they must not be paired."""
    if a.layer is None or b.layer is None:
        return _fit_blocks(a, b) if a.layer is b.layer else 0.0
    same_name = 0.2 if a.name == b.name else 0.0
    if type(a.layer) is type(b.layer):
        found = 0.4 + same_name
        if a.layer == b.layer:
            found += 0.25
        return found + (0.15 if a.output == b.output else 0.0)
    # Another activation, another pooling; or a layer that was put in another's place and kept its name.
    if a.layer.family == b.layer.family:
        return 0.15 + same_name
    return same_name


def _fit_blocks(a: Part, b: Part) -> float:
    size = max(1, min(len(a.leaves), len(b.leaves)))
    name = 0.25 if a.name == b.name else 0.0
    kind = 0.15 if a.kind and a.kind == b.kind else 0.0
    if a.digest == b.digest:
        return size * (0.6 + name + kind)
    overlap = _overlap(a, b)
    if overlap < LEAST_OVERLAP and not name:
        return 0.0
    return size * (0.5 * overlap + name + kind)


def _overlap(a: Part, b: Part) -> float:
    """The share of the larger block's layers that have one of their type in the other."""
    most = max(len(a.leaves), len(b.leaves))
    return sum((a.content & b.content).values()) / most if most else 1.0


def doubtful(a: Part, b: Part) -> bool:
    """Whether a pair of blocks has so little in common that what lies around them may fit better."""
    return a.is_block and a.name != b.name and _overlap(a, b) < GOOD_OVERLAP


def alike(a: Part, b: Part) -> bool:
    """Whether two parts are surely each other's counterpart: same name, same content."""
    return a.name == b.name and a.kind == b.kind and a.digest == b.digest


def deltas(a: Part, b: Part) -> list[Delta]:
    """In what two layers differ, apart from their names and what feeds them."""
    found: list[Delta] = []
    if type(a.layer) is not type(b.layer):
        found.append(Delta("type", a.type, b.type))
    elif a.layer != b.layer and not _says_the_same(a, b):
        assert a.layer is not None
        for setting in type(a.layer).__struct_fields__:
            one, other = getattr(a.layer, setting), getattr(b.layer, setting)
            if one != other:
                found.append(Delta(setting, _plain(one), _plain(other)))
    for what in ("output", "parameters", "macs", "training_only"):
        one, other = getattr(a, what), getattr(b, what)
        if one != other:
            found.append(Delta(what, one, other))
    return found


def _says_the_same(a: Part, b: Part) -> bool:
    """Whether two settings have one meaning here: a vector is a vector, whichever axes were named."""
    return isinstance(a.layer, Flatten) and a.output == b.output and len(a.output or ()) == 1


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
