"""JSON text from anywhere: read within limits, and faults told with the line they are on."""

from __future__ import annotations

import re
import threading
from typing import Any, TypeVar

import msgspec

from explorer.network.errors import UserError

MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 64
_LONGEST_REASON = 300

Content = TypeVar("Content")
Path = tuple[str | int, ...]

_working_out = threading.Lock()
"""Two threads in which msgspec first meets the same type crash the process."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_BRACKETS = re.compile(_STRING.pattern + rb"|[\[\]{}]", re.DOTALL)
_TOKENS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def parse(data: bytes, name: str) -> Any:
    """The value in a JSON text. Raises UserError naming the text and the line."""
    if len(data) > MOST_BYTES:
        raise UserError(f"{name} is larger than {MOST_BYTES // 2**20} MiB, too large for a network file.")
    _check_depth(data, name)
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        text = str(error)
        found = re.search(r" \(byte (\d+)\)", text)
        line = data.count(b"\n", 0, int(found[1]) if found else len(data)) + 1
        reason = re.sub(r"^JSON is malformed: | \(byte \d+\)", "", text)
        raise UserError(f"{name} is not readable as JSON: {reason} (line {line}).") from error


def _check_depth(data: bytes, name: str) -> None:
    """Refuse deep nesting before a parser has to recurse into it."""
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            raise UserError(f"{name} is nested deeper than {MOST_DEPTH} levels{_line_of_depth(data)}.")


def _line_of_depth(data: bytes) -> str:
    depth = 0
    for found in _BRACKETS.finditer(data):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found[0], 0)
        if depth > MOST_DEPTH:
            return f" (line {data.count(bytes([10]), 0, found.start()) + 1})"
    return ""


def check(value: Any, kind: type[Content], data: bytes, name: str) -> Content:
    """The value as `kind`. Raises UserError with the place, e.g. `nodes[3].layer.stride[0]`, and its line."""
    try:
        with _working_out:
            return msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError, RecursionError) as error:
        reason, _, at = str(error).partition(" - at ")
        path = _path(at.strip("`"))
        reason = reason.replace("`", "").replace(">=", "≥").replace("<=", "≤")
        got = _get(value, path)
        if reason.startswith("Expected") and "got" not in reason and isinstance(got, int | float | str):
            reason += f", got {_short(got)}"
        raise located(name, data, path, reason[:1].lower() + reason[1:]) from error


def located(name: str, data: bytes, path: Path, reason: str) -> UserError:
    """The error for a fault at `path`: name, place, reason, line."""
    line = line_of(data, path)
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    where = f"{name}: {place}" if place else name
    if len(reason) > _LONGEST_REASON:
        reason = reason[:_LONGEST_REASON] + "…"
    return UserError(f"{where}: {reason}{f' (line {line})' if line else ''}.")


def line_of(data: bytes, path: Path) -> int | None:
    """The line on which the value at `path` begins, as far as the path leads."""
    text = data.decode("utf-8", "replace")
    offset = _offset(text, path)
    return None if offset is None else text.count("\n", 0, offset) + 1


def _offset(text: str, path: Path) -> int | None:
    """Where the value at `path` begins; of a path that ends early, where its last known part begins."""
    wanted = list(path)
    here: list[str | int | None] = []  # the key or index at each open bracket
    best: tuple[int, int] | None = None
    expects_key = False
    for token in _TOKENS.finditer(text):
        first = token[0][0]
        if first in "]}":
            if here:
                here.pop()
            expects_key = False
            continue
        if first == ",":
            if here and isinstance(here[-1], int):
                here[-1] += 1
            else:
                expects_key = True
            continue
        if first == ":":
            continue
        if expects_key and first == '"' and here:
            here[-1] = token[0][1:-1]
            expects_key = False
            continue
        if here == wanted[: len(here)] and (best is None or len(here) > best[0]):
            best = len(here), token.start()
            if len(here) == len(wanted):
                break
        if first in "[{":
            here.append(0 if first == "[" else None)
            expects_key = first == "{"
    return None if best is None else best[1]


def _path(text: str) -> Path:
    """The parts of a path as msgspec spells it, `$.nodes[3].layer`; `[...]`, a key without name, ends it."""
    parts: list[str | int] = []
    for found in re.finditer(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])", text):
        if found[3]:
            break
        parts.append(found[1] if found[1] is not None else int(found[2]))
    return tuple(parts)


def _get(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python spells out
        return "a huge number"
    return text if len(text) <= 40 else text[:37] + "…"
