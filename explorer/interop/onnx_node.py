"""An operator of an ONNX graph, and how its numbers are read."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor


class Node(NamedTuple):
    """An operator in the graph; `attributes` are plain Python values."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """An attribute, or what it is where it is not given."""
        return self.attributes.get(name, otherwise)


class Unsupported(Exception):
    """A setting of an operator that has no counterpart in torch."""


def integers(value: Any) -> list[int]:
    """A tensor of sizes, or an attribute, as a list."""
    if isinstance(value, Tensor):
        return [int(number) for number in value.detach().cpu().reshape(-1).tolist()]
    return [int(number) for number in value]
