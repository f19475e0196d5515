"""What a scope looks like from inside: its modules and how values go between them, told by place.

Two blocks with one `key` are of one class: they differ in the values of their layers' settings, and in
whether a shortcut goes through a module (a projection) or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from explorer.interop.torch_code.expressions import Expression, from_call, skeleton
from explorer.interop.torch_code.foreign import as_written
from explorer.interop.torch_code.names import attribute, free
from explorer.interop.torch_code.operators import operator
from explorer.interop.torch_code.scopes import Member, Scope
from explorer.network.inference import Inference
from explorer.network.layer import Family, Layer, Shape
from explorer.network.layers import Add, Concat, Constant, MultiheadAttention, Multiply, ParameterTensor

#: From so many blocks on, a loop over them is shorter.
MANY = 3

#: A value: ("in", k) is the scope's k-th input, (m, p) is port p of the m-th item.
Ref = tuple[Any, int]


@dataclass(frozen=True)
class Item:
    """A member of a scope: `made` is how the module in `attribute` is made, `pattern` does without one."""

    member: Member
    attribute: str
    refs: tuple[Ref, ...]
    made: Expression | None
    pattern: str | None
    given: Constant | ParameterTensor | None
    ports: int
    rider: bool

    @property
    def child(self) -> Scope | None:
        return self.member.scope

    @property
    def attends(self) -> bool:
        """Whether torch's module gives more than the values, and is called otherwise than with its inputs."""
        return self.member.node is not None and isinstance(self.member.node.layer, MultiheadAttention)

    @property
    def builds(self) -> bool:
        """Whether the scope has a module of its own for it."""
        return self.member.owner is None and (self.made is not None or self.child is not None)


@dataclass(frozen=True)
class Blueprint:
    """A scope read from inside. A `chain` is an nn.Sequential.

    `gathers` is the place of an item that concatenates all that comes in, however much that is; -1 for none.
    """

    scope: Scope
    items: tuple[Item, ...]
    outputs: tuple[Ref, ...]
    chain: bool
    numbered: bool
    gathers: int = -1

    @property
    def dense(self) -> bool:
        """Whether each block takes all that came before it, and all is concatenated (Huang 2017)."""
        if len(self.items) <= MANY or len(self.scope.inputs) != 1:
            return False
        *blocks, last = self.items
        so_far: tuple[Ref, ...] = (("in", 0),)
        for index, block in enumerate(blocks):
            alone = block.child is not None and block.builds and not block.member.training_only
            if not alone or block.ports != 1 or block.refs != so_far:
                return False
            so_far = (*so_far, (index, 0))
        node = last.member.node
        gathers = node is not None and isinstance(node.layer, Concat) and last.refs == so_far
        return gathers and self.outputs == ((len(blocks), 0),)


class Structure(NamedTuple):
    """`key` is equal for scopes of one class; `shortcuts` are the members that only some of them have."""

    key: tuple[Any, ...]
    shortcuts: frozenset[int]


def blueprint(scope: Scope, inference: Inference, *, top: bool) -> Blueprint:
    """Read a scope."""
    place: dict[tuple[str, int], Ref] = {port: ("in", index) for index, port in enumerate(scope.inputs)}
    items: list[Item] = []
    called: dict[str, str] = {}
    for member in scope.members:
        if member.owner is None:
            called[member.key] = free(attribute(member.name), called.values())
    numbered = True
    for index, member in enumerate(scope.members):
        refs = tuple(place[port] for port in member.inputs)
        calls = called[member.key if member.owner is None else member.owner.key]
        items.append(_item(member, refs, calls, inference))
        numbered = numbered and member.name == str(index)
        for port in member.outputs:
            place[port] = (index, member.outputs.index(port) if member.scope is not None else port[1])
    outputs = tuple(place[port] for port in scope.outputs)
    chain = not top and _is_chain(items, scope, outputs)
    if chain:
        items = [_as_module(item, inference) for item in items]
    return Blueprint(scope, tuple(items), outputs, chain, numbered, -1 if top else _gathering(items, scope))


def _item(member: Member, refs: tuple[Ref, ...], calls: str, inference: Inference) -> Item:
    if member.node is None:
        return Item(member, calls, refs, None, None, None, len(member.outputs), False)
    layer = member.node.layer
    shapes = _shapes(member, inference)
    given = layer if isinstance(layer, Constant | ParameterTensor) else None
    pattern, made = _written(layer, shapes)
    ports = len(inference.results[member.key].outputs)
    rider = layer.family in (Family.NORMALIZATION, Family.ACTIVATION, Family.REGULARIZE)
    rider = rider or (pattern is not None and layer.family is Family.RESHAPE)
    return Item(member, calls, refs, made, pattern, given, ports, rider and len(refs) == 1)


