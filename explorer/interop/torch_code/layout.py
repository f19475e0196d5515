"""Lines that are broken where `ruff format` breaks them, so that a formatter leaves the code as it is."""

from __future__ import annotations

WIDTH = 88
INDENT = "    "
#: Behind an opening bracket: one item a line, even if all would fit into one.
APART = "\x01"

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_LOOP = " for _ in range("


def fold(text: str, depth: int, end: str = "") -> list[str]:
    """One statement or item at an indentation, in as many lines as it takes; `end` follows it."""
    indent = INDENT * depth
    whole = indent + text.replace(APART, "") + end
    if APART not in text and len(whole) <= WIDTH:
        return [whole]
    start = _last_group(text)
    if start is None:
        return [whole]
    head, inside, close = text[: start + 1], text[start + 1 : -1], text[-1]
    apart = inside.startswith(APART)
    inside = inside.removeprefix(APART)
    if not apart and APART not in inside:
        one = INDENT * (depth + 1) + inside
        if len(one) <= WIDTH and inside:
            return [indent + head.replace(APART, ""), one, indent + close + end]
    lines = [indent + head.replace(APART, "")]
    loop = _at_top(inside, _LOOP)
    if loop is not None:
        lines += fold(inside[:loop], depth + 1)
        lines.append(INDENT * (depth + 1) + inside[loop + 1 :])
    else:
        for item in split(inside):
            lines += fold(item, depth + 1, ",")
    return [*lines, indent + close + end]


def split(text: str) -> list[str]:
    """The items of a list, at its commas."""
    items, start = [], 0
    for place, char, depth in _outside_strings(text):
        if char == "," and depth == 0:
            items.append(text[start:place].strip())
            start = place + 1
    rest = text[start:].strip()
    return [*items, rest] if rest else items


def _last_group(text: str) -> int | None:
    """Where the bracket opens that the last character closes."""
    opened: list[int] = []
    last = None
    for place, char, _ in _outside_strings(text):
        if char in _PAIRS:
            opened.append(place)
        elif char in _PAIRS.values() and opened:
            last = opened.pop()
    return last if text and text[-1] in _PAIRS.values() and not opened else None


def _at_top(text: str, wanted: str) -> int | None:
    for place, char, depth in _outside_strings(text):
        if char == wanted[0] and depth == 0 and text.startswith(wanted, place):
            return place
    return None


def _outside_strings(text: str) -> list[tuple[int, str, int]]:
    """Place, character and how many brackets are open around it, strings left out."""
    found = []
    depth, quote, place = 0, "", 0
    while place < len(text):
        char = text[place]
        if quote:
            if char == "\\":
                place += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        else:
            if char in _PAIRS.values():
                depth -= 1
            found.append((place, char, depth))
            if char in _PAIRS:
                depth += 1
        place += 1
    return found
