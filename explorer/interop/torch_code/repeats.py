"""`nn.Sequential`s that are written more than once become a class with arguments: conv-norm-ReLU, a stage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from explorer.interop.torch_code.expressions import (
    Chain,
    Expression,
    Leaf,
    Make,
    Run,
    leaves,
    rebuilt,
    skeleton,
)
from explorer.interop.torch_code.names import block_class
from explorer.interop.torch_code.program import ClassCode, with_runs
from explorer.interop.torch_code.unify import Column, Vector, unify

Replace = Callable[[Expression], Expression | None]


def name_repeats(classes: list[ClassCode], taken: set[str]) -> list[ClassCode]:
    """The classes with those that repeated sequences become, each before its first use."""
    while True:
        groups: dict[Any, list[Chain | Run]] = {}
        for code in classes:
            for found in _sequences(code):
                groups.setdefault(skeleton(found), []).append(found)
        repeated = [(key, group) for key, group in groups.items() if len(group) > 1 and _worth(group[0])]
        if not repeated:
            return classes
        key = _next({key: len(group) for key, group in repeated}, {key: group[0] for key, group in repeated})
        classes = _extracted(classes, key, groups[key], taken)


def _next(counts: dict[Any, int], samples: dict[Any, Chain | Run]) -> Any:
    """The smallest sequence that occurs more often than those around it: nothing is told twice."""
    inner = {key: {skeleton(one) for one in _within(sample)} - {key} for key, sample in samples.items()}
    around = {key: [other for other in counts if key in inner[other]] for key in counts}
    alone = [key for key in counts if all(counts[key] > counts[other] for other in around[key])]
    return min(alone, key=lambda key: _size(samples[key]))


def _extracted(
    classes: list[ClassCode], key: Any, group: list[Chain | Run], taken: set[str]
) -> list[ClassCode]:
    rows = [list(leaves(found)) for found in group]
    members = _members(group[0])
    columns = [
        Column(tuple(row[at] for row in rows), member)
        for at, member in zip(range(len(rows[0])), members, strict=True)
    ]
    unified = unify(columns, *_ends(rows))
    chain = rebuilt(group[0], iter(unified.leaves))
    assert not isinstance(chain, ClassCode)
    name = block_class([found.hint for found in group], taken, _content(group[0]))
    taken.add(name)
    made = ClassCode(name, unified.parameters, chain=with_runs(chain))  # type: ignore[arg-type]
    order = iter(range(len(group)))

    def call(expression: Expression) -> Expression | None:
        if isinstance(expression, Chain | Run) and skeleton(expression) == key:
            return made.make(next(order))
        return None

    changed = [_with(code, call) for code in classes]
    first = next(at for at, (old, new) in enumerate(zip(classes, changed, strict=True)) if old is not new)
    return [*changed[:first], made, *changed[first:]]


def _sequences(code: ClassCode) -> Iterator[Chain | Run]:
    """All sequences that a class writes down, an outer one before what it holds."""
    if code.chain is not None and isinstance(code.chain, Chain):
        for item in code.chain.items:
            yield from _within(item)
    for init in code.inits:
        yield from _within(init.made)


def _within(expression: Expression) -> Iterator[Chain | Run]:
    if isinstance(expression, Run):
        yield expression
    elif isinstance(expression, Chain):
        yield expression
        for item in expression.items:
            yield from _within(item)


def _with(code: ClassCode, call: Replace) -> ClassCode:
    """The class with expressions replaced, in the order of `_sequences`."""
    chain = code.chain
    if isinstance(chain, Chain):
        items = tuple(_replaced(item, call) for item in chain.items)
        if items != chain.items:
            chain = with_runs(replace(chain, items=items))  # type: ignore[assignment]  # a chain stays one
    inits = [replace(init, made=_replaced(init.made, call)) for init in code.inits]
    if chain == code.chain and inits == code.inits:
        return code
    return replace(code, chain=chain, inits=inits)


def _replaced(expression: Expression, call: Replace) -> Expression:
    other = call(expression)
    if other is not None:
        return other
    if isinstance(expression, Chain):
        items = tuple(_replaced(item, call) for item in expression.items)
        return with_runs(replace(expression, items=items))
    return expression


def _size(expression: Expression) -> int:
    match expression:
        case Chain():
            return 1 + sum(map(_size, expression.items))
        case Run():
            return 3
        case _:
            return 1


def _worth(expression: Chain | Run) -> bool:
    """Whether a class is shorter to read than what it stands for: not for a pool and a flatten."""
    if isinstance(expression, Run):
        return True
    return len(expression.items) > 1 and any(any(True for _ in leaves(item)) for item in expression.items[1:])


def _content(expression: Chain | Run) -> str:
    """`ConvBNReLU` for a short sequence of layers that begins with a convolution."""
    if isinstance(expression, Run) or len(expression.items) > 4:
        return ""
    names = [item.name.removeprefix("nn.") if isinstance(item, Make) else "" for item in expression.items]
    if "" in names or not names[0].startswith("Conv"):
        return ""
    return "".join(re.sub(r"[123]d$", "", name).replace("BatchNorm", "BN") for name in names)


def _members(expression: Chain | Run) -> list[str]:
    """For each leaf, the name of the module that holds it, to name arguments after."""
    if isinstance(expression, Run):
        return ["block" for _ in leaves(expression)]
    found: list[str] = []
    for at, item in enumerate(expression.items):
        name = expression.names[at] if expression.names is not None else _noun(item)
        found += [name for _ in leaves(item)]
    return found


def _noun(item: Expression) -> str:
    name = item.name.removeprefix("nn.") if not isinstance(item, Chain | Run) else "block"
    return {"Conv2d": "conv", "Linear": "fc", "BatchNorm2d": "bn"}.get(name, name)


def _ends(rows: list[list[Leaf]]) -> tuple[Vector, Vector]:
    """What comes in and goes out, told by what torch calls the first and the last numbers of channels."""
    first = next((at for at, leaf in enumerate(rows[0]) if leaf.label.startswith("in_")), None)
    outs = [at for at, leaf in enumerate(rows[0]) if leaf.label.startswith("out_")]
    entry = () if first is None else tuple(row[first].text for row in rows)
    exit = () if not outs else tuple(row[outs[-1]].text for row in rows)
    return entry, exit
