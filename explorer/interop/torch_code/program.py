"""From scopes to classes: equal blocks become one class with arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.interop.torch_code.blueprint import Blueprint, Item, Structure, blueprint, structure
from explorer.interop.torch_code.expressions import (
    Argument,
    Chain,
    Expression,
    Hint,
    Leaf,
    Literal,
    Make,
    Run,
    as_run,
    leaves,
    rebuilt,
)
from explorer.interop.torch_code.names import block_class
from explorer.interop.torch_code.scopes import Scope, Scopes
from explorer.interop.torch_code.unify import Column, Parameter, Unified, Vector, unify
from explorer.network.inference import Inference
from explorer.network.layers import ParameterTensor


@dataclass
class Init:
    """`self.attribute = made`; with a `condition`, only where that holds, and None elsewhere."""

    attribute: str
    made: Expression
    condition: str | None = None


@dataclass
class ClassCode:
    """One class: an nn.Module with `plan` for its forward, or an nn.Sequential of `chain`."""

    name: str
    parameters: list[Parameter] = field(default_factory=list)
    inits: list[Init] = field(default_factory=list)
    plan: Blueprint | None = None
    chain: Chain | Run | None = None
    #: Whether the blocks of this class take different numbers of values.
    variadic: bool = False

    def make(self, index: int) -> Make:
        """The call that makes the block of that place among those of this class."""
        return called(self.name, self.parameters, [one.values[index] for one in self.parameters])

    @property
    def conditions(self) -> dict[str, str]:
        return {init.attribute: init.condition for init in self.inits if init.condition is not None}


def called(name: str, parameters: list[Parameter], values: list[Leaf]) -> Make:
    """A class called with values for its parameters."""
    arguments = []
    for parameter, value in zip(parameters, values, strict=True):
        leaf = replace(value, label=parameter.name, kind=parameter.kind)
        keyword = parameter.name if parameter.default is not None else None
        arguments.append(Argument(leaf, keyword, parameter.default))
    return Make(name, tuple(arguments))


class Program:
    """All classes of a network, in the order in which they are defined; the last is the network."""

    def __init__(self, scopes: Scopes, inference: Inference, name: str, taken: set[str]) -> None:
        self._inference = inference
        self._name = name
        self._taken = {*taken, name}
        self._scopes = list(scopes.all())
        self._top = scopes.top
        self.plans: dict[int, Blueprint] = {
            id(scope): blueprint(scope, inference, top=scope is self._top) for scope in self._scopes
        }
        self._group()
        self.classes: list[ClassCode] = []
        self._defined: dict[Any, ClassCode] = {}
        self._define(self._keys[id(self._top)].key)

    def _group(self) -> None:
        """Sort the scopes into classes, leaving shortcuts in where the blocks of a class disagree on them."""
        whole: set[Any] = set()
        while True:
            self._keys: dict[int, Structure] = {}
            self._groups: dict[Any, list[Scope]] = {}
            for scope in self._scopes:
                plan = self.plans[id(scope)]
                self._keys[id(scope)] = structure(plan, self._keys, frozenset(whole))
                if not plan.chain:
                    self._groups.setdefault(self._keys[id(scope)].key, []).append(scope)
            at_odds = {key for key, group in self._groups.items() if self._fullest(group) is None}
            if not at_odds:
                return
            whole |= at_odds

    def _fullest(self, group: list[Scope]) -> Scope | None:
        """The scope that has every shortcut that any of the group has; None if they do not go together."""
        places: dict[str, Any] = {}
        holders: dict[Any, str] = {}
        for scope in group:
            plan = self.plans[id(scope)]
            for index in self._keys[id(scope)].shortcuts:
                item = plan.items[index]
                assert item.child is not None
                user = next(other for other in plan.items if (index, 0) in other.refs)
                where = (user.attribute, user.refs.index((index, 0)))
                place = (where, item.refs, self._keys[id(item.child)].key)
                if places.setdefault(item.attribute, place) != place:
                    return None
                if holders.setdefault(where, item.attribute) != item.attribute:
                    return None
        most = max(group, key=lambda scope: len(self._keys[id(scope)].shortcuts))
        return most if len(self._keys[id(most)].shortcuts) == len(places) else None

    def _define(self, key: Any) -> ClassCode:
        found = self._defined.get(key)
        if found is not None:
            return found
        group = self._groups[key]
        fullest = self._fullest(group)
        assert fullest is not None
        plan = self.plans[id(fullest)]
        made = [self._inits(scope) for scope in group]
        attributes = [item.attribute for item in plan.items if item.builds]
        columns = list(_columns(attributes, made))
        entry, exit = self._channels(group, True), self._channels(group, False)
        unified = unify(columns, entry, exit)
        code = ClassCode("", unified.parameters, plan=plan)
        code.variadic = plan.gathers >= 0 and len({len(scope.inputs) for scope in group}) > 1
        values = iter(unified.leaves)
        fullest_made = made[group.index(fullest)]
        for attribute in attributes:
            there = tuple(attribute in inits for inits in made)
            expression = rebuilt(fullest_made[attribute], values)
            condition = None if all(there) else _condition(code, there, unified, entry, exit, attribute)
            code.inits.append(Init(attribute, with_runs(expression), condition))
        if fullest is self._top:
            code.name = self._name
        else:
            code.name = block_class([Hint(scope.kind, scope.name) for scope in group], self._taken)
        self._taken.add(code.name)
        self._defined[key] = code
        self.classes.append(code)
        return code

    def _inits(self, scope: Scope) -> dict[str, Expression]:
        """How each module of one scope is made."""
        items = self.plans[id(scope)].items
        return {item.attribute: self._made(item) for item in items if item.builds}

    def _made(self, item: Item) -> Expression:
        if item.child is None:
            assert item.made is not None
            return item.made
        plan = self.plans[id(item.child)]
        if not plan.chain:
            key = self._keys[id(item.child)].key
            index = next(at for at, scope in enumerate(self._groups[key]) if scope is item.child)
            return self._define(key).make(index)
        names = None if plan.numbered else tuple(inner.member.name for inner in plan.items)
        hint = Hint(item.child.kind, item.child.name)
        return Chain(tuple(self._made(inner) for inner in plan.items), names, hint)

    def _channels(self, group: list[Scope], entering: bool) -> Vector:
        """The number of channels that go into each scope, or come out of it."""
        found: list[str | None] = []
        for scope in group:
            ports = scope.inputs if entering else scope.outputs
            plan = self.plans[id(scope)]
            if entering and plan.gathers >= 0:
                ports = ((plan.items[plan.gathers].member.key, 0),)
            shape = self._inference.results[ports[0][0]].outputs[ports[0][1]] if ports else ()
            found.append(str(shape[0]) if shape else None)
        return tuple(found)

    def paths(self) -> tuple[dict[str, str], dict[str, str]]:
        """Where the network's module has each node's module, and each node's tensor, by the node's id."""
        found: dict[str, str] = {}
        self._walk(self._top, "", found)
        nodes = self._inference.network.nodes
        tensors = {
            node: name for node, name in found.items() if isinstance(nodes[node].layer, ParameterTensor)
        }
        return {node: name for node, name in found.items() if node not in tensors}, tensors

    def _walk(self, scope: Scope, prefix: str, found: dict[str, str]) -> None:
        plan = self.plans[id(scope)]
        for index, item in enumerate(plan.items):
            if item.made is None and item.child is None:
                continue
            name = item.attribute
            if plan.chain:
                name = str(index) if plan.numbered else item.member.name
            if item.child is None:
                found[item.member.key] = prefix + name
            elif item.member.owner is None:
                self._walk(item.child, f"{prefix}{name}.", found)


def _columns(attributes: list[str], made: list[dict[str, Expression]]) -> Iterator[Column]:
    for attribute in attributes:
        rows = [list(leaves(inits[attribute])) if attribute in inits else None for inits in made]
        length = next(len(row) for row in rows if row is not None)
        for at in range(length):
            yield Column(tuple(None if row is None else row[at] for row in rows), attribute)


def with_runs(expression: Expression) -> Expression:
    """The expression with chains of equal modules written as what they are."""
    if not isinstance(expression, Chain):
        return expression
    items = tuple(with_runs(item) for item in expression.items)
    return as_run(Chain(items, expression.names, expression.hint))


def _condition(
    code: ClassCode, there: tuple[bool, ...], unified: Unified, entry: Vector, exit: Vector, attribute: str
) -> str:
    """What holds exactly for the blocks with a module: that a shape changes, or an argument says so."""
    tests: list[tuple[str, tuple[bool, ...]]] = []
    by_kind = {parameter.label: parameter for parameter in code.parameters}
    stride = by_kind.get("stride")
    steps = tuple(value.text != "1" for value in stride.values) if stride is not None else ()
    if stride is not None:
        tests.append((f"{stride.name} != 1", steps))
    texts = unified.texts
    ends = (texts.get(("channels", entry)), texts.get(("channels", exit)))
    if None not in ends and ends[0] != ends[1]:
        differs = tuple(a != b for a, b in zip(entry, exit, strict=True))
        test = f"{ends[0]} != {ends[1]}"
        if stride is not None:
            either = tuple(a or b for a, b in zip(steps, differs, strict=True))
            tests.insert(0, (f"{stride.name} != 1 or {test}", either))
        tests.append((test, differs))
    for text, holds in tests:
        if holds == there:
            return text
    values = tuple(Literal(one, attribute, "bool") for one in there)
    code.parameters.append(Parameter(attribute, attribute, "bool", values, "False"))
    return attribute
