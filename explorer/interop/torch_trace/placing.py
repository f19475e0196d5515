"""Planned layers get names and blocks: the module tree's own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from explorer.interop.torch_trace.plan import Planned
from explorer.interop.torch_trace.recording import Visit
from explorer.network.graph import Block
from explorer.network.layers import Input, Opaque

_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "Module")


class Placing:
    """Blocks by the modules that were entered, and a name for every layer.

    A module in which nothing ran but one layer is no block: the layer bears its name. What runs in a module
    that is entered a second time gets a block of its own, `NAME_2`.
    """

    def __init__(self, layers: Iterable[Planned]) -> None:
        self.blocks: dict[str, Block] = {}
        self._taken: dict[str | None, set[str]] = defaultdict(set)
        self._places: dict[int, str | None] = {}
        self._entered: dict[tuple[str | None, str], int] = defaultdict(int)
        self._direct: dict[int, int] = defaultdict(int)
        self._inside: set[int] = set()
        self._alone: dict[int, tuple[str | None, str]] = {}
        for planned in layers:
            self._direct[id(planned.visit)] += 1
            around = planned.visit.around
            while around is not None:
                self._inside.add(id(around))
                around = around.around

    def place(self, planned: Planned) -> tuple[str | None, str]:
        """The block and the name of a layer."""
        visit = planned.visit
        if visit.around is not None and self._direct[id(visit)] == 1 and id(visit) not in self._inside:
            parent, name = self._named(visit)
            return parent, self._free(parent, name)
        block = self._block(visit)
        return block, self.name(block, planned.stem or _stem(planned))

    def name(self, block: str | None, stem: str) -> str:
        """`stem`, or with a number behind it, that nothing else in the block has."""
        stem = stem.replace(".", "_") or "layer"
        name, number = stem, 1
        while name in self._taken[block]:
            number += 1
            name = f"{stem}{number}"
        self._taken[block].add(name)
        return name

    def nested(self, path: list[str]) -> str | None:
        """The block at a path of names, made with those around it where they are not there yet."""
        block: str | None = None
        for part in path:
            block = self._inner(block, part)
        return block

    def _block(self, visit: Visit) -> str | None:
        if visit.around is None:
            return None
        key = id(visit)
        if key not in self._places:
            parent, name = self._named(visit)
            kind = "" if visit.kind in _CONTAINERS else visit.kind
            self._places[key] = self._make(parent, self._free(parent, name), kind)
        return self._places[key]

    def _named(self, visit: Visit) -> tuple[str | None, str]:
        """The block around a visited module and its name there: the last part of its path."""
        around = visit.around
        assert around is not None
        parent = self._block(around)
        prefix = f"{around.module}." if around.module else ""
        inside = visit.module.startswith(prefix)
        parts = visit.module.removeprefix(prefix).split(".") if inside else visit.module.split(".")[-1:]
        for part in parts[:-1]:
            parent = self._inner(parent, part)
        return parent, parts[-1] or "module"

    def _inner(self, parent: str | None, name: str) -> str:
        path = name if parent is None else f"{parent}.{name}"
        if path in self.blocks:
            return path
        return self._make(parent, self._free(parent, name), "")

    def _free(self, parent: str | None, name: str) -> str:
        number, found = 1, name
        while found in self._taken[parent]:
            number += 1
            found = f"{name}_{number}"
        self._taken[parent].add(found)
        return found

    def _make(self, parent: str | None, name: str, kind: str) -> str:
        path = name if parent is None else f"{parent}.{name}"
        self.blocks[path] = Block(path, name, kind, parent)
        return path


def _stem(planned: Planned) -> str:
    layer = planned.layer
    if isinstance(layer, Input):
        return "input"
    stem = layer.kind if isinstance(layer, Opaque) else type(layer).__name__
    return re.sub(r"\W+", "_", stem).strip("_").lower()[:60] or "opaque"
