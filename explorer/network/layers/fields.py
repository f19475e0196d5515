"""What a form needs to know of a layer's fields, read from the layer's own declaration."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from explorer.network.layer import Layer

Kind = Literal["int", "float", "bool", "choice", "pair", "tuple", "padding", "text", "table"]


class FieldInfo(NamedTuple):
    """One setting of a layer.

    `kind` is `pair` for (down, across), `padding` for a choice or a pair, `tuple` for a row of numbers,
    `table` for rows of numbers. `bounds` are those of each number, None where there is none; `length`
    bounds the row. With `optional` it may be None; with `real` its numbers need not be whole.
    """

    name: str
    kind: Kind
    bounds: tuple[float | None, float | None]
    choices: tuple[str, ...]
    default: Any
    description: str
    length: tuple[int, int | None] = (1, 1)
    optional: bool = False
    real: bool = False


@cache
def fields_of(layer_type: type[Layer]) -> tuple[FieldInfo, ...]:
    """The settings of a kind of layer, in the order in which it declares them."""
    info = inspect.type_info(layer_type)
    assert isinstance(info, inspect.StructType)
    hints = get_type_hints(layer_type, include_extras=True)
    return tuple(_field(field)._replace(choices=_choices(hints[field.name])) for field in info.fields)


def _choices(hint: Any) -> tuple[str, ...]:
    """The words of a Literal in the order in which it declares them; msgspec sorts them."""
    if get_origin(hint) is Annotated:
        return _choices(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return get_args(hint)
    return next((found for part in get_args(hint) if (found := _choices(part))), ())


def _field(field: inspect.Field) -> FieldInfo:
    kind, description = field.type, ""
    while isinstance(kind, inspect.Metadata):
        description = (kind.extra_json_schema or {}).get("description", description)
        kind = kind.type
    optional = False
    if isinstance(kind, inspect.UnionType):
        rest = tuple(part for part in kind.types if not isinstance(part, inspect.NoneType))
        optional = len(rest) < len(kind.types)
        kind = rest[0] if len(rest) == 1 else inspect.UnionType(rest)
    default = None if field.default is msgspec.NODEFAULT else field.default
    described = _describe(_bare(kind))
    return FieldInfo(field.name, default=default, description=description, optional=optional, **described)


def _bare(kind: inspect.Type) -> inspect.Type:
    return _bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def _describe(kind: inspect.Type) -> dict[str, Any]:
    """The parts of a FieldInfo that follow from the type alone."""
    plain: dict[str, Any] = {"bounds": (None, None), "choices": ()}
    match kind:
        case inspect.BoolType():
            return plain | {"kind": "bool"}
        case inspect.IntType() | inspect.FloatType():
            real = isinstance(kind, inspect.FloatType)
            return plain | {"kind": "float" if real else "int", "bounds": _bounds(kind), "real": real}
        case inspect.StrType():
            return plain | {"kind": "text", "length": (kind.min_length or 0, kind.max_length)}
        case inspect.LiteralType():
            return plain | {"kind": "choice", "choices": tuple(str(value) for value in kind.values)}
        case inspect.UnionType():
            literal, pair = kind.types
            return _describe(_bare(pair)) | {
                "kind": "padding",
                "choices": _describe(_bare(literal))["choices"],
            }
        case inspect.TupleType():
            count = len(kind.item_types)
            return _row(kind.item_types[0], (count, count), "pair" if count == 2 else "tuple")
        case inspect.VarTupleType():
            return _row(kind.item_type, (kind.min_length or 0, kind.max_length), "tuple")
    raise TypeError(f"no form is known for {kind!r}")


def _row(item: inspect.Type, length: tuple[int, int | None], kind: Kind) -> dict[str, Any]:
    inner = _describe(_bare(item))
    return inner | {"kind": "table" if inner["kind"] in ("tuple", "pair") else kind, "length": length}


def _bounds(kind: inspect.IntType | inspect.FloatType) -> tuple[float | None, float | None]:
    low = kind.ge if kind.ge is not None else kind.gt
    high = kind.le if kind.le is not None else kind.lt
    return low, high
