"""The source of our own modules (explorer/interop/modules*.py), to be written where they are used."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent.parent


class _Definition(NamedTuple):
    """A class, function or alias: its text, its place among the others, and the names it uses."""

    text: str
    place: int
    uses: frozenset[str]


@cache
def _definitions() -> tuple[dict[str, _Definition], dict[str, str]]:
    """What the file defines, by name, and the import that brings each other name."""
    found: dict[str, _Definition] = {}
    imports: dict[str, str] = {}
    for path in sorted(_FOLDER.glob("modules*.py")):
        _read(path.read_text(encoding="utf-8"), found, imports)
    return found, imports


def _read(source: str, found: dict[str, _Definition], imports: dict[str, str]) -> None:
    first = max((one.place for one in found.values()), default=0)
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("explorer", "__future__")):
            continue
        match node:
            case ast.ImportFrom() | ast.Import():
                origin = f"from {node.module} import " if isinstance(node, ast.ImportFrom) else "import "
                for alias in node.names:
                    spelled = alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"
                    imports[alias.asname or alias.name] = origin + spelled
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                found[name] = _definition(node, source, first)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = _definition(node, source, first)


def _definition(node: ast.stmt, source: str, first: int) -> _Definition:
    text = ast.get_source_segment(source, node)
    assert text is not None
    uses = frozenset(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return _Definition(text, first + node.lineno, uses)


def every_name() -> frozenset[str]:
    """All names that our own modules define or import."""
    found, imports = _definitions()
    return frozenset((*found, *imports))


def text_of(name: str) -> str:
    """The source of one of our modules."""
    return _definitions()[0][name].text


def sources(names: Iterable[str]) -> tuple[list[str], set[str]]:
    """The texts of the named classes and of what they need, and the imports of these."""
    found, imports = _definitions()
    wanted: dict[str, None] = dict.fromkeys(names)
    for name in wanted.copy():
        _close(name, wanted, found)
    used = {use for name in wanted for use in found[name].uses}
    lines = {imports[name] for name in used if name in imports}
    ordered = sorted((found[name] for name in wanted), key=lambda one: one.place)
    return [one.text for one in ordered], lines


def _close(name: str, wanted: dict[str, None], found: dict[str, _Definition]) -> None:
    for use in sorted(found[name].uses):
        if use in found and use not in wanted:
            wanted[use] = None
            _close(use, wanted, found)
