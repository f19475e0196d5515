"""One class for several blocks: which values stay, which become arguments, and what these are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.interop.torch_code.expressions import CHANNELS, Leaf, Literal, Text
from explorer.interop.torch_code.names import variable

#: Arguments that go without saying have torch's own default.
_DEFAULTS = {"stride": "1", "dilation": "1", "groups": "1", "padding": "0", "bias": "True"}
#: Largest factor by which one number of channels is told from another.
_LARGEST_FACTOR = 64


#: One value for each block, as text.
Vector = tuple[str | None, ...]


class Column(NamedTuple):
    """One leaf as it is in each block, in order; None where a block does not have it. `member` holds it."""

    leaves: tuple[Leaf | None, ...]
    member: str


@dataclass
class Parameter:
    """An argument of a class, and its value for each block."""

    name: str
    label: str
    kind: str
    values: tuple[Leaf, ...]
    default: str | None = None


@dataclass
class Unified:
    """The leaves of the class, in the order of the columns, and its parameters as its signature has them."""

    leaves: list[Leaf]
    parameters: list[Parameter]
    #: What stands for a vector of values of one kind.
    texts: Mapping[tuple[str, Vector], str]


def unify(columns: Sequence[Column], entry: Vector = (), exit: Vector = ()) -> Unified:
    """Tell constants from arguments. `entry`, `exit`: channels into and out of each block, where known."""
    return _Unifier(columns, entry, exit).result()


class _Unifier:
    def __init__(self, columns: Sequence[Column], entry: Vector, exit: Vector) -> None:
        self._columns = columns
        self._entry, self._exit = entry, exit
        self._parameters: list[Parameter] = []
        #: What stands for a vector of one kind: the text of an expression over the arguments.
        self._texts: dict[tuple[str, Vector], str] = {}

    def result(self) -> Unified:
        vectors = [_vector(column) for column in self._columns]
        pairs = [pair for pair in zip(self._columns, vectors, strict=True) if _varies(*pair)]
        for whole in (True, False):
            for column, vector in pairs:
                if (None not in vector) is whole:
                    self._place(column, vector)
        leaves = [self._leaf(column, vector) for column, vector in zip(self._columns, vectors, strict=True)]
        self._parameters.sort(key=lambda one: (one.default is not None, one.name not in _FIRST))
        return Unified(leaves, self._parameters, self._texts)

    def _known(self, kind: str, vector: Vector) -> str | None:
        """The text for a vector; one with gaps is told by any that agrees where it has values."""
        found = self._texts.get((kind, vector))
        if found is not None or None not in vector:
            return found
        for (other, full), text in self._texts.items():
            if other == kind and all(a is None or a == b for a, b in zip(vector, full, strict=True)):
                return text
        return None

    def _place(self, column: Column, vector: Vector) -> None:
        sample = next(leaf for leaf in column.leaves if leaf is not None)
        if self._known(sample.kind, vector) is not None:
            return
        derived = self._derived(sample.kind, vector)
        if derived is not None:
            self._texts[sample.kind, vector] = derived
            return
        name = self._name(column.member, sample, vector)
        values = tuple(leaf if leaf is not None else sample for leaf in column.leaves)
        default = _DEFAULTS.get(sample.label)
        if default is not None and default not in {value.text for value in values}:
            default = None
        if default is None and isinstance(sample, Literal) and isinstance(sample.value, bool):
            default = Counter(value.text for value in values).most_common(1)[0][0]
        self._parameters.append(Parameter(name, sample.label, sample.kind, values, default))
        self._texts[sample.kind, tuple(value.text for value in values)] = name

    def _derived(self, kind: str, vector: Vector) -> str | None:
        """The vector as a multiple of one that is an argument already, or padding as half of the kernel."""
        mine = _numbers(vector)
        if mine is None:
            return None
        for parameter in self._parameters:
            theirs = _numbers(tuple(value.text for value in parameter.values))
            if theirs is None:
                continue
            pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None]
            if kind == "padding" and parameter.kind == "kernel_size":
                if all(b % 2 == 1 and a == b // 2 for a, b in pairs):
                    return f"{parameter.name} // 2"
            elif kind == "channels" and parameter.kind == "channels":
                if vector == self._exit and parameter.name.startswith("in_"):
                    continue
                text = _ratio(pairs, parameter.name)
                if text is not None:
                    return text
        return None

    def _name(self, member: str, sample: Leaf, vector: Vector) -> str:
        taken = {parameter.name for parameter in self._parameters}
        wanted = []
        features = sample.label.endswith("features") and not sample.label.startswith("num")
        noun = "features" if features else "channels"
        if sample.kind == "channels":
            if vector == self._entry:
                wanted.append(f"in_{noun}")
            if vector == self._exit:
                wanted.append(f"out_{noun}")
            if sample.label == "groups" or sample.label not in CHANNELS:
                wanted.append(sample.label)
            if sample.label.startswith(("in_", "out_")):
                wanted += ["width"] if "width" not in taken and not self._many() else []
                wanted.append(variable(member))
            wanted.append(f"{variable(member)}_{noun}")
        else:
            wanted += [sample.label, f"{variable(member)}_{sample.label}"]
        for name in wanted:
            if name and name not in taken:
                return name
        number = 2
        while f"{wanted[-1]}{number}" in taken:
            number += 1
        return f"{wanted[-1]}{number}"

    def _many(self) -> bool:
        """Whether more than one number of channels is neither what goes in nor what comes out."""
        inner = {
            vector
            for column in self._columns
            if (leaf := next(one for one in column.leaves if one is not None)).kind == "channels"
            and leaf.label in ("in_channels", "out_channels", "in_features", "out_features")
            and None not in (vector := _vector(column))
            and _varies(column, vector)
        } - {self._entry, self._exit}
        bases = [_numbers(vector) for vector in inner]
        return len([base for base in bases if not _multiple(base, bases)]) > 1

    def _leaf(self, column: Column, vector: Vector) -> Leaf:
        sample = next(leaf for leaf in column.leaves if leaf is not None)
        if None in vector or _varies(column, vector):
            text = self._known(sample.kind, vector)
            if text is not None:
                return Text(text, sample.label, sample.kind)
        return sample


_FIRST = ("in_channels", "in_features")


def _vector(column: Column) -> Vector:
    return tuple(None if leaf is None else leaf.text for leaf in column.leaves)


def _varies(column: Column, vector: Vector) -> bool:
    """Whether a leaf has to be an argument; what was one of the class around it always has to."""
    return len(set(vector) - {None}) > 1 or any(isinstance(leaf, Text) for leaf in column.leaves)


def _numbers(vector: Vector) -> list[int | None] | None:
    """The vector as whole numbers, if all that is known of it is."""
    numbers: list[int | None] = []
    for text in vector:
        if text is not None and not text.isdigit():
            return None
        numbers.append(None if text is None else int(text))
    return numbers


def _ratio(pairs: list[tuple[int, int]], name: str) -> str | None:
    """`a` of each pair from its `b`: `4 * b` or `b // 4`."""
    a, b = pairs[0]
    if b and a % b == 0 and 1 < a // b <= _LARGEST_FACTOR and all(x * b == y * a for x, y in pairs):
        return f"{a // b} * {name}"
    if a and b % a == 0 and 1 < b // a <= _LARGEST_FACTOR and all(x * b == y * a for x, y in pairs):
        return f"{name} // {b // a}"
    return None


def _multiple(base: list[int | None] | None, others: list[list[int | None] | None]) -> bool:
    """Whether a vector is a multiple of another one."""
    if base is None:
        return False
    for other in others:
        if other is None or other == base:
            continue
        pairs = [(a, b) for a, b in zip(base, other, strict=True) if a is not None and b is not None]
        if all(b for _, b in pairs) and (text := _ratio(pairs, "")) is not None and text.endswith("* "):
            return True
    return False
