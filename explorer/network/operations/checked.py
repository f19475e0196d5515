"""Settings and names checked before they get into a network: what is in it can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from explorer.network.errors import UserError
from explorer.network.layer import Layer

LONGEST_NAME = 200


def checked_layer(layer: Layer) -> Layer:
    """The layer, if its settings are what they may be. Raises UserError."""
    kind = type(layer)
    try:
        return msgspec.convert(msgspec.to_builtins(layer), kind)
    except (msgspec.ValidationError, OverflowError) as error:
        reason, _, at = str(error).replace("`", "").partition(" - at $.")
        raise UserError(f"{layer.title}: {words(at)}: {reason[:1].lower()}{reason[1:]}.") from error


def changed_layer(layer: Layer, changes: Mapping[str, Any], name: str) -> Layer:
    """The layer with other settings. Raises UserError: which setting of `name`, and what it may be."""
    kind = type(layer)
    known = {field: getattr(layer, field) for field in kind.__struct_fields__}
    for field, value in changes.items():
        if field not in known:
            raise UserError(f"{name}: {layer.title} has no setting {field!r}.")
        known[field] = _checked(kind, field, value, name)
    return kind(**known)


def _checked(kind: type[Layer], field: str, value: Any, name: str) -> Any:
    given = [value, (value, value)] if isinstance(value, int) and not isinstance(value, bool) else [value]
    fault = ""
    for attempt in given:
        try:
            # Every setting has a default, so one alone can be checked.
            return getattr(msgspec.convert({"type": kind.__name__, field: attempt}, kind), field)
        except (msgspec.ValidationError, OverflowError) as error:
            if not fault or "=" in str(error):  # a bound says more than a type
                fault = str(error)
    told = fault.split(" - at ")[0].replace("`", "")
    told = told[:1].lower() + told[1:]
    raise UserError(f"{words(field)} of {name} cannot be {spell_setting(value)}: {told}.")


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises UserError for what cannot be one."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or "." in name or not name.isprintable():
        raise UserError(
            f"A name is 1 to {LONGEST_NAME} printable characters without a full stop, which separates blocks."
        )
    return name


def words(field: str) -> str:
    """A setting's name as people write it: `kernel size`."""
    return field.replace("_", " ")


def spell_setting(value: Any) -> str:
    """A setting's value in short: `2` for a pair of twos, `3×5`, `on`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        numbers = [str(n) for n in value]
        return numbers[0] if len(numbers) == 2 and numbers[0] == numbers[1] else "×".join(numbers)
    return str(value)[:60]