@lru_cache(maxsize=4096)
def _written(layer: Layer, shapes: tuple[Shape, ...]) -> tuple[str | None, Expression | None]:
    """A layer as an operator, or what makes its module; equal layers are written once."""
    pattern = operator(layer, shapes)
    if pattern is not None or isinstance(layer, Constant):
        return pattern, None
    return None, as_written(layer, layer.torch_call(*shapes))


def _shapes(member: Member, inference: Inference) -> tuple[tuple[int, ...], ...]:
    results = inference.results
    return tuple(results[node].outputs[port] for node, port in member.inputs)


def _as_module(item: Item, inference: Inference) -> Item:
    """In an nn.Sequential everything is a module."""
    if item.pattern is None or item.member.node is None:
        return item
    call = item.member.node.layer.torch_call(*_shapes(item.member, inference))
    return Item(item.member, item.attribute, item.refs, from_call(call), None, None, item.ports, False)


def _gathering(items: list[Item], scope: Scope) -> int:
    """The item through which alone everything comes in, as into a layer of DenseNet."""
    entering = tuple(("in", index) for index in range(len(scope.inputs)))
    users = [at for at, item in enumerate(items) if any(ref[0] == "in" for ref in item.refs)]
    if len(users) != 1 or items[users[0]].refs != entering:
        return -1
    node = items[users[0]].member.node
    return users[0] if node is not None and isinstance(node.layer, Concat) else -1


def _is_chain(items: list[Item], scope: Scope, outputs: tuple[Ref, ...]) -> bool:
    if len(scope.inputs) != 1 or not items or outputs != ((len(items) - 1, 0),):
        return False
    for index, item in enumerate(items):
        before: Ref = ("in", 0) if index == 0 else (index - 1, 0)
        if item.refs != (before,) or item.given is not None or item.ports != 1 or item.member.owner:
            return False
        if item.attends:
            return False
        if item.member.node is not None and isinstance(item.member.node.layer, Add | Multiply | Concat):
            return False
    return True


def structure(plan: Blueprint, keys: Mapping[int, Structure], whole: frozenset[Any]) -> Structure:
    """The key of a scope whose children have theirs, by `id`; `whole` are keys that leave no shortcut out."""
    if plan.chain:
        names = None if plan.numbered else tuple(item.member.name for item in plan.items)
        return Structure(("chain", names, *(_item_key(item, keys) for item in plan.items)), frozenset())
    shortcuts = frozenset(
        index for index, item in enumerate(plan.items) if _is_shortcut(plan, index, item, keys)
    )
    key = _without(plan, shortcuts, keys)
    if shortcuts and key in whole:
        shortcuts, key = frozenset(), _without(plan, frozenset(), keys)
    return Structure(key, shortcuts)


def _item_key(item: Item, keys: Mapping[int, Structure]) -> tuple[Any, ...]:
    if item.member.owner is not None:
        return ("shared",)
    if item.child is not None:
        return keys[id(item.child)].key
    if item.made is not None:
        return skeleton(item.made)
    return ("operator", item.pattern) if item.pattern is not None else ("constant", item.given)


def _without(plan: Blueprint, left_out: frozenset[int], keys: Mapping[int, Structure]) -> tuple[Any, ...]:
    """The key with what goes into a shortcut taken for what comes out of it."""
    renumbered: dict[Any, Ref] = {}
    parts: list[Any] = []

    def seen(ref: Ref) -> Ref:
        if ref[0] == "in":
            return ref
        found = renumbered[ref[0]]
        return (found[0], ref[1]) if found[0] != "in" else found

    for index, item in enumerate(plan.items):
        if index in left_out:
            renumbered[index] = seen(item.refs[0])
            continue
        renumbered[index] = (len(parts), 0)
        refs = tuple(seen(ref) for ref in item.refs)
        borrows = item.member.owner is not None
        what = _item_key(item, keys)
        if index == plan.gathers:
            refs, what = (), ("gathers", item.member.node.layer if item.member.node else None)
        parts.append((item.attribute, borrows, what, refs, item.ports, item.member.training_only))
    outputs = tuple(seen(ref) for ref in plan.outputs)
    entering = len(plan.scope.inputs) if plan.gathers < 0 else "all"
    return ("class", entering, tuple(parts), outputs)


def _is_shortcut(plan: Blueprint, index: int, item: Item, keys: Mapping[int, Structure]) -> bool:
    """A block between an input of the scope and a sum: what may be missing where shapes do not change."""
    child = item.child
    if child is None or item.member.owner is not None or len(item.refs) != 1 or item.ports != 1:
        return False
    if item.refs[0][0] != "in" or keys[id(child)].shortcuts or (index, 0) in plan.outputs:
        return False
    uses = [other for other in plan.items if (index, 0) in other.refs]
    if len(uses) != 1 or uses[0].refs.count((index, 0)) != 1:
        return False
    node = uses[0].member.node
    return node is not None and isinstance(node.layer, Add)
