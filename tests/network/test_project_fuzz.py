"""Two thousand damaged project files: each opens, or gives one error that says where."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from explorer.network import project
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.problems import find_problems
from explorer.zoo.catalogue import find

NAMES = ("lenet5", "alexnet", "vgg16", "resnet18")
FILES = 2_000
BATCHES = 8

STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 2**64, 10**30, -(10**30), 1.5, 1e308, -0.0, "", "a", "a.b", "x" * 300,
    "\0", "\u202e", "Conv2d", [], {}, [[]], [0], [1, 1], [1, 2, 3, 4, 5], {"type": "ReLU"}, {"type": 3},
    {"type": "Conv2d", "kernel_size": [1, 10_000]}, {"type": "Input", "shape": [1_000_000] * 4},
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            found += places(value[index], (*path, index))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def in_json(
    change: Callable[[random.Random, Any, tuple[Any, ...]], None],
) -> Callable[[random.Random, str], bytes]:
    """A damage done to up to three places of the parsed text."""

    def damage(chance: random.Random, text: str) -> bytes:
        raw = json.loads(text)
        for _ in range(chance.randint(1, 3)):
            change(chance, raw, chance.choice(places(raw)))
        return json.dumps(raw, indent=1).encode()

    return damage


@in_json
def swap_type(chance: random.Random, raw: Any, path: tuple[Any, ...]) -> None:
    at(raw, path[:-1])[path[-1]] = chance.choice(STRANGE)


@in_json
def remove(chance: random.Random, raw: Any, path: tuple[Any, ...]) -> None:
    del at(raw, path[:-1])[path[-1]]


@in_json
def double(chance: random.Random, raw: Any, path: tuple[Any, ...]) -> None:
    """An entry twice, a field under another name, a value from elsewhere."""
    parent = at(raw, path[:-1])
    if isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), parent[path[-1]])
    else:
        parent[chance.choice([*parent, "id", "name", "block", "group", "parent", "layer"])] = parent[path[-1]]


@in_json
def rename(chance: random.Random, raw: Any, path: tuple[Any, ...]) -> None:
    table = [
        row
        for key in ("nodes", "blocks", "groups", "links")
        for row in raw.get(key, [])
        if isinstance(row, dict)
    ]
    if table:
        row = chance.choice(table)
        row[chance.choice(["id", "name", "source", "target", "block", "parent", "group"])] = chance.choice(
            [other.get("id") for other in table]
        )


@in_json
def nest(chance: random.Random, raw: Any, path: tuple[Any, ...]) -> None:
    value = at(raw, path)
    for _ in range(chance.choice([1, 3, 60, 400])):
        value = [value] if chance.random() < 0.5 else {"layer": value}
    at(raw, path[:-1])[path[-1]] = value


def flip(chance: random.Random, text: str) -> bytes:
    data = bytearray(text.encode())
    for _ in range(chance.choice([1, 1, 2, 20])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def cut(chance: random.Random, text: str) -> bytes:
    data = text.encode()
    start = chance.randrange(len(data))
    return data[:start] if chance.random() < 0.5 else data[:start] + data[start + chance.randint(1, 200) :]


def splice(chance: random.Random, text: str) -> bytes:
    data = text.encode()
    start = chance.randrange(len(data))
    piece = chance.choice(
        [b"[" * 50_000, b"1" * 5_000, b'{"a":' * 500, b"\x00", b"\xff\xfe", b"NaN", b"1e999", b"\\u"]
    )
    return data[:start] + piece + data[start:]


DAMAGES = (swap_type, remove, double, rename, nest, flip, cut, splice)
LOCATED = re.compile(r"\(line \d+\)|not a network of ConvNet Explorer|newer ConvNet Explorer")


def opened(data: bytes) -> Network | str:
    """The network, or what the one error says."""
    try:
        return project.read(data, "x.convnet")
    except UserError as error:
        return str(error)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damaged_files_open_or_say_where(batch: int) -> None:
    texts = [project.dumps(find(name).build()) for name in NAMES]
    whole = 0
    for number in range(batch, FILES, BATCHES):
        chance = random.Random(number)
        damage = chance.choice(DAMAGES)
        found = opened(damage(chance, chance.choice(texts)))
        if isinstance(found, str):
            assert found.startswith("x.convnet"), number
            assert LOCATED.search(found), (number, found)
            assert len(found) < 1_500, number
            continue
        whole += 1
        assert project.loads(project.dumps(found)) == found, number
        find_problems(found, infer(found))
    assert 0 < whole < FILES // BATCHES  # some damages are harmless, most are not
